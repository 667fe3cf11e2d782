"""Doing many things at the same instant."""

import fcntl
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.serving import PATIENCE

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def at_once(act: Callable, arguments: Iterable) -> list:
    """What `act` gives for each argument, in their order, all begun at the same instant in threads of their own."""
    arguments = list(arguments)
    start = threading.Barrier(len(arguments))

    def run(argument):
        try:
            connect(connection)
            start.wait(timeout=PATIENCE)
            return act(argument)
        finally:
            connections.close_all()

    with _one_race_at_a_time(), ThreadPoolExecutor(len(arguments)) as threads:
        return list(threads.map(run, arguments))


def connect(database: BaseDatabaseWrapper) -> None:
    """Opens the connection; of many at once a busy machine may open one later than a page would wait for it."""
    give_up = time.monotonic() + PATIENCE
    while database.connection is None:
        try:
            database.ensure_connection()
        except OperationalError:
            assert time.monotonic() < give_up


def in_own_connection(act: Callable) -> object:
    """What `act` gives, in a thread beside the test: its connection ends with it."""
    try:
        return act()
    finally:
        connections.close_all()


def wait_until_somebody_waits_for_us() -> None:
    """On PostgreSQL: until another connection waits for what this one holds."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits for us")


@contextmanager
def _one_race_at_a_time() -> Iterator[None]:
    """Other processes of the same run wait: the database server has a bounded number of connections."""
    with (Path(tempfile.gettempdir()) / f"portal-tests-race-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
