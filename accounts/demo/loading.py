"""Writing very many rows of the demo at once: by COPY where the database has one, several chunks side by side."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from operator import attrgetter

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
        # As one value: to fill in thousands takes longer than to look for them.
        cursor.execute(f"SELECT {column} FROM {table} WHERE {column} = ANY(%s)", [list(numbers)])  # noqa: S608 - a model's own
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
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sequence, [model._meta.db_table, count])
            return [key for [key] in cursor.fetchall()]
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
        for size in sizes:
            if len(unwritten) > WRITERS:
                wait()
            unwritten.append((pool.submit(_write_apart, make(size)), size))
        while unwritten:
            wait()


def _write_apart(tables: Sequence[Table]) -> None:
    """By a connection of this thread's own."""
    try:
        with transaction.atomic():
            _write(tables)
    finally:
        connection.close()


def _write(tables: Sequence[Table]) -> None:
    for table in tables:
        table.write()


def analyze() -> None:
    """Has the database know how much there is of what, as it would by itself some minutes later."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
