"""The operations of an account that somebody asks for, and one page of them.

The positions of an account's entries have no gaps and follow their days. So a month is a range of positions, and a
page begins beside a position: nothing is skipped and nothing counted, however many entries there are.
"""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Q, QuerySet

from accounts.models import BankAccount, Entry
from accounts.models.ledger import EntryQuerySet
from accounts.notation import labels
from accounts.notation.periods import Period
from auth_codes.prepared import KEY, NUMBER, Blank, Prepared

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

    @property
    def chooses(self) -> bool:
        """Whether some operations are left out between others."""
        return bool(self.search or self.direction)


class Positions(NamedTuple):
    """The entries of an account after position `low`, up to `high` and with it."""

    low: int
    high: int

    @property
    def number(self) -> int:
        return self.high - self.low

    def above(self, position: int, number: int) -> list[int]:
        """The first `number` of them after a position, the lowest first."""
        low = max(position, self.low)
        return list(range(low + 1, min(low + number, self.high) + 1))

    def below(self, position: int | None, number: int) -> list[int]:
        """The last `number` of them before a position, or of all of them, the highest first."""
        high = min(position - 1, self.high) if position else self.high
        return list(range(high, max(high - number, self.low), -1))


class FoundPositions(NamedTuple):
    """The positions of what a search has found, of which its index knows everything."""

    entries: QuerySet[Entry]

    def above(self, position: int, number: int) -> list[int]:
        return list(self._positions.filter(position__gt=position).order_by("position")[:number])

    def below(self, position: int | None, number: int) -> list[int]:
        below = self._positions.filter(position__lt=position) if position else self._positions
        return list(below.order_by("-position")[:number])

    @property
    def _positions(self) -> "QuerySet[Entry, int]":
        return self.entries.values_list("position", flat=True)  # type: ignore[return-value]  # theirs are numbered


class Page(NamedTuple):
    """Entries, the newest first, and the positions beside which the newer and the older ones begin, if any."""

    entries: list[Entry]
    newer: int | None
    older: int | None


def positions_in(account: BankAccount, period: Period | None) -> Positions:
    """Where a period's entries lie; all of them for None."""
    if period is None:
        return Positions(0, account.last_position)
    low, high = (_last_position(account.entries.filter(booked_on__lt=day)) for day in period)
    return Positions(low, high)


def since(account: BankAccount, positions: Positions, first: date | None) -> Positions:
    """Those of them that lie on this day or after it; all of them for None."""
    if first is None:
        return positions
    before = _last_position(account.entries.filter(booked_on__lt=first))
    return Positions(max(positions.low, before), max(positions.high, before))


def select(account: BankAccount, asked: Asked, positions: Positions) -> QuerySet[Entry]:
    """The account's entries at these positions that answer what is asked for."""
    entries = account.entries.filter(position__gt=positions.low, position__lte=positions.high)
    if asked.search:
        entries = entries.filter(labels.matching(asked.search))
    if asked.direction:
        entries = entries.filter(amount__gt=0) if asked.direction == "in" else entries.filter(amount__lt=0)
    return entries


def page_of(
    account: BankAccount, found: Positions | FoundPositions, *, before: int | None = None, after: int | None = None
) -> Page:
    """The newest of what was found, those before a position, or those after it; empty only when there are none."""
    if after is not None:
        above = found.above(after, PER_PAGE + 1)
        if len(above) > PER_PAGE:
            shown = above[PER_PAGE - 1 :: -1]
            return Page(_read(account, shown), newer=shown[0], older=shown[-1])
        before = None  # what is left of the newest is shown as the first page, and whole
    positions = found.below(before, PER_PAGE + 1)
    if before and not positions:
        return page_of(account, found)
    shown = positions[:PER_PAGE]
    is_last = len(positions) <= PER_PAGE
    return Page(_read(account, shown), newer=shown[0] if before else None, older=None if is_last else shown[-1])


def number_of(entries: QuerySet[Entry] | None, positions: Positions, page: Page) -> int | None:
    """How many entries there are, all at these positions for None; None for more than MOST_COUNTED of a choice.

    Those would take long to count.
    """
    if entries is None:
        return positions.number
    if page.newer is None and page.older is None:
        return len(page.entries)
    number = entries.order_by()[: MOST_COUNTED + 1].count()
    return number if number <= MOST_COUNTED else None


def latest(accounts: Sequence[BankAccount]) -> list[Entry]:
    """The latest entries over all these accounts, which know their `last_position`."""
    ends = [account.last_position - LATEST for account in accounts]
    return LATEST_OF.ask(accounts=[account.pk for account in accounts], positions=ends)


def _latest_of(accounts: list[Blank], positions: list[Blank]) -> QuerySet[Entry]:
    ends = (Q(account=account, position__gt=end) for account, end in zip(accounts, positions, strict=True))
    entries = Entry.objects.filter(reduce(or_, ends)).select_related("account", *TELLING)
    return entries.order_by("-booked_on", "-pk")[:LATEST]


def at(account: BankAccount, position: int) -> Entry | None:
    """The entry there, if any, whatever number an address names."""
    return next(iter(_read(account, [position])), None) if 0 < position <= HIGHEST_POSITION else None


def _read(account: BankAccount, positions: Sequence[int]) -> list[Entry]:
    return READ.ask(account=account.pk, positions=list(positions))


def _read_of(account: Blank, positions: list[Blank]) -> QuerySet[Entry]:
    entries = Entry.objects.filter(account=account, position__in=positions).select_related(*TELLING)
    return entries.order_by("-position")


def _last_position(entries: EntryQuerySet) -> int:
    return entries.newest_first().values_list("position", flat=True).first() or 0


READ = Prepared(_read_of, account=KEY, positions=NUMBER)
LATEST_OF = Prepared(_latest_of, accounts=KEY, positions=NUMBER)
