"""« Verrouiller mon accès »: nothing opens it any more until the lock is undone, and nothing of it is lost.

Codes and known devices stay as they are: whoever was only frightened goes on with them afterwards. Locking gives
nothing to anybody, so that it asks for little; undoing it opens, and is asked of two advisors, or of who shows a moyen
that he had long before.
Source: PSD2 art. 70(1)(c), the means to notify at all times and to prove for eighteen months that one did, and (e).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from auth_codes import journal, notices
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import owners
from auth_codes.journal import chain
from auth_codes.kinds import LineKind
from auth_codes.models import AccessLock, Factor, Notice, SecurityEvent, Unlocking
from auth_codes.owner import Owner

# Whoever has the codes comes back as often as he likes: a line for each would fill the journal.
TOLD_AGAIN_AFTER = timedelta(hours=1)
Kind = SecurityEvent.Kind
# What an app above does with each new lock, in its transaction; see `receipt_by`.
_receipts: list[Callable[[AccessLock], None]] = []


class AccessLocked(Exception):
    """The owner has locked his access: no code opens it."""


class NotLocked(Exception):
    """No lock stands, or it has been undone meanwhile."""


def receipt_by(issue: Callable[[AccessLock], None]) -> None:
    """Declares who is asked to issue the receipt of each lock."""
    _receipts.append(issue)


def standing(owner: Owner) -> AccessLock | None:
    """The lock that keeps this owner's access shut."""
    return AccessLock.objects.standing().filter(owner=owner).first()


def require(owner: Owner) -> AccessLock:
    """The same; raises NotLocked where there is none."""
    lock = standing(owner)
    if lock is None:
        raise NotLocked
    return lock


def require_none(owner: Owner) -> None:
    """Raises AccessLocked; certain only under the owner's lock."""
    if standing(owner):
        raise AccessLocked


def lock(owner: Owner, *, way: AccessLock.Way, by: Actor, now: datetime | None = None) -> AccessLock:
    """Locks the access at once and ends every session; asked again, gives the lock that stands, and notes it.

    `by` names the owner where his codes or his session did; a lock code may be in anybody's hand.
    """
    with transaction.atomic():
        owners.lock(owner)
        present = standing(owner)
        if present:
            _note_again(present, way=way, by=by)
            return present
        head = chain.head()
        made = AccessLock.objects.create(
            owner=owner, way=way, at=now or timezone.now(), position=head.position, mac=head.mac
        )
        owners.end_sessions(owner)
        details = {"way": made.way, "reference": made.reference}
        journal.record(Kind.ACCESS_LOCKED, owner=owner, by=by, details=details)
        notices.tell_owner(Notice.Kind.ACCESS_LOCKED, owner, at=made.at, reference=made.reference)
        for issue in _receipts:
            issue(made)
    return made


def note_found(owner: Owner, *, by: Actor, details: Mapping[str, str | int]) -> None:
    """That the right codes met a lock at the login; once an hour."""
    with transaction.atomic():
        owners.lock(owner)
        if not _is_noted(owner, Kind.FOUND_LOCKED, timezone.now() - TOLD_AGAIN_AFTER):
            journal.record(Kind.FOUND_LOCKED, owner=owner, by=by, details=details)


def last_asked_again(lock: AccessLock) -> SecurityEvent | None:
    """When somebody last asked for a lock that stood already: he still fears something."""
    lines = SecurityEvent.objects.filter(owner=lock.owner_id, kind=Kind.LOCK_ASKED_AGAIN, at__gte=lock.at)
    return lines.order_by("pk").last()


def _note_again(lock: AccessLock, *, way: AccessLock.Way, by: Actor) -> None:
    """Once an hour; and each time that an advisor has asked meanwhile for the end of the lock, so that he is told."""
    now, owner = timezone.now(), lock.owner
    asked = Unlocking.objects.open_at(now).filter(owner=owner).values_list("started_at", flat=True).first()
    if not _is_noted(owner, Kind.LOCK_ASKED_AGAIN, max(now - TOLD_AGAIN_AFTER, asked or lock.at)):
        details = {"way": way.value, "reference": lock.reference}
        journal.record(Kind.LOCK_ASKED_AGAIN, owner=owner, by=by, details=details)


def _is_noted(owner: Owner, kind: LineKind, since: datetime) -> bool:
    return SecurityEvent.objects.filter(owner=owner, kind=kind, at__gte=since).exists()


def undo(owner: Owner, *, by: Actor, factor: Factor | None = None, now: datetime | None = None) -> AccessLock:
    """Ends the lock, in the transaction of the act that has proved who asks, under the owner's lock. Raises NotLocked.

    Whatever may undo a lock comes here, and names who did, and with which `factor`. Sessions stay ended: the owner logs
    in again.
    """
    lock = require(owner)
    lock.undone_at, lock.undone_by = now or timezone.now(), by.person
    lock.save(update_fields=["undone_at", "undone_by"])
    details: dict[str, str | int] = {"reference": lock.reference}
    if factor:
        details |= {"factor": factor.kind, "factor_number": factor.generation}
    journal.record(Kind.ACCESS_UNLOCKED, owner=owner, by=by, details=details)
    told = {"reference": lock.reference} | ({"name": factor.name} if factor else {})
    notices.tell_owner(Notice.Kind.ACCESS_UNLOCKED, owner, by=by if factor else SYSTEM, at=lock.undone_at, **told)
    return lock
