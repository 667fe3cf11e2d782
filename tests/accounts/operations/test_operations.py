"""Finding operations: words, amounts, periods."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Entry
from accounts.notation import labels, periods
from accounts.notation.periods import Period
from tests import makers


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("electricite", "Électricité"),
        ("ÉLECTRICITÉ", "prlv electricite de france"),
        ("oeuf", "ŒUFS FRAIS"),
        ("œuf", "Oeufs frais"),
        ("l'eau", "Compagnie de l’eau"),
        ("l’eau", "Compagnie de l'eau"),
        ("peche", "Pe\u0302che"),
        ("noel marche", "Marché de Noël"),
        ("saint-denis", "SAINT–DENIS"),
        ("100%", "Remise 100% laine"),
        ("a.b*[c", "REF A.B*[C"),
        ("αθηνα", "ΑΘΗΝΑ"),
        ("n°", "Facture N° 12"),
    ],
)
def test_words_are_found_whatever_their_accents_and_capitals(new_client, typed, label):
    makers.make_operation(new_client.bank_accounts.get(), label, "-1")
    assert Entry.objects.filter(labels.matching(typed), account__isnull=False).exists()


@pytest.mark.parametrize(
    ("typed", "label"), [("a.b", "AXB"), ("elec[a-z]", "Électricité"), ("loyer mars", "Loyer mai")]
)
def test_what_is_not_there_is_not_found(new_client, typed, label):
    makers.make_operation(new_client.bank_accounts.get(), label, "-1")
    assert not Entry.objects.filter(labels.matching(typed), account__isnull=False).exists()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Mn"]), min_size=1, max_size=20))
def test_every_word_is_a_pattern_that_finds_itself(word):
    assert re.search(labels.pattern(word), word)


@pytest.mark.django_db
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_whatever_is_typed_is_no_error_to_the_database(typed):
    assert not Entry.objects.filter(labels.matching(typed)).exists()


@pytest.mark.parametrize(
    ("typed", "amounts"),
    [
        ("45", ["45", "-45"]),
        ("45,5", ["45.5", "-45.5"]),
        ("45.50", ["45.5", "-45.5"]),
        ("-45,00", ["-45"]),
        ("\u221245,00 €", ["-45"]),
        ("+3", ["3"]),
        ("1 234,56 €", ["1234.56", "-1234.56"]),
        ("1\u202f234,56\u00a0€", ["1234.56", "-1234.56"]),
        ("12 euros", ["12", "-12"]),
        ("1,234.56", ["1234.56", "-1234.56"]),
        ("\u2212€1,234,567.80", ["-1234567.8"]),
        ("€45", ["45", "-45"]),
        ("1,234", []),
        ("1,2345.6", []),
        ("12,345", []),
        ("1 2,00", []),
        ("douze", []),
        ("", []),
    ],
)
def test_amounts_are_read_as_pages_write_them(typed, amounts):
    assert labels.amounts_in(typed) == tuple(map(Decimal, amounts))


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("2026-11", Period(date(2026, 11, 1), date(2026, 12, 1))),
        ("2026-12", Period(date(2026, 12, 1), date(2027, 1, 1))),
        ("2024", Period(date(2024, 1, 1), date(2025, 1, 1))),
    ],
)
def test_period_reaches_up_to_the_day_after_it(written, period):
    assert Period.read(written) == period


@pytest.mark.parametrize("written", ["", "2026-13", "2026-00", "2026-1", "202", "9999", "٢٠٢٦", "2026-11-01", "0999"])
def test_what_is_no_period_is_refused(written):
    with pytest.raises(ValueError, match="neither a month nor a year"):
        Period.read(written)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_every_month_between_two_days_is_offered_once(one, other):
    first, last = min(one, other), max(one, other)
    offered = [value for _, group in periods.choices(first, last) for value, _ in group if "-" in value]
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    assert len(set(offered)) == len(offered) == months
    assert offered == sorted(offered, reverse=True)
    assert [offered[0], offered[-1]] == [f"{last:%Y-%m}", f"{first:%Y-%m}"]
