"""Postcodes among the words that an advisor types: « 69003 », « SW1A 1AA » or « SW1A1AA », « 110 00 », « 100-0001 »."""

import re
from collections.abc import Sequence

FRENCH = re.compile("[0-9]{5}")
# In one word: letters and figures together, as no name has them; figures that are no year, no end of an account.
IN_ONE_WORD = re.compile("(?=.*[0-9])(?=.*[a-z])[0-9a-z]{4,8}|[0-9]{3}|[0-9]{6,7}")
# In two: each has figures. « 69 003 », « 113 34 », « 100 0001 », « 01310 100 », « h3a 1b1 », « ky1 1100 ».
IN_TWO_WORDS = re.compile(
    "[0-9]{2} [0-9]{3}|[0-9]{3} [0-9]{2}|[0-9]{3} [0-9]{4}|[0-9]{5} [0-9]{3}"
    "|(?=.*[a-z])(?=[0-9a-z]*[0-9])[0-9a-z]{2,4} (?=[0-9a-z]*[0-9])[0-9a-z]{3,4}"
)
# What is a name, a year or four digits of an account first: « 1012 ab », « lv 1073 », « 10001-1234 ».
BESIDE_LETTERS = re.compile(r"\b([0-9]{4})[ -]([A-Za-z]{2})\b|\b([A-Za-z]{1,3})[ -]([0-9]{4})\b")
LONG_ZIP = re.compile(r"\b([0-9]{5})-([0-9]{4})\b")


def take_from(words: Sequence[str]) -> tuple[str, list[str]]:
    """The first postcode among the words of a key, closed up, or an empty text, and the words that are left."""
    for length, form in ((2, IN_TWO_WORDS), (1, FRENCH), (1, IN_ONE_WORD)):
        for start in range(len(words) - length + 1):
            written = words[start : start + length]
            if form.fullmatch(" ".join(written)):
                return "".join(written), [*words[:start], *words[start + length :]]
    return "", list(words)


def close_up(text: str) -> str:
    """With what may be a postcode beside letters in one word, as « 1012AB »: `take_from` then takes it for one."""
    return BESIDE_LETTERS.sub(lambda found: "".join(filter(None, found.groups())), text)
