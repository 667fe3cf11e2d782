"""Months and years, as somebody chooses them among those of an account: « 2026-11 », « 2026 »."""

import re
from datetime import date
from typing import NamedTuple, Self

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

from auth_codes import wording

WRITTEN = re.compile(r"([1-9]\d{3})(?:-(0[1-9]|1[0-2]))?", re.ASCII)
LAST_YEAR = 9998  # the year after must be one, too


class Period(NamedTuple):
    """From `first` up to, and without, `end`."""

    first: date
    end: date

    @classmethod
    def read(cls, written: str) -> Self:
        """Raises ValueError for what names no month or year."""
        match = WRITTEN.fullmatch(written)
        if not match or int(match[1]) > LAST_YEAR:
            raise ValueError(f"{written!r} is neither a month nor a year")
        year = int(match[1])
        if not match[2]:
            return cls(date(year, 1, 1), date(year + 1, 1, 1))
        first = date(year, int(match[2]), 1)
        return cls(first, first + relativedelta(months=1))


def choices(first: date, last: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each year with itself and its months, from the month of `first` to that of `last`, the latest first."""
    return [(str(year), _of_year(year, first, last)) for year in range(last.year, first.year - 1, -1)]


def _of_year(year: int, first: date, last: date) -> list[tuple[str, str]]:
    months = [date(year, month, 1) for month in range(12, 0, -1)]
    shown = [month for month in months if first.replace(day=1) <= month <= last]
    whole = (f"{year}", _("Année {}").format(year))
    return [whole, *((f"{month:%Y-%m}", wording.month(month).capitalize()) for month in shown)]
