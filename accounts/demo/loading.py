"""Writing very many rows of the demo at once: by COPY where the database has one."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TypeVar

from django.db import connection
from django.db.models import Max, Model

Row = TypeVar("Row", bound=Model)


def free_numbers(model: type[Model], field: str, draw: Callable[[], str], count: int) -> list[str]:
    """`count` different numbers that nobody holds: a bulk insert cannot draw again."""
    free: set[str] = set()
    while len(free) < count:
        free |= {draw() for _ in range(count - len(free))}
        free -= set(model._default_manager.filter(**{f"{field}__in": free}).values_list(field, flat=True))
    return list(free)


def keys(model: type[Model], count: int) -> Sequence[int]:
    """`count` primary keys that no row has or will get, so that rows may name each other before they are written.

    Asked in the transaction that writes them.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sequence, [model._meta.db_table, count])
            return [key for [key] in cursor.fetchall()]
    highest: int = model._default_manager.aggregate(highest=Max("pk"))["highest"] or 0
    return range(highest + 1, highest + 1 + count)


def load(model: type[Row], rows: Iterable[Row]) -> list[Row]:
    """Writes new rows that have their keys, of plain columns alone, and gives them.

    Each as soon as it is made: whoever makes the next one need not wait for the database.
    """
    if connection.vendor != "postgresql":
        return model._base_manager.bulk_create(rows)  # and nothing of what else its own manager would write
    fields = [field for field in model._meta.concrete_fields if field.column]  # a key of several columns has none
    quote, written = connection.ops.quote_name, []
    columns = ", ".join(quote(field.column) for field in fields)
    values = attrgetter(*(field.attname for field in fields))
    with connection.cursor() as cursor, cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as to:
        for row in rows:
            to.write_row(values(row))
            written.append(row)
    return written


def analyze() -> None:
    """Has the database know how much there is of what, as it would by itself some minutes later."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
