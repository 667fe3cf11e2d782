"""AES-256-GCM under keys that are outside the database.

Six digits alone fall in hours at any Argon2 cost: a stolen database gives nothing because what it holds is sealed.
The associated data binds each sealed value to its row, its role and its owner, so that a row copied to another owner,
or an earlier code put back in the present one's place, does not open.
"""

import secrets
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

FORMAT_VERSION = 1
NONCE_BYTES = 12
TAG_BYTES = 16


class SealError(Exception):
    """What is stored cannot be opened: its key is missing, or it was altered or moved."""


class Sealed(NamedTuple):
    """`ciphertext` ends with the TAG_BYTES of the GCM tag."""

    format_version: int
    key_id: str
    nonce: bytes
    ciphertext: bytes


@sensitive_variables()
def seal(content: bytes, binding: tuple[str, ...]) -> Sealed:
    """`content` sealed under the first key, bound to `binding` (row, role, owner)."""
    key_id, key = next(iter(settings.SECRET_CODE_KEYS.items()))
    nonce = secrets.token_bytes(NONCE_BYTES)
    ciphertext = AESGCM(key).encrypt(nonce, content, _associated_data(FORMAT_VERSION, key_id, binding))
    return Sealed(FORMAT_VERSION, key_id, nonce, ciphertext)


@sensitive_variables()
def unseal(sealed: Sealed, binding: tuple[str, ...]) -> bytes:
    """What was sealed. The key is taken by its id, never tried in turn. Raises SealError."""
    key = settings.SECRET_CODE_KEYS.get(sealed.key_id)
    if key is None:
        raise SealError(f"the key {sealed.key_id!r} is not among SECRET_CODE_KEYS")
    associated_data = _associated_data(sealed.format_version, sealed.key_id, binding)
    try:
        return AESGCM(key).decrypt(bytes(sealed.nonce), bytes(sealed.ciphertext), associated_data)
    except (InvalidTag, ValueError):
        raise SealError(f"the key {sealed.key_id!r} does not open it: altered, moved, or another key") from None


def _associated_data(format_version: int, key_id: str, binding: tuple[str, ...]) -> bytes:
    # Key ids, UUIDs, roles and code clients hold no "|": no two bindings can read the same.
    return "|".join((str(format_version), key_id, *binding)).encode()
