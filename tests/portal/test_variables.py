"""Secrets from files instead of the environment: what may be read, what is refused, and in which words."""

import os

import pytest

from banking_portal.variables import SECRETS, BadEnvironment, value
from tests.portal.starting import manage, python


@pytest.fixture(autouse=True)
def silent(monkeypatch):
    for name in (*SECRETS, *(f"{name}_FILE" for name in SECRETS), "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def secret(tmp_path, monkeypatch):
    """A file that SECRET_KEY_FILE names, for its owner alone."""
    path = tmp_path / "secret_key"
    path.touch(mode=0o600)
    path.write_text(" x7Qz9\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(path))
    return path


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600, 0o640])
def test_secret_is_read_from_the_file_that_is_named(secret, mode):
    secret.chmod(mode)
    assert value("SECRET_KEY") == "x7Qz9"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o666])
def test_file_that_is_open_to_everybody_is_refused(secret, mode):
    secret.chmod(mode)
    with pytest.raises(BadEnvironment, match=r"SECRET_KEY est dans .*secret_key, ouvert à tous"):
        value("SECRET_KEY")


@pytest.mark.parametrize("content", [b"", b" \n", b"x7\nQz9", b"x7\0Qz9", b"\xff\xfe", b"x" * 70_000])
def test_file_that_holds_no_one_line_of_text_is_refused_and_not_repeated(secret, content):
    secret.write_bytes(content)
    with pytest.raises(BadEnvironment) as refused:
        value("SECRET_KEY")
    assert str(secret) in str(refused.value)
    assert "Qz9" not in str(refused.value)


def test_file_that_is_not_there_or_is_no_file_is_named(secret, tmp_path):
    secret.unlink()
    with pytest.raises(BadEnvironment, match=r"ne peut pas être lue de .*secret_key \(No such file"):
        value("SECRET_KEY")
    secret.mkdir()
    with pytest.raises(BadEnvironment, match="pas un petit fichier"):
        value("SECRET_KEY")


def test_pipe_that_nobody_writes_in_is_not_waited_for(secret):
    secret.unlink()
    os.mkfifo(secret)
    with pytest.raises(BadEnvironment, match="pas un petit fichier"):
        value("SECRET_KEY")


def test_secret_given_twice_is_refused(secret, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "other")
    with pytest.raises(BadEnvironment, match="SECRET_KEY est donnée deux fois, aussi par SECRET_KEY_FILE"):
        value("SECRET_KEY")


@pytest.mark.parametrize("other", ["SECRET_KEY", "SECRET_KEY_FILE"])
def test_credential_beside_another_way_is_refused(secret, monkeypatch, tmp_path_factory, other):
    folder = tmp_path_factory.mktemp("credentials")
    (folder / "SECRET_KEY").write_text("x" * 50)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    if other == "SECRET_KEY":
        monkeypatch.delenv("SECRET_KEY_FILE")
        monkeypatch.setenv("SECRET_KEY", "other")
    with pytest.raises(BadEnvironment, match="SECRET_KEY est donnée deux fois, aussi par systemd"):
        value("SECRET_KEY")


def test_systemds_credential_is_read_by_the_variables_own_name(tmp_path, monkeypatch):
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert value("JOURNAL_KEYS") == ""
    credential = tmp_path / "JOURNAL_KEYS"
    credential.touch(mode=0o400)
    credential.write_text("journal-1:x")
    assert value("JOURNAL_KEYS") == "journal-1:x"


def test_what_is_no_secret_is_read_from_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS_FILE", str(tmp_path))
    monkeypatch.setenv("ALLOWED_HOSTS", " portail.example ")
    assert value("ALLOWED_HOSTS") == "portail.example"


@pytest.mark.slow
def test_portal_starts_with_all_its_secrets_in_files(environment, tmp_path):
    for name in SECRETS & set(environment):
        path = tmp_path / name
        path.touch(mode=0o600)
        path.write_text(environment.pop(name))
        environment[f"{name}_FILE"] = str(path)
    done = manage(environment, "check")
    assert done.returncode == 0, done.stderr
    (tmp_path / "SECRET_KEY").chmod(0o644)
    done = manage(environment, "check")
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 2)
    assert "ouvert à tous" in done.stderr


@pytest.mark.slow
def test_file_of_a_sqlite_is_for_nobody_else(environment, tmp_path):
    assert python(environment, "-c", "import os; os.umask(0o022); import banking_portal.settings").returncode == 0
    assert (tmp_path / "portal.sqlite3").stat().st_mode & 0o777 == 0o600
    assert manage(environment, "migrate", "-v0").returncode == 0
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("portal.sqlite3*")} == {0o600}
