"""Fingerprints of the keys: what the database may know of them, so that two servers find that theirs are not the same.

A server with another key under the same id would start, and then take each right code for a wrong one. No model is
needed here, so that `manage.py` can name what is raised.
"""

import hmac
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PURPOSE = b"auth_codes.fingerprints"
SECRET_KEY = "SECRET_KEY"  # noqa: S105 - the name of a variable
# Which of them stands first: wrong codes, budgets and blocks are counted under it.
FIRST = "SECRET_KEY that counts"


class WrongKeys(ImproperlyConfigured):
    """This server's keys are not those that the database was filled with; the text says which one and what to do."""


class Fingerprint(NamedTuple):
    """`variable` names a setting, `key_id` a key in it; `digest` tells nothing of the key itself."""

    variable: str
    key_id: str
    digest: str


def at_hand() -> list[Fingerprint]:
    """Those of this process's keys. `SECRET_KEY` and its fallbacks have no ids: the beginning of a digest is theirs."""
    named = [
        Fingerprint(variable, key_id, _digest(variable, key_id.encode() + b"|" + key))
        for variable in ("SECRET_CODE_KEYS", "JOURNAL_KEYS")
        for key_id, key in getattr(settings, variable).items()
    ]
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [_digest(SECRET_KEY, secret.encode()) for secret in secrets]
    named += [Fingerprint(SECRET_KEY, digest[:16], digest) for digest in digests]
    return [*named, Fingerprint(FIRST, "first", digests[0])]


def _digest(variable: str, key: bytes) -> str:
    """Of a key with its id: the same bytes under two ids have two fingerprints, which nobody can compare."""
    return hmac.digest(key, PURPOSE + b"|" + variable.encode(), "sha256").hex()
