"""The demo's tokens: the devices do not exist, and `make code` shows what they would show. Anybody knows their keys."""

from hashlib import sha1

from django.utils import timezone

from accounts.models import User
from auth_codes.actor import Actor
from auth_codes.factors import token_import, tokens
from auth_codes.factors.seed_files import Seed

# The first one is lent, and waits for its borrower to activate it.
SERIALS = tuple(f"BX10000{number}" for number in range(1, 7))


def key_of(serial: str) -> bytes:
    """What a manufacturer draws, and nobody could know."""
    return sha1(serial.encode(), usedforsecurity=False).digest()


def make(borrower: User, *, by: Actor) -> None:
    """Takes them into stock, and lends one."""
    token_import.take([Seed(serial, key_of(serial)) for serial in SERIALS], lambda done: None)
    tokens.lend(borrower, SERIALS[0], by=by, now=timezone.now())
