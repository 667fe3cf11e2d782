"""Keyed hashes: what a row or a cookie holds of a number or a token, so that it tells neither.

HMAC-SHA-256 under a key of its own for each purpose, as Django's `salted_hmac` makes it, byte by byte; the key is
derived once and the hash made by one call, of which a login makes twenty.
"""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings

# The purposes, times the keys in use during a change of SECRET_KEY.
KEYS_KEPT = 128


def of(purpose: str, text: str, secret: str | None = None) -> bytes:
    """32 bytes; `secret` is SECRET_KEY unless it is another one, as one of its fallbacks."""
    return hmac.digest(_key(purpose, settings.SECRET_KEY if secret is None else secret), text.encode(), "sha256")


def hex_of(purpose: str, text: str, secret: str | None = None) -> str:
    """The same as 64 hexadecimal digits."""
    return of(purpose, text, secret).hex()


@lru_cache(maxsize=KEYS_KEPT)
def _key(purpose: str, secret: str) -> bytes:
    return hashlib.sha256(f"{purpose}{secret}".encode()).digest()
