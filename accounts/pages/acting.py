"""What a client sees of those for whom he acts: whom, by which right, and their accounts."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import QuerySet

from accounts.models import BankAccount, Client, Holding, Representation
from accounts.models.bank_accounts import BankAccountQuerySet


class Acting(NamedTuple):
    """Somebody for whom he acts, with this one's open accounts."""

    representation: Representation
    accounts: Sequence[BankAccount]


def with_accounts(client: Client, acting: Sequence[Representation]) -> list[Acting]:
    """Of all of them at once; an account that two of them hold stands with each."""
    accounts = list(accounts_of(client, acting).filter(closed_on=None)) if acting else []
    return [Acting(one, [each for each in accounts if one.represented in each.holders.all()]) for one in acting]


def without(represented: Sequence[Acting], accounts: Sequence[BankAccount]) -> list[BankAccount]:
    """Those of the accounts that do not stand with somebody for whom he acts."""
    shown = {account.pk for each in represented for account in each.accounts}
    return [account for account in accounts if account.pk not in shown]


def accounts_of(client: Client, acting: Sequence[Representation]) -> BankAccountQuerySet:
    """Theirs, with all that a list of accounts tells; without those that he holds himself."""
    theirs = BankAccount.objects.filter(pk__in=held_by(acting)).exclude(holders=client)
    return theirs.with_balances().with_latest().with_holders().with_closing_for(client)


def held_by(acting: Sequence[Representation]) -> QuerySet[Holding, int]:
    """The ids of the accounts of those for whom he acts, for a filter."""
    return Holding.objects.filter(client__in=ids(acting)).order_by().values_list("account", flat=True)


def ids(acting: Sequence[Representation]) -> set[int]:
    """Those of the people for whom he acts."""
    return {one.represented_id for one in acting}
