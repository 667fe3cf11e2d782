"""Working days of the bank in France: neither Saturday, Sunday nor a public holiday (Code du travail, art. L3133-1).

A delay in days leaves out the day on which it begins, and ends with its last day, at midnight in Paris (Code de
procédure civile, art. 641 and 642).
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import islice

from dateutil.easter import easter
from django.utils import timezone

DAY = timedelta(days=1)
SATURDAY = 5
# Month and day.
FIXED = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
# Days after Easter Sunday: its Monday, Ascension, Whit Monday.
MOVABLE = [1, 39, 50]


@cache
def holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of a year."""
    movable = [easter(year) + timedelta(days) for days in MOVABLE]
    return frozenset([*movable, *(date(year, month, day) for month, day in FIXED)])


def is_working(day: date) -> bool:
    """Whether the bank works on it."""
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def end_of_delay(began: datetime, days: int) -> datetime:
    """The moment at which a delay of so many working days is over; one of none ends with its own day."""
    return _midnight(_working_day(began, days, DAY) + DAY)


def begin_of_delay(now: datetime, days: int) -> datetime:
    """The earliest moment at which a delay of so many working days began that is not over at `now`."""
    return _midnight(_working_day(now, days, -DAY))


def _working_day(moment: datetime, number: int, step: timedelta) -> date:
    """The working day of this number after that of `moment`, or before it; for 0, that day itself."""
    today = timezone.localdate(moment, timezone.get_default_timezone())
    if number == 0:
        return today
    return next(islice(filter(is_working, _days_from(today, step)), number - 1, None))


def _days_from(day: date, step: timedelta) -> Iterator[date]:
    while True:
        day += step
        yield day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
