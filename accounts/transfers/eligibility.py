"""Which accounts a client may transfer between: his own and, by a mandate, those of one holder."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import BankAccount, Client, Mandate, Transfer
from accounts.models.bank_accounts import BankAccountQuerySet
from accounts.notation.lists import enumerated


@dataclass(frozen=True)
class Usable:
    """An account with its balances that a client may name; `holders` names those of one that is not his.

    It is offered when it is open and another open one may go with it.
    """

    account: BankAccount
    holders: str
    is_offered: bool


def usable_accounts(client: Client, today: date) -> list[Usable]:
    """His own accounts, then those that he may make transfers on for somebody else; those not offered too."""
    own = list(client.bank_accounts.with_balances().with_holders())
    entrusted = list(_others(client, today).with_balances().with_holders())
    paired = _paired(own) | _paired(entrusted)
    return [Usable(account, "", account.pk in paired) for account in own] + [
        Usable(account, enumerated(account.holders.all()), account.pk in paired) for account in entrusted
    ]


def _paired(accounts: Iterable[BankAccount]) -> set[int]:
    """The ids of the open ones that go with another: one person holds both."""
    open_ones = (account for account in accounts if not account.is_closed)
    held = by_holder((holder.pk, account.pk) for account in open_ones for holder in account.holders.all())
    return {account for pair in held.values() if len(pair) > 1 for account in pair}


def may_order(client: Client, today: date) -> bool:
    """Whether there is any transfer that the client may order: it takes two accounts that go together."""
    return bool(_offered_to(client, today))


def may_leave(client: Client, account: BankAccount, today: date) -> bool:
    """Whether the client may order transfers from that account; not whether there is anything to send."""
    return account.pk in _offered_to(client, today)


def _offered_to(client: Client, today: date) -> set[int]:
    """The ids of the accounts that `usable_accounts` offers him, without what they hold."""
    own = client.bank_accounts.with_holders()
    return _paired(own) | _paired(_others(client, today).with_holders())


def _others(client: Client, today: date) -> BankAccountQuerySet:
    return BankAccount.objects.filter(pk__in=entrusted_to(client, today)).exclude(holders=client)


def on_behalf_of(order: Transfer) -> str:
    """Whose accounts they are when they are not the client's own; empty when they are."""
    holders = [holding.client for holding in order.source.holdings.select_related("client")]
    return "" if order.client in holders else enumerated(holders)


def by_holder(rows: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """The accounts of each holder; a row is the ids of a holder and of an account."""
    accounts_of: dict[int, set[int]] = {}
    for holder, account in rows:
        accounts_of.setdefault(holder, set()).add(account)
    return accounts_of


def entrusted_to(client: Client, today: date) -> QuerySet[Mandate, int]:
    """The ids of the accounts of others that the client may transfer from."""
    mandates = Mandate.objects.in_force(today).filter(proxy=client, may_transfer=True)
    return mandates.values_list("account", flat=True)
