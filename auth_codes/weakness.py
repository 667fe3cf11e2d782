"""Which six-digit codes are refused, and why: pure functions, usable by any program.

The rules were measured on leaked real-world choices (rockyou, pwdb): they take away what an attacker tries first,
3,940 codes or 0.394 % of the space, and nothing else. Refusing every date or keypad path turns away up to 65 % of
people and leaves the attacker as well off, because people move to the next cluster.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from pathlib import Path

CODE_LENGTH = 6

NOT_SIX_DIGITS = "Le code secret se compose de six chiffres, sans espace ni lettre."
ONE_DIGIT = "Ce code répète presque toujours le même chiffre."
SEQUENCE = "Ce code est une suite de chiffres, ou n'en diffère que d'un chiffre."
PATTERN = "Ce code répète un même motif."
FAVOURITE = "Ce code est l'un des plus utilisés, ou n'en diffère que d'un chiffre."
COMMON = "Ce code fait partie des codes les plus utilisés."
PERSONAL = "Ce code se déduit de vos données personnelles."

UPWARD_RUNS = {"".join(str((first + step) % 10) for step in range(CODE_LENGTH)) for first in range(10)}
RUNS = UPWARD_RUNS | {run[::-1] for run in UPWARD_RUNS}
STRAIGHT_RUNS = {run for run in RUNS if "90" not in run and "09" not in run}
FAVOURITES = {"123123", "123321", "121212", "112233", "159753"}


def _with_neighbours(codes: set[str]) -> frozenset[str]:
    """`codes` and all that differ from one of them by one digit."""
    changed = (
        code[:place] + digit + code[place + 1 :]
        for code in codes
        for place in range(CODE_LENGTH)
        for digit in "0123456789"
    )
    return frozenset(changed)


SEQUENCES = RUNS | _with_neighbours(STRAIGHT_RUNS)
NEAR_FAVOURITES = _with_neighbours(FAVOURITES)
COMMON_CODES = frozenset((Path(__file__).parent / "common_codes.txt").read_text(encoding="ascii").split())
REPEATED_PATTERN = re.compile(r"(..)\1\1|(.)\2\2(.)\3\3|(...)\4|(.)\5(.)\6(.)\7", re.DOTALL)


@dataclass(frozen=True)
class PersonalData:
    """What a code must not be derived from. `numbers`: the code client, account numbers, IBANs, telephone numbers.

    `birth_year` is that of somebody whose papers name no day.
    """

    birth_date: date | None = None
    postcode: str = ""
    numbers: tuple[str, ...] = ()
    birth_year: int | None = None


def why_weak(code: str, personal: PersonalData | None = None) -> str | None:
    """The reason, in French, why nobody (or not this person) should choose `code`; None when it may be chosen.

    The first rule that applies gives the reason. Whether the code equals the present one or an earlier one is
    judged where those are stored.
    """
    if not is_six_digits(code):
        return NOT_SIX_DIGITS
    if max(code.count(digit) for digit in set(code)) >= 5:
        return ONE_DIGIT
    if code in SEQUENCES:
        return SEQUENCE
    if REPEATED_PATTERN.fullmatch(code):
        return PATTERN
    if code in NEAR_FAVOURITES:
        return FAVOURITE
    if code in COMMON_CODES:
        return COMMON
    if personal and is_derived_from(code, personal):
        return PERSONAL
    return None


def is_six_digits(code: str) -> bool:
    """ASCII digits alone: `str.isdigit` would let full-width and Arabic-Indic digits through."""
    return re.fullmatch(r"[0-9]{6}", code) is not None


def is_derived_from(code: str, personal: PersonalData) -> bool:
    """Whether `code` follows from the birth, the postcode or a number of this person (about 60 codes)."""
    if personal.birth_date and code in birth_date_codes(personal.birth_date):
        return True
    if personal.birth_year and code in birth_year_codes(personal.birth_year):
        return True
    if len(personal.postcode) == 5 and personal.postcode in (code[1:], code[:-1]):
        return True
    return any(code in digits or code in digits[::-1] for digits in _digit_runs(personal.numbers))


def birth_date_codes(born: date) -> set[str]:
    """The codes, about 15, in which a birth date is written."""
    day, month, year = f"{born.day:02}", f"{born.month:02}", f"{born.year:04}"
    codes = {"".join(parts) for parts in permutations((day, month, year[2:]))}
    codes |= {year + month, month + year, year + day, day + year}
    for whole in (day + month + year, month + day + year, year + month + day):
        codes |= {whole[start : start + CODE_LENGTH] for start in range(3)}
    return codes


def birth_year_codes(year: int) -> set[str]:
    """The codes, about 70, of a birth of which the year alone is known: with any day or month that fits beside it.

    The year twice, and the first of January, which systems and papers write for a day that nobody knows.
    """
    beside = {f"{number:02}" for number in range(1, 32)} | {f"{year % 100:02}"}
    whole = f"{year:04}"
    return birth_date_codes(date(year, 1, 1)) | {whole + two for two in beside} | {two + whole for two in beside}


def _digit_runs(numbers: tuple[str, ...]) -> Iterator[str]:
    for number in numbers:
        # Whatever parts the digits on paper: spaces, dashes of any length, dots, signs without width.
        yield from re.findall(r"[0-9]{6,}", re.sub(r"[\W_]", "", number))
