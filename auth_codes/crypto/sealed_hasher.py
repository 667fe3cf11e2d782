"""Hashes of staff passwords, sealed as the hashes of codes are: a stolen backup does not let them be guessed.

What stands in `User.password` is « sealed$version$key$nonce$ciphertext », the last two in base64, around what Argon2
gives. Whose password it is the seal does not say, because a hasher of Django is not told: the MAC of the user's row
does, see codes/bindings.py.
"""

import logging
from base64 import b64decode, b64encode

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from auth_codes.crypto import sealing
from auth_codes.crypto.hashing import StaffPasswordHasher
from auth_codes.crypto.sealing import Sealed, SealError

log = logging.getLogger(__name__)

ALGORITHM = "sealed"
BINDING = ("staff password",)


class SealedPasswordHasher(StaffPasswordHasher):
    """Argon2id at the cost of staff passwords, sealed under the first of SECRET_CODE_KEYS.

    A hash whose key is missing, or that was altered, is no password's: it costs what another costs, and a line of log.
    """

    algorithm = ALGORITHM

    @sensitive_variables()
    def encode(self, password: str, salt: str) -> str:
        return seal(super().encode(password, salt).removeprefix(ALGORITHM))

    @sensitive_variables()
    def decode(self, encoded: str) -> dict[str, object]:
        return super().decode(ALGORITHM + unseal(encoded))

    @sensitive_variables()
    def verify(self, password: str, encoded: str) -> bool:
        try:
            return super().verify(password, ALGORITHM + unseal(encoded))
        except SealError as error:
            log.error("The hash of a staff password cannot be opened: %s", error)
            super().encode(password, self.salt())
            return False

    def must_update(self, encoded: str) -> bool:
        """Whether the next right login stores it anew: of an earlier cost, or sealed under another key."""
        try:
            return key_of(encoded) != todays_key() or super().must_update(encoded)
        except SealError:
            return False


@sensitive_variables()
def seal(hashed: str) -> str:
    """What stands in the database for `hashed`, « $argon2id$… » as the reference implementation writes it."""
    sealed = sealing.seal(hashed.encode("ascii"), BINDING)
    written = (b64encode(part).decode() for part in (sealed.nonce, sealed.ciphertext))
    return "$".join((ALGORITHM, str(sealed.format_version), sealed.key_id, *written))


@sensitive_variables()
def unseal(encoded: str) -> str:
    """The « $argon2id$… » that was sealed. Raises SealError."""
    return sealing.unseal(_read(encoded), BINDING).decode("ascii")


@sensitive_variables()
def anew(encoded: str) -> str:
    """The same hash under today's key. Raises SealError."""
    return seal(unseal(encoded))


def key_of(encoded: str) -> str:
    """The id of the key that seals it; empty where it is not written as a sealed hash is."""
    return (encoded.split("$") + [""] * 3)[2]


def todays_key() -> str:
    """The id of the key under which new ones are sealed."""
    return next(iter(settings.SECRET_CODE_KEYS))


def _read(encoded: str) -> Sealed:
    try:
        _, version, key_id, nonce, ciphertext = encoded.split("$")
        return Sealed(int(version), key_id, b64decode(nonce, validate=True), b64decode(ciphertext, validate=True))
    except ValueError:
        raise SealError("it is not written as a sealed hash is") from None
