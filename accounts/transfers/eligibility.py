"""Which accounts a client may transfer between: his own and, by a mandate or as a representative, those of one holder.

A minor orders none by himself (Code civil, art. 388-1-1 and 1146; what custom lets him do alone with money that moves
online is disputed): he reads, and his representative acts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from accounts.models import BankAccount, Client, Holding, Mandate, Representation, Transfer
from accounts.notation.lists import enumerated
from accounts.operations import held
from auth_codes.prepared import DAY, KEY, Blank, Prepared

Acting = Sequence[Representation]


@dataclass(frozen=True)
class Usable:
    """An account with its balances that a client may name; `holders` names those of one that is not his.

    It is offered when it is open and another open one may go with it. `is_represented`: he acts for its holder.
    """

    account: BankAccount
    holders: str
    is_offered: bool
    is_represented: bool = False


def usable_accounts(client: Client, today: date) -> list[Usable]:
    """His own accounts, then those that he may make transfers on for somebody else; those not offered too."""
    own = [] if client.is_minor(today) else held.own(client)
    mandated, represented = entrusted_by_right(client, today)
    entrusted = _of_others(client, mandated | represented)
    by_right = ([account for account in entrusted if account.pk in right] for right in (mandated, represented))
    paired = _paired(own).union(*map(_paired, by_right))
    return [Usable(account, "", account.pk in paired) for account in own] + [
        Usable(account, enumerated(account.holders.all()), account.pk in paired, account.pk in represented)
        for account in entrusted
    ]


def _paired(accounts: Iterable[BankAccount]) -> set[int]:
    """The ids of the open ones that go with another: one person holds both."""
    open_ones = (account for account in accounts if not account.is_closed)
    return _together((holder.pk, account.pk) for account in open_ones for holder in account.holders.all())


def _together(rows: Iterable[tuple[int, int]]) -> set[int]:
    """The accounts among these rows, of a holder and an account each, of which one person holds two or more."""
    return {account for pair in by_holder(rows).values() if len(pair) > 1 for account in pair}


def may_order(client: Client, today: date, acting: Acting) -> bool:
    """Whether there is any transfer that the client may order: it takes two accounts that go together."""
    return bool(offered_to(client, today, acting))


def may_leave(client: Client, account: BankAccount, today: date, acting: Acting) -> bool:
    """Whether the client may order transfers from that account; not whether there is anything to send."""
    return account.pk in offered_to(client, today, acting)


def offered_to(client: Client, today: date, acting: Acting) -> set[int]:
    """The ids of the accounts that `usable_accounts` offers him, without what they hold; for a page, which already
    knows for whom he acts.
    """
    rows = OPEN_ONES.ask(client=client.pk, today=today)
    own = {account for holder, account in rows if holder == client.pk}
    groups = (
        [] if client.is_minor(today) else [row for row in rows if row[1] in own],
        [row for row in rows if row[1] not in own],
        [row for row in _open_ones_of(_represented(acting)) if row[1] not in own],
    )
    return {account for group in groups for account in _together(group)}


def _open_ones(client: Blank, today: Blank) -> QuerySet[Holding, tuple[int, int]]:
    """Who holds each open account that he may transfer from by himself or by a mandate, by ids."""
    held = Holding.objects.filter(client=client).order_by().values("account")
    entrusted = Mandate.objects.in_force(today).filter(proxy=client, may_transfer=True).order_by().values("account")
    rows = Holding.objects.filter(account__closed_on=None, account__pk__in=held.union(entrusted))
    return rows.order_by("pk").values_list("client_id", "account_id")


def _mandated(proxy: Blank, today: Blank) -> QuerySet[Mandate, int]:
    mandates = Mandate.objects.held_by(proxy, today).filter(may_transfer=True)
    return mandates.values_list("account", flat=True)


MANDATED = Prepared(_mandated, proxy=KEY, today=DAY)
OPEN_ONES = Prepared(_open_ones, client=KEY, today=DAY)


def _open_ones_of(accounts: set[int]) -> list[tuple[int, int]]:
    """The same of these accounts."""
    if not accounts:
        return []
    rows = Holding.objects.filter(account__closed_on=None, account__in=accounts)
    return list(rows.values_list("client_id", "account_id"))


def _of_others(client: Client, accounts: set[int]) -> list[BankAccount]:
    """Those of these accounts that he does not hold himself; of none, nothing is asked."""
    others = BankAccount.objects.filter(pk__in=accounts).exclude(holders=client)
    return list(others.with_balances().with_holders()) if accounts else []


def on_behalf_of(order: Transfer, client: Client) -> str:
    """Whose accounts they are when they are not the client's own, who ordered it; empty when they are."""
    holders = [holding.client for holding in order.source.holdings.select_related("client")]
    return "" if client in holders else enumerated(holders)


def same_holders(source_id: int, destination_id: int) -> bool:
    """Whether the same people hold both accounts: between these, two codes are enough. Source: RTS 2018/389 art. 15."""
    rows = Holding.objects.filter(account__in=[source_id, destination_id]).order_by()
    holders: dict[int, set[int]] = {}
    for account, holder in rows.values_list("account", "client"):
        holders.setdefault(account, set()).add(holder)
    return holders.get(source_id) == holders.get(destination_id)


def by_holder(rows: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """The accounts of each holder; a row is the ids of a holder and of an account."""
    accounts_of: dict[int, set[int]] = {}
    for holder, account in rows:
        accounts_of.setdefault(holder, set()).add(account)
    return accounts_of


def entrusted_by_right(client: Client, today: date) -> tuple[set[int], set[int]]:
    """The ids of the accounts of others that the client may transfer from: by mandates, and as a representative.

    A transfer takes both accounts by one right: else whoever acts for a child, and has a mandate on an account that the
    child holds with another, would move the child's own money to that other.
    """
    acting = Representation.objects.acting(client, today)
    return set(MANDATED.ask(proxy=client.pk, today=today)), _represented(acting)


def _represented(acting: Acting) -> set[int]:
    """The ids of the accounts that somebody holds alone for whom he acts: a joint one is somebody else's too."""
    people = [one.represented_id for one in acting if one.may_transfer]
    if not people:
        return set()
    held = BankAccount.objects.filter(pk__in=Holding.objects.filter(client__in=people).values("account"))
    return set(held.order_by().annotate(people=Count("holdings")).filter(people=1).values_list("pk", flat=True))
