"""The operations of an account that somebody asks for, and one page of them.

The positions of an account's entries have no gaps and follow their days. So a month is a range of positions, and a
page begins beside a position: nothing is skipped and nothing counted, however many entries there are.
"""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Max, Min, Q, QuerySet

from accounts.models import BankAccount, Entry
from accounts.models.ledger import EntryQuerySet
from accounts.notation import labels
from accounts.notation.periods import Period

PER_PAGE = 50
MOST_COUNTED = 1000
LATEST = 5
HIGHEST_POSITION = 2**31 - 1
TELLING = ("booking__merchant", "booking__corrects", "booking__correction", "booking__transfer__client")


class Asked(NamedTuple):
    """What is looked for; empty where nothing is. `direction` is « in » or « out »."""

    search: str = ""
    period: Period | None = None
    direction: str = ""


class Positions(NamedTuple):
    """The entries of an account after position `low`, up to `high` and with it."""

    low: int
    high: int

    @property
    def number(self) -> int:
        return self.high - self.low


class Page(NamedTuple):
    """Entries, the newest first, and the positions beside which the newer and the older ones begin, if any."""

    entries: list[Entry]
    newer: int | None
    older: int | None


def days_of(account: BankAccount) -> tuple[date, date] | None:
    """The days of the first and of the last entry."""
    days = account.entries.aggregate(first=Min("booked_on"), last=Max("booked_on"))
    return (days["first"], days["last"]) if days["first"] else None


def positions_in(account: BankAccount, period: Period | None) -> Positions:
    """Where a period's entries lie; all of them for None."""
    if period is None:
        return Positions(0, _last_position(account.entries.all()))
    low, high = (_last_position(account.entries.filter(booked_on__lt=day)) for day in period)
    return Positions(low, high)


def select(account: BankAccount, asked: Asked, positions: Positions) -> QuerySet[Entry]:
    """The account's entries at these positions that answer what is asked for."""
    entries = account.entries.filter(position__gt=positions.low, position__lte=positions.high)
    if asked.search:
        entries = entries.filter(labels.matching(asked.search))
    if asked.direction:
        entries = entries.filter(amount__gt=0) if asked.direction == "in" else entries.filter(amount__lt=0)
    return entries


def page_of(
    account: BankAccount, entries: QuerySet[Entry], *, before: int | None = None, after: int | None = None
) -> Page:
    """The newest of these entries, those before a position, or those after it; empty only when there are none."""
    found = entries.values_list("position", flat=True)  # of which the index that is searched knows everything
    if after is not None:
        above = list(found.filter(position__gt=after).order_by("position")[: PER_PAGE + 1])
        if len(above) > PER_PAGE:
            shown = above[PER_PAGE - 1 :: -1]
            return Page(_read(account, shown), newer=shown[0], older=shown[-1])
        before = None  # what is left of the newest is shown as the first page, and whole
    below = found.filter(position__lt=before) if before else found
    positions = list(below.order_by("-position")[: PER_PAGE + 1])
    if before and not positions:
        return page_of(account, entries)
    shown = positions[:PER_PAGE]
    is_last = len(positions) <= PER_PAGE
    return Page(_read(account, shown), newer=shown[0] if before else None, older=None if is_last else shown[-1])


def number_of(entries: QuerySet[Entry], asked: Asked, positions: Positions, page: Page) -> int | None:
    """How many entries there are; None when there are more than MOST_COUNTED, which would take long to count."""
    if not (asked.search or asked.direction):
        return positions.number
    if page.newer is None and page.older is None:
        return len(page.entries)
    number = entries.order_by()[: MOST_COUNTED + 1].count()
    return number if number <= MOST_COUNTED else None


def latest(accounts: Sequence[BankAccount]) -> list[Entry]:
    """The latest entries over all these accounts, which know their `last_position`."""
    ends = [Q(account=account, position__gt=account.last_position - LATEST) for account in accounts]
    if not ends:
        return []
    entries = Entry.objects.filter(reduce(or_, ends)).select_related("account", *TELLING)
    return list(entries.order_by("-booked_on", "-pk")[:LATEST])


def _read(account: BankAccount, positions: Sequence[int | None]) -> list[Entry]:
    entries = account.entries.filter(position__in=positions).select_related(*TELLING)
    return list(entries.order_by("-position"))


def _last_position(entries: EntryQuerySet) -> int:
    return entries.newest_first().values_list("position", flat=True).first() or 0
