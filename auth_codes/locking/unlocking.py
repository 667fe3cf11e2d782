"""Undoing a lock by two advisors: one makes sure of who asks and starts it, a second one approves.

Source: ASVS 5.0 2.3.5. The codes open again as they were: where somebody else may know them, they are renewed first,
while the lock still stands, and the letter waits for its end. Its owner alone undoes it by a moyen: see
login/unlock_steps.py.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from auth_codes import dual_control, journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.locking import locks
from auth_codes.models import Notice, SecurityEvent, Unlocking
from auth_codes.owner import Owner


def start(owner: Owner, *, by: Actor, identity_check: str, token: uuid.UUID, now: datetime | None = None) -> Unlocking:
    """Asks for the end of a lock, and tells its owner; nothing opens before a second advisor approves.

    `token` names the act, as for a renewal. Raises locks.NotLocked, or dual_control.AlreadyDecided, AlreadyStarted.
    """
    now = now or timezone.now()
    asked = Unlocking(owner=owner, token=token, identity_check=identity_check, started_by=by.user, started_at=now)
    with transaction.atomic():
        owners.lock(owner)
        if known := dual_control.started_before(asked):
            return known
        lock = locks.require(owner)
        dual_control.start(asked)
        details = {"identity_check": identity_check}
        journal.record(SecurityEvent.Kind.UNLOCKING_ASKED, owner=owner, by=by, details=details)
        # Told before anything opens: whoever plays the owner on the telephone cannot hide it from him.
        notices.tell_owner(Notice.Kind.UNLOCKING_ASKED, owner, reference=lock.reference)
    return asked


def approve(asked: Unlocking, *, by: Actor, now: datetime | None = None) -> None:
    """Undoes the lock at once and tells the owner. Raises locks.NotLocked, and what `dual_control.approve` raises."""
    dual_control.require_another(asked, by)
    now, owner = now or timezone.now(), asked.owner
    with transaction.atomic():
        owners.lock(owner)
        if locks.require(owner).at > asked.started_at:
            raise locks.NotLocked  # what was asked for was the end of an earlier one
        dual_control.approve(asked, by=by, now=now)
        locks.undo(owner, by=by, now=now)


def refuse(asked: Unlocking, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a request without an effect; who asked may do so too. Raises dual_control.AlreadyDecided."""
    with transaction.atomic():
        dual_control.refuse(asked, by=by, now=now or timezone.now())
        journal.record(SecurityEvent.Kind.UNLOCKING_REFUSED, owner=asked.owner, by=by)
