"""Argon2id of a secret code."""

from typing import NamedTuple

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.views.decorators.debug import sensitive_variables

from auth_codes import keyed_hashes
from auth_codes.crypto import slots
from auth_codes.measures import series
from auth_codes.measures.series import Hashed

HASH_BYTES = 32
SALT_BYTES = 16
# For what is not a login, and so nobody's flood: an advisor's letter, a change of code.
WAIT_SECONDS = 30.0


class HashingFailed(Exception):
    """Argon2 found no memory or no turn: a salt or a cost that cannot be is refused before, see `SecretCode.unseal`."""


class StaffPasswordHasher(Argon2PasswordHasher):
    """Staff passwords at OWASP's cost: Django's own takes 100 MiB a login, which a flood of names would ask for.

    What it makes by itself is not sealed: it opens what a server of an earlier version has stored, to be stored anew.
    """

    memory_cost = 19456
    time_cost = 2
    parallelism = 1

    @sensitive_variables()
    def encode(self, password: str, salt: str) -> str:
        with series.hashes.labels(Hashed.PASSWORD).time():
            return super().encode(password, salt)

    @sensitive_variables()
    def verify(self, password: str, encoded: str) -> bool:
        with series.hashes.labels(Hashed.PASSWORD).time():
            return super().verify(password, encoded)


class Cost(NamedTuple):
    """Parameters of Argon2id (RFC 9106)."""

    memory_kib: int
    iterations: int
    parallelism: int


# Bounds of a cost that is believed: far above any real one, and far below what would stop a server.
MOST = Cost(memory_kib=256 * 1024, iterations=16, parallelism=8)


def is_possible(cost: Cost) -> bool:
    """Whether Argon2 can compute it (RFC 9106: 8 KiB a lane), within bounds that no altered row may exceed."""
    within = all(1 <= value <= most for value, most in zip(cost, MOST, strict=True))
    return within and cost.memory_kib >= 8 * cost.parallelism


def present_cost() -> Cost:
    """The cost at which new codes are hashed, from the settings."""
    return Cost(**settings.SECRET_CODE_ARGON2)


@sensitive_variables()
def argon2id(code: str, salt: bytes, cost: Cost) -> bytes:
    """The 32 bytes of Argon2id. No database transaction may be open meanwhile: it takes milliseconds, on purpose.

    Raises HashingFailed.
    """
    try:
        with slots.taken(is_known=True, wait=WAIT_SECONDS), series.hashes.labels(Hashed.CODE).time():
            return hash_secret_raw(
                code.encode("ascii"),
                salt,
                time_cost=cost.iterations,
                memory_cost=cost.memory_kib,
                parallelism=cost.parallelism,
                hash_len=HASH_BYTES,
                type=Type.ID,
            )
    except (HashingError, MemoryError, slots.Busy) as error:
        # The frames of argon2, which hold the code, must not reach an error report.
        raise HashingFailed(str(error)) from None


def stand_in_salt(client_code: str) -> bytes:
    """The salt for a number without a code: an unknown number costs the same hash as a known one."""
    return keyed_hashes.of("stand-in salt", client_code)[:SALT_BYTES]
