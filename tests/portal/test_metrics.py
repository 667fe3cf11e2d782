"""What Prometheus is shown: by Prometheus's own names, of all processes, of nobody in particular, and at no cost."""

import re
import socket
import urllib.request
from datetime import timedelta
from unittest.mock import MagicMock

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from accounts.desk import bulk_acts
from accounts.management import results
from accounts.management.figures import Database
from accounts.models import CommandRun
from auth_codes.lockout import watch
from auth_codes.measures import series
from auth_codes.measures.series import Door, Outcome
from auth_codes.models import Notice, StandingAlarm
from banking_portal import environment
from tests import makers, processes
from tests.conftest import StrictBrowser


def counted(name, **labels):
    return series.REGISTRY.get_sample_value(name, labels)


def shown() -> str:
    registry = CollectorRegistry()
    registry.register(Database(leave=lambda: None))
    return generate_latest(registry).decode() + generate_latest(series.REGISTRY).decode()


def value(name, **labels):
    """That of one sample of what is shown; None where there is none."""
    found = [
        sample.value
        for family in text_string_to_metric_families(shown())
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    return found[0] if found else None


@pytest.fixture
def increase():
    """How much a count of logins grew since the test began."""
    names = [(door, outcome) for door in Door for outcome in Outcome]
    before = {labels: counted("portal_login_attempts_total", door=labels[0], outcome=labels[1]) for labels in names}

    def grown():
        now = {labels: counted("portal_login_attempts_total", door=labels[0], outcome=labels[1]) for labels in names}
        return {f"{door} {outcome}": now[door, outcome] - before[door, outcome] for door, outcome in names
                if now[door, outcome] != before[door, outcome]}  # fmt: skip

    return grown


@pytest.mark.django_db
def test_logins_are_counted_by_door_and_outcome(client_, advisor, browser, increase):
    makers.log_in(browser, client_.client_code, makers.CODE)
    makers.log_in(StrictBrowser(), client_.client_code, makers.OTHER_CODE)
    makers.log_in(StrictBrowser(), client_.client_code, "")
    StrictBrowser().post("/admin/login/", {"username": advisor.username, "password": "no"})
    StrictBrowser().post("/admin/login/", {"username": advisor.username, "password": makers.PASSWORD})
    assert increase() == {"client right": 1, "client wrong": 1, "staff wrong": 1, "staff right": 1}


@pytest.mark.django_db
@pytest.mark.slow
def test_block_is_counted_once_and_what_it_refuses_beside_it(client_, increase):
    before = counted("portal_login_blocks_total", door="client")
    for _ in range(7):
        makers.log_in(StrictBrowser(), client_.client_code, makers.OTHER_CODE)
    assert increase() == {"client wrong": 5, "client blocked": 2}
    assert counted("portal_login_blocks_total", door="client") == before + 1


@pytest.mark.django_db
def test_spent_network_is_counted_once(client_, settings, increase):
    settings.NETWORK_FAILURES_PER_HOUR = 1
    before = counted("portal_networks_spent_total", door="client")
    for _ in range(3):
        makers.log_in(StrictBrowser(), client_.client_code, makers.OTHER_CODE)
    assert increase() == {"client wrong": 1, "client network_spent": 2}
    assert counted("portal_networks_spent_total", door="client") == before + 1


@pytest.mark.django_db
def test_hash_is_timed_and_its_slot_given_back(client_, browser):
    before = counted("portal_hash_duration_seconds_count", hashed="code")
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert counted("portal_hash_duration_seconds_count", hashed="code") > before
    assert counted("portal_hash_slots_in_use") == 0
    assert counted("portal_hash_slots_awaited") == 0


@pytest.mark.django_db
def test_what_waits_is_counted_with_the_age_of_the_oldest(new_client):
    waits = timezone.now() - timedelta(hours=3)
    before = value("portal_waiting", what="notice")
    Notice.objects.create(kind=Notice.Kind.CODE_CHANGED, owner=new_client.user, recipient="a@banque.example", at=waits)
    Notice.objects.create(kind=Notice.Kind.CODE_CHANGED, owner=new_client.user, recipient="", at=waits)  # given up
    assert value("portal_waiting", what="notice") == before + 1
    assert 3 * 3600 <= value("portal_oldest_waiting_seconds", what="notice") < 3 * 3600 + 600
    assert value("portal_waiting", what="sealed_letter") == 1
    assert value("portal_oldest_waiting_seconds", what="held_letter_request") == 0


@pytest.mark.django_db
def test_alarms_stand_or_do_not(db):
    assert value("portal_alarm", alarm=watch.COUNTERS_FULL) == 0
    StandingAlarm.objects.create(name=watch.COUNTERS_FULL, since=timezone.now())
    assert value("portal_alarm", alarm=watch.COUNTERS_FULL) == 1


@pytest.mark.django_db
def test_command_tells_its_last_success_and_how_its_last_run_ended():
    now = timezone.now()
    for hours, code in ((30, 0), (6, 0), (1, 1)):
        ended = now - timedelta(hours=hours)
        CommandRun.objects.create(
            name="check_ledger", started_at=ended - timedelta(seconds=9), ended_at=ended, exit_code=code
        )
    name = {"command": "check_ledger"}
    good = (now - timedelta(hours=6)).timestamp()
    assert value("portal_command_last_success_timestamp_seconds", **name) == pytest.approx(good, abs=1)
    assert value("portal_command_last_exit_code", **name) == 1
    assert value("portal_command_last_duration_seconds", **name) == 9
    assert value("portal_command_last_exit_code", command="purge_post") is None  # never ran: an alert by absent()


@pytest.mark.django_db
def test_last_success_is_kept_however_old_it_is():
    old = timezone.now() - timedelta(days=60)
    for days in (0, 1):
        ended = old - timedelta(days=days)
        CommandRun.objects.create(name="issue_statements", started_at=ended, ended_at=ended, exit_code=0)
    with pytest.raises(SystemExit), results.noted(["manage.py", "issue_statements"]):
        raise SystemExit(1)
    kept = CommandRun.objects.order_by("-ended_at").values_list("exit_code", flat=True)
    assert list(kept) == [1, 0]


@pytest.mark.django_db
def test_names_are_those_that_prometheus_asks_for():
    families = list(text_string_to_metric_families(shown()))
    assert len({family.name for family in families}) == len(families)
    for family in families:
        assert re.fullmatch(r"portal_[a-z]+(_[a-z]+)*", family.name)
        assert family.documentation.endswith(".")
        needs_no_unit = not re.search(r"duration|timestamp|oldest", family.name)
        assert needs_no_unit or family.name.removesuffix("_created").endswith("_seconds")


@pytest.mark.django_db
def test_labels_have_the_values_that_the_code_names_and_no_others(client_, browser):
    """So that no number of clients, commands or attackers makes more series than there are."""
    makers.log_in(browser, client_.client_code, makers.CODE)
    known = {*Door, *Outcome, *series.Hashed, *results.TIMERS, *map(str, readiness_parts()), *WHAT, *ALARMS}
    known |= {kind.value for kind in bulk_acts.MOST}
    for family in text_string_to_metric_families(shown()):
        for sample in family.samples:
            assert {found for name, found in sample.labels.items() if name != "le"} <= known


WHAT = {"sealed_letter", "post_letter", "letter_request", "held_letter_request", "notice", "locked_access"}
ALARMS = {watch.BINDING_BROKEN, watch.COUNTERS_FULL, watch.MANY_FAILURES}


def readiness_parts():
    return ("database", "migrations", "keys")


def test_figures_of_the_database_are_asked_once_within_some_seconds(monkeypatch):
    moments, asked = iter([0, 0, 4, 6, 6]), []
    monkeypatch.setattr("accounts.management.figures._asked", lambda: asked.append(1) or [])
    database = Database(leave=lambda: None, clock=lambda: next(moments))
    for _ in range(3):
        database.collect()
    assert len(asked) == 2


@pytest.mark.django_db(transaction=True)
def test_database_out_of_reach_is_shown_and_nothing_else_is_asked(monkeypatch):
    monkeypatch.setattr("auth_codes.readiness.missing", lambda: frozenset({"database"}))
    assert value("portal_ready", part="database") == 0
    assert value("portal_waiting", what="notice") is None


@pytest.mark.django_db
def test_database_that_goes_away_between_two_questions_fails_no_scrape(monkeypatch):
    def gone(now):
        raise OperationalError("gone")

    monkeypatch.setattr("accounts.management.figures._waiting", gone)
    assert value("portal_ready", part="database") == 1
    assert value("portal_waiting", what="notice") is None


def test_port_that_is_taken_is_said_in_a_sentence(settings, tmp_path):
    settings.METRICS_FOLDER = tmp_path
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Le port {port} de 127.0.0.1 n’est pas libre"):
            call_command("serve_metrics", port=port)


def test_folder_is_made_for_this_user_alone_and_a_file_in_its_place_stops_the_start(monkeypatch, tmp_path):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "a" / "b"))
    assert environment.metrics_folder() == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").stat().st_mode & 0o077 == 0
    (tmp_path / "file").touch()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "file"))
    with pytest.raises(environment.BadEnvironment, match="n’est pas un dossier où écrire"):
        environment.metrics_folder()


@pytest.mark.django_db
def test_login_and_pages_ask_no_statement_more_for_being_counted(advisor, monkeypatch):
    def statements():
        client, browser = makers.make_personalised_client(advisor), StrictBrowser()
        with CaptureQueriesContext(connection) as context:
            makers.log_in(browser, client.client_code, makers.CODE)
            assert browser.get("/espace-client/").status_code == 200
        return len(context)

    counted_ones = statements()
    for name in ("logins", "hashes", "slots_in_use", "slots_awaited", "blocks", "networks"):
        monkeypatch.setattr(series, name, MagicMock())
    assert statements() == counted_ones


@pytest.mark.django_db
def test_counting_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        series.logins.labels(Door.CLIENT, Outcome.RIGHT).inc()
        with series.hashes.labels(series.Hashed.CODE).time(), series.slots_in_use.track_inprogress():
            pass


def test_without_a_folder_the_command_says_what_is_missing():
    with pytest.raises(CommandError, match="PROMETHEUS_MULTIPROC_DIR manque"):
        call_command("serve_metrics")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_figures_of_other_processes_are_served_on_a_port_of_their_own(tmp_path):
    folder = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "figures")}
    worker = processes.start("-c", ONE_LOGIN, **folder)
    said, complained = worker.communicate(timeout=120)
    assert said == "counted\n", complained
    server = processes.start("serve_metrics", "--port", "0", **folder)
    try:
        port = int(re.search(r'"port": (\d+)', server.stdout.readline()).group(1))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            page = answer.read().decode()
    finally:
        server.terminate()
        server.communicate(timeout=60)
    assert 'portal_login_attempts_total{door="client",outcome="right"} 1.0' in page
    assert 'portal_login_attempts_total{door="client",outcome="wrong"} 0.0' in page
    assert 'portal_ready{part="migrations"} 1.0' in page
    assert "portal_hash_slots_in_use 0.0" in page


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_command_of_a_timer_counts_nothing_and_needs_no_folder_to_write_in(tmp_path):
    (tmp_path / "a file").touch()
    for folder in ("figures", "a file/figures"):
        command = processes.start("once", "note_expired_codes", PROMETHEUS_MULTIPROC_DIR=str(tmp_path / folder))
        assert command.communicate(timeout=120)[0] == '{"expired": 0}\n'
        assert command.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]
    shown = processes.start("serve_metrics", PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "a file/figures"))
    assert "n’est pas un dossier où écrire" in shown.communicate(timeout=120)[1]


ONE_LOGIN = """
import django
django.setup()
from auth_codes.measures import series
series.logins.labels(series.Door.CLIENT, series.Outcome.RIGHT).inc()
series.slots_in_use.inc()  # and ends without giving it back
print("counted")
"""
