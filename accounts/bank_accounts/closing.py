"""Closing an account, which all its holders ask for: it stays with its operations and papers, and takes no more."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import changes, closing_requests, mandates
from accounts.kinds import Event, Mail
from accounts.ledger import books
from accounts.models import BankAccount
from auth_codes.actor import Actor


class NotEmpty(Exception):
    """The balance is not zero: first it is paid out, or the debt paid back. How much it is, the desk is not told."""


class StillPending(Exception):
    """An operation is announced on it, which could not be booked afterwards."""


class NotAgreed(Exception):
    """Not each of its present holders has signed for it: somebody has come to hold it meanwhile, or one is missing."""


def close_account(account: BankAccount, *, agreed: Collection[int], by: Actor) -> BankAccount:
    """Closes an empty account at once and ends the mandates on it; one advisor does it, because it gives nothing.

    `agreed` are the ids of the holders who have signed on paper, or for whom somebody has who may; who has confirmed in
    his online space, or signed when that was asked, counts with them, and nobody else: one holder does not close the
    account of another. Source: Code civil, art. 815-3; a joint account is closed by all, or left by one.
    A transfer that was prepared and not confirmed does not hold it up, nor can it be confirmed afterwards: its booking
    takes the same lock and finds the account closed. Raises NotAgreed, NotEmpty, StillPending, or ledger.AccountClosed.
    """
    with transaction.atomic():
        account = changes.lock_open(account)
        holders = changes.holders_of(account)
        how = closing_requests.agreed_on(account, agreed)
        if {holder.pk for holder in holders} != set(how):
            raise NotAgreed
        require_empty(account)
        closing_requests.write_closed(account, how, by=by)
        for mandate in account.mandates.in_force(timezone.localdate()):
            mandates.revoke(mandate, by=by)
        # Never before what a server whose clock is ahead has booked.
        last = books.tail_of(account.pk).booked_on
        account.closed_on = max(filter(None, [timezone.localdate(), last, account.opened_on]))
        account.save(update_fields=["closed_on"])
        for holder in holders:
            changes.note(Event.ACCOUNT_CLOSED, account, [holder], by=by, closing_agreement=how[holder.pk])
        changes.tell(Mail.ACCOUNT_CLOSED, account, holders)
    return account


def judge(account: BankAccount) -> None:
    """What keeps the account open as it stands now. Raises what `close_account` raises."""
    account = BankAccount.objects.with_balances().get(pk=account.pk)
    if account.is_closed:
        raise books.AccountClosed
    require_empty(account)


def require_empty(account: BankAccount) -> None:
    """Of an account with its balance. Raises NotEmpty or StillPending."""
    if account.balance:
        raise NotEmpty
    if account.pending_entries.waiting().exists():
        raise StillPending
