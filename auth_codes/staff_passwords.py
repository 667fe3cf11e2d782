"""Which passwords the staff may not choose, and why: pure functions.

A list compared by equality hardly ever meets a password of twelve signs: people lengthen a word by a second one, a year
and an exclamation mark. So a password is read folded, without capitals and accents, its digits and signs dropped or
taken for the letters they stand for, and refused when three pieces or fewer make it: listed words, names, keyboard
rows, single letters. Source: NIST SP 800-63B 3.1.1.2, a blocklist of what attackers try first, with its context's.
"""

import gzip
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation

LEAST = 12
# A password manager's longest fits; no page hashes megabytes.
MOST = 256
LEAST_DIFFERENT = 5
MOST_PIECES = 3

TOO_SHORT = f"Ce mot de passe a moins de {LEAST} caractères."
TOO_LONG = f"Ce mot de passe a plus de {MOST} caractères."
FEW_SIGNS = f"Ce mot de passe se compose de moins de {LEAST_DIFFERENT} caractères différents."
REPEATED = "Ce mot de passe répète un même morceau."
NO_LETTERS = "Ce mot de passe ne contient que des chiffres et des signes."
GUESSABLE = (
    "Ce mot de passe se devine : il tient en trois mots au plus (mots courants, noms, mois, lieux, suites du clavier), "
    "même avec des chiffres et des signes."
)

ROWS = ("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz",
        "aqwzsxedcrfvtgbyhnujm", "qazwsxedcrfvtgbyhnujm")  # fmt: skip
ROW_LEAST = 3
# Shorter ones of a list of whole passwords are no words.
OF_PASSWORDS_LEAST = 4
OWN_LEAST = 3
# The letters that digits and signs stand for.
STANDS_FOR = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "€": "e", "!": "i", "|": "l", "+": "t",
}  # fmt: skip
OWN_LIST = Path(__file__).with_name("common_words.txt")
DJANGOS_LIST = Path(password_validation.__file__).with_name("common-passwords.txt.gz")


def why_weak(password: str, own: Iterable[str] = ()) -> str | None:
    """The reason in French, or None; `own` are texts whose words count as listed: the person's names, the bank's."""
    if len(password) < LEAST:
        return TOO_SHORT
    if len(password) > MOST:
        return TOO_LONG
    folded = fold(password)
    if len(set(folded)) < LEAST_DIFFERENT:
        return FEW_SIGNS
    if not any(sign.isalpha() for sign in folded):
        return NO_LETTERS
    if _repeats(folded):
        return REPEATED
    names = [word for text in own for word in _words(text) if len(word) >= OWN_LEAST]
    return GUESSABLE if _is_made_of_few(folded, names) else None


def fold(text: str) -> str:
    """Without capitals, accents and ligatures."""
    spelt = text.casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(sign for sign in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(sign))


def _repeats(text: str) -> bool:
    """Whether one part, shorter than a password, makes all of it; the last time it may be cut short."""
    lengths = range(1, min(LEAST, len(text) // 2 + 1))
    return any(text.startswith(text[length:]) for length in lengths)


def _is_made_of_few(folded: str, names: list[str]) -> bool:
    """Whether MOST_PIECES or fewer make it, read from its beginning on.

    What is held at each sign: the beginnings of words that may end later, each with the fewest pieces before it.
    """
    begun = {"": 0}
    for sign in folded:
        further: dict[str, int] = {}
        for start, pieces in _steps(begun, sign, names):
            if pieces + bool(start) <= MOST_PIECES:
                further[start] = min(pieces, further.get(start, pieces))
        begun = further
    return "" in begun


def _steps(begun: dict[str, int], sign: str, names: list[str]) -> Iterator[tuple[str, int]]:
    for start, pieces in begun.items():
        if not sign.isalpha():
            yield start, pieces
        for letter in sign if sign.isalpha() else STANDS_FOR.get(sign, ""):
            grown = start + letter
            if _begins(grown, names):
                yield grown, pieces
            if len(grown) == 1 or grown in names or _is_listed(grown):
                yield "", pieces + 1


def _begins(start: str, names: list[str]) -> bool:
    words = _listed()
    place = bisect_left(words, start)
    return (place < len(words) and words[place].startswith(start)) or any(name.startswith(start) for name in names)


def _is_listed(word: str) -> bool:
    words = _listed()
    place = bisect_left(words, word)
    return place < len(words) and words[place] == word


@cache
def _listed() -> list[str]:
    """Every listed word, in order; read at the first question."""
    with gzip.open(DJANGOS_LIST, "rt", encoding="utf-8") as passwords:
        used = {"".join(_words(password)) for password in passwords}
    lines = [line for line in OWN_LIST.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    words = {word for line in lines for word in line.split()}
    return sorted(words | {one for one in used if len(one) >= OF_PASSWORDS_LEAST} | set(_rows()) | set(_runs()))


def _rows() -> Iterator[str]:
    for row in (*ROWS, *(row[::-1] for row in ROWS)):
        for first in range(len(row)):
            yield from (row[first:last] for last in range(first + ROW_LEAST, len(row) + 1))


def _runs() -> Iterator[str]:
    """One letter again and again."""
    return (letter * count for letter in "abcdefghijklmnopqrstuvwxyz" for count in range(2, LEAST))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", fold(text))
