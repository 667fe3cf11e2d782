"""Amounts as they are typed: read in every French way, and refused where they could be read in two."""

from decimal import Decimal

import pytest

from accounts.notation import typed_amounts
from accounts.notation.typed_amounts import NotAnAmount
from auth_codes import wording


@pytest.mark.parametrize(
    ("typed", "euros"),
    [
        ("150", "150"),
        ("12,5", "12.50"),
        ("12.5", "12.50"),
        ("0,01", "0.01"),
        ("1234.56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234,56 €", "1234.56"),
        ("1\u2009234\u2009567,8", "1234567.80"),
        ("1 234", "1234"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567,89", "1234567.89"),
        ("  20 €  ", "20"),
        ("20€", "20"),
        ("€20", "20"),
        ("€ 1\u202f234,56", "1234.56"),
        ("20 euros", "20"),
        ("20 EUR", "20"),
        ("007", "7"),
    ],
)
def test_amount_is_read_in_every_usual_way(typed, euros):
    assert typed_amounts.read(typed) == Decimal(euros)


@pytest.mark.parametrize("euros", ["0.01", "9.90", "999.99", "1000", "123456.78", "999999999.99"])
def test_amount_as_the_pages_show_it_is_read_back(euros):
    assert typed_amounts.read(wording.euros(Decimal(euros))) == Decimal(euros)


@pytest.mark.parametrize(("typed", "asked"), [("1.234", "1\u202f234 ou 1,23"), ("12,345", "12\u202f345 ou 12,34")])
def test_amount_with_two_readings_is_asked_back(typed, asked):
    with pytest.raises(NotAnAmount) as refused:
        typed_amounts.read(typed)
    assert asked in refused.value.sentence


@pytest.mark.parametrize("typed", ["1234.567", "0,125", "1,2345"])
def test_fractions_of_a_cent_are_refused(typed):
    with pytest.raises(NotAnAmount, match="deux chiffres au plus après la virgule"):
        typed_amounts.read(typed)


@pytest.mark.parametrize("typed", ["0", "0,00", "-5", "\u22125", "-", "000"])
def test_amount_must_be_above_zero(typed):
    with pytest.raises(NotAnAmount, match="supérieur à zéro"):
        typed_amounts.read(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "", "dix", "12 34", "1 2345", "1 23 456", "12,", ",5", "1,2,3", "1.23.456,7", "1.234,567", "1e3", "0x10",
        "1_000", "12 €5", "€ 12 €", "€",
        "$12", "12\u00b2", "\u0661\u0662", "\uff11\uff12", "NaN", "Infinity", "12\n34", "1" * 41,
        "1 234 .50",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused_with_an_example(typed):
    with pytest.raises(NotAnAmount, match="par exemple 150 ou 1\u202f234,56"):
        typed_amounts.read(typed)
