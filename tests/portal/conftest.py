"""The documented environment, and what is tried on PostgreSQL alone."""

import os

import pytest

from tests.portal.starting import WORKSHOP, key

# SQLite knows no roles.
collect_ignore = [] if os.environ.get("DATABASE_URL") else ["test_database_role.py"]


@pytest.fixture
def environment(tmp_path):
    """The documented production settings, on a database file of the test's own."""
    return {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": "x7" + "Qz9-pW3_" * 8,
        "SECRET_CODE_KEYS": key(),
        "LETTER_RECIPIENT": str(WORKSHOP.to_public()),
        "ALLOWED_HOSTS": "portail.example",
        "EMAIL_URL": "smtp+tls://portail:secret@smtp.banque.example",
    }
