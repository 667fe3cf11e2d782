"""Writing very many rows of the demo at once: by COPY where the database has one, several chunks side by side."""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from operator import attrgetter
from threading import Barrier

from django.db import connection, transaction
from django.db.models import Max, Model

Row = tuple[object, ...]
# As many chunks are written at once, and one more is made meanwhile.
WRITERS = os.cpu_count() or 1


def free_numbers(model: type[Model], field: str, draw: Callable[[], str], count: int) -> list[str]:
    """`count` different numbers that nobody holds: a bulk insert cannot draw again."""
    free: set[str] = set()
    while len(free) < count:
        free |= {draw() for _ in range(count - len(free))}
        free -= _held(model, field, free)
    return list(free)


def _held(model: type[Model], field: str, numbers: set[str]) -> set[str]:
    if connection.vendor != "postgresql":
        return set(model._default_manager.filter(**{f"{field}__in": numbers}).values_list(field, flat=True))
    table, column = map(connection.ops.quote_name, (model._meta.db_table, field))
    with connection.cursor() as cursor:
        # As one text: to fill in thousands takes longer than to look for them.
        asked = f"SELECT {column} FROM {table} WHERE {column} = ANY(string_to_array(%s, ' '))"  # noqa: S608 - a model's own
        cursor.execute(asked, [" ".join(numbers)])
        return {number for [number] in cursor.fetchall()}


class FreeNumbers:
    """Numbers that nobody holds, nor will by a chunk that is still being written."""

    def __init__(self, model: type[Model], field: str, draw: Callable[[], str]):
        self.model, self.field, self.draw = model, field, draw
        self.promised: deque[set[str]] = deque(maxlen=WRITERS + 1)

    def take(self, count: int) -> list[str]:
        free: set[str] = set()
        while len(free) < count:
            free.update(free_numbers(self.model, self.field, self.draw, count - len(free)))
            free.difference_update(*self.promised)
        self.promised.append(free)
        return list(free)


def keys(model: type[Model], count: int) -> Sequence[int]:
    """`count` primary keys that no row has or will get, so that rows may name each other before they are written.

    SQLite has nobody who promises them: there they are asked for in the transaction that writes them.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            sequence = "SELECT array_agg(nextval(pg_get_serial_sequence(%s, 'id'))) FROM generate_series(1, %s)"
            cursor.execute(sequence, [model._meta.db_table, count])
            promised: list[int] | None = cursor.fetchone()[0]
            return promised or []
    highest: int = model._default_manager.aggregate(highest=Max("pk"))["highest"] or 0
    return range(highest + 1, highest + 1 + count)


class Table:
    """New rows of a model, of plain columns alone, that have their keys."""

    def __init__(self, model: type[Model]):
        self.model = model
        # A key of several columns has none of its own.
        fields = [field for field in model._meta.concrete_fields if field.column]
        self.names, self.columns = [field.attname for field in fields], [field.column for field in fields]
        self.said_by: Callable[[Model], Row] = attrgetter(*self.names)
        self.rows: list[Row] = []

    def add(self, made: Model) -> None:
        """Keeps what the object says now. It may then be changed into the next one: to make each anew takes longer."""
        self.rows.append(self.said_by(made))

    def write(self) -> None:
        """By the connection of this thread."""
        if connection.vendor != "postgresql":
            made = (self.model(**dict(zip(self.names, row, strict=True))) for row in self.rows)
            self.model._base_manager.bulk_create(made)  # and nothing of what else its own manager would write
            return
        quote = connection.ops.quote_name
        into = f"{quote(self.model._meta.db_table)} ({', '.join(map(quote, self.columns))})"
        # Django wraps errors of `execute`, and knows nothing of COPY.
        with (
            connection.wrap_database_errors,
            connection.cursor() as cursor,
            cursor.copy(f"COPY {into} FROM STDIN") as copy,
        ):
            for row in self.rows:
                copy.write_row(row)


@contextmanager
def uncollected() -> Iterator[None]:
    """Nothing is looked for that refers to itself: rows never do, and they would be looked at again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


Make = Callable[[int], Sequence[Table]]


def write_chunks(sizes: Iterable[int], make: Make, advance: Callable[[int], None]) -> None:
    """Writes what `make` makes of each size, each in a transaction, and then tells `advance` the size.

    PostgreSQL gets several at once, by connections of their own: one alone would leave the other cores idle. Inside
    somebody's transaction, whose rows no other connection sees, and on SQLite they are written one after the other.
    """
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        _write_side_by_side(sizes, make, advance)
        return
    for size in sizes:
        with transaction.atomic():
            _write(make(size))
        advance(size)


def _write_side_by_side(sizes: Iterable[int], make: Make, advance: Callable[[int], None]) -> None:
    unwritten: deque[tuple[Future[None], int]] = deque()

    def wait() -> None:
        future, size = unwritten.popleft()
        future.result()
        advance(size)

    with ThreadPoolExecutor(WRITERS) as pool:
        try:
            for size in sizes:
                if len(unwritten) > WRITERS:
                    wait()
                unwritten.append((pool.submit(_write_apart, make(size)), size))
            while unwritten:
                wait()
        finally:
            all_of_them = Barrier(WRITERS)
            for _ in range(WRITERS):
                pool.submit(_hang_up, all_of_them)


def _write_apart(tables: Sequence[Table]) -> None:
    """By a connection of this thread's own, which it keeps: a new one would read the catalogue again for each chunk."""
    with transaction.atomic():
        _write(tables)


def _hang_up(all_of_them: Barrier) -> None:
    """Each thread once: none takes a second turn before all have begun."""
    all_of_them.wait()
    connection.close()


def _write(tables: Sequence[Table]) -> None:
    for table in tables:
        table.write()


def analyze() -> None:
    """Has the database know how much there is of what, as it would by itself some minutes later."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
