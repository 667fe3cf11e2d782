"""A PostgreSQL that stops, freezes and comes back, as the portal's own connections find it: with a pool and without."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier

import pytest
from django.db import InterfaceError, InternalError, OperationalError, connections
from psycopg import OperationalError as DriverError
from psycopg.errors import ReadOnlySqlTransaction

from banking_portal.database_errors import is_out_of_reach
from banking_portal.logs import OnceInAWhile
from banking_portal.postgresql import connections as bounds
from banking_portal.postgresql.base import DatabaseWrapper
from banking_portal.postgresql.reach import WAIT_AT_MOST, Reach
from tests.postgres import own_server
from tests.races import connect
from tests.serving import PATIENCE

pytestmark = pytest.mark.slow

IN_TIME = bounds.REACHED_WITHIN + 2  # on a busy machine


@pytest.fixture(scope="module")
def server():
    with own_server() as server:
        yield server


@pytest.fixture(params=[{}, {"pool": True}], ids=["alone", "pool"])
def database(request, server, monkeypatch, django_db_blocker):
    """Django's connection to that server, of a process that knows nothing of it yet."""
    monkeypatch.setattr("banking_portal.postgresql.base.reach", Reach())
    with django_db_blocker.unblock(), opened(server, request.param) as database:
        yield database
    server.thaw()
    server.start()


@contextmanager
def opened(server, options):
    changed = {"ENGINE": "banking_portal.postgresql", "HOST": str(server.folder), "USER": "postgres", "PASSWORD": ""}
    changed |= {"NAME": "postgres", "PORT": "", "OPTIONS": options, "CONN_MAX_AGE": 0 if options else 600}
    database = DatabaseWrapper(connections.settings["default"] | changed | {"CONN_HEALTH_CHECKS": True}, "bounded")
    try:
        yield database
    finally:
        database.close()
        database.close_pool()


def asked(database):
    """A request of one question: what it answers."""
    try:
        with database.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone()[0]
    finally:
        database.close_if_unusable_or_obsolete()


@contextmanager
def within(seconds):
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def test_first_question_after_a_restart_is_answered(database, server):
    assert asked(database) == 1
    server.stop()
    with within(IN_TIME), pytest.raises(OperationalError):
        asked(database)
    server.start()
    with within(IN_TIME):
        assert asked(database) == 1


def test_a_restart_that_nobody_noticed_costs_nobody_a_page(database, server):
    """Threads of a server have several connections open, all of them dead now."""
    all_open = Barrier(4)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(partial(open_beside, database), [all_open] * 4))
    assert asked(database) == 1
    server.stop()
    server.start()
    with within(IN_TIME):
        assert asked(database) == 1


def open_beside(database, all_open):
    """What another thread of the same server does."""
    other = DatabaseWrapper(database.settings_dict, database.alias)
    connect(other)
    all_open.wait(timeout=PATIENCE)
    other.close()


def test_a_server_that_comes_back_while_it_is_waited_for_is_found(server, monkeypatch, django_db_blocker):
    monkeypatch.setattr("banking_portal.postgresql.base.reach", Reach())
    server.stop()
    with django_db_blocker.unblock(), opened(server, {"pool": {"timeout": 60}}) as database:
        with ThreadPoolExecutor(1) as threads:
            back = threads.submit(server.start)
            assert asked(database) == 1
        back.result()


def test_a_server_that_says_nothing_is_not_waited_for(database, server, monkeypatch):
    assert asked(database) == 1
    server.freeze()
    with within(2 * IN_TIME), pytest.raises(OperationalError):
        asked(database)  # the check of the connection, then the try to make another one
    server.thaw()
    with within(IN_TIME):
        assert asked(database) == 1


def test_a_question_that_is_never_answered_ends(database, server, monkeypatch):
    monkeypatch.setattr(bounds.BoundedConnection, "answered_within", 1)
    with database.cursor() as cursor:
        server.freeze()
        with within(IN_TIME), pytest.raises(OperationalError):
            cursor.execute("SELECT 1")
    server.thaw()
    database.close_if_unusable_or_obsolete()
    assert asked(database) == 1


def test_while_a_database_is_lost_two_wait_for_it_and_others_are_answered_at_once(server, monkeypatch):
    reach = Reach()
    with pytest.raises(bounds.PoolTimeout), reach.tried():
        raise bounds.PoolTimeout
    with ThreadPoolExecutor(WAIT_AT_MOST) as threads:
        began, done = Barrier(WAIT_AT_MOST + 1), Barrier(WAIT_AT_MOST + 1)

        def waiting():
            with reach.tried():
                began.wait()
                done.wait()

        waiting_ones = [threads.submit(waiting) for _ in range(WAIT_AT_MOST)]
        began.wait()
        with pytest.raises(DriverError, match="already"), reach.tried():
            raise AssertionError("let in")
        done.wait()
        assert [one.result() for one in waiting_ones] == [None] * WAIT_AT_MOST
    with reach.tried(), reach.tried(), reach.tried():  # found again: as many as like
        pass


def test_pages_have_bounds_that_commands_have_not(server, monkeypatch, django_db_blocker):
    def shown():
        with opened(server, {}) as database, database.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
            return cursor.fetchone()

    with django_db_blocker.unblock():
        assert shown() == ("0", "0")
        monkeypatch.setattr(bounds, "BOUNDS", dict(bounds.BOUNDS))
        monkeypatch.setattr("banking_portal.postgresql.base.BOUNDS", bounds.BOUNDS)
        monkeypatch.setattr(bounds.BoundedConnection, "answered_within", None)
        bounds.bound_pages()
        assert shown() == ("20s", "10s")
        assert bounds.BoundedConnection.answered_within > bounds.STATEMENT_SECONDS


def test_what_the_address_says_itself_counts_first(server, django_db_blocker):
    with opened(server, {"connect_timeout": 9}) as database:
        assert database.get_connection_params()["connect_timeout"] == 9


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        (OperationalError("connection refused"), True),
        (InterfaceError("the connection is closed"), True),
        (OperationalError("database is locked"), True),
        (OperationalError("database or disk is full"), True),
        (OperationalError("no such table: accounts_client"), False),
        (OperationalError("no such column: later"), False),
        (InternalError("a guard of the ledger"), False),
        (ValueError("ours"), False),
        (None, False),
    ],
)
def test_which_errors_pass_by_themselves(error, is_away):
    assert is_out_of_reach(error) is is_away


def test_a_replica_that_was_the_server_is_out_of_reach():
    error = InternalError("cannot execute INSERT in a read-only transaction")
    error.__cause__ = ReadOnlySqlTransaction("the same")
    assert is_out_of_reach(error)


def test_tries_are_logged_once_in_a_while(monkeypatch):
    seldom, record = OnceInAWhile(), logging.LogRecord("psycopg.pool", logging.WARNING, "", 1, "lost", (), None)
    assert [seldom.filter(record) for _ in range(3)] == [True, False, False]
    monkeypatch.setattr(OnceInAWhile, "SECONDS", 0)
    seldom = OnceInAWhile()
    assert [seldom.filter(record) for _ in range(3)] == [True, True, True]
