"""What the tests of codes share: counting hashes, and doing many things at the same instant."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from hypothesis import settings as hypothesis_settings

from auth_codes import hashing
from auth_codes.models import JournalLink
from tests.races import at_once

# A busy machine is no failure.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")


@pytest.fixture
def hashes(monkeypatch):
    """The costs of all Argon2 computations of codes, in their order; they are really computed."""
    computed, compute = [], hashing.argon2id

    def counting(code, salt, cost):
        computed.append(cost)
        return compute(code, salt, cost)

    monkeypatch.setattr(hashing, "argon2id", counting)
    return computed


@pytest.fixture
def race(transactional_db):
    """`race(act, arguments)`: all at once, each in a thread with a database connection of its own."""
    return at_once


@pytest.fixture
def password_hashes(monkeypatch):
    """One entry for each hash of a staff password; they are really computed."""
    computed, compute = [], MD5PasswordHasher.encode

    def counting(self, password, salt):
        computed.append(self.algorithm)
        return compute(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    return computed


@pytest.fixture
def kept_journal(transactional_db):
    """A database that other processes see. Unchained at its end: on SQLite a chained line could not be emptied away."""
    yield
    JournalLink.objects.all().delete()
