"""Chaining the journal: what has committed and is in no link yet gets the next positions.

Lines are written without a lock, so a lower id may commit after a higher one: it is chained when it is there. A batch
is one short transaction; a run that was killed has chained whole batches, and the next one goes on after them. What is
chained is proved from then on: a line that somebody added or altered before is chained as it stands, which is why the
timer runs often and each link says when it was made.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from auth_codes.journal import chain, chain_keys
from auth_codes.journal.chain import Link, Place
from auth_codes.models import JournalLink, SecurityEvent
from auth_codes.one_at_a_time import alone

BATCH = 2000
# No transaction of the portal lasts as long. Once a run took place that long after a link was made, whoever held a
# lower id has committed and was chained by it, or never will: each run reads the lines of these hours, not of thirteen
# months, and an unchained line before them was put there afterwards.
SETTLED_AFTER = timedelta(hours=6)


class Chained(NamedTuple):
    """What a run did: lines chained, and where the chain stands now."""

    lines: int
    head: Place


def settled(now: datetime) -> int:
    """The id up to which every line that will ever commit has committed, and was chained; 0 when none is old enough.

    Measured from the last run, not from `now`: a line that committed late is honest however long the timer stood
    still. A run after `now` was dated by a clock that ran ahead, and tells nothing.
    """
    # By position: no index tells the latest `sealed_at`.
    runs = JournalLink.objects.filter(sealed_at__lte=now).order_by("-position").values_list("sealed_at", flat=True)
    last = runs.first()
    if last is None:
        return 0
    old = JournalLink.objects.filter(sealed_at__lt=last - SETTLED_AFTER).order_by("-event_id")
    return old.values_list("event_id", flat=True).first() or 0


def unchained() -> QuerySet[SecurityEvent]:
    """The lines that no link names."""
    return SecurityEvent.objects.filter(~Exists(JournalLink.objects.filter(event_id=OuterRef("pk"))))


def unchained_after(event_id: int) -> QuerySet[SecurityEvent]:
    """Those of them with a higher id."""
    # Said of the links as well: without it PostgreSQL may read all of them for a few lines.
    links = JournalLink.objects.filter(event_id__gt=event_id, event_id=OuterRef("pk"))
    return SecurityEvent.objects.filter(~Exists(links), id__gt=event_id)


def chain_new_lines(now: datetime, advance: Callable[[int], None]) -> Chained:
    """Chains all that has committed; `advance` is told how many lines each batch chained. One run at a time."""
    chained = 0
    with alone("seal_journal"):
        last, head = settled(now), chain.head()
        while ids := list(unchained_after(last).order_by("id").values_list("id", flat=True)[:BATCH]):
            head = _chain_batch(ids, head, now)
            chained, last = chained + len(ids), ids[-1]
            advance(len(ids))
    return Chained(chained, head)


def _chain_batch(ids: list[int], head: Place, now: datetime) -> Place:
    with transaction.atomic():
        links = _links(ids, head, now)
        # Two links at one position, or for one line, are refused by the database: whatever became of the lock.
        JournalLink.objects.bulk_create(JournalLink(**link._asdict() | {"sealed_at": now}) for link in links)
    return chain.place_of(links[-1])


def _links(ids: list[int], head: Place, now: datetime) -> list[Link]:
    lines, (key_id, key) = chain.lines(ids), chain_keys.signing()
    place, sealed_at, made = head, chain.in_utc(now), []
    for event_id in ids:
        link = Link(place.position + 1, event_id, sealed_at, chain.FORMAT_VERSION, key_id, b"")
        link = link._replace(mac=chain.mac_of(key, place.mac, link, lines[event_id]))
        place = chain.place_of(link)
        made.append(link)
    return made
