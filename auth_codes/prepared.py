"""Questions to the database that are asked again and again: written by the ORM, compiled once in each process.

Compiling a question takes Django many times what PostgreSQL takes to answer it. So the pages that everybody opens keep
its SQL, with blanks where each asking gives its values; rows become objects as Django's own querysets make them. What
is kept is text without anybody's data: a blank has no value, and a constant of the question is the same for everybody.
What is changed again and again has its own module, prepared_changes.py.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Generic, NamedTuple, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import (
    BigAutoField,
    BigIntegerField,
    CharField,
    DateField,
    DateTimeField,
    Expression,
    IntegerField,
    Model,
    QuerySet,
)
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

from auth_codes import prepared_values
from auth_codes.prepared_rows import Reader, reader_of
from auth_codes.prepared_values import AnyField, Giver

Row = TypeVar("Row")
# What most values are compared with.
KEY: AnyField = BigAutoField()
NUMBER: AnyField = IntegerField()
TEXT: AnyField = CharField()
DAY: AnyField = DateField()
MOMENT: AnyField = DateTimeField()
# What a blank may be given: one value, or several for « in ».
Given = object | Collection[object]
# A kind of database, its alias, and how many values each list has.
Shape = tuple[str, str, tuple[tuple[str, int], ...]]
# As SQLite is given days and moments.
A_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Blank(Expression):
    """Stands in the question for a value, which is prepared for the database as one of `output_field`."""

    def __init__(self, name: str, place: int, output_field: AnyField):
        super().__init__(output_field=output_field)
        self.name, self.place = name, place

    def as_sql(  # type: ignore[override]  # the stubs know strings and numbers as parameters
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list["Blank"]]:
        return "%s", [self]


class Place(NamedTuple):
    """Where a value goes in a statement that is compiled: which one, of a list which, and how it is given."""

    name: str
    place: int
    give: Giver


Blanks = Blank | list[Blank]


@dataclass(frozen=True)
class Compiled(Generic[Row]):
    """`params` are constants of the statement and, where a value goes, its Place; `read` makes its rows."""

    rows: "QuerySet[Model, Row]"
    sql: str
    params: tuple[object, ...]
    read: Reader


class KeptSql(Generic[Row]):
    """What is kept of a statement, whose values are named by `blanks`, each with the field that it is compared with.

    `written` is given a blank for each, or a list of them where several values are given; it gives the queryset. It is
    called once for each kind of database and number of values, so nothing of a request may be written in it.
    """

    def __init__(self, written: "Callable[..., QuerySet[Model, Row]]", **blanks: AnyField):
        self._written, self._blanks = written, blanks
        self._compiled: dict[Shape, Compiled[Row]] = {}

    def _query_of(self, rows: "QuerySet[Model, Row]", blanks: Mapping[str, Blanks]) -> Query:
        return rows.query

    def compiled_for(self, connection: BaseDatabaseWrapper, given: Mapping[str, Given]) -> Compiled[Row]:
        if given.keys() != self._blanks.keys():
            raise TypeError(f"asked with {sorted(given)} instead of {sorted(self._blanks)}")
        lengths = tuple((name, len(value)) for name, value in given.items() if isinstance(value, list))
        key = connection.vendor, connection.alias, lengths
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = self._compile(connection, dict(lengths))
        return compiled

    def _compile(self, connection: BaseDatabaseWrapper, lengths: Mapping[str, int]) -> Compiled[Row]:
        blanks = {name: _blank(name, field, lengths.get(name)) for name, field in self._blanks.items()}
        rows = self._written(**{name: blanks[name] for name in blanks if name in self._asked_for})
        compiler = self._query_of(rows, blanks).get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        refuse_moments(params)
        places = tuple(self._place_of(each, connection) if isinstance(each, Blank) else each for each in params)
        return Compiled(rows, sql, places, self._reader_of(rows, compiler, connection))

    def _place_of(self, blank: Blank, connection: BaseDatabaseWrapper) -> Place:
        return Place(blank.name, blank.place, prepared_values.for_comparing(blank.output_field, connection))

    def _reader_of(
        self, rows: "QuerySet[Model, Row]", compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> Reader:
        return lambda found, _: found

    @property
    def _asked_for(self) -> Collection[str]:
        return self._blanks


class Prepared(KeptSql[Row]):
    """Rows that are asked for."""

    def ask(self, using: str = DEFAULT_DB_ALIAS, **values: Given) -> list[Row]:
        """The rows for these values. A list of values is « one of these », and none of them gives no row.

        Neither does a key that no row can have, which somebody may write into an address.
        """
        given = {name: _padded(value) if isinstance(value, list) else value for name, value in values.items()}
        if [] in given.values() or any(map(self._is_no_key, given.items())):
            return []
        connection = connections[using]
        compiled = self.compiled_for(connection, given)
        if compiled.rows.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("rows are held within a transaction only")
        with kept_cursor(connection) as cursor:
            cursor.execute(compiled.sql, filled(compiled, given))  # type: ignore[arg-type]  # prepared for it
            found = cursor.fetchall()
        return compiled.read(found, connection)

    def first(self, using: str = DEFAULT_DB_ALIAS, **values: Given) -> Row | None:
        """The first row, or None; the question itself asks for no more than it needs."""
        return next(iter(self.ask(using, **values)), None)

    def _is_no_key(self, given: tuple[str, Given]) -> bool:
        name, value = given
        is_key = isinstance(self._blanks.get(name), BigAutoField)
        return is_key and isinstance(value, int) and abs(value) > BigIntegerField.MAX_BIGINT

    def _reader_of(
        self, rows: "QuerySet[Model, Row]", compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> Reader:
        return reader_of(rows, compiler, connection.alias)


def refuse_moments(params: Collection[object]) -> None:
    """Raises ImproperlyConfigured where a constant of a statement that is to be kept is a day, an hour or a moment."""
    if any(isinstance(each, date | time) or A_DAY.match(str(each)) for each in params):
        raise ImproperlyConfigured("what is kept holds a moment: give it each time")


def _blank(name: str, field: AnyField, length: int | None) -> Blanks:
    return Blank(name, 0, field) if length is None else [Blank(name, place, field) for place in range(length)]


def _padded(values: list[object]) -> list[object]:
    """As many as a power of two, the last one again and again: few lengths are ever compiled."""
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values)) if values else []


def filled(compiled: Compiled[Row], given: Mapping[str, Given]) -> list[object]:
    """What the statement is executed with: the values that are given stand in its places."""
    return [_value(each, given) if type(each) is Place else each for each in compiled.params]


def _value(place: Place, given: Mapping[str, Given]) -> object:
    value = given[place.name]
    if type(value) is list:
        value = value[place.place]
    if value is None:
        raise ValueError(f"{place.name} is None, which equals nothing in SQL")
    return place.give(value)


def kept_cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """One that lets the server keep the statement, where the portal's own backend is served by one that does."""
    made: Callable[[], CursorWrapper] = getattr(connection, "kept_cursor", connection.cursor)
    return made()
