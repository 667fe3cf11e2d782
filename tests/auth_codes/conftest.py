"""What the tests of codes share."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from hypothesis import settings as hypothesis_settings

from auth_codes.models import JournalLink

# A busy machine is no failure.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")


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
