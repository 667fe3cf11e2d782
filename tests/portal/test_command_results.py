"""How a timer's command ended stands on the operators' page: its numbers, and nobody's name."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from accounts.desk import roles
from accounts.management import results
from accounts.models import CommandRun
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of

pytestmark = pytest.mark.django_db

RUNS = "/admin/accounts/commandrun/"


def run(name, *, prints="", ends=None):
    with results.noted(["manage.py", name]):
        print(prints)
        if ends is not None:
            raise ends


def test_numbers_of_the_last_line_are_kept_and_its_texts_are_not(capsys):
    run("watch_logins", prints='Bonjour\n{"expired": 3, "batch": "Martin", "rows": ["Martin"], "seconds": 0.5}')
    kept = CommandRun.objects.get()
    assert (kept.name, kept.exit_code, kept.figures) == ("watch_logins", 0, {"expired": 3, "seconds": 0.5})
    assert "Bonjour" in capsys.readouterr().out


@pytest.mark.parametrize("printed", ["", "{", "[1]", "null", "Bonjour", '"x"'])
def test_what_is_no_line_of_json_has_no_numbers(printed):
    run("clearsessions", prints=printed)
    assert CommandRun.objects.get().figures == {}


@pytest.mark.parametrize(
    ("end", "code"), [(SystemExit(1), 1), (SystemExit("mal"), 1), (SystemExit(3), 3), (KeyboardInterrupt(), 130)]
)
def test_failure_and_interruption_are_kept_and_go_on(end, code):
    with pytest.raises(type(end)):
        run("check_ledger", ends=end)
    kept = CommandRun.objects.get()
    assert kept.exit_code == code
    assert kept.outcome == f"échouée (code {code})"


def test_real_command_is_heard():
    with results.noted(["manage.py", "lapse_requests"]):
        call_command("lapse_requests")
    assert CommandRun.objects.get().figures == {"lapsed": 0}


def test_command_that_somebody_types_is_not_kept():
    for arguments in (["manage.py"], ["manage.py", "open_first_account"], ["manage.py", "check_ledger", "--help"]):
        with results.noted(arguments):
            pass
    assert not CommandRun.objects.exists()


def test_database_that_is_not_migrated_fails_no_command(monkeypatch, caplog):
    def missing(**fields):
        raise DatabaseError("no such table")

    monkeypatch.setattr(CommandRun._default_manager, "create", missing)
    run("purge_post")
    assert "The result of purge_post was not kept" in caplog.text


def test_results_are_forgotten_after_thirty_days():
    old = timezone.now() - timedelta(days=31)
    CommandRun.objects.create(name="purge_post", started_at=old, ended_at=old, exit_code=0)
    CommandRun.objects.create(name="watch_logins", started_at=old, ended_at=old, exit_code=0)
    run("purge_post")
    assert CommandRun.objects.filter(name="purge_post").count() == 1
    assert CommandRun.objects.count() == 2


def test_timers_are_those_of_the_document():
    text = Path(settings.BASE_DIR, "docs/operating.md").read_text()
    table = text.partition("\n## Timers\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)", table, re.MULTILINE)) == results.TIMERS


def test_operators_read_them(advisor):
    run("purge_post", prints='{"purged": 12}')
    browser = StrictBrowser.logged_in(makers.make_staff("lucie.robin", roles.OPERATORS))
    page = text_of(browser.get(RUNS))
    assert all(said in page for said in ("purge_post", "réussie", "purged : 12"))
    assert browser.get(f"{RUNS}{CommandRun.objects.get().pk}/change/").status_code == 200
    assert browser.post(f"{RUNS}{CommandRun.objects.get().pk}/change/", {"name": "x"}).status_code == 403
