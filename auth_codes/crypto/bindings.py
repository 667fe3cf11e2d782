"""What proves that a row still belongs to the rows beside it: a MAC under a key that is outside the database.

The key is derived from SECRET_KEY; those of SECRET_KEY_FALLBACKS still prove what they made. Beside each MAC stands
the name of its key, which tells nothing of it: what is to be made anew is found without computing the rest.
"""

import hmac
from functools import lru_cache

from django.conf import settings

PURPOSE = b"auth_codes.bindings key"
NAME = b"auth_codes.bindings name"


def made(parts: tuple[str, ...]) -> str:
    """« name of the key:MAC » of `parts`, which hold no "|", by today's key."""
    return _made(settings.SECRET_KEY, parts)


def holds(known: str, parts: tuple[str, ...]) -> bool:
    """Whether `known` was made of these very parts, by a key that is at hand."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if known.startswith(_name(secret)):
            return hmac.compare_digest(known.encode(), _made(secret, parts).encode())
    return False


def keys_at_hand() -> tuple[str, ...]:
    """What the bindings begin with that can be looked at."""
    return tuple(map(_name, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)))


def todays_key() -> str:
    """What a binding that today's key made begins with."""
    return _name(settings.SECRET_KEY)


def _made(secret: str, parts: tuple[str, ...]) -> str:
    return f"{_name(secret)}{hmac.digest(_derived(secret, PURPOSE), '|'.join(parts).encode(), 'sha256').hex()}"


def _name(secret: str) -> str:
    return f"{_derived(secret, NAME).hex()[:8]}:"


@lru_cache(maxsize=16)  # of a few keys, asked for thousands of times; who reads this memory reads the settings too
def _derived(secret: str, purpose: bytes) -> bytes:
    return hmac.digest(secret.encode(), purpose, "sha256")
