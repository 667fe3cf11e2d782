"""Who may reach an account grows by two advisors: one asks, with the holders' agreement, a second one approves.

What it gives opens somebody's money to somebody else. An advisor whom a caller has taken in cannot do it by himself,
since a telephone call is no agreement, nor can one who works for a thief. Ending a mandate and closing an account give
nothing to anybody: one advisor does them. Source: as for renewals, ASVS 5.0 2.3.5.
"""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import changes, holders, mandates
from accounts.clients import living
from accounts.kinds import Event
from accounts.models import AccessRequest, BankAccount, Client
from auth_codes import dual_control
from auth_codes.actor import Actor

Right = AccessRequest.Right


class HoldersChanged(Exception):
    """The account has not the holders any more who have agreed."""


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
    living.ClientEnded, ledger.AccountClosed, holders.AlreadyHolder, what `mandates.judge` raises, or what
    `dual_control` raises: AlreadyDecided, AlreadyStarted.
    """
    now = now or timezone.now()
    asked = AccessRequest(
        account=account,
        person=person,
        right=right,
        ends_on=ends_on,
        agreement=agreement,
        token=token,
        started_by=by.user,
        started_at=now,
    )
    with transaction.atomic():
        living.lock(person)  # before the account, as his end does
        account = changes.lock_open(account)
        if known := dual_control.started_before(asked):
            return known
        judge(account, person, right=right, ends_on=ends_on, today=timezone.localdate(now))
        dual_control.start(asked)
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
    """Gives the access at once.

    Raises living.ClientEnded, HoldersChanged, what the act itself raises, or what `dual_control` raises: SameAdvisor,
    AlreadyDecided.
    """
    dual_control.require_another(asked, by)
    with transaction.atomic():
        living.lock(asked.person)
        account = changes.lock_open(asked.account)
        dual_control.approve(asked, by=by, now=now or timezone.now())
        if set(asked.agreed_by.all()) != set(changes.holders_of(account)):
            raise HoldersChanged
        if asked.right == Right.HOLDER:
            holders.add_holder(account, asked.person, by=by)
            return
        may_transfer = asked.right == Right.TRANSFER
        mandates.grant(account, asked.person, may_transfer=may_transfer, ends_on=asked.ends_on, by=by)


def refuse(asked: AccessRequest, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a request without an access; who asked may do so too. Raises dual_control.AlreadyDecided."""
    with transaction.atomic():
        dual_control.refuse(asked, by=by, now=now or timezone.now())
        _note(Event.ACCESS_DECLINED, asked, by)


def _note(kind: Event, asked: AccessRequest, by: Actor) -> None:
    """In the journal of the holders, who may know nothing of it, and of who is to have the access."""
    present = changes.holders_of(asked.account)
    changes.note(kind, asked.account, present, by=by, side="given", right=asked.right)
    changes.note(kind, asked.account, [asked.person], by=by, side="received", right=asked.right)
