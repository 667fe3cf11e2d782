"""The documented environment, and what is tried on PostgreSQL alone."""

import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.portal.starting import WORKSHOP, key, manage
from tests.processes import measured

# SQLite knows no roles.
collect_ignore = [] if os.environ.get("DATABASE_URL") else ["test_database_role.py", "test_production_database.py"]


@pytest.fixture
def environment(tmp_path):
    """The documented production settings, on a database file of the test's own."""
    return environment_in(tmp_path)


@pytest.fixture
def ready(environment, made_ready):
    """The same, with all that a server needs: a migrated database and the collected static files."""
    shutil.copytree(made_ready, environment["VAR_DIR"], dirs_exist_ok=True)
    return environment


@pytest.fixture(scope="session")
def made_ready(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ready")
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        done = manage(environment_in(folder), *command)
        assert done.returncode == 0, done.stderr
    return folder


def environment_in(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        **measured(),
        "VAR_DIR": str(folder),
        "SECRET_KEY": "x7" + "Qz9-pW3_" * 8,
        "SECRET_CODE_KEYS": key(),
        "LETTER_RECIPIENT": str(WORKSHOP.to_public()),
        "ALLOWED_HOSTS": "portail.example",
        "TRUSTED_PROXY_COUNT": "0",
        "EMAIL_URL": "smtp+tls://portail:secret@smtp.banque.example",
        "BANK_PHONE": "01 23 45 67 89",
        "CARD_STOP_PHONE": "01 23 45 67 80",
        "BANK_NAME": "Banque des Lilas",
        "BANK_CODE": "30001",
        "BANK_BRANCH_CODE": "00794",
        "BANK_BIC": "BDFEFRPPCCT",
        "BANK_ADDRESS": "12 rue des Lilas, 69003 Lyon",
        "BANK_LEGAL_FORM": "Société anonyme au capital de 5 000 000 €",
        "BANK_REGISTERED": "RCS Lyon 123 456 782, TVA FR12123456782",
        "SECURITY_CONTACT": "mailto:securite@banque.example",
        "SECURITY_TXT_EXPIRES": str(date.today() + timedelta(days=300)),  # noqa: DTZ011 - whatever the zone
    }
