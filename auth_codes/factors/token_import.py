"""Taking the manufacturer's tokens into stock: all of a file or none, and of what is known already nothing changes."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal
from auth_codes.actor import SYSTEM
from auth_codes.factors.seed_files import Seed
from auth_codes.models import SecurityEvent, Token

BATCH = 500


class AnotherKey(Exception):
    """The bank knows a token of this serial number, with another key: two devices, or a changed file."""

    def __init__(self, serial: str):
        super().__init__("another key")
        self.serial = serial


class TokensTaken(NamedTuple):
    """How many came into stock, and how many were known."""

    new: int
    known: int


@sensitive_variables()
def take(seeds: Iterable[Seed], advance: Callable[[int], object]) -> TokensTaken:
    """Seals each that is new. Raises AnotherKey, what `seeds` raises, or SealError, with nothing kept.

    One run at a time: the caller waits for its turn.
    """
    with transaction.atomic():
        known = {token.serial: token for token in Token.objects.select_related("lent_to")}
        new, same = [], 0
        for seed in seeds:
            token = known.get(seed.serial)
            if token is None:
                new.append(_sealed(seed))
            elif token.state != Token.State.WITHDRAWN and token.unseal() != seed.secret:
                raise AnotherKey(seed.serial)
            else:
                same += 1
            advance(1)
        Token.objects.bulk_create(new, batch_size=BATCH)
        if new:
            journal.record(SecurityEvent.Kind.TOKENS_IMPORTED, by=SYSTEM, details={"tokens": len(new)})
    return TokensTaken(len(new), same)


@sensitive_variables()
def _sealed(seed: Seed) -> Token:
    token = Token(serial=seed.serial)
    token.seal(seed.secret)
    return token
