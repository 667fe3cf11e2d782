"""Ending a block by two advisors: one checks identity and asks, a second one approves. The count stays.

So whoever goes on guessing has five more tries before the next block, which is a longer one; after twenty only a
renewal helps, because so many guesses leave no doubt that somebody is after this code. Source: ASVS 5.0 2.3.5.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from auth_codes import dual_control, journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.lockout import counters
from auth_codes.models import Notice, SecurityEvent, Unblocking
from auth_codes.owner import Owner


class NothingBlocked(Exception):
    """No block stands, or it has ended meanwhile."""


class OnlyRenewal(Exception):
    """Too many codes were tried: a renewal, and nothing else, opens again."""


def judge(owner: Owner, now: datetime) -> None:
    """Raises NothingBlocked or OnlyRenewal when there is no block that two advisors may end."""
    block = counters.block_of(counters.client_counter(owner.username), now)
    if block is None:
        raise NothingBlocked
    if block.until is None:
        raise OnlyRenewal


def start(owner: Owner, *, by: Actor, identity_check: str, token: uuid.UUID, now: datetime | None = None) -> Unblocking:
    """Asks for the end of a block; it stands until a second advisor approves, or until its own end.

    `token` names the act, as for a renewal. Raises what `judge` raises, or dual_control.AlreadyDecided, AlreadyStarted.
    """
    now = now or timezone.now()
    asked = Unblocking(owner=owner, token=token, identity_check=identity_check, started_by=by.user, started_at=now)
    with transaction.atomic():
        owners.lock(owner)
        if known := dual_control.started_before(asked):
            return known
        judge(owner, now)
        dual_control.start(asked)
        details = {"identity_check": identity_check}
        journal.record(SecurityEvent.Kind.UNBLOCKING_ASKED, owner=owner, by=by, details=details)
    return asked


def approve(asked: Unblocking, *, by: Actor, now: datetime | None = None) -> None:
    """Ends the block at once and tells the owner. Raises what `judge` and `dual_control.approve` raise."""
    dual_control.require_another(asked, by)
    now, owner = now or timezone.now(), asked.owner
    with transaction.atomic():
        owners.lock(owner)
        dual_control.approve(asked, by=by, now=now)
        judge(owner, now)
        if not counters.lift_passing(counters.client_counter(owner.username)):
            raise NothingBlocked
        journal.record(SecurityEvent.Kind.UNBLOCKED, owner=owner, by=by)
        notices.tell_owner(Notice.Kind.UNBLOCKED, owner)


def refuse(asked: Unblocking, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a request without an effect; who asked may do so too. Raises dual_control.AlreadyDecided."""
    with transaction.atomic():
        dual_control.refuse(asked, by=by, now=now or timezone.now())
        journal.record(SecurityEvent.Kind.UNBLOCKING_REFUSED, owner=asked.owner, by=by)
