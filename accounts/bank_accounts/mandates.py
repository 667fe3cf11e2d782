"""Mandates (procurations): somebody else may see an account of a holder or, besides, make transfers from it.

A mandate gives access, so that it begins by two advisors, see access_requests.py; to end it takes one.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import changes, closing_requests
from accounts.kinds import Event, Mail
from accounts.ledger import books
from accounts.models import BankAccount, Client, Mandate
from auth_codes.actor import Actor


class IsHolder(Exception):
    """Who holds an account may do everything: he is nobody's proxy on it."""


class AlreadyGranted(Exception):
    """This person has a mandate on this account; it has to be revoked before another one."""


class EndsInThePast(Exception):
    """The last day of the mandate is over."""


class AlreadyEnded(Exception):
    """The mandate was revoked, or its last day is over."""


def judge(account: BankAccount, proxy: Client, *, ends_on: date | None, today: date) -> None:
    """Raises IsHolder, AlreadyGranted or EndsInThePast when no such mandate may begin today."""
    if account.holdings.filter(client=proxy).exists():
        raise IsHolder
    if account.mandates.in_force(today).filter(proxy=proxy).exists():
        raise AlreadyGranted
    if ends_on and ends_on < today:
        raise EndsInThePast


def grant(
    account: BankAccount,
    proxy: Client,
    *,
    may_transfer: bool,
    ends_on: date | None,
    by: Actor,
    today: date | None = None,
) -> Mandate:
    """Lets `proxy` see the account until `ends_on`, that day included, or for good; every holder has agreed on paper.

    Raises ledger.AccountClosed, or what `judge` raises.
    """
    today = today or timezone.localdate()
    with transaction.atomic():
        account = changes.lock_open(account)
        judge(account, proxy, ends_on=ends_on, today=today)
        _put_away_lapsed(account, proxy)
        mandate = Mandate.objects.create(
            account=account,
            proxy=proxy,
            may_transfer=may_transfer,
            granted_on=today,
            ends_on=ends_on,
            granted_by=by.user,
        )
        tell_granted(mandate, by=by)
    return mandate


def tell_granted(mandate: Mandate, *, by: Actor) -> None:
    """Lines and mails: who may see the account by it from now on, and what he may do."""
    holders = _note(Event.MANDATE_GRANTED, mandate, by)
    changes.tell(Mail.MANDATE_GRANTED, mandate.account, holders, lambda: _terms(mandate))


def revoke(mandate: Mandate, *, by: Actor, today: date | None = None) -> None:
    """Ends a mandate at once: one holder's word is enough, because it gives nothing to anybody. Raises AlreadyEnded."""
    with transaction.atomic():
        books.lock([mandate.account])  # so that it ends in one way: closing the account ends it too
        holders = write_end(mandate, by=by, today=today or timezone.localdate())
        changes.tell(Mail.MANDATE_ENDED, mandate.account, holders, lambda: {"person": str(mandate.proxy)})


def write_end(mandate: Mandate, *, by: Actor, today: date) -> list[Client]:
    """The end and its lines alone, for an act that tells more than this; the holders. Raises AlreadyEnded."""
    living = Mandate.objects.in_force(today).filter(pk=mandate.pk)
    if not living.update(revoked_at=timezone.now()):
        raise AlreadyEnded
    return _note(Event.MANDATE_ENDED, mandate, by)


def _terms(mandate: Mandate) -> dict[str, str]:
    return {"person": str(mandate.proxy), "right": mandate.right_in_words, "until": mandate.end_in_words}


def _put_away_lapsed(account: BankAccount, proxy: Client) -> None:
    """One that is over leaves its place, which the database gives once."""
    account.mandates.filter(proxy=proxy, revoked_at=None).update(revoked_at=timezone.now())


def _note(kind: Event, mandate: Mandate, by: Actor) -> list[Client]:
    """In the journal of the holders, whom it gives back, and of the proxy; what waits was asked without it."""
    holders, right = changes.holders_of(mandate.account), mandate.right
    for side, people in (("given", holders), ("received", [mandate.proxy])):
        changes.note(kind, mandate.account, people, by=by, side=side, right=right)
    closing_requests.change(mandate.account, by=by)
    return holders
