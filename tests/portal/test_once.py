"""Timers on each of several servers: a command that runs on one begins on no other."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import CommandRun
from auth_codes import one_at_a_time
from tests import processes

pytestmark = pytest.mark.django_db


def test_command_that_runs_nowhere_is_run_and_its_result_kept(capsys):
    call_command("once", "note_expired_codes")
    assert json.loads(capsys.readouterr().out) == {"expired": 0}
    [run] = CommandRun.objects.all()
    assert (run.name, run.exit_code, run.figures) == ("note_expired_codes", 0, {"expired": 0})


def test_arguments_are_handed_on(tmp_path):
    call_command("once", "export_sealed_letters", "--to", str(tmp_path))
    assert CommandRun.objects.get().name == "export_sealed_letters"


@pytest.mark.parametrize("name", ["migrate", "once", "seed_demo", "nonsense"])
def test_command_of_no_timer_is_refused(name):
    with pytest.raises(CommandError, match="n’est pas une commande de minuterie"):
        call_command("once", name)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_command_that_runs_on_another_server_is_left_to_it():
    """On SQLite there is no other server."""
    ours = connection.vendor == "postgresql"
    with one_at_a_time.if_free("timer note_expired_codes") as is_free:
        assert is_free
        done = processes.run("once", "note_expired_codes")
        assert (done.returncode, json.loads(done.stdout)) == (
            (0, {"runs_elsewhere": "note_expired_codes"}) if ours else (0, {"expired": 0})
        )
        assert json.loads(processes.run("once", "lapse_requests").stdout) != {"runs_elsewhere": "lapse_requests"}
    assert json.loads(processes.run("once", "note_expired_codes").stdout) == {"expired": 0}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_exit_code_of_the_command_is_the_timers():
    done = processes.run("once", "issue_statements", "--month", "2999-01")
    assert done.returncode == 1
    assert CommandRun.objects.get().exit_code == 1
