"""A new code by an advisor: one starts it after checking identity, a second one approves; the letter is posted.

Nobody sees a code. The one in use is void as soon as the second advisor has approved.
Source: ASVS 5.0 6.4.6 and 2.3.5.
"""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.lockout import counters
from auth_codes.models import Renewal, SealedLetter, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.renewals import issuing

# Identity was checked for an act of these days, not for one of another month.
OPEN_FOR = timedelta(days=7)
Decision = Renewal.Decision


class AlreadyStarted(Exception):
    """A renewal for this client waits for its approval."""


class AlreadyDecided(Exception):
    """This renewal was approved or refused, or it waited too long."""


class SameAdvisor(Exception):
    """Who started a renewal cannot approve it."""


def is_open(renewal: Renewal, now: datetime) -> bool:
    """Whether it waits for its second advisor."""
    return not renewal.decision and renewal.started_at > now - OPEN_FOR


def waiting(now: datetime) -> QuerySet[Renewal]:
    """Those that wait for their second advisor."""
    return Renewal.objects.filter(decision="", started_at__gt=now - OPEN_FOR)


def open_for(owner: Owner, now: datetime) -> Renewal | None:
    """The renewal of this client that waits for its second advisor."""
    return waiting(now).filter(owner=owner).first()


def start(
    owner: Owner,
    *,
    by: Actor,
    identity_check: str,
    token: uuid.UUID,
    now: datetime | None = None,
) -> Renewal:
    """Asks for a new code; nothing changes for the client before a second advisor approves.

    `token` names the act: the same one again (a double click) gives the renewal that it has started.
    Raises AlreadyStarted, AlreadyDecided when the one of this token no longer waits, or issuing.AddressTooRecent.
    """
    now = now or timezone.now()
    issuing.check_address(owner, now)
    with transaction.atomic():
        owners.lock(owner)
        known = Renewal.objects.filter(token=token).first()
        if known:
            return _still_open(known, owner, now)
        _close_lapsed(owner, now)
        if owner.renewals.filter(decision="").exists():
            raise AlreadyStarted
        renewal = Renewal.objects.create(
            owner=owner, token=token, identity_check=identity_check, started_by=by.user, started_at=now
        )
        details = {"identity_check": identity_check}
        journal.record(SecurityEvent.Kind.RENEWAL_STARTED, owner=owner, by=by, details=details)
    return renewal


def approve(renewal: Renewal, *, by: Actor, now: datetime | None = None) -> None:
    """Voids the code in use at once, ends the client's sessions and issues the letter with the new one.

    The count of attempts begins anew: what was guessed at is no longer valid.
    Raises SameAdvisor, AlreadyDecided, or issuing.AddressTooRecent.
    """
    if by.user.pk == renewal.started_by_id:
        raise SameAdvisor
    now, owner = now or timezone.now(), renewal.owner
    prepared = issuing.prepare(owner, SealedLetter.Occasion.RENEWAL, now)
    with transaction.atomic():
        owners.lock(owner)
        _decide(renewal, Decision.APPROVED, by, now)
        journal.record(SecurityEvent.Kind.RENEWAL_APPROVED, owner=owner, by=by)
        issuing.issue(owner, prepared, by=by)
        Renewal.objects.filter(pk=renewal.pk).update(letter=prepared.letter)
        counters.forget(counters.client_counter(owner.username))


def refuse(renewal: Renewal, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a renewal without a letter; who started it may do so too. Raises AlreadyDecided."""
    with transaction.atomic():
        _decide(renewal, Decision.REFUSED, by, now or timezone.now())
        journal.record(SecurityEvent.Kind.RENEWAL_REFUSED, owner=renewal.owner, by=by)


def _still_open(known: Renewal, owner: Owner, now: datetime) -> Renewal:
    if known.owner_id != owner.pk or not is_open(known, now):
        raise AlreadyDecided
    return known


def _decide(renewal: Renewal, decision: str, by: Actor, now: datetime) -> None:
    if not waiting(now).filter(pk=renewal.pk).update(decision=decision, decided_by=by.user, decided_at=now):
        raise AlreadyDecided


def _close_lapsed(owner: Owner, now: datetime) -> None:
    lapsed = owner.renewals.filter(decision="", started_at__lte=now - OPEN_FOR)
    lapsed.update(decision=Decision.LAPSED, decided_at=now)
