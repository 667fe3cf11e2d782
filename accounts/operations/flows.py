"""What came in, what went out and what for, in one month, as somebody with several accounts sees it."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from accounts.models import Category
from accounts.operations import sums
from accounts.operations.sums import Moved, Sums


class Outlay(NamedTuple):
    """What went out for one category, in euros, as a positive amount."""

    category: Category
    amount: Decimal


class Flows(NamedTuple):
    """One month: all that moved, the part of it on joint accounts, and what for, the most first."""

    all: Moved
    joint: Moved
    spent: list[Outlay]


def of_month(kept: Sums, month: date, *, own: Collection[int], joint: Collection[int]) -> Flows:
    """What moved in `month` (its first day) on his `own` accounts, and on the `joint` ones among them (ids).

    What went from one of his own to another one came from nowhere and went nowhere.
    """
    moved = {
        sort: one
        for sort, one in kept.items()
        if sort.month == month and sort.account in own and sort.counterpart not in own
    }
    return Flows(
        all=sums.together(moved.values()),
        joint=sums.together(one for sort, one in moved.items() if sort.account in joint),
        spent=_spent(moved),
    )


def _spent(moved: Sums) -> list[Outlay]:
    amounts: dict[Category, Decimal] = defaultdict(Decimal)
    for sort, one in moved.items():
        amounts[Category(sort.category)] -= one.went_out
    told = [Outlay(category, amount) for category, amount in amounts.items() if amount]
    return sorted(told, key=lambda spent: (-spent.amount, spent.category.label))
