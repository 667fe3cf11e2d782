"""Work that one process at a time may do, on whichever machine; a killed process gives its turn back by itself."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def alone(work: str) -> Iterator[None]:
    """Waits until nobody else does `work`, then keeps the others waiting until the end of the block."""
    turn = _advisory_lock if connection.vendor == "postgresql" else _folder_lock
    with turn(work):
        yield


@contextmanager
def _advisory_lock(work: str) -> Iterator[None]:
    """Held by the connection, not by a transaction: none stays open while the work is done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [work])
    try:
        yield
    except KeyboardInterrupt:
        # It may have cut a query short, and then the connection takes no other one. Closed, it gives the turn back.
        connection.close()
        raise
    finally:
        if connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [work])


@contextmanager
def _folder_lock(_work: str) -> Iterator[None]:
    """SQLite has one machine and no such lock: its folder is locked.

    Not its file: closing a second handle on it would drop the locks by which SQLite itself guards it.
    """
    handle = os.open(Path(connection.settings_dict["NAME"]).parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def if_free(work: str) -> Iterator[bool]:
    """Whether nobody else does `work` now, on whichever machine; nobody begins it before the end of the block.

    SQLite has one machine, on which who starts timers starts none twice.
    """
    if connection.vendor != "postgresql":
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [work])
        [is_free] = cursor.fetchone()
    try:
        yield is_free
    except KeyboardInterrupt:
        connection.close()  # as above
        raise
    finally:
        if is_free and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [work])
