"""Ending all moyens of who has lost them: one advisor checks identity and asks, a second one approves.

The codes stay: whoever persuades two advisors still needs both. Source: RTS 2018/389 art. 24 and 25, ASVS 5.0 2.3.5.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from auth_codes import dual_control, journal
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import ending, told
from auth_codes.models import Factor, FactorsEnding, SecurityEvent
from auth_codes.owner import Owner


class NoFactor(Exception):
    """He has no moyen, or it has ended meanwhile."""


def judge(owner: Owner) -> None:
    """Raises NoFactor where there is nothing to end: neither a row nor, where somebody deleted it, what told of it."""
    if not owner.factors.active().exists() and not told.gone(owner):
        raise NoFactor


def start(
    owner: Owner, *, by: Actor, identity_check: str, token: uuid.UUID, now: datetime | None = None
) -> FactorsEnding:
    """Asks for the end of all his moyens; nothing changes until a second advisor approves.

    `token` names the act, as for a renewal. Raises NoFactor, or dual_control.AlreadyDecided, AlreadyStarted.
    """
    now = now or timezone.now()
    asked = FactorsEnding(owner=owner, token=token, identity_check=identity_check, started_by=by.person, started_at=now)
    with transaction.atomic():
        owners.lock(owner)
        if known := dual_control.started_before(asked):
            return known
        judge(owner)
        dual_control.start(asked)
        details = {"identity_check": identity_check}
        journal.record(SecurityEvent.Kind.FACTORS_END_ASKED, owner=owner, by=by, details=details)
    return asked


def approve(asked: FactorsEnding, *, by: Actor, now: datetime | None = None) -> None:
    """Ends them at once; their owner is told of each. Raises NoFactor and what `dual_control.approve` raises."""
    dual_control.require_another(asked, by)
    now, owner = now or timezone.now(), asked.owner
    with transaction.atomic():
        owners.lock(owner)
        dual_control.approve(asked, by=by, now=now)
        judge(owner)
        journal.record(SecurityEvent.Kind.FACTORS_END_APPROVED, owner=owner, by=by)
        ending.end_all(owner, Factor.Why.ADVISORS, by=by, now=now)


def refuse(asked: FactorsEnding, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a request without an effect; who asked may do so too. Raises dual_control.AlreadyDecided."""
    with transaction.atomic():
        dual_control.refuse(asked, by=by, now=now or timezone.now())
        journal.record(SecurityEvent.Kind.FACTORS_END_REFUSED, owner=asked.owner, by=by)
