"""What the tests of codes share."""

import pytest

from auth_codes.crypto import slots
from auth_codes.crypto.sealed_hasher import SealedPasswordHasher
from auth_codes.crypto.slots import Slots
from auth_codes.models import JournalLink


@pytest.fixture
def password_hashes(monkeypatch):
    """One entry for each hash of a staff password; they are really computed."""
    computed = []

    def counted(compute):
        return lambda hasher, *args: (computed.append(hasher.algorithm), compute(hasher, *args))[1]

    for name in ("encode", "verify"):
        monkeypatch.setattr(SealedPasswordHasher, name, counted(getattr(SealedPasswordHasher, name)))
    return computed


def hold(pool, count, *, is_known):
    held = [pool.taken(is_known=is_known, wait=0) for _ in range(count)]
    for slot in held:
        slot.__enter__()
    pool.held = [*getattr(pool, "held", []), *held]  # what nobody refers to any more is let go
    return held


@pytest.fixture
def no_slot(monkeypatch):
    """All slots for unknown devices are taken, and nobody waits long."""
    pool = Slots(2, kept=1)
    hold(pool, 1, is_known=False)
    monkeypatch.setattr(slots, "_slots", pool)
    monkeypatch.setattr(pool, "taken", lambda is_known, wait: Slots.taken(pool, is_known=is_known, wait=0))


@pytest.fixture
def kept_journal(transactional_db):
    """A database that other processes see. Unchained at its end: on SQLite a chained line could not be emptied away."""
    yield
    JournalLink.objects.all().delete()
