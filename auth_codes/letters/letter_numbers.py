"""The number of a sealed letter: 12 characters, the last one a check character."""

import re
import secrets

from stdnum import luhn

from auth_codes import keyed_hashes
from auth_codes.handover.batch_folders import ALPHABET

LENGTH = 12
MISREAD = str.maketrans("ILO", "110")


def draw() -> str:
    """A new number from the CSPRNG (55 bits) with its check character."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return drawn + luhn.calc_check_digit(drawn, alphabet=ALPHABET)


def normalise(text: str) -> str:
    """What was typed, without spaces and dashes of any kind, in capitals, I, L and O read as digits."""
    return re.sub(r"[\W_]", "", text).upper().translate(MISREAD)


def is_written_like_one(number: str) -> bool:
    """Whether `number` has the length and the signs of one as it is drawn, whatever its check character."""
    return len(number) == LENGTH and set(number) <= set(ALPHABET)


def is_well_formed(number: str) -> bool:
    """Whether a normalised number has 12 characters and the right check character."""
    return is_written_like_one(number) and luhn.is_valid(number, alphabet=ALPHABET)


def in_fours(number: str) -> str:
    """As it is printed: « 7KQ4-M2XD-R9TB »."""
    return "-".join(number[start : start + 4] for start in range(0, len(number), 4))


def digest(number: str) -> str:
    """What the database keeps of a number: whoever reads the table cannot type one."""
    return keyed_hashes.hex_of("letter number", number)


def lock_digest(code: str, secret: str) -> str:
    """The same of the lock code beside it, which is written alike and never taken for it; see locking/lock_codes.py."""
    return keyed_hashes.hex_of("lock code", code, secret=secret)
