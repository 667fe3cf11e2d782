"""The sealed letter as a PDF, made by the print workshop: one page, tagged, the same bytes for the same contents."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typst

if TYPE_CHECKING:
    from auth_codes.letters import LetterContents

SOURCE = Path(__file__).with_name("letter.typ")
STANDARDS = ["a-2a", "ua-1"]
LONGEST_VALIDITY = timedelta(days=45)
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
# Latin, Greek and Cyrillic letters and the usual signs: what the fonts inside the compiler can show.
SHOWN = re.compile("[\u0020-\u04ff\u1e00-\u1fff\u2010-\u203a\u20ac]")
LEFT_OUT = {"Cf", "Mn", "Mc", "Me"}


def render(contents: LetterContents) -> bytes:
    """The letter as PDF/A-2a and PDF/UA-1.

    Raises `typst.TypstError` when the name or the address is too long to be readable in its place; six lines of
    38 characters, the limit of the address norm NF Z 10-011, always fit.
    """
    # A compiler for each letter costs one millisecond and keeps no code; a shared one refuses a second thread.
    return typst.compile(
        SOURCE,
        format="pdf",
        pdf_standards=STANDARDS,
        ignore_system_fonts=True,  # the same bytes on every machine
        sys_inputs={"letter": json.dumps(_letter_data(contents))},
    )


def _letter_data(contents: LetterContents) -> dict[str, object]:
    issued_on = date.fromisoformat(contents.issued_on)
    number = contents.letter_number
    return {
        "occasion": contents.occasion,
        "address": [line for line in map(_printable, contents.address) if line],
        "name": _printable(contents.name),
        "secret_code": contents.secret_code,
        "number": "-".join(number[start : start + 4] for start in range(0, len(number), 4)),
        "date": _in_french(issued_on),
        "last_day": _in_french(issued_on + LONGEST_VALIDITY),
        "year": issued_on.year,
        "month": issued_on.month,
        "day": issued_on.day,
    }


def _printable(text: str) -> str:
    """The text on one line, with U+FFFD for what no font shows: one missing glyph would make the whole letter fail.

    Invisible signs are left out, and so are accents that do not compose with their letter.
    """
    kept = [sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) not in LEFT_OUT]
    one_line = " ".join("".join(kept).split())
    return "".join(sign if sign.isprintable() and SHOWN.match(sign) else "\ufffd" for sign in one_line)


def _in_french(day: date) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}\u00a0{MONTHS[day.month - 1]}\u00a0{day.year}"
