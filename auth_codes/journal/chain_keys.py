"""The keys that chain the journal: outside the database, so that whoever writes in it cannot chain anew.

`JOURNAL_KEYS` names them; without it one key is derived from `SECRET_KEY`. The name of that one tells which
`SECRET_KEY` it came from: another one is a missing key, not a forged journal.
"""

import base64
import hmac

from django.conf import settings

DERIVED = "secret-key-"


def signing() -> tuple[str, bytes]:
    """The id and the 32 bytes of the key that chains new lines."""
    return next(iter(verifying().items()))


def verifying() -> dict[str, bytes]:
    """Every key at hand by id, the signing one first. The derived one comes last: it may have chained older lines."""
    key_id, key = _derived()
    return settings.JOURNAL_KEYS | {key_id: key}


def derived_in_words() -> str:
    """`id:base64` of the derived key, to be put in `JOURNAL_KEYS` before `SECRET_KEY` changes."""
    key_id, key = _derived()
    return f"{key_id}:{base64.b64encode(key).decode()}"


def _derived() -> tuple[str, bytes]:
    secret = settings.SECRET_KEY.encode()
    name = hmac.digest(secret, b"auth_codes.chain_keys name", "sha256").hex()[:8]
    return DERIVED + name, hmac.digest(secret, b"auth_codes.chain_keys key", "sha256")
