"""Questions to the database that are asked again and again: written by the ORM, compiled once in each process.

Compiling a question takes Django many times what PostgreSQL takes to answer it. So the pages that everybody opens keep
its SQL, with blanks where each asking gives its values; rows become objects as Django's own querysets make them. What
is kept is text without anybody's data: a blank has no value, and a constant of the question is the same for everybody.
What is changed again and again has its own module, prepared_changes.py.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sized
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

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
WORD = re.compile(r"[a-z0-9_]+")
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


Blanks = Blank | list[Blank]


class Parameter(NamedTuple):
    """What stands at one place of a statement: a constant or, where `name` is said, the value of that name.

    `number`: which value of a list; 0 where there is one alone.
    """

    constant: object
    name: str | None = None
    number: int = 0


@dataclass(frozen=True)
class Compiled(Generic[Row]):
    """`parameters` are those of the statement, `givers` prepare the values by name; `read` makes its rows.

    `columns`: how many a question gives.
    """

    rows: "QuerySet[Model, Row]"
    sql: str
    parameters: tuple[Parameter, ...]
    givers: Mapping[str, Giver]
    read: Reader
    columns: int


class KeptSql(Generic[Row]):
    """What is kept of a statement, whose values are named by `blanks`, each with the field that it is compared with.

    `written` is given a blank for each, or a list of them where several values are given; it gives the queryset. It is
    called once for each kind of database and number of values, so nothing of a request may be written in it.
    """

    def __init__(self, written: "Callable[..., QuerySet[Model, Row]]", **blanks: AnyField):
        self._written, self._blanks = written, blanks
        self._keys = [name for name, field in blanks.items() if isinstance(field, BigAutoField)]
        self._compiled: dict[Shape, Compiled[Row]] = {}

    def _query_of(self, rows: "QuerySet[Model, Row]", blanks: Mapping[str, Blanks]) -> Query:
        return rows.query

    def compiled_for(self, connection: BaseDatabaseWrapper, given: Mapping[str, Given]) -> Compiled[Row]:
        if given.keys() != self._blanks.keys():
            raise TypeError(f"asked with {sorted(given)} instead of {sorted(self._blanks)}")
        lengths = tuple([(name, _length(value)) for name, value in given.items() if isinstance(value, list)])
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
        parameters = tuple(map(_parameter, params))
        if connection.vendor == "postgresql":
            sql, parameters = with_texts(sql, parameters)
        asked = {each.name for each in parameters}
        givers = {
            name: prepared_values.for_comparing(field, connection)
            for name, field in self._blanks.items()
            if name in asked
        }
        columns = len(getattr(compiler, "select", None) or ())
        return Compiled(rows, sql, parameters, givers, self._reader_of(rows, compiler, connection), columns)

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
        if self.is_for_none(values):
            return []
        connection = connections[using]
        compiled = self.compiled_for(connection, values)
        if compiled.rows.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("rows are held within a transaction only")
        with kept_cursor(connection) as cursor:
            cursor.execute(compiled.sql, filled(compiled, values))  # type: ignore[arg-type]  # prepared for it
            found = cursor.fetchall()
        return compiled.read(found, connection)

    def first(self, using: str = DEFAULT_DB_ALIAS, **values: Given) -> Row | None:
        """The first row, or None; the question itself asks for no more than it needs."""
        return next(iter(self.ask(using, **values)), None)

    def is_for_none(self, given: Mapping[str, Given]) -> bool:
        """Whether no row can answer: an empty list is given, or a key greater than any can be."""
        if [] in given.values():
            return True
        for name in self._keys:
            value = given.get(name)
            if isinstance(value, int) and abs(value) > BigIntegerField.MAX_BIGINT:
                return True
        return False

    def _reader_of(
        self, rows: "QuerySet[Model, Row]", compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> Reader:
        return reader_of(rows, compiler, connection.alias)


# A question that gives one row at most, which holds something, and its values.
Asked = tuple[Prepared[Any], Mapping[str, Any]]


def first_of_each(*asked: Asked, using: str = DEFAULT_DB_ALIAS) -> list[Any]:
    """The row that each question gives, or None. PostgreSQL is asked all of them at once, SQLite one by one."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return [question.first(using, **values) for question, values in asked]
    compiled = [
        None if question.is_for_none(values) else question.compiled_for(connection, values)
        for question, values in asked
    ]
    params: list[object] = []
    for each, (_, values) in zip(compiled, asked, strict=True):
        params += filled(each, values) if each else ()
    with kept_cursor(connection) as cursor:
        cursor.execute(_beside(tuple([each.sql for each in compiled if each])), params)  # type: ignore[arg-type]
        found = list(cursor.fetchone())
    rows: list[Any] = []
    for each in compiled:
        row, found = (found[: each.columns], found[each.columns :]) if each else ([], found)
        # A row that is not there is put together of nothing.
        is_there = any(value is not None for value in row)
        rows.append(each.read([tuple(row)], connection)[0] if each and is_there else None)
    return rows


@cache
def _beside(questions: tuple[str, ...]) -> str:
    """One statement whose row holds the columns of all their rows."""
    names = [f"asked_{number}" for number in range(len(questions))]
    joined = " ".join(f"LEFT JOIN ({sql}) AS {name} ON TRUE" for name, sql in zip(names, questions, strict=True))
    return f"SELECT {', '.join(f'{name}.*' for name in names) or 1} FROM (SELECT 1) AS once {joined}"  # noqa: S608 - no value


def refuse_moments(params: Collection[object]) -> None:
    """Raises ImproperlyConfigured where a constant of a statement that is to be kept is a day, an hour or a moment."""
    if any(isinstance(each, date | time) or A_DAY.match(str(each)) for each in params):
        raise ImproperlyConfigured("what is kept holds a moment: give it each time")


def _parameter(param: object) -> Parameter:
    return Parameter(None, param.name, param.place) if isinstance(param, Blank) else Parameter(param)


def with_texts(sql: str, parameters: tuple[Parameter, ...]) -> tuple[str, tuple[Parameter, ...]]:
    """The statement with the constant texts written into it, and the parameters that are left.

    The question about somebody's journal names a hundred kinds of lines: psycopg would read it anew each time, and send
    them all. What is no plain word stays a parameter; what somebody gives is a blank, and never written.
    """
    parts = sql.split("%s")
    if "%%" in sql or len(parts) != len(parameters) + 1:
        return sql, parameters
    written, left = parts[0], []
    for parameter, part in zip(parameters, parts[1:], strict=True):
        is_word = parameter.name is None and type(parameter.constant) is str and WORD.fullmatch(parameter.constant)
        written += (f"'{parameter.constant}'" if is_word else "%s") + part
        left += [] if is_word else [parameter]
    return written, tuple(left)


def _blank(name: str, field: AnyField, length: int | None) -> Blanks:
    return Blank(name, 0, field) if length is None else [Blank(name, number, field) for number in range(length)]


def _length(values: Sized) -> int:
    """How many blanks a list is compiled for, a power of two: few lengths are ever compiled."""
    return 1 << (len(values) - 1).bit_length() if values else 0


def filled(compiled: Compiled[Row], given: Mapping[str, Given]) -> list[object]:
    """What the statement is executed with: what is given stands in its blanks. Raises ValueError for None."""
    values = {}
    for name, give in compiled.givers.items():
        value = given[name]
        several = value if isinstance(value, list) else None
        if value is None or (several and None in several):
            raise ValueError(f"{name} is None, which equals nothing in SQL")
        values[name] = [give(value)] if several is None else _all_of(give, several)
    return [constant if name is None else values[name][number] for constant, name, number in compiled.parameters]


def _all_of(give: Giver, given: list[object]) -> list[object]:
    """As these values are given to the database, one for each blank of their list."""
    made = [give(value) for value in given]
    # The last one again and again stands in the blanks that are left.
    return made + made[-1:] * (_length(made) - len(made))


def kept_cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """One that lets the server keep the statement, where the portal's own backend is served by one that does."""
    made: Callable[[], CursorWrapper] = getattr(connection, "kept_cursor", connection.cursor)
    return made()
