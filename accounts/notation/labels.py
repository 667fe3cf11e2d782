"""Searching the labels of operations: accents, capitals and the kind of apostrophe do not matter; nor does the order
of words. An amount typed as pages show it finds that amount as well.

The words become patterns that both databases match, rather than a column of keys beside the labels, which are written
once and never updated. Only the entries of one account are read.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Q

MOST_WORDS = 8
LATIN = ((0x41, 0x250), (0x1E00, 0x1F00))
LETTERS = {chr(code): None for start, end in LATIN for code in range(start, end) if chr(code).isalpha()}
APOSTROPHES = "'’‘`´ʼ"
DASHES = "-‐‑–—−"
# An accent may be a sign of its own after its letter.
ACCENTS = "[\u0300-\u036f]*"
# « 1 234,56 », « -45 », « 12.5 € », « €1,234.56 »: spaces between thousands or, where cents follow, commas.
AMOUNT = re.compile(
    r"([+\-−–]?)€?(\d{1,11}|\d{1,3}(?: \d{3})+|\d{1,3}(?:,\d{3})+(?=\.\d))(?:[,.](\d{1,2}))?(?: ?(?:€|euros?|eur))?",
    re.IGNORECASE,
)


def matching(typed: str) -> Q:
    """Entries whose label holds every word of `typed`, or whose amount it is; a sign asks for debits or for credits."""
    words = Q()
    for word in typed.split()[:MOST_WORDS]:
        words &= Q(label__regex=pattern(word))
    found = amounts_in(typed)
    return words | Q(amount__in=found) if found else words


def pattern(word: str) -> str:
    """A regular expression, the same in PostgreSQL and Python, that finds `word` whatever its accents and capitals."""
    plain = "".join(map(_plain, word))
    return "".join(_alternatives(plain))


def amounts_in(typed: str) -> tuple[Decimal, ...]:
    """The amounts, in euros, that `typed` means: « 45,5 » is 45.50 and -45.50. Empty when it is no amount."""
    match = AMOUNT.fullmatch(" ".join(typed.split()))
    if not match:
        return ()
    sign, whole, cents = match.groups()
    amount = Decimal(f"{re.sub('[ ,]', '', whole)}.{cents or 0}")
    if sign:
        return (amount,) if sign == "+" else (-amount,)
    return amount, -amount


def _plain(letter: str) -> str:
    if letter in APOSTROPHES:
        return "'"
    if letter in DASHES:
        return "-"
    if unicodedata.combining(letter):
        return ""
    if letter not in LETTERS:
        return letter
    # Œ and æ are letters of their own for Unicode, and two for whoever types them.
    apart = unicodedata.normalize("NFKD", letter.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _variants() -> dict[str, str]:
    """The letters that are written for each plain one, or for two of them: « e » is e, E, é, È…"""
    found = defaultdict(list)
    for letter in LETTERS:
        found[_plain(letter)].append(letter)
    return {plain: "".join(letters) for plain, letters in found.items()} | {"'": APOSTROPHES, "-": DASHES}


VARIANTS = _variants()


def _alternatives(plain: str) -> Iterator[str]:
    start = 0
    while start < len(plain):
        pair = plain[start : start + 2]
        if len(pair) == 2 and pair in VARIANTS:
            yield f"(?:{_one(pair[0])}{_one(pair[1])}|[{VARIANTS[pair]}])"
        else:
            yield _one(plain[start])
        start += 2 if len(pair) == 2 and pair in VARIANTS else 1


def _one(letter: str) -> str:
    if letter == "-":
        return f"[{DASHES[1:]}-]"
    if letter in VARIANTS:
        return f"[{VARIANTS[letter]}]{ACCENTS}"
    return f"[{letter}{letter.lower()}{letter.upper()}]" if letter.isalpha() else re.escape(letter)
