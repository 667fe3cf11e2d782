"""The sealed letter as a PDF, made by the print workshop: one page, or several in large print; tagged, the same bytes
for the same contents.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from auth_codes import wording
from auth_codes.pdf import breakable, compiled
from auth_codes.signs import shown_within

if TYPE_CHECKING:
    from auth_codes.letters.envelopes import CodeLetterContents

SOURCE = Path(__file__).with_name("letter.typ")
LONGEST_VALIDITY = timedelta(days=45)
# What has its place at a size that can be read: a line of an address by the norm NF Z 10-011, the longest salutation.
LINE_LENGTH, SALUTATION_LENGTH = 38, 160


def render(contents: CodeLetterContents) -> bytes:
    """The letter as PDF/A-2a and PDF/UA-1.

    Raises `typst.TypstError` when the name or the address is too long to be readable in its place; six lines of
    38 characters, the limit of the address norm NF Z 10-011, always fit.
    """
    return compiled(SOURCE, _letter_data(contents))


def _letter_data(contents: CodeLetterContents) -> dict[str, object]:
    issued_on = date.fromisoformat(contents.issued_on)
    number = contents.letter_number
    return {
        "occasion": contents.occasion,
        "address": [breakable(line) for line in _lines(contents.address)],
        "salutation": breakable(shown_within(SALUTATION_LENGTH, contents.name) + ","),
        "secret_code": contents.secret_code,
        "number": "-".join(number[start : start + 4] for start in range(0, len(number), 4)),
        "phone": contents.phone.replace(" ", wording.NO_BREAK_SPACE),
        "portal": contents.portal,
        "large_print": contents.large_print,
        "date": wording.day(issued_on),
        "last_day": wording.day(issued_on + LONGEST_VALIDITY),
        "year": issued_on.year,
        "month": issued_on.month,
        "day": issued_on.day,
    }


def _lines(address: tuple[str, ...]) -> list[str]:
    return [line for line in (shown_within(LINE_LENGTH, typed) for typed in address) if line]
