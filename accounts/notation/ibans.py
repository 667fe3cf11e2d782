"""The bank's account numbers and their IBAN."""

import secrets
from typing import NamedTuple

from django.conf import settings
from stdnum import iban

# Every IBAN is made of these: a bank that has opened an account changes them never more.
BANK_CODE: str = settings.BANK_CODE
BRANCH_CODE: str = settings.BANK_BRANCH_CODE
BIC: str = settings.BANK_BIC
# Where the accounts are kept, as a RIB says it.
DOMICILIATION: str = settings.BANK_NAME
NUMBER_LENGTH = 11


class RibParts(NamedTuple):
    """A French account's number in its four parts (relevé d’identité bancaire)."""

    bank: str
    branch: str
    number: str
    key: str


def draw_number() -> str:
    """Eleven digits from the CSPRNG, the first not 0."""
    return str(secrets.randbelow(9 * 10**10) + 10**10)


def rib_key(number: str) -> str:
    """The two-digit key of a French account number (AFNOR: 97 less the weighted remainder)."""
    return f"{97 - (89 * int(BANK_CODE) + 15 * int(BRANCH_CODE) + 3 * int(number)) % 97:02}"


def rib_parts(number: str) -> RibParts:
    """The four parts of a French account number (RIB): bank, branch, number and the key over all three."""
    return RibParts(BANK_CODE, BRANCH_CODE, number, rib_key(number))


def iban_of(number: str) -> str:
    """The IBAN of one of the bank's accounts, 27 characters without spaces."""
    bban = "".join(rib_parts(number))
    return f"FR{iban.calc_check_digits('FR00' + bban)}{bban}"


def display_number(number: str) -> str:
    """« 123 4567 8901 », never broken over two lines."""
    return f"{number[:3]}\u00a0{number[3:7]}\u00a0{number[7:]}"


def display(whole: str) -> str:
    """« FR76 9999 9000 01… »: by fours, as it is printed."""
    return " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))


def number_in(text: str) -> str | None:
    """The account number in an account number or whole IBAN of this bank, as typed, with or without spaces."""
    compact = iban.compact(text)
    number = compact[14:25] if compact.startswith("FR") else compact
    if not (len(number) == NUMBER_LENGTH and number.isascii() and number.isdecimal()):
        return None
    return number if compact in (number, iban_of(number)) else None
