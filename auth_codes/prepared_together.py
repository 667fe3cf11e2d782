"""New rows and changes that are gathered, and made by one statement of PostgreSQL instead of one after the other.

Each way to the database and back costs the web worker and PostgreSQL more than most of what it is for. What is gathered
is independent: no part of the statement sees what another one has written, but for a row that names another.
"""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from operator import methodcaller
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.transaction import TransactionManagementError

from auth_codes.prepared import kept_cursor

# What is told what the database has drawn, and may refuse it.
Told = Callable[[Collection[object]], None]


class _Waiting(NamedTuple):
    """A part of the statement, what it is called there, and how many values it gives, of which `told` is told."""

    name: str
    sql: str
    params: list[object]
    drawn: int
    told: Told


class Gathered:
    """What is to be made together, in any order."""

    def __init__(self) -> None:
        self._parts: list[_Waiting] = []

    def append(self, sql: str, params: list[object], drawn: int, told: Told, *, name: str = "") -> None:
        """A part that returns one value at most, as `drawn` says, and whose `name`, if others use it, is its own."""
        if any(part.name == name for part in self._parts):
            raise TransactionManagementError(f"one {name} is gathered at a time")
        self._parts.append(_Waiting(name or f"part_{len(self._parts)}", sql, params, drawn, told))

    def write(self, connection: BaseDatabaseWrapper) -> None:
        if not self._parts:
            return
        sql = _together(tuple([(part.name, part.sql, part.drawn) for part in self._parts]))
        params = [each for part in self._parts for each in part.params]
        drawn = iter(executed(connection, sql, params, methodcaller("fetchone")))
        for part in self._parts:
            part.told(list(islice(drawn, part.drawn)))


class _Threads(threading.local):
    """What each thread gathers, by the alias of its database; nothing where each is made at once."""

    def __init__(self) -> None:
        self.gathered: dict[str, Gathered | None] = {}


_threads = _Threads()


def waiting_for(using: str) -> Gathered | None:
    """What is being gathered in this thread, if anything."""
    return _threads.gathered.get(using)


@contextmanager
def gathered(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """New rows that are saved within the block, and changes that `must` be made, are made at its end, by one statement.

    Until then new rows have no key, and nobody is refused. In the caller's transaction, and without a savepoint in the
    block: what an error leaves unwritten is never written. SQLite makes each at once.
    """
    connection = connections[using]
    if not connection.in_atomic_block or using in _threads.gathered:
        raise TransactionManagementError("rows are gathered once, and within a transaction")
    gathering = Gathered() if connection.vendor == "postgresql" else None
    _threads.gathered[using] = gathering
    try:
        yield
    finally:
        del _threads.gathered[using]
    if gathering:
        gathering.write(connection)


@cache
def _together(parts: tuple[tuple[str, str, int], ...]) -> str:
    """The statement that makes them all, and gives what was drawn for them in their order."""
    made = ", ".join(f"{name} (key) AS ({sql})" if drawn else f"{name} AS ({sql})" for name, sql, drawn in parts)
    drawn = ", ".join(f"(SELECT key FROM {name})" for name, _, drawn in parts if drawn)  # noqa: S608 - as below
    return f"WITH {made} SELECT {drawn or 1}"


def executed(
    connection: BaseDatabaseWrapper, sql: str, params: list[object], outcome: Callable[[CursorWrapper], Any]
) -> Any:
    """What `outcome` reads of it. As the ORM makes a change: an error ends the transaction, also one that is caught."""
    try:
        with kept_cursor(connection) as cursor:
            cursor.execute(sql, params)  # type: ignore[arg-type]  # prepared for the database
            return outcome(cursor)
    except Exception as error:
        if connection.in_atomic_block:
            # Django's own mark_for_rollback_on_error, without a generator for each statement.
            connection.needs_rollback = True
            connection.rollback_exc = error  # type: ignore[attr-defined]  # the stubs forget it
        raise
