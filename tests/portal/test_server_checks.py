"""What the server asks before it starts: each thing that is wrong is one sentence and an exit code."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from banking_portal.serving import checks, starting
from tests.postgres import own_server
from tests.serving import ROOT, served

pytestmark = pytest.mark.django_db


def checked(environment):
    command = [sys.executable, "-m", "banking_portal.serving.checks"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture
def sound(settings, tmp_path):
    """Settings of a bank that may start."""
    settings.ALLOWED_HOSTS, settings.TRUSTED_PROXY_COUNT, settings.STATIC_ROOT = ["portail.example"], 1, tmp_path
    settings.TRUSTED_PROXY_COUNT_IS_SAID = True
    collected = {"staticfiles": {"BACKEND": "banking_portal.static_files.PortalStaticFilesStorage"}}
    settings.STORAGES = settings.STORAGES | collected
    (tmp_path / "staticfiles.json").touch()
    return settings


def test_a_sound_bank_starts_without_a_word(sound):
    assert list(checks.check()) == []


def test_without_hosts_it_does_not_start(sound):
    sound.ALLOWED_HOSTS = []
    with pytest.raises(checks.CannotStart, match="ALLOWED_HOSTS manque"):
        list(checks.check())


def test_without_static_files_it_does_not_start(sound):
    (sound.STATIC_ROOT / "staticfiles.json").unlink()
    with pytest.raises(checks.CannotStart, match=r"manage\.py collectstatic"):
        list(checks.check())


def test_without_the_last_migration_it_does_not_start(sound):
    last = MigrationRecorder(connection).migration_qs.filter(app="accounts").latest("name")
    last.delete()
    with pytest.raises(checks.CannotStart, match=r"^1 migration\(s\) manquent.*manage.py migrate"):
        list(checks.check())


def test_a_database_ahead_of_the_code_is_served(sound):
    MigrationRecorder(connection).record_applied("accounts", "9999_of_the_next_version")
    assert list(checks.check()) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("ALLOWED_HOSTS", ["*"], "accepte tous les noms"), ("TRUSTED_PROXY_COUNT", 0, "TRUSTED_PROXY_COUNT=0")],
)
def test_what_is_only_strange_is_said_and_does_not_hinder(sound, name, value, said):
    setattr(sound, name, value)
    [strange] = checks.check()
    assert said in strange


@pytest.mark.parametrize(("differs", "strange"), [(0, 0), (-4, 0), (30, 1), (-30, 1)])
def test_a_clock_a_little_off_is_said(sound, monkeypatch, differs, strange):
    told_time(monkeypatch, differs)
    assert len(list(checks.check())) == strange


@pytest.mark.parametrize("differs", [90, -90, 3600 * 24 * 365, -3600])
def test_with_a_clock_that_is_wrong_it_does_not_start(sound, monkeypatch, differs):
    told_time(monkeypatch, differs)
    with pytest.raises(checks.CannotStart, match="horloge"):
        list(checks.check())


def told_time(monkeypatch, differs):
    """A database whose clock differs by so many seconds, and that answers questions of time alone."""
    now = 1_800_000_000.0
    monkeypatch.setattr(checks, "time", SimpleNamespace(time=lambda: now + differs))
    monkeypatch.setattr(checks, "_check_migrations", lambda: None)
    monkeypatch.setattr(checks, "wait_for_database", lambda: None)
    monkeypatch.setattr(checks, "connection", SimpleNamespace(vendor="postgresql", cursor=lambda: Asked(now)))


class Asked:
    """A cursor whose every answer is a moment."""

    def __init__(self, moment):
        self.moment = moment

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def execute(self, sql):
        assert "clock_timestamp" in sql

    def fetchone(self):
        return [self.moment]


def errors_then(*errors):
    """What a database answers to one try after another."""
    left = list(errors)

    def ensure_connection():
        if left:
            raise left.pop(0)

    return SimpleNamespace(ensure_connection=ensure_connection)


def test_a_database_that_comes_up_late_is_waited_for(monkeypatch, capsys):
    monkeypatch.setattr(checks, "BETWEEN_TRIES", 0)
    monkeypatch.setattr(checks, "connection", errors_then(*[OperationalError("refused")] * 2))
    checks.wait_for_database()
    assert capsys.readouterr().err == "La base de données ne répond pas encore : nouvel essai pendant 60 secondes.\n"


def test_a_database_that_does_not_come_up_is_waited_for_no_longer(monkeypatch):
    monkeypatch.setattr(checks, "connection", errors_then(OperationalError("connection refused\nIs it running?")))
    with pytest.raises(checks.CannotStart, match=r"^La base de données ne répond pas : connection refused\. Vérifiez"):
        checks.wait_for_database(within=0)


def test_an_error_that_time_does_not_mend_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(checks, "connection", errors_then(DatabaseError("another")))
    with pytest.raises(DatabaseError, match="another"):
        checks.wait_for_database()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SECRET_CODE_KEYS": ""}, "SECRET_CODE_KEYS manque"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS manque"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL n’est pas"),
    ],
)
def test_server_that_cannot_start_says_so_and_ends(ready, changed, said):
    with served(ready | changed, wait=False) as server:
        assert server.process.wait(timeout=90) == starting.REFUSED
        assert said in server.log
        assert "Traceback" not in server.log
        assert "Listening" not in server.log


@pytest.mark.slow
def test_checks_alone_say_the_same(ready):
    behind_proxy = ready | {"TRUSTED_PROXY_COUNT": "1"}
    assert checked(behind_proxy).stderr == ""
    done = checked(behind_proxy | {"ALLOWED_HOSTS": ""})
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


@pytest.mark.slow
def test_server_waits_for_a_database_and_says_so(ready):
    with own_server() as database:
        database.stop()
        with served(ready | {"DATABASE_URL": database.url}, wait=False) as server:
            server.wait_until(lambda: "ne répond pas encore" in server.log, "does not wait")
            database.start()
            assert server.process.wait(timeout=90) == starting.REFUSED  # it has come up, without tables
            assert "manquent à la base de données" in server.log
