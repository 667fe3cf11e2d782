"""Twelve months as a drawing."""

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from dateutil.relativedelta import relativedelta

from accounts.operations.months import MonthEnd
from accounts.pages import curve


def ends(*balances: str) -> list[MonthEnd]:
    return [
        MonthEnd(date(2025, 12, 1) + relativedelta(months=number), Decimal(balance))
        for number, balance in enumerate(balances)
    ]


def heights(drawing) -> list[int]:
    """Of the points of the ridge, from the first month to the last."""
    first, *bends = drawing.ridge.split("C")
    return [int(part.split()[-1]) for part in (first, *bends)]


def test_higher_balance_is_drawn_higher():
    drawn = heights(curve.of(ends("100", "300", "200")).tall)
    assert drawn[1] < drawn[2] < drawn[0]
    assert drawn[1] == curve.TALL.top
    assert drawn[0] == curve.TALL.bottom


@pytest.mark.parametrize("balances", [("-500", "0", "-200"), ("0", "0.01"), ("99999999.99", "-99999999.99", "1")])
def test_drawing_stays_within_its_frame(balances):
    drawn = curve.of(ends(*balances))
    for drawing, shape in ((drawn.tall, curve.TALL), (drawn.flat, curve.FLAT)):
        assert all(shape.top <= height <= shape.bottom for height in heights(drawing))
        assert drawing.sun == heights(drawing)[-1]
        assert re.fullmatch(r"[MCSVz\d -]+", drawing.hill)


def test_a_few_euros_more_are_no_mountain():
    drawn = heights(curve.of(ends("1000", "1001")).tall)
    assert drawn[0] - drawn[1] < 3


def test_months_stand_at_equal_distances():
    places = [int(x) for x in re.findall(r"(?:^M|C\S+ \S+ \S+ \S+ )(\d+) ", curve.of(ends(*"123456789876")).tall.ridge)]
    steps = {after - before for before, after in pairwise(places)}
    assert len(places) == 12
    assert max(steps) - min(steps) <= 1


def test_words_say_start_end_and_lowest():
    told = "de 100,00\u00a0€ à 300,00\u00a0€, au plus bas \u221220,50\u00a0€ en"
    assert curve.of(ends("100", "-20.5", "300")).words == f"Derniers mois\u00a0: {told} janvier 2026"
    assert curve.of(ends("100", "-20.5", *["200"] * 9, "300")).words.startswith(f"Douze mois\u00a0: {told}")


def test_nothing_is_drawn_where_nothing_moved():
    assert curve.of(ends("0", "0", "0")) is None
