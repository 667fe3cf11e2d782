"""Who may reach an account grows by two advisors: one asks, with the holders' agreement, a second one approves.

What it gives opens somebody's money to somebody else. An advisor whom a caller has taken in cannot do it by himself,
since a telephone call is no agreement, nor can one who works for a thief. Ending a mandate and closing an account give
nothing to anybody: one advisor does them. Source: as for renewals, ASVS 5.0 2.3.5.
"""

import uuid
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.bank_accounts import changes, holders, mandates
from accounts.kinds import Event
from accounts.models import AccessRequest, BankAccount, Client
from auth_codes.actor import Actor

# Agreement was given for an act of these days, not for one of another month.
OPEN_FOR = timedelta(days=7)
Decision, Right = AccessRequest.Decision, AccessRequest.Right


class AlreadyStarted(Exception):
    """A request for this person on this account waits for its approval."""


class AlreadyDecided(Exception):
    """This request was approved or refused, or it waited too long."""


class SameAdvisor(Exception):
    """Who asked for an access cannot approve it."""


class HoldersChanged(Exception):
    """The account has not the holders any more who have agreed."""


def is_open(asked: AccessRequest, now: datetime) -> bool:
    """Whether it waits for its second advisor."""
    return not asked.decision and asked.started_at > now - OPEN_FOR


def waiting(now: datetime) -> QuerySet[AccessRequest]:
    """Those that wait for their second advisor."""
    return AccessRequest.objects.filter(decision="", started_at__gt=now - OPEN_FOR)


def start(
    account: BankAccount,
    person: Client,
    *,
    right: str,
    agreement: str,
    token: uuid.UUID,
    by: Actor,
    ends_on: date | None = None,
    now: datetime | None = None,
) -> AccessRequest:
    """Asks for `person` to reach the account; nothing changes before a second advisor approves.

    `token` names the act: the same one again (a double click) gives the request that it has made. Raises
    AlreadyStarted, AlreadyDecided when the one of this token no longer waits, ledger.AccountClosed,
    holders.AlreadyHolder, or what `mandates.judge` raises.
    """
    now = now or timezone.now()
    with transaction.atomic():
        account = changes.lock_open(account)
        known = AccessRequest.objects.filter(token=token).first()
        if known:
            return _still_open(known, account, person, now)
        judge(account, person, right=right, ends_on=ends_on, today=timezone.localdate(now))
        lapsed = account.access_requests.filter(person=person, decision="", started_at__lte=now - OPEN_FOR)
        lapsed.update(decision=Decision.LAPSED, decided_at=now)
        if account.access_requests.filter(person=person, decision="").exists():
            raise AlreadyStarted
        asked = AccessRequest.objects.create(
            account=account,
            person=person,
            right=right,
            ends_on=ends_on,
            agreement=agreement,
            token=token,
            started_by=by.user,
            started_at=now,
        )
        asked.agreed_by.set(changes.holders_of(account))
        _note(Event.ACCESS_ASKED, asked, by)
    return asked


def judge(account: BankAccount, person: Client, *, right: str, ends_on: date | None, today: date) -> None:
    """Raises holders.AlreadyHolder, or what `mandates.judge` raises."""
    if right == Right.HOLDER:
        holders.judge(account, person)
    else:
        mandates.judge(account, person, ends_on=ends_on, today=today)


def approve(asked: AccessRequest, *, by: Actor, now: datetime | None = None) -> None:
    """Gives the access at once. Raises SameAdvisor, AlreadyDecided, HoldersChanged, or what the act itself raises."""
    if by.user.pk == asked.started_by_id:
        raise SameAdvisor
    with transaction.atomic():
        account = changes.lock_open(asked.account)
        _decide(asked, Decision.APPROVED, by, now or timezone.now())
        if set(asked.agreed_by.all()) != set(changes.holders_of(account)):
            raise HoldersChanged
        if asked.right == Right.HOLDER:
            holders.add_holder(account, asked.person, by=by)
            return
        may_transfer = asked.right == Right.TRANSFER
        mandates.grant(account, asked.person, may_transfer=may_transfer, ends_on=asked.ends_on, by=by)


def refuse(asked: AccessRequest, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a request without an access; who asked may do so too. Raises AlreadyDecided."""
    with transaction.atomic():
        _decide(asked, Decision.REFUSED, by, now or timezone.now())
        _note(Event.ACCESS_DECLINED, asked, by)


def _still_open(known: AccessRequest, account: BankAccount, person: Client, now: datetime) -> AccessRequest:
    if (known.account_id, known.person_id) != (account.pk, person.pk) or not is_open(known, now):
        raise AlreadyDecided
    return known


def _decide(asked: AccessRequest, decision: str, by: Actor, now: datetime) -> None:
    if not waiting(now).filter(pk=asked.pk).update(decision=decision, decided_by=by.user, decided_at=now):
        raise AlreadyDecided


def _note(kind: Event, asked: AccessRequest, by: Actor) -> None:
    """In the journal of the holders, who may know nothing of it, and of who is to have the access."""
    present = changes.holders_of(asked.account)
    changes.note(kind, asked.account, present, by=by, side="given", right=asked.right)
    changes.note(kind, asked.account, [asked.person], by=by, side="received", right=asked.right)
