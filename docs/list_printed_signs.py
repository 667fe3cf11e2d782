"""Lists the signs that papers can show, by font: `python -m docs.list_printed_signs`.

Each font is asked through the compiler itself, which names the signs that it lacks in a weight that papers use: what
stands in the list is what papers really show. The suite makes the list again and compares.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import typst

from auth_codes import signs
from auth_codes.pdf import FAMILIES, FONTS

SOURCE = Path(__file__).with_suffix(".typ")
AT_ONCE = 4000
USUAL, WEIGHTS = [400], [400, 600, 700]
LACKING = re.compile(r'error: the text `"(.+)"` could not be displayed')
# As Rust writes a sign that is none of its printable ones.
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
# Written from right to left, which no place on a paper is laid out for.
FROM_THE_RIGHT = {"R", "AL", "AN"}
# A letter that composes with no accent, so that the accent itself is asked for.
UNDER_ACCENTS = "q"


def listed() -> str:
    """The whole list, a line for each font: its name, then ranges of code points in hexadecimal."""
    wanted = [chr(point) for point in range(sys.maxunicode + 1) if _is_wanted(chr(point))]
    known = _held_by(FAMILIES, wanted, USUAL)
    return "".join(f"{family}: {' '.join(_ranges(_held_by([family], known, WEIGHTS)))}\n" for family in FAMILIES)


def _is_wanted(sign: str) -> bool:
    """Letters, figures, punctuation and symbols, the two no-break spaces, and accents for any letter."""
    kind = unicodedata.category(sign)
    is_text = kind[0] in "LNPS" or sign in " \u00a0\u202f" or unicodedata.name(sign, "").startswith("COMBINING ")
    # What composes into another sign is asked for as that.
    is_seen = sign != "\ufffd" and not signs.is_invisible(sign) and unicodedata.is_normalized("NFC", sign)
    return is_text and is_seen and unicodedata.bidirectional(sign) not in FROM_THE_RIGHT


def _held_by(families: Sequence[str], wanted: Sequence[str], weights: Sequence[int]) -> list[str]:
    """Those that one of the families has in each of the weights."""
    parts = [wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE)]
    lacking = {sign for part in parts for sign in _lacking(families, part, weights)} - {UNDER_ACCENTS}
    return [sign for sign in wanted if sign not in lacking]


def _lacking(families: Sequence[str], part: Sequence[str], weights: Sequence[int]) -> set[str]:
    shown = [f"{UNDER_ACCENTS}{sign}" if unicodedata.category(sign)[0] == "M" else sign for sign in part]
    inputs = {"data": json.dumps({"fonts": families, "weights": weights, "signs": shown})}
    try:
        typst.compile(SOURCE, font_paths=FONTS, ignore_system_fonts=True, pdf_standards=["a-2u"], sys_inputs=inputs)
    except typst.TypstError as refused:
        texts = LACKING.findall(refused.diagnostic)
        return {ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), text) for text in texts}
    return set()


def _ranges(held: list[str]) -> list[str]:
    ranges: list[list[int]] = []
    for point in map(ord, held):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return [f"{first:x}-{last:x}" if last > first else f"{first:x}" for first, last in ranges]


if __name__ == "__main__":
    signs.LIST.write_text(listed())
    print(signs.LIST)
