"""The tested blocks of docs/production.md, run in their order on a PostgreSQL: roles, first start, backup, restore."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from tests import postgres
from tests.portal import production
from tests.portal.starting import ROOT, WORKSHOP, key

OWNED = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
# Instead of the users of a Debian: all of it runs as who runs the suite, under the umask that the page sets.
FUNCTIONS = """
set -eu
umask 022
cd "$PORTAL_CODE"
as_postgres() { "$@"; }
as_portal() { portail "$@"; }
as_owner() { PORTAL_DATABASE="$OWNER_URL_FILE" portail "$@"; }
"""


@pytest.fixture
def machine(tmp_path, django_db_blocker):
    """The environment of a shell that may follow the page; its roles and databases are gone at the end."""
    names = {name: f"{name.lower()}_{os.getpid()}" for name in ("DATABASE", "RESTORED", "OWNER", "PORTAL")}
    environment = described(tmp_path, names)
    yield environment
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        for name in ("DATABASE", "RESTORED"):
            admin.execute(f'DROP DATABASE IF EXISTS "{names[name]}" WITH (FORCE)')
        for name in ("OWNER", "PORTAL"):
            admin.execute(f'DROP ROLE IF EXISTS "{names[name]}"')


def described(folder, names):
    server = connection.settings_dict
    secrets = folder / "secrets"
    secrets.mkdir()
    host = f"{quote(server['HOST'] or 'localhost', safe='')}:{server['PORT'] or 5432}"
    address = f"postgres://{{}}:pw@{host}/{{}}"
    for name, value in {
        "SECRET_KEY": "x7" + "Qz9-pW3_" * 8, "SECRET_CODE_KEYS": key(), "JOURNAL_KEYS": key("journal-1"),
        "LETTER_SIGNING_KEY": key("lots-1"), "EMAIL_URL": "smtp+tls://portail:secret@smtp.banque.example",
        "DATABASE_URL": address.format(names["PORTAL"], names["DATABASE"]),
        "OWNER_URL": address.format(names["OWNER"], names["DATABASE"]),
        "RESTORED_URL": address.format(names["PORTAL"], names["RESTORED"]),
    }.items():  # fmt: skip
        (secrets / name).touch(mode=0o600)
        (secrets / name).write_text(value)
    ends = f"SECURITY_TXT_EXPIRES={date.today() + timedelta(days=300)}\n"  # noqa: DTZ011 - whatever the zone
    filled_in = production.filled_in(secrets, LETTER_RECIPIENT=str(WORKSHOP.to_public()), VAR_DIR=str(folder / "var"))
    (folder / "portal.env").write_text(filled_in + ends)
    binaries = next(path for path in postgres.candidates() if (path / "psql").exists())
    return names | {
        "PATH": f"{production.FOLDER}:{binaries}:{os.environ['PATH']}",
        "PGHOST": server["HOST"] or "localhost", "PGPORT": str(server["PORT"] or 5432), "PGUSER": server["USER"],
        "PGPASSWORD": server["PASSWORD"], "PGDATABASE": "postgres", "OWNER_PASSWORD": "pw", "PORTAL_PASSWORD": "pw",
        "PORTAL_ENV": str(folder / "portal.env"), "PORTAL_CODE": str(ROOT), "PORTAL_PYTHON": sys.executable,
        "OWNER_URL_FILE": str(secrets / "OWNER_URL"), "RESTORED_URL_FILE": str(secrets / "RESTORED_URL"),
        "BACKUP": str(folder / "backup"), "HANDED_OVER": str(folder / "handed_over"), "VAR_DIR": str(folder / "var"),
    }  # fmt: skip


@pytest.mark.slow
def test_page_is_followed_from_the_roles_to_a_restored_backup(machine):
    followed = subprocess.run(
        ["bash"], input=FUNCTIONS + production.script(), env=machine, capture_output=True, text=True, timeout=900
    )
    assert followed.returncode == 0, f"{followed.stdout}\n{followed.stderr}"
    last = json.loads(followed.stdout.strip().splitlines()[-1])
    assert last["links"] == 2, "the first administrators' links came back, and are gone"
    assert Path(machine["BACKUP"]).stat().st_mode & 0o077 == 0, "the backup is its owner's alone"
    assert_owns_nothing(machine)


def assert_owns_nothing(machine):
    for database in (machine["DATABASE"], machine["RESTORED"]):
        address = {"host": machine["PGHOST"], "port": machine["PGPORT"], "dbname": database}
        with psycopg.connect(**address, user=machine["PORTAL"], password="pw", autocommit=True) as portal:
            assert portal.execute(
                "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
            ).fetchone() == (0,)
            assert portal.execute("SELECT count(*) FROM accounts_user").fetchone() == (2,)
            for refused in (
                "TRUNCATE accounts_entry CASCADE", "DROP TRIGGER entry_is_kept ON accounts_entry",
                "CREATE TABLE mine (id int)", "CREATE SCHEMA mine", "CREATE TEMP TABLE mine (id int)",
            ):  # fmt: skip
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    portal.execute(refused)
