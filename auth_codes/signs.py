"""Which signs a paper can show: what its fonts hold, as `printed_signs.txt` lists them font by font."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

LIST = Path(__file__).with_name("printed_signs.txt")
# Signs that show nothing though they are letters, marks or figures to Unicode (its Default_Ignorable_Code_Point).
INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")
# More of them over one letter run into the line above.
ACCENTS_ON_A_LETTER = 2
SQUARE = "\u25a1"


def _read() -> dict[str, frozenset[str]]:
    """By the font's name, the signs it holds."""
    lines = (line.partition(": ") for line in LIST.read_text().splitlines())
    return {font: frozenset(_signs_of(ranges.split())) for font, _, ranges in lines}


def _signs_of(ranges: list[str]) -> Iterator[str]:
    for first, *last in (part.split("-") for part in ranges):
        yield from map(chr, range(int(first, 16), int(last[0] if last else first, 16) + 1))


HELD = _read()
SHOWN = frozenset[str]().union(*HELD.values())
# In the other fonts an accent that composes with no letter stands beside its place, or hides the letter.
ACCENTED = HELD["Libertinus Serif"]


def shown(text: str) -> str:
    """The text on one line as papers print it: a sign that no font shows is named, « [U+1F600] », and none is lost.

    What is invisible is left out; accents compose with their letters where Unicode composes them.
    """
    return "".join(sign if is_printed else f"[{number(sign)}]" for sign, is_printed in _judged(text))


def shown_within(length: int, text: str) -> str:
    """The same, with a square for each such sign where their names would make more than `length` signs of it."""
    named = shown(text)
    return named if len(named) <= length else "".join(sign if printed else SQUARE for sign, printed in _judged(text))


def unprinted_in(text: str) -> str | None:
    """The first sign of `text` that no paper can show, None when there is none."""
    return next((sign for sign, is_printed in _judged(text) if not is_printed), None)


def number(sign: str) -> str:
    """« U+2603 »"""
    return f"U+{ord(sign):04X}"


def is_invisible(sign: str) -> bool:
    """Whether it shows nothing, on a screen as on paper; spaces are no such sign."""
    return (unicodedata.category(sign) in {"Cc", "Cf"} and not sign.isspace()) or bool(INVISIBLE.match(sign))


def _judged(text: str) -> Iterator[tuple[str, bool]]:
    """Each sign of the line, and whether it is printed; an accent, where one font holds it and its letter."""
    composed = unicodedata.normalize("NFC", "".join(sign for sign in text if not is_invisible(sign)))
    letter, accents = "", 0
    for sign in " ".join(composed.split()):
        if unicodedata.category(sign).startswith("M"):
            accents += 1
            yield sign, accents <= ACCENTS_ON_A_LETTER and letter.strip() != "" and ACCENTED.issuperset(letter + sign)
        else:
            letter, accents = sign, 0
            yield sign, sign in SHOWN
