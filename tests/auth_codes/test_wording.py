"""Days, hours, numbers, amounts and sentences as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format, get_format

from auth_codes import wording
from auth_codes.formats.fr import formats as french_formats

NARROW, NO_BREAK, MINUS = "\u202f", "\u00a0", "\u2212"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0,00"),
        ("0.5", "0,50"),
        ("999.99", "999,99"),
        ("1234.56", f"1{NARROW}234,56"),
        ("1234567.8", f"1{NARROW}234{NARROW}567,80"),
        ("-1234.56", f"{MINUS}1{NARROW}234,56"),
        ("-0.01", f"{MINUS}0,01"),
        ("-0.001", "0,00"),
    ],
)
def test_amount_is_written_the_french_way(amount, shown):
    assert wording.euros(Decimal(amount)) == f"{shown}{NO_BREAK}€"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "€0.00"),
        ("999.99", "€999.99"),
        ("1234.56", "€1,234.56"),
        ("1234567.8", "€1,234,567.80"),
        ("-1234.56", f"{MINUS}€1,234.56"),
        ("-0.001", "€0.00"),
    ],
)
def test_amount_is_written_the_english_way_in_english(amount, shown):
    with translation.override("en"):
        assert wording.euros(Decimal(amount)) == shown


@pytest.mark.parametrize(("amount", "shown"), [("2.5", "+2,50"), ("-2.5", f"{MINUS}2,50"), ("0", "0,00")])
def test_change_tells_its_sign(amount, shown):
    assert wording.signed_euros(Decimal(amount)) == f"{shown}{NO_BREAK}€"


def test_days_and_moments_are_british_in_english():
    moment = datetime(2026, 11, 30, 23, 5, tzinfo=UTC)
    with translation.override("en"):
        assert wording.day(moment) == f"1{NO_BREAK}December{NO_BREAK}2026"
        assert wording.hour(moment) == "00:05"
        assert wording.month(date(2026, 3, 1)) == "March 2026"
        assert (wording.short_day(moment), wording.moment(moment)) == ("01/12/2026", "01/12/2026 at 00:05")
        assert wording.spelled(wording.day(moment)) == wording.day(moment)
        assert wording.spelled(wording.euros(Decimal("1234567.8"))) == "€1,234,567.80"


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 6, 1), f"1er{NO_BREAK}juin{NO_BREAK}2026"),
        (date(2026, 11, 23), f"23{NO_BREAK}novembre{NO_BREAK}2026"),
    ],
)
def test_day_is_written_as_said_and_the_first_of_the_month_as_first(day, shown):
    assert wording.day(day) == shown


def test_moments_are_told_in_paris_time():
    moment = datetime(2026, 11, 30, 23, 5, tzinfo=UTC)
    assert wording.hour(moment) == f"00{NARROW}h{NARROW}05"
    assert wording.day(moment) == f"1er{NO_BREAK}décembre{NO_BREAK}2026"
    assert wording.short_day(moment) == "01/12/2026"
    assert wording.moment(moment) == "01/12/2026 à 00:05"
    assert wording.short_moment(moment) == "01/12/2026 00:05"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_hour_is_written_as_django_writes_the_moment(language):
    day = datetime(2026, 3, 29, 0, 0, 59, tzinfo=UTC)  # when the clocks of Paris are put forward
    with translation.override(language):
        for moment in (day + timedelta(minutes=minutes) for minutes in range(24 * 60)):
            assert wording.hour(moment) == date_format(wording.local(moment), "HOUR_FORMAT")


@pytest.mark.parametrize("write", [wording.day, wording.short_day, wording.hour, wording.moment, wording.short_moment])
def test_moment_without_time_zone_is_refused(write):
    with pytest.raises(ValueError, match="time zone"):
        write(datetime(2026, 11, 30, 23, 5))  # noqa: DTZ001


def test_signs_never_begin_a_line():
    assert wording.french("Un « code » : oui ; non ?") == "Un «\u00a0code\u00a0»\u00a0: oui\u202f; non\u202f?"


@pytest.mark.parametrize("name", [name for name in dir(french_formats) if name.endswith("_FORMAT")])
def test_each_language_has_the_forms_that_django_does_not_know(name):
    assert [code for code, _ in settings.LANGUAGES if get_format(name, lang=code) == name] == []


@pytest.mark.parametrize(
    ("days_ago", "said"), [(0, "Aujourd’hui, 1er mars"), (1, "Hier, 28 février"), (4, "Mercredi 25 février")]
)
def test_day_is_said_as_people_say_it(monkeypatch, days_ago, said):
    today = date(2026, 3, 1)
    monkeypatch.setattr(wording.timezone, "localdate", lambda: today)
    assert wording.said_day(today - timedelta(days=days_ago)).replace("\u00a0", " ") == f"{said} 2026"
