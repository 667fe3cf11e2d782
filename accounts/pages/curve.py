"""Twelve months of money as a drawing: the balance is the hill, today is the sun. Drawn without script or style."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext

from accounts.operations.months import MONTHS, MonthEnd
from auth_codes import wording

LEFT, RIGHT = 8, 560


class Shape(NamedTuple):
    """A height in the drawing's units, and between which the highest and the lowest balance are drawn."""

    height: int
    top: int
    bottom: int


TALL, FLAT, SMALL = Shape(220, 34, 136), Shape(84, 28, 64), Shape(28, 5, 23)
SMALL_LEFT, SMALL_RIGHT = 3, 90


class Drawing(NamedTuple):
    """The paths of the far hill and of its ridge, and how high the sun stands."""

    view_box: str
    hill: str
    ridge: str
    sun: int


class Spark(NamedTuple):
    """The line of one account beside its name, and the height at which it ends, in a box of 96 by 28."""

    line: str
    end: int


class Curve(NamedTuple):
    """What a page shows of twelve months, drawn twice and in words."""

    ends: Sequence[MonthEnd]
    tall: Drawing
    flat: Drawing
    words: str

    @property
    def is_year(self) -> bool:
        """Whether it tells all twelve."""
        return len(self.ends) == MONTHS


def of(ends: Sequence[MonthEnd]) -> Curve | None:
    """The curve of these months, the oldest first; None while nothing has ever moved."""
    if len({end.balance for end in ends}) == 1:
        return None
    return Curve(ends, _drawn(ends, TALL), _drawn(ends, FLAT), _in_words(ends))


def spark_of(ends: Sequence[MonthEnd]) -> Spark | None:
    """The same months drawn small; None while nothing has ever moved."""
    if len({end.balance for end in ends}) == 1:
        return None
    points = _points(ends, SMALL, SMALL_LEFT, SMALL_RIGHT)
    return Spark(_line(points), points[-1][1])


def _in_words(ends: Sequence[MonthEnd]) -> str:
    lowest = min(ends, key=lambda end: end.balance)
    first, last = wording.euros(ends[0].balance), wording.euros(ends[-1].balance)
    whole = gettext("Douze mois : de {first} à {last}, au plus bas {least} en {month}")
    part = gettext("Derniers mois : de {first} à {last}, au plus bas {least} en {month}")
    told = whole if len(ends) == MONTHS else part
    least, month = wording.euros(lowest.balance), wording.month(lowest.first)
    return told.format(first=first, last=last, least=least, month=month)


def _drawn(ends: Sequence[MonthEnd], shape: Shape) -> Drawing:
    points = _points(ends, shape, LEFT, RIGHT)
    ridge, (_, start), (_, sun), ground = _line(points), points[0], points[-1], shape.height
    hill = (
        f"M-150 {ground}C-110 {ground - 8} -60 {start + 8} {ridge.removeprefix('M')}"
        f"C620 {sun} 660 {sun + 22} 740 {sun + 22}S980 {sun} 1500 {sun + 30}V{ground}z"
    )
    return Drawing(f"0 0 600 {ground}", hill, ridge, sun)


def _points(ends: Sequence[MonthEnd], shape: Shape, left: int, right: int) -> list[tuple[int, int]]:
    """One for each month, at equal distances from `left` to `right`."""
    step = (right - left) / (len(ends) - 1)
    heights = _heights([end.balance for end in ends], shape)
    return [(round(left + number * step), height) for number, height in enumerate(heights)]


def _line(points: Sequence[tuple[int, int]]) -> str:
    left, start = points[0]
    return f"M{left} {start}" + "".join(_bend(before, after) for before, after in pairwise(points))


def _heights(balances: Sequence[Decimal], shape: Shape) -> list[int]:
    """In the drawing's units from its top; a rise of a few euros is not drawn as a mountain."""
    low, high = min(balances), max(balances)
    span = max(high - low, abs(high) / 10)
    return [shape.top + round((high - balance) / span * (shape.bottom - shape.top)) for balance in balances]


def _bend(before: tuple[int, int], after: tuple[int, int]) -> str:
    """From one month to the next, level at both."""
    middle = (before[0] + after[0]) // 2
    return f"C{middle} {before[1]} {middle} {after[1]} {after[0]} {after[1]}"
