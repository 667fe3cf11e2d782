"""The sealed letter as a PDF, made by the print workshop: one page, or several in large print; tagged, the same bytes
for the same contents.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from auth_codes import wording
from auth_codes.letters import letter_numbers, list_codes
from auth_codes.pdf import breakable, compiled
from auth_codes.signs import shown_within

if TYPE_CHECKING:
    from auth_codes.letters.envelopes import CodeLetterContents

SOURCE = Path(__file__).with_name("letter.typ")
SOURCE_OF_LISTS = Path(__file__).with_name("list.typ")
LONGEST_VALIDITY = timedelta(days=45)
# What has its place at a size that can be read: a line of an address by the norm NF Z 10-011, the longest salutation.
LINE_LENGTH, SALUTATION_LENGTH, BANK_NAME_LENGTH = 38, 160, 40


def render(contents: CodeLetterContents) -> bytes:
    """The letter as PDF/A-2a and PDF/UA-1.

    Raises `typst.TypstError` when the name or the address is too long to be readable in its place; six lines of
    38 characters, the limit of the address norm NF Z 10-011, always fit.
    """
    return compiled(SOURCE_OF_LISTS if contents.codes else SOURCE, _letter_data(contents))


def _letter_data(contents: CodeLetterContents) -> dict[str, object]:
    issued_on = date.fromisoformat(contents.issued_on)
    return {
        "occasion": contents.occasion,
        "address": [breakable(line) for line in _lines(contents.address)],
        "salutation": breakable(shown_within(SALUTATION_LENGTH, contents.name) + ","),
        "secret_code": contents.secret_code,
        "codes": [list_codes.in_groups(code) for code in contents.codes],
        "number": letter_numbers.in_fours(contents.letter_number),
        "lock_code": letter_numbers.in_fours(contents.lock_code),
        "phone": contents.phone.replace(" ", wording.NO_BREAK_SPACE),
        "portal": contents.portal,
        "bank": breakable(shown_within(BANK_NAME_LENGTH, contents.bank)),
        "large_print": contents.large_print,
        "date": wording.day(issued_on),
        "last_day": wording.day(issued_on + LONGEST_VALIDITY),
        "year": issued_on.year,
        "month": issued_on.month,
        "day": issued_on.day,
    }


def _lines(address: tuple[str, ...]) -> list[str]:
    return [line for line in (shown_within(LINE_LENGTH, typed) for typed in address) if line]
