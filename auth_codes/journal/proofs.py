"""The lines that prove a report, a lock or a closing, kept for eighteen months when the journal lets go of them.

Who contests a payment within thirteen months of it is asked when he reported that his codes were not safe (PSD2
article 70(1)(c) obliges the bank to prove for eighteen months that he did). Each is copied with its place, its link and
the link before it, so that its MAC can still be made again, and is signed anew together with the signature of the
proof before it: none can be altered, slipped in or taken out of their row. The purge's own lines of the journal say
from which number to which they stand.
"""

import hmac
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from auth_codes import journal
from auth_codes.journal import chain, chain_keys
from auth_codes.journal.chain import Line, Link, Place
from auth_codes.models import KeptProof, SecurityEvent

Kind = SecurityEvent.Kind

KEPT_FOR = relativedelta(months=18)
PROVING = (
    Kind.CLOSED_BY_OWNER,
    Kind.ACCESS_CLOSED,
    Kind.BLOCK_LIFTED,
    Kind.ACCESS_LOCKED,
    Kind.ACCESS_UNLOCKED,
)
FORMAT_VERSION = 1
SAYS_WHERE_THEY_STAND = (Kind.JOURNAL_PURGED, Kind.PROOFS_PURGED)


class Row(NamedTuple):
    """The numbers of the first and of the last proof that have to be there; none while `last` is before `first`."""

    first: int
    last: int


def expected() -> Row:
    """What the journal's last line about them says."""
    said = SecurityEvent.objects.filter(owner=None, kind__in=SAYS_WHERE_THEY_STAND, details__has_key="last_proof")
    details = said.order_by("-id").values_list("details", flat=True).first() or {}
    return Row(details.get("first_proof", 1), details.get("last_proof", 0))


def keep(links: Sequence[Link], after: Place, now: datetime) -> Row:
    """Copies the proving lines among `links`, which follow `after`, in the caller's transaction.

    Gives the numbers of those that stand there now.
    """
    row = expected()
    ids = [link.event_id for link in links]
    proving = set(SecurityEvent.objects.filter(id__in=ids, kind__in=PROVING).values_list("id", flat=True))
    lines, before, last = chain.lines(proving), _last_signature(row.last), row.last
    for link in links:
        if link.event_id in proving:
            last += 1
            before = _copy(link, after, lines[link.event_id], number=last, before=before, now=now)
        after = chain.place_of(link)
    return Row(row.first, last)


def _copy(link: Link, after: Place, line: Line, *, number: int, before: bytes, now: datetime) -> bytes:
    key_id, key = chain_keys.signing()
    proof = KeptProof(
        number=number,
        line=chain.written_down(line),
        at=SecurityEvent.objects.values_list("at", flat=True).get(pk=link.event_id),
        position=link.position,
        sealed_at=link.sealed_at or "",
        link_format=link.format_version,
        link_key_id=link.key_id,
        mac=link.mac,
        after=after.mac,
        before=before,
        kept_at=now,
        format_version=FORMAT_VERSION,
        key_id=key_id,
    )
    signature = proof.signature = signature_of(key, proof)
    proof.save(force_insert=True)
    return signature


def purge(now: datetime) -> int:
    """Deletes the first of them, as far as all are older than eighteen months; how many. The journal says so."""
    since = timezone.make_aware(datetime.combine(timezone.localdate(now) - KEPT_FOR, datetime.min.time()))
    young = KeptProof.objects.filter(at__gte=since).order_by("number").values_list("number", flat=True).first()
    old = KeptProof.objects.filter(number__lt=young) if young else KeptProof.objects.all()
    with transaction.atomic():
        row, (deleted, _) = expected(), old.delete()
        if deleted:
            details = {"proofs": deleted, "first_proof": row.first + deleted, "last_proof": row.last}
            journal.record(Kind.PROOFS_PURGED, details=details)
    return deleted


class Wrong(NamedTuple):
    """The number of a proof that is not what was kept, or from `number` to `last` those that are missing."""

    number: int
    last: int = 0
    key_id: str = ""


def look_for_wrong() -> Iterator[Wrong]:
    """Reads them all, in order. `key_id` names a key that is not at hand: nothing is said of what it signed."""
    row, keys, before = expected(), chain_keys.verifying(), b""
    number = row.first
    for proof in KeptProof.objects.order_by("number").iterator():
        if proof.number > number:
            yield Wrong(number, proof.number - 1)
        is_followed = proof.number == number and number > row.first
        if proof.key_id not in keys:
            yield Wrong(proof.number, key_id=proof.key_id)
        elif not is_signed(proof, keys[proof.key_id]) or (is_followed and bytes(proof.before) != before):
            yield Wrong(proof.number)
        number, before = proof.number + 1, bytes(proof.signature)
    if number <= row.last:
        yield Wrong(number, row.last)


def is_signed(proof: KeptProof, key: bytes) -> bool:
    """Whether the proof is what was kept."""
    return hmac.compare_digest(bytes(proof.signature), signature_of(key, proof))


def signature_of(key: bytes, proof: KeptProof) -> bytes:
    """What the proof has to be signed with."""
    signed: Line = {
        "what": "kept proof",
        "format": proof.format_version,
        "key": proof.key_id,
        "number": proof.number,
        "line": proof.line,
        "at": chain.in_utc(proof.at),
        "position": proof.position,
        "sealed_at": proof.sealed_at,
        "link_format": proof.link_format,
        "link_key": proof.link_key_id,
        "mac": bytes(proof.mac).hex(),
        "after": bytes(proof.after).hex(),
        "kept_at": chain.in_utc(proof.kept_at),
        "before": bytes(proof.before).hex(),
    }
    return hmac.digest(key, chain.written_down(signed).encode(), "sha256")


def is_as_it_was_chained(proof: KeptProof) -> bool | None:
    """Whether the line still has the MAC that it had in the journal; None without the key of that time."""
    key = chain_keys.verifying().get(proof.link_key_id)
    if key is None:
        return None
    line = json.loads(proof.line)
    sealed_at = proof.sealed_at or None
    link = Link(proof.position, line["id"], sealed_at, proof.link_format, proof.link_key_id, bytes(proof.mac))
    return hmac.compare_digest(link.mac, chain.mac_of(key, bytes(proof.after), link, line))


def _last_signature(number: int) -> bytes:
    kept = KeptProof.objects.filter(number=number).values_list("signature", flat=True).first()
    return bytes(kept) if kept else b""
