"""Numbers of an authenticator app or a lent token: six digits each half minute, of a key both sides hold (RFC 6238)."""

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from django.views.decorators.debug import sensitive_variables

DIGITS = 6
STEP_SECONDS = 30
# RFC 4226 4, R6: what all apps take. SHA-1 is meant there: some apps know no other, and HMAC does not suffer from it.
SECRET_BYTES = 20
# A clock may be half a minute off, and somebody types until the number is gone.
BEFORE, AFTER = 1, 1
# Of two numbers that follow each other the first may have been typed two minutes ago.
BEFORE_OF_TWO = 5


@sensitive_variables()
def draw() -> bytes:
    """A new key."""
    return secrets.token_bytes(SECRET_BYTES)


def step_at(now: datetime) -> int:
    """How many half minutes have passed since 1970."""
    return int(now.timestamp()) // STEP_SECONDS


@sensitive_variables()
def code_at(secret: bytes, step: int) -> str:
    """The number that an app shows in that half minute."""
    return HOTP(secret, DIGITS, SHA1()).generate(step).decode()  # noqa: S303 - see SECRET_BYTES


@sensitive_variables()
def step_of(secret: bytes, code: str, now: datetime, drift: int = 0) -> int | None:
    """Of which half minute near `now` this is the number, the latest if of several; None when it is of none.

    `drift`: by how many half minutes the clock that shows it is ahead of ours.
    """
    steps = range(step_at(now) + drift - BEFORE, step_at(now) + drift + AFTER + 1)
    fitting = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return max(fitting, default=None)


@sensitive_variables()
def step_of_two(
    secret: bytes, first: str, second: str, now: datetime, before: int = BEFORE_OF_TWO, after: int = AFTER
) -> int | None:
    """The half minute of `second`, where `first` is the number before it and both were shown of late; else None.

    At most so many half minutes `before` and `after` now.
    """
    typed = (first + second).encode()
    for step in range(step_at(now) - before, step_at(now) + after + 1):
        if hmac.compare_digest((code_at(secret, step - 1) + code_at(secret, step)).encode(), typed):
            return step
    return None


@sensitive_variables()
def written(secret: bytes) -> str:
    """The key as an app reads it, in groups of four signs."""
    signs = base64.b32encode(secret).decode()
    return " ".join(signs[place : place + 4] for place in range(0, len(signs), 4))


@sensitive_variables()
def address(secret: bytes, *, bank: str, account: str) -> str:
    """What the square holds, and a link on a telephone opens: the key, with what the app calls it."""
    label = quote(f"{bank}:{account}", safe="")
    facts = {"secret": base64.b32encode(secret).decode(), "issuer": bank, "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(facts, quote_via=quote)}"
