"""Changes of the database that are made again and again: written by the ORM, compiled once in each process.

As the questions of prepared.py, and for their reason. Each is one statement, with the locks of the ORM's own. No signal
of a model is sent, and no relation followed.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from operator import attrgetter, methodcaller
from typing import Generic, NamedTuple, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import AutoField, DateField, DateTimeField, Field, Model, QuerySet
from django.db.models.constants import OnConflict
from django.db.models.deletion import Collector
from django.db.models.expressions import BaseExpression, RawSQL
from django.db.models.sql import DeleteQuery, InsertQuery, Query, UpdateQuery

from auth_codes import prepared_values
from auth_codes.prepared import (
    Blank,
    Blanks,
    Compiled,
    Given,
    KeptSql,
    Row,
    filled,
    refuse_moments,
)
from auth_codes.prepared_rows import KEEPS, reader_of
from auth_codes.prepared_together import Gathered, executed, waiting_for
from auth_codes.prepared_values import AnyField, Giver

Kind = TypeVar("Kind", bound=Model)
# What a statement that writes a row and one that names it calls them.
FIRST, SECOND = "first_row", "second_row"
# How a field gives the value that the row holds; a day or a moment may be told to be set when it is saved.
AS_HELD = (Field.pre_save, DateField.pre_save, DateTimeField.pre_save)
# Of an update, and of an insert that may find its row there: whether there was anything to write.
WHETHER = "RETURNING 1"
KEY_OF_FIRST = f"(SELECT key FROM {FIRST})"  # noqa: S608 - no value is in it


class PreparedChange(KeptSql[Row]):
    """An update of the rows that `written` finds: the blanks named in `sets` are what their fields become."""

    def __init__(self, written: "Callable[..., QuerySet[Model, Row]]", sets: Collection[str], **blanks: AnyField):
        super().__init__(written, **blanks)
        self._sets = sets

    def make(self, using: str = DEFAULT_DB_ALIAS, **values: Given) -> int:
        """Says how many rows it has changed."""
        connection = connections[using]
        compiled = self.compiled_for(connection, values)
        changed: int = executed(connection, compiled.sql, filled(compiled, values), attrgetter("rowcount"))
        return changed

    def must(self, otherwise: Exception, using: str = DEFAULT_DB_ALIAS, **values: Given) -> None:
        """The same, gathered with others where rows are. Raises `otherwise` where there is no such row."""
        waiting = waiting_for(using)
        if waiting is None:
            if not self.make(using, **values):
                raise otherwise
            return
        compiled = self.compiled_for(connections[using], values)
        waiting.append(f"{compiled.sql} {WHETHER}", filled(compiled, values), 1, partial(_refuse_none, otherwise))

    @property
    def _asked_for(self) -> Collection[str]:
        return self._blanks.keys() - set(self._sets)

    def _query_of(self, rows: "QuerySet[Model, Row]", blanks: Mapping[str, Blanks]) -> Query:
        query: UpdateQuery = rows.query.chain(UpdateQuery)  # type: ignore[assignment]  # the stubs forget the class
        query.add_update_values({name: blanks[name] for name in self._sets})
        return query


class PreparedDelete(KeptSql[Row]):
    """Deletes the rows that `written` finds, a queryset of `values_list`; nothing may hang on them."""

    def make(self, using: str = DEFAULT_DB_ALIAS, **values: Given) -> list[Row]:
        """What `written` reads of each row that it has deleted."""
        connection = connections[using]
        compiled = self.compiled_for(connection, values)
        deleted = executed(connection, compiled.sql, filled(compiled, values), methodcaller("fetchall"))
        return compiled.read(deleted, connection)

    def _query_of(self, rows: "QuerySet[Model, Row]", blanks: Mapping[str, Blanks]) -> Query:
        if not Collector(using=rows.db).can_fast_delete(rows):  # type: ignore[arg-type]  # the stubs want whole rows
            raise ImproperlyConfigured("something hangs on these rows: the ORM has to delete them")
        return rows.query.chain(DeleteQuery)

    def _compile(self, connection: BaseDatabaseWrapper, lengths: Mapping[str, int]) -> Compiled[Row]:
        compiled = super()._compile(connection, lengths)
        asking = compiled.rows.query.get_compiler(connection=connection)
        asking.pre_sql_setup()
        columns = ", ".join(sql for _, (sql, _), _ in asking.select)
        read = reader_of(compiled.rows, asking, connection.alias)
        return replace(compiled, sql=f"{compiled.sql} RETURNING {columns}", read=read)


class ColumnValue(NamedTuple):
    """Where the value of a column goes in a statement, and how it is given to the database."""

    name: str
    give: Giver


class _Insert(NamedTuple):
    """`params` are ColumnValues, and what the computed columns hold besides."""

    sql: str
    params: tuple[object, ...]


class PreparedInsert(Generic[Kind]):
    """Writes new rows of a model, one at a time.

    A column named in `computed` holds what the statement itself finds, by an expression made of its blank.
    """

    # Whether it writes each row that it is given, so that nobody has to wait for its answer.
    _writes_all = True

    def __init__(self, model: type[Kind], **computed: Callable[[Blank], BaseExpression]):
        self._model, self._computed = model, computed
        own = [each for each in model._meta.local_concrete_fields if not each.generated]
        self._fields = [each for each in own if not isinstance(each, AutoField)]
        self._drawn = [each for each in own if isinstance(each, AutoField)]
        if not all(map(_is_plain, own)):
            raise ImproperlyConfigured(f"a {model.__name__} does not hold what is written of it: the ORM has to")
        self._compiled: dict[str, _Insert] = {}

    def save(self, row: Kind, using: str = DEFAULT_DB_ALIAS, **computed: object) -> bool:
        """Whether `row` was written; it then has its key. `computed` are the values that expressions are given."""
        connection = connections[using]
        sql, values = self.filled(row, connection, **computed)
        waiting = waiting_for(using)
        if waiting is not None and self._writes_all:
            waiting.append(sql, values, len(self._drawn), partial(self.is_written, row, using=using))
            return True
        written = executed(connection, sql, values, self._what_was_written)
        if written is None:
            return False
        self.is_written(row, written, using)
        return True

    def filled(self, row: Kind, connection: BaseDatabaseWrapper, **computed: object) -> tuple[str, list[object]]:
        """The statement and what it is executed with; `row` was made here, or read whole."""
        if computed.keys() != self._computed.keys():
            raise TypeError(f"saved with {sorted(computed)} instead of {sorted(self._computed)}")
        if connection.vendor not in self._compiled:
            self._compiled[connection.vendor] = self._compile(connection)
        sql, params = self._compiled[connection.vendor]
        given = vars(row) | computed if computed else vars(row)
        return sql, [each.give(given[each.name]) if type(each) is ColumnValue else each for each in params]

    def is_written(self, row: Kind, written: Collection[object], using: str) -> None:
        """Gives `row` the keys that the database has drawn for it."""
        for field, value in zip(self._drawn, written, strict=True):
            setattr(row, field.attname, value)
        row._state.adding, row._state.db = False, using

    def _what_was_written(self, cursor: CursorWrapper) -> Collection[object] | None:
        """The keys that were drawn, and None where no row was written."""
        if self._drawn:
            drawn: Collection[object] | None = cursor.fetchone()
            return drawn
        return () if cursor.rowcount == 1 else None

    def _query(self) -> InsertQuery:
        return InsertQuery(self._model)

    def _compile(self, connection: BaseDatabaseWrapper) -> _Insert:
        blanks = {each.attname: Blank(each.attname, 0, each) for each in self._fields}
        query = self._query()
        query.insert_values(
            self._fields, [self._model(**blanks | {name: made(blanks[name]) for name, made in self._computed.items()})]
        )
        compiler = query.get_compiler(connection=connection)
        compiler.returning_fields = self._drawn or None
        [(sql, params)] = compiler.as_sql()
        refuse_moments([each for each in params if not isinstance(each, Blank)])
        return _Insert(sql, tuple(_value_of(each, connection) if isinstance(each, Blank) else each for each in params))


class PreparedInsertOfTwo(Generic[Kind]):
    """Writes a row and a second one that names it: PostgreSQL by one statement, SQLite by two in a transaction.

    `names` is the column of the second that holds the key of the first, which the database draws.
    """

    def __init__(
        self,
        first: type[Kind],
        second: type[Model],
        names: str,
        **computed: Callable[[Blank], BaseExpression],
    ):
        self._names = names
        self._first, self._second = PreparedInsert(first), PreparedInsert(second, **computed)
        self._named = PreparedInsert(second, **computed, **{names: lambda _: RawSQL(KEY_OF_FIRST, ())})  # noqa: S611 - a name of our own

    def save(self, row: Kind, other: Model, using: str = DEFAULT_DB_ALIAS, **computed: object) -> None:
        """`row` then has its key, and `other` names it. `computed` are the values of the second's expressions."""
        connection = connections[using]
        if connection.vendor == "postgresql":
            waiting = waiting_for(using)
            rows = Gathered() if waiting is None else waiting
            self._append(row, other, rows, connection, computed)
            if waiting is None:
                rows.write(connection)
            return
        with transaction.atomic(using=using, savepoint=False):
            self._first.save(row, using)
            setattr(other, self._names, row.pk)
            self._second.save(other, using, **computed)

    def _append(
        self,
        row: Kind,
        other: Model,
        rows: Gathered,
        connection: BaseDatabaseWrapper,
        computed: Mapping[str, object],
    ) -> None:
        def is_written(drawn: Collection[object]) -> None:
            self._first.is_written(row, drawn, connection.alias)
            setattr(other, self._names, row.pk)
            self._named.is_written(other, (), connection.alias)

        first, params = self._first.filled(row, connection)
        second, more = self._named.filled(other, connection, **computed, **{self._names: None})
        rows.append(first, params, 1, is_written, name=FIRST)
        rows.append(second, more, 0, lambda _: None, name=SECOND)


class InsertUnlessThere(PreparedInsert[Kind]):
    """The same of a row that may be there already: then it stays as it is."""

    _writes_all = False

    def must(self, row: Kind, otherwise: Exception, using: str = DEFAULT_DB_ALIAS) -> None:
        """Written with others where rows are gathered, under a key that is given. Raises `otherwise` if it is there."""
        waiting = waiting_for(using)
        if waiting is None:
            if not self.save(row, using):
                raise otherwise
            return
        sql, values = self.filled(row, connections[using])

        def is_written(drawn: Collection[object]) -> None:
            _refuse_none(otherwise, drawn)
            self.is_written(row, (), using)

        waiting.append(f"{sql} {WHETHER}", values, 1, is_written)

    def _query(self) -> InsertQuery:
        return InsertQuery(self._model, on_conflict=OnConflict.IGNORE)


class PreparedUpsert(PreparedInsert[Kind]):
    """The same of a row that gives its fields named in `updates` to the one that has its `unique` field already."""

    def __init__(self, model: type[Kind], *, unique: str, updates: Collection[str]):
        super().__init__(model)
        self._unique, self._updates = unique, updates

    def _query(self) -> InsertQuery:
        field = self._model._meta.get_field
        return InsertQuery(
            self._model,
            on_conflict=OnConflict.UPDATE,
            unique_fields=[field(self._unique)],
            update_fields=[field(name) for name in self._updates],
        )


def _is_plain(field: AnyField) -> bool:
    """Whether it is saved as the row holds it, and the row as it was given it."""
    sets_now = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    is_kept = type(getattr(field.model, field.attname)) in KEEPS
    return is_kept and type(field).pre_save in AS_HELD and not sets_now


def _refuse_none(otherwise: Exception, drawn: Collection[object]) -> None:
    if None in drawn:
        raise otherwise


def _value_of(blank: Blank, connection: BaseDatabaseWrapper) -> ColumnValue:
    return ColumnValue(blank.name, prepared_values.for_saving(blank.output_field, connection))
