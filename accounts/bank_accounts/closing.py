"""Closing an account: it stays, with its operations and papers, and nothing is booked on it any more."""

from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import changes, mandates
from accounts.kinds import Event, Mail
from accounts.ledger import books
from accounts.models import BankAccount
from auth_codes.actor import Actor


class NotEmpty(Exception):
    """The balance is not zero: first it is paid out, or the debt paid back. How much it is, the desk is not told."""


class StillPending(Exception):
    """An operation is announced on it, which could not be booked afterwards."""


def close_account(account: BankAccount, *, by: Actor) -> BankAccount:
    """Closes an empty account at once and ends the mandates on it; one advisor does it, because it gives nothing.

    A transfer that was prepared and not confirmed does not hold it up, nor can it be confirmed afterwards: its booking
    takes the same lock and finds the account closed. Raises NotEmpty, StillPending, or ledger.AccountClosed.
    """
    with transaction.atomic():
        account = changes.lock_open(account)
        _judge(account)
        for mandate in account.mandates.in_force(timezone.localdate()):
            mandates.revoke(mandate, by=by)
        # Never before what a server whose clock is ahead has booked.
        last = books.tail_of(account.pk).booked_on
        account.closed_on = max(filter(None, [timezone.localdate(), last, account.opened_on]))
        account.save(update_fields=["closed_on"])
        holders = changes.holders_of(account)
        changes.note(Event.ACCOUNT_CLOSED, account, holders, by=by)
        changes.tell(Mail.ACCOUNT_CLOSED, account, holders)
    return account


def judge(account: BankAccount) -> None:
    """What keeps the account open as it stands now. Raises what `close_account` raises."""
    account = BankAccount.objects.with_balances().get(pk=account.pk)
    if account.is_closed:
        raise books.AccountClosed
    _judge(account)


def _judge(account: BankAccount) -> None:
    if account.balance:
        raise NotEmpty
    if account.pending_entries.waiting().exists():
        raise StillPending
