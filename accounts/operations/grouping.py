"""One page of an account's operations under their months and their days, each with its sum."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.db.models import QuerySet, Sum
from django.db.models.functions import Round

from accounts.models import BankAccount, Entry
from accounts.operations import sums
from accounts.operations.search import Page
from accounts.operations.sums import NOTHING, Moved, Sums
from auth_codes.prepared import DAY, KEY, Blank, Prepared


class Day(NamedTuple):
    """The operations of a day, the newest first. `total`, in euros, is of all that answer what is asked for.

    Those that another page shows count as well: then the day is not whole here.
    """

    day: date
    entries: Sequence[Entry]
    total: Decimal

    @property
    def is_whole(self) -> bool:
        return self.total == sum((entry.amount for entry in self.entries), NOTHING)


class Month(NamedTuple):
    """`first` is its first day; `moved` all that moved in it, None where only some operations are asked for."""

    first: date
    days: Sequence[Day]
    moved: Moved | None


class Known(NamedTuple):
    """The sums of an account that are known already, of the months from `first` to `last`, both their first days."""

    sums: Sums
    first: date
    last: date


def by_month(
    account: BankAccount, entries: QuerySet[Entry] | None, page: Page, known: Known | None = None
) -> list[Month]:
    """The months of a page of `entries`, the newest first; for None, of all that the account has at its positions.

    Sums that are `known` are not asked for again.
    """
    if not page.entries:
        return []
    moved = _moved(account, page.entries, known) if entries is None else {}
    edges = _edges(page)
    days = _days(page.entries, _totals(account, edges) if entries is None else _totals_of(entries, edges))
    return [
        Month(first, list(of_month), moved.get(first))
        for first, of_month in groupby(days, lambda one: one.day.replace(day=1))
    ]


def without_cut(months: Sequence[Month], since: date) -> list[Month]:
    """The same, without the sums of a month that began before this day: they tell of what is not shown."""
    return [one._replace(moved=None) if one.first < since else one for one in months]


def by_day(entries: Sequence[Entry]) -> list[Day]:
    """Operations of several accounts under their days."""
    return _days(entries, {})


def _days(entries: Sequence[Entry], totals: dict[date, Decimal]) -> list[Day]:
    days = []
    for day, found in groupby(entries, lambda entry: entry.booked_on):
        of_day = list(found)
        days.append(Day(day, of_day, totals.get(day, sum((entry.amount for entry in of_day), NOTHING))))
    return days


def _edges(page: Page) -> set[date]:
    """The page's first and last day, of which other pages may show a part."""
    is_alone = page.newer is None and page.older is None
    return set() if is_alone else {page.entries[0].booked_on, page.entries[-1].booked_on}


def _totals(account: BankAccount, days: set[date]) -> dict[date, Decimal]:
    return dict(TOTALS.ask(account=account.pk, days=sorted(days)))


def _totals_of(entries: QuerySet[Entry], days: set[date]) -> dict[date, Decimal]:
    return dict(_summed(entries.filter(booked_on__in=days))) if days else {}


def _of_days(account: Blank, days: list[Blank]) -> "QuerySet[Entry, tuple[date, Decimal]]":
    return _summed(Entry.objects.filter(account=account, booked_on__in=days))


def _summed(entries: QuerySet[Entry]) -> "QuerySet[Entry, tuple[date, Decimal]]":
    """By day; rounded because SQLite adds in floating point."""
    by_day = entries.order_by().values("booked_on").annotate(total=Round(Sum("amount"), 2))
    return by_day.values_list("booked_on", "total")


TOTALS = Prepared(_of_days, account=KEY, days=DAY)


def _moved(account: BankAccount, entries: Sequence[Entry], known: Known | None) -> dict[date, Moved]:
    """By the first day of each month that these entries, the newest first, stand in."""
    last, first = (entry.booked_on.replace(day=1) for entry in (entries[0], entries[-1]))
    is_known = known is not None and known.first <= first and last <= known.last
    kept = known.sums if known and is_known else sums.between([account], first, last)
    of_month: dict[date, list[Moved]] = defaultdict(list)
    for sort, moved in kept.items():
        of_month[sort.month].append(moved)
    return {month: sums.together(each) for month, each in of_month.items()}
