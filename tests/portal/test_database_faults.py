"""A bank whose PostgreSQL is stopped, crashes, fills its disk, and whose workers are killed, in the midst of its acts.

Nothing is lost, nothing is done twice, nobody is let in, and it goes on by itself.
"""

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException

import psycopg
import pytest

from banking_portal.postgresql.connections import REACHED_WITHIN
from tests.makers import CODE, WRONG_CODE
from tests.portal.bank_under_fault import ACTED, JUDGED, MADE, answer_of, started, wait_for_line
from tests.portal.conftest import environment_in
from tests.portal.starting import manage
from tests.postgres import own_server
from tests.serving import PATIENCE, Customer, served

pytestmark = pytest.mark.slow

WAYS = pytest.mark.parametrize("options", ["", "?pool=true"], ids=["alone", "pool"])
OUTAGES = [signal.SIGINT, signal.SIGQUIT]  # an ordinary stop, a crash
IN_TIME = 3 * REACHED_WITHIN + 6  # seconds, for any answer, on a busy machine


class Bank:
    """A bank on a PostgreSQL of its own; `environment` lacks how its connections are kept."""

    def __init__(self, database, environment):
        self.database, self._environment = database, environment
        self.clients = []

    def environment(self, options=""):
        return self._environment | {"DATABASE_URL": self.database.url + options}

    def asked(self, sql, *parameters):
        with psycopg.connect(self.database.url) as connection:
            return connection.execute(sql, parameters).fetchall()

    def do(self, sql):
        with psycopg.connect(self.database.url) as connection:
            connection.execute(sql)


@pytest.fixture(scope="module")
def bank(made_ready):
    with own_server() as database:
        bank = Bank(database, environment_in(made_ready) | {"TRUSTED_PROXY_COUNT": "1"})
        assert manage(bank.environment(), "migrate", "-v0").returncode == 0
        bank.clients = answer_of(started(MADE, bank.environment()))
        yield bank


def outage(bank, number, seconds=0.5):
    bank.database.stop(number)
    time.sleep(seconds)
    bank.database.start()


@WAYS
def test_openings_and_transfers_are_whole_or_not_at_all(bank, options):
    acting = started(ACTED, bank.environment(options))
    wait_for_line(acting.stdout, "acting")
    bank.database.stop()
    wait_for_line(acting.stdout, "failed")
    bank.database.start()
    for number in OUTAGES:
        time.sleep(2)
        outage(bank, number)
    time.sleep(1)
    told = answer_of(acting)
    assert told["wrong"] == []
    judged = answer_of(started(JUDGED, bank.environment()), json.dumps(told))
    assert set(judged.values()) == {0}, judged
    done = manage(bank.environment(), "check_ledger")
    assert (done.returncode, '"findings": 0' in done.stdout) == (0, True), done.stdout + done.stderr


def forget_counts(bank):
    """What was counted before, also of the logins that an outage has cut off."""
    bank.do("DELETE FROM auth_codes_attemptcounter")
    bank.do("DELETE FROM auth_codes_budget")


class Logins:
    """People who log in again and again, rightly or not, and how each was answered, within which time."""

    def __init__(self, server):
        self.server, self.done = server, threading.Event()
        self.right, self.wrong, self.slowest = [], [], 0.0

    def log_in(self, username, code, answers):
        while not self.done.is_set():
            began = time.monotonic()
            try:
                answer = Customer(self.server).log_in(username, code)
            except (OSError, HTTPException):  # its worker was killed
                continue
            answers.append((answer.status, answer.headers.get("Location", "")))
            self.slowest = max(self.slowest, time.monotonic() - began)

    def wait_for_success(self, server):
        """One more login, after whatever happened."""
        so_far = len(self.right)
        server.wait_until(lambda: 302 in {status for status, _ in self.right[so_far:]}, "nobody gets in")

    @contextmanager
    def going_on(self, right, wrong):
        with ThreadPoolExecutor(len(right) + 1) as threads:
            people = [threads.submit(self.log_in, username, CODE, self.right) for username in right]
            people.append(threads.submit(self.log_in, wrong, WRONG_CODE, self.wrong))
            try:
                yield
            finally:
                self.done.set()
        for one in people:
            one.result()


@WAYS
def test_logins_go_on_by_themselves_and_nobody_else_is_let_in(bank, options):
    first, second, _, victim = bank.clients
    forget_counts(bank)
    with served(bank.environment(options)) as server:
        logins = Logins(server)
        with logins.going_on([first, second], victim):
            for number in OUTAGES:
                logins.wait_for_success(server)
                outage(bank, number)
                os.kill(server.workers()[0], signal.SIGKILL)
            logins.wait_for_success(server)
        # 429: a login that an outage cut off stays counted, and five of them are a pause.
        assert {status for status, _ in logins.right} <= {302, 503, 403, 429}
        assert not [where for status, where in logins.wrong if status == 302]
        assert {status for status, _ in logins.wrong} <= {200, 403, 429, 503}
        assert logins.slowest < PATIENCE
        forget_counts(bank)
        server.wait_until(lambda: Customer(server).log_in(first, CODE).status == 302, "nobody gets in")
        assert "Traceback" not in server.log


@WAYS
def test_pages_and_health_answer_while_the_database_is_away_and_at_once_after(bank, options):
    with served(bank.environment(options)) as server:
        customer = Customer(server)
        assert customer.log_in(bank.clients[0], CODE).status == 302
        bank.database.stop()
        with ThreadPoolExecutor(8) as threads:
            began = time.monotonic()
            answers = list(threads.map(customer.get, ["/espace-client/"] * 16))
            assert time.monotonic() - began < IN_TIME
        assert {answer.status for answer in answers} == {503}
        assert {answer.headers["Retry-After"] for answer in answers} == {"30"}
        assert server.get("/healthz").status == 503
        assert server.get("/connexion/").status in {200, 503}
        bank.database.start()
        assert customer.get("/espace-client/").status == 200
        assert server.get("/healthz").status == 200
        assert server.log.count("ne répond pas") <= 2 * len(server.workers())


@contextmanager
def full_disk_under(bank, table):
    """The real answers of a disk that is full, to whatever would write in this table, which is emptied first."""
    bank.do(f"TRUNCATE {table}")
    [[file]] = bank.asked("SELECT pg_relation_filepath(%s)", table)
    path = bank.database.folder / "data" / file
    with bank.database.changed_while_stopped():
        path.unlink()
        path.symlink_to("/dev/full")
    yield
    with bank.database.changed_while_stopped():
        path.unlink()
        path.touch(mode=0o600)
        bank.database.own(path)


def test_while_no_session_finds_a_place_nobody_is_let_in_and_wrong_codes_are_counted(bank):
    username = bank.clients[2]
    with served(bank.environment()) as server:
        with full_disk_under(bank, "django_session"):
            answer = Customer(server).log_in(username, CODE)
            assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
            assert "__Host-session" not in str(answer.headers.get_all("Set-Cookie", []))
            before = attempts(bank)
            assert Customer(server).log_in(username, WRONG_CODE).status != 302
            assert attempts(bank) == before + 1
        assert Customer(server).log_in(username, CODE).status == 302


def test_what_cannot_be_counted_is_not_verified(bank):
    with served(bank.environment()) as server:
        with full_disk_under(bank, "auth_codes_failedattempt"):
            assert {Customer(server).log_in(bank.clients[2], code).status for code in (CODE, WRONG_CODE)} == {503}
        assert Customer(server).log_in(bank.clients[2], CODE).status == 302


def attempts(bank):
    """All that are counted and were not given back."""
    return bank.asked("SELECT coalesce(sum(count), 0) FROM auth_codes_attemptcounter")[0][0]
