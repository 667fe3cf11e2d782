"""Letting go of the journal's lines after thirteen months, without a hole in what proves the others.

A client may contest an operation for thirteen months (Code monétaire et financier, L133-24), and the bank has to prove
how it was authenticated (L133-23); after that nothing justifies keeping who logged in from where. The chain is cut at
a position: a line goes when all before it go, and what proves a report or a closing is copied first (proofs.py). Each
batch is one short transaction that leaves a signed checkpoint, from which the chain goes on: a run that was killed has
left a journal that verifies.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from auth_codes import journal
from auth_codes.journal import chain, chain_keys, proofs, verification
from auth_codes.journal.chain import Link, Place
from auth_codes.journal.verification import WHOLE_JOURNAL, Breach, BreachFound, Reader
from auth_codes.models import JournalCheckpoint, JournalLink, JournalMention, JournalSubject, SecurityEvent
from auth_codes.one_at_a_time import alone

KEPT_FOR = relativedelta(months=13)


class NotProved(Exception):
    """The lines to be purged do not verify: they are evidence, and stay. Its argument is the first BreachFound."""


class Purge(NamedTuple):
    """What a run did: lines deleted, where the chain begins now, and old proofs deleted."""

    purged: int
    start: Place
    proofs_purged: int


def kept_since(now: datetime) -> datetime:
    """The beginning, in Paris, of the day thirteen calendar months ago: what is older may go.

    Where that month is too short it is its last day, so that nothing goes a day too early.
    """
    day = timezone.localdate(now) - KEPT_FOR
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def purge(now: datetime, advance: Callable[[int], None]) -> Purge:
    """Deletes the chained lines that are too old; `advance` is told how many each batch deleted. One run at a time.

    Raises NotProved before any line of a batch that does not verify is deleted. What is not chained stays. A line whose
    key is missing goes: verify_journal has said so for thirteen months, and a lost key must not keep it for ever.
    """
    purged, since = 0, kept_since(now)
    with alone(WHOLE_JOURNAL):
        reader = Reader(verification.last_checkpoint(_refuse))
        start = reader.place
        for links in verification.read_chain(reader, _refuse):
            for finding in reader.end():
                _refuse(finding)
            old = _before(since, links)
            if old:
                _purge_batch(old, start, now)
                purged, start = purged + len(old), chain.place_of(old[-1])
                advance(len(old))
            if len(old) < len(links):
                break
        proofs_purged = proofs.purge(now)
    return Purge(purged, start, proofs_purged)


def _refuse(finding: BreachFound) -> None:
    if finding.problem is not Breach.KEY_MISSING:
        raise NotProved(finding)


def _before(since: datetime, links: list[Link]) -> list[Link]:
    """Those at the beginning of `links` whose line is older than `since`, up to the first that is not."""
    ids = [link.event_id for link in links]
    kept = set(SecurityEvent.objects.filter(id__in=ids, at__gte=since).values_list("id", flat=True))
    return list(takewhile(lambda link: link.event_id not in kept, links))


def _purge_batch(links: list[Link], after: Place, now: datetime) -> None:
    with transaction.atomic():
        # First: the database lets a line go only below a checkpoint.
        _leave_checkpoint(links, now)
        kept = proofs.keep(links, after, now)
        ids = [link.event_id for link in links]
        JournalSubject.objects.filter(event__in=ids).delete()
        JournalMention.objects.filter(event__in=ids).delete()
        SecurityEvent.objects.filter(id__in=ids).delete()
        JournalLink.objects.filter(position__in=[link.position for link in links]).delete()
        details = {
            "lines": len(links),
            "position": links[-1].position,
            "first_proof": kept.first,
            "last_proof": kept.last,
        }
        journal.record(SecurityEvent.Kind.JOURNAL_PURGED, details=details)


def _leave_checkpoint(links: list[Link], now: datetime) -> None:
    key_id, key = chain_keys.signing()
    position, mac = chain.place_of(links[-1])
    checkpoint = JournalCheckpoint(
        position=position,
        mac=mac,
        lines=len(links),
        purged_at=now,
        format_version=chain.FORMAT_VERSION,
        key_id=key_id,
    )
    checkpoint.signature = chain.signature_of(key, checkpoint)
    checkpoint.save(force_insert=True)
