"""Birth dates as people write them: 12/03/1958, 12.3.58, 1958-03-12, 12031958, 120358, « née le 12 mars 1958 ».

Or as much of them as they remember: « mars 1958 », 1958.
"""

import re
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.notation import names
from auth_codes import wording

NO_SUCH_DAY = "Cette date n’existe pas : {}."
MONTHS = [
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre",
    "decembre",
]  # fmt: skip
# A month of words is at least as long as this: « mar » is March, « ju » could be two.
SHORTEST_MONTH = 3
# They read keys, where each sign between two words has become a space.
BORN, BORN_IN = r"(?:\bnee?(?: e)? le )?", r"(?:\bnee?(?: e)? (?:en )?)?"
# No date begins or ends in the middle of a longer row of numbers: that is a telephone number.
ALONE, TO_THE_END = r"(?<![0-9] )\b", r"\b(?! [0-9])"
NOTATIONS = [
    re.compile(BORN + ALONE + pattern + TO_THE_END)
    for pattern in (
        r"(?P<day>[0-9]{1,2})(?:er)? (?P<month>[0-9]{1,2}|[a-z]+) (?P<year>[0-9]{4}|[0-9]{2})",
        r"(?P<year>[0-9]{4}) (?P<month>[0-9]{1,2}) (?P<day>[0-9]{1,2})",
        r"(?P<day>[0-9]{2})(?P<month>[0-9]{2})(?P<year>[0-9]{4})",
        r"(?P<day>0[1-9]|[12][0-9]|3[01])(?P<month>0[1-9]|1[0-2])(?P<year>[0-9]{2})",
    )
]
MONTH_OF_YEAR = re.compile(BORN_IN + ALONE + r"(?P<month>[0-9]{1,2}|[a-z]+) (?P<year>(?:19|20)[0-9]{2})" + TO_THE_END)


class BirthDate(NamedTuple):
    """A date as written; it need not exist."""

    day: int
    month: int
    year: str

    def __str__(self) -> str:
        return f"{self.day:02}/{self.month:02}/{self.year}"

    @property
    def has_century(self) -> bool:
        return len(self.year) == 4

    def days(self) -> list[date]:
        """The days that may be meant: without a century, those of the last two; none when there is no such day."""
        years = [self.year] if self.has_century else ["19" + self.year, "20" + self.year]
        return [day for day in map(self._day_in, years) if day]

    def _day_in(self, year: str) -> date | None:
        try:
            return date(int(year), self.month, self.day)
        except ValueError:
            return None


def in_words(day: date | None, year: int | None) -> str:
    """« 12 mars 1958 »; « 1958, jour et mois inconnus » where the papers of whoever was born name a year alone."""
    return wording.day(day) if day else _("{}, jour et mois inconnus").format(year)


def take_from(text: str) -> tuple[BirthDate | None, str]:
    """The first date written in `text`, if any, and the key of all the other words."""
    key = names.key(text)
    for notation in NOTATIONS:
        for written in notation.finditer(key):
            month = _month(written["month"])
            if month is not None:
                return BirthDate(int(written["day"]), month, written["year"]), _without(key, written)
    return None, key


def take_month_from(key: str) -> tuple[str | None, str]:
    """The first month of a year written in `key`, as « 1958-03 » without its hyphen, and the key of all the rest."""
    for written in MONTH_OF_YEAR.finditer(key):
        month = _month(written["month"])
        if month is not None and 1 <= month <= len(MONTHS):
            return f"{written['year']}{month:02}", _without(key, written)
    return None, key


def _without(key: str, written: re.Match[str]) -> str:
    return f"{key[: written.start()]} {key[written.end() :]}".strip()


def _month(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    meant = [number for number, month in enumerate(MONTHS, 1) if month.startswith(word)]
    return meant[0] if len(word) >= SHORTEST_MONTH and len(meant) == 1 else None
