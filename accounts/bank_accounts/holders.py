"""Joint accounts: adding a holder. It gives access, so that two advisors do it, see access_requests.py."""

from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import changes, closing_requests, mandates
from accounts.bank_accounts.opening import issue_client_code
from accounts.kinds import Event, Mail
from accounts.models import BankAccount, Client, Holding
from auth_codes.actor import Actor

ADDED = Event.HOLDER_ADDED


class AlreadyHolder(Exception):
    """This person holds the account."""


def judge(account: BankAccount, client: Client) -> None:
    """Raises AlreadyHolder."""
    if account.holdings.filter(client=client).exists():
        raise AlreadyHolder


def add_holder(account: BankAccount, client: Client, *, by: Actor) -> Holding:
    """Makes `client` a holder like the others; every present one has agreed on paper.

    An account is as good as a first opening: it issues the code client of who has none. His mandate on the account
    ends: a holder may do everything. Raises AlreadyHolder or ledger.AccountClosed.
    """
    with transaction.atomic():
        account = changes.lock_open(account)
        judge(account, client)
        closing_requests.change(account, by=by)
        present = changes.holders_of(account)
        for mandate in account.mandates.in_force(timezone.localdate()).filter(proxy=client):
            mandates.revoke(mandate, by=by)
        holding = Holding.objects.create(account=account, client=client)
        issue_client_code(client, by=by)
        changes.note(ADDED, account, present, by=by, side="given")
        changes.note(ADDED, account, [client], by=by, side="joined")
        changes.tell(Mail.HOLDER_ADDED, account, present, lambda: {"person": str(client)})
    return holding
