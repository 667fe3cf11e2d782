"""The code client: the number that the bank issues once to each customer.

Nine digits from the CSPRNG, the first not 0, and a Damm check digit, which catches every single wrong digit and every
swap of neighbours. No date, branch or order stands in it, and the space is sparse: ten million customers fill 1.1 %
of it, so that a number that looks right is almost never one.
"""

import secrets
import unicodedata
from typing import NamedTuple

from stdnum import damm

LENGTH = 10
HIDDEN, DIGITS_SHOWN = "•", 3

NOT_DIGITS = "Le code client ne contient que des chiffres : 10 chiffres, par exemple 1234\u00a0567\u00a0890."
NOT_TEN = "Le code client a 10 chiffres ; vous en avez saisi {}. Il figure sur vos relevés et contrats."
ONE, FAR_MORE = "un seul", "bien plus"
MISTYPED = (
    "Ce code client comporte une erreur de saisie : un chiffre faux, ou deux chiffres inversés. "
    "Comparez-le avec votre relevé ou votre contrat."
)


class NoClientCode(Exception):
    """No account and no service contract was opened yet: there is no code client to log in with, or to print."""


def draw() -> str:
    """A number that may be issued; that nobody holds it yet is for the database to say."""
    body = str(secrets.randbelow(9 * 10**8) + 10**8)
    return body + damm.calc_check_digit(body)


def normalise(text: str) -> str:
    """What was typed or pasted, without spaces of any kind, points and hyphens, all digits written as 0-9."""
    if text.isascii() and text.isdigit():
        return text
    # Cf: the signs without width that come along with a copy.
    kept = (c for c in text if not c.isspace() and c not in ".-\u2010\u2011\u2013" and unicodedata.category(c) != "Cf")
    return "".join(str(unicodedata.decimal(c, c)) for c in kept)


def is_well_formed(text: str) -> bool:
    """Whether `text`, as typed, is a number that could have been issued: ten digits, the first not 0, check digit."""
    return why_malformed(normalise(text)) is None


class Malformed(NamedTuple):
    """A French sentence for who typed what is no number, and what stands in its braces."""

    sentence: str
    typed: str = ""


def problem(number: str) -> Malformed | None:
    """What is wrong with a normalised number, in two parts for who says it in another language; None when nothing is.

    It counts as no attempt and costs no hash (WCAG 3.3.3: suggest the correction).
    """
    if not (number.isascii() and number.isdigit()):
        return Malformed(NOT_DIGITS)
    if len(number) != LENGTH:
        return Malformed(NOT_TEN, ONE if len(number) == 1 else str(len(number)) if len(number) < 100 else FAR_MORE)
    return Malformed(MISTYPED) if number[0] == "0" or not damm.is_valid(number) else None


def why_malformed(number: str) -> str | None:
    """The same as one French sentence."""
    found = problem(number)
    return found.sentence.format(found.typed) if found else None


def masked(number: str | None) -> str:
    """`•••••••890`, for `display`: who knows the number knows it again, nobody else learns it."""
    return f"{HIDDEN * (LENGTH - DIGITS_SHOWN)}{ending(number)}" if number else ""


def ending(number: str | None) -> str:
    """`890`: which of two numbers is meant, for who knows both; empty while none is attributed."""
    return number[-DIGITS_SHOWN:] if number else ""


def display(number: str | None) -> str:
    """`1234 567 890`, with no-break spaces; empty while none is attributed."""
    return f"{number[:4]}\u00a0{number[4:7]}\u00a0{number[7:]}" if number else ""
