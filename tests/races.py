"""Doing many things at the same instant."""

import fcntl
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections


def at_once(act: Callable, arguments: Iterable) -> list:
    """What `act` gives for each argument, in their order, all begun at the same instant in threads of their own."""
    arguments = list(arguments)
    start = threading.Barrier(len(arguments))

    def run(argument):
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return act(argument)
        finally:
            connections.close_all()

    with _one_race_at_a_time(), ThreadPoolExecutor(len(arguments)) as threads:
        return list(threads.map(run, arguments))


@contextmanager
def _one_race_at_a_time() -> Iterator[None]:
    """Other processes of the same run wait: the database server has a bounded number of connections."""
    with (Path(tempfile.gettempdir()) / f"portal-tests-race-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
