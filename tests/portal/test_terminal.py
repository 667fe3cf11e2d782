"""What an operator reads at the terminal when something is out of reach or cut short: a sentence, no traceback."""

import os
import signal
import subprocess
import sys

import pytest
from django.core.management import get_commands

from banking_portal.environment import BadEnvironment
from tests.portal.starting import ROOT, manage
from tests.processes import LISTENING


def refusal(environment, url, *command):
    done = manage(environment | {"DATABASE_URL": url}, *command)
    assert (done.returncode, done.stdout) == (1, "")
    assert not [word for word in ("Traceback", "hunter2") if word in done.stderr]
    return done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["list_sealed_letters", "migrate", "rotate_secret_codes"])
def test_database_out_of_reach_is_said_in_a_sentence_without_its_password(environment, command):
    said = refusal(environment, "postgres://portail:hunter2@127.0.0.1:1/portail", command)
    assert said.startswith("La base de données ne répond pas : ")
    assert said.endswith(" Vérifiez DATABASE_URL.\n")


@pytest.mark.slow
def test_database_whose_driver_repeats_the_password_is_said_without_it(environment):
    """The driver names the host that it does not find; here somebody has put the password there too."""
    said = refusal(environment, "postgres://portail:hunter2@hunter2.invalid/portail", "list_sealed_letters")
    assert "***.invalid" in said


@pytest.mark.slow
def test_database_without_tables_is_to_be_migrated(environment, tmp_path):
    said = refusal(environment, f"sqlite:///{tmp_path}/empty.sqlite3", "list_sealed_letters")
    assert "Lancez « manage.py migrate »" in said


@pytest.mark.slow
@pytest.mark.parametrize("url", ["hunter2", "postgres://u:hunter2/x@base.example/p", "foo://u:hunter2@base.example/p"])
def test_what_is_no_address_of_a_database_is_refused_with_an_example(environment, url):
    said = refusal(environment, url, "check")
    assert "DATABASE_URL n’est pas une adresse de base de données.\nExemple : postgres://" in said


@pytest.mark.slow
def test_ctrl_c_ends_in_a_sentence_and_the_exit_code_of_shells(environment):
    script = "import time; print('begun', flush=True); time.sleep(60)"
    command = [*LISTENING, sys.executable, "manage.py", "shell", "-v0", "-c", script]
    pipe = subprocess.PIPE
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)
    assert running.stdout.readline() == "begun\n"
    os.kill(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert said == "\nInterrompu. Relancez la même commande : ce qui est fait reste fait.\n"
    assert running.returncode == 130


PRINTS_A_LIST = ("list_", "check_", "verify_")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """The address of a database with tables."""
    return f"sqlite:///{tmp_path_factory.mktemp('unread')}/portal.sqlite3"


@pytest.mark.slow
def test_reader_who_has_seen_enough_ends_every_command_that_prints_lists_quietly(environment, migrated):
    environment = environment | {"DATABASE_URL": migrated}
    assert manage(environment, "migrate", "-v0").returncode == 0
    own = [name for name, app in get_commands().items() if app in ("accounts", "auth_codes")]
    commands = [[name] for name in sorted(own) if name.startswith(PRINTS_A_LIST) and name != "check_post"]
    assert len(commands) >= 7
    for command in [*commands, ["help"], ["showmigrations"], ["list_post", "--help"]]:
        reading, writing = os.pipe()
        os.close(reading)
        line = [sys.executable, "manage.py", *command]
        done = subprocess.run(line, cwd=ROOT, env=environment, stdout=writing, stderr=subprocess.PIPE, text=True)
        os.close(writing)
        assert done.returncode in (0, 141), command
        assert not [word for word in ("Traceback", "Error", "Exception", "pipe") if word in done.stderr], command


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("SECRET_KEY", "Pour en fabriquer une valeur, lancez : python -c "),
        (
            "LETTER_RECIPIENT",
            "Pour en fabriquer une valeur, lancez : age-keygen -o atelier.key\nLa valeur est sa ligne",
        ),
        ("EMAIL_URL", "Exemple : smtp+tls://"),
        ("EMAIL_FROM", "Exemple : Espace Client <"),
    ],
)
def test_bad_variable_comes_with_the_command_that_makes_it_or_with_an_example(name, hint):
    assert str(BadEnvironment(name, "manque")).startswith(f"Le portail ne démarre pas : {name} manque.\n{hint}")


def test_other_bad_variable_comes_without_a_hint():
    assert str(BadEnvironment("TRUSTED_PROXY_COUNT", "manque")).endswith("TRUSTED_PROXY_COUNT manque.")
