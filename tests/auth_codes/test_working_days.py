"""Working days in France, and delays that are counted in them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth_codes import working_days

PARIS = ZoneInfo("Europe/Paris")


def test_public_holidays_of_a_year_are_the_eleven_of_the_law():
    assert sorted(working_days.holidays(2026)) == [
        date(2026, 1, 1), date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 8), date(2026, 5, 14), date(2026, 5, 25),
        date(2026, 7, 14), date(2026, 8, 15), date(2026, 11, 1), date(2026, 11, 11), date(2026, 12, 25),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("began", "ends"),
    [
        # A plain Monday: Tuesday, Wednesday, Thursday.
        ("2026-03-02 00:00", "2026-03-06 00:00"),
        ("2026-03-02 23:59", "2026-03-06 00:00"),
        # Over a weekend, and begun within it.
        ("2026-03-05 10:00", "2026-03-11 00:00"),
        ("2026-03-07 10:00", "2026-03-12 00:00"),
        # Good Friday is none in most of France; Easter Monday is.
        ("2026-04-02 10:00", "2026-04-09 00:00"),
        # Ascension Day, and the Friday after it, on which the bank works.
        ("2026-05-13 10:00", "2026-05-20 00:00"),
        # Christmas, and the new year.
        ("2026-12-24 10:00", "2026-12-31 00:00"),
        ("2026-12-30 10:00", "2027-01-06 00:00"),
        # The night in which the clocks change.
        ("2026-03-27 10:00", "2026-04-02 00:00"),
    ],
)
def test_three_working_days_end_at_midnight_in_paris(began, ends):
    began, ends = (datetime.fromisoformat(text).replace(tzinfo=PARIS) for text in (began, ends))
    assert working_days.end_of_delay(began, 3) == ends


MOMENTS = st.builds(
    lambda day, at: datetime.combine(day, at, PARIS), st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.times()
)


@given(MOMENTS, st.floats(-1, 15), st.integers(1, 5))
def test_what_began_is_over_by_its_end_and_by_its_begin_alike(began, days, delay):
    now = began + timedelta(days=days)
    is_open = now < working_days.end_of_delay(began, delay)
    assert is_open == (began >= working_days.begin_of_delay(now, delay))


@given(MOMENTS, st.integers(1, 5))
def test_last_instant_still_counts_and_midnight_does_not(began, delay):
    end = working_days.end_of_delay(began, delay)
    assert working_days.begin_of_delay(end - timedelta(microseconds=1), delay) <= began
    assert began < working_days.begin_of_delay(end, delay)
