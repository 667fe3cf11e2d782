"""This month on the overview: what came in, what went out and what for, with the lengths of the bars that say it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from accounts.models import Category
from accounts.operations.flows import Flows
from accounts.operations.sums import Moved

FULL = 100


class Kind(NamedTuple):
    """What went out for a category, in euros, and how long its bar is, in hundredths of the longest."""

    category: Category
    amount: Decimal
    bar: int


class ThisMonth(NamedTuple):
    """`first` is its first day; `in_bar` and `out_bar` are in hundredths of the longer of the two."""

    first: date
    all: Moved
    joint: Moved
    in_bar: int
    out_bar: int
    kinds: Sequence[Kind]


def of(flows: Flows, first: date) -> ThisMonth:
    """The drawing of a month's flows."""
    came_in, went_out = flows.all.came_in, -flows.all.went_out
    longest = max(came_in, went_out)
    most = flows.spent[0].amount if flows.spent else Decimal(0)
    return ThisMonth(
        first=first,
        all=flows.all,
        joint=flows.joint,
        in_bar=_bar(came_in, longest),
        out_bar=_bar(went_out, longest),
        kinds=[Kind(category, amount, _bar(amount, most)) for category, amount in flows.spent],
    )


def _bar(amount: Decimal, longest: Decimal) -> int:
    """Nothing has no bar; what is something has one that is seen."""
    return max(round(amount / longest * FULL), 1) if amount else 0
