"""How the rows of a kept question become what its queryset gives: worked out once, as its SQL is.

The objects are those that Django makes of the same row. Where a model has a way of its own to be made, that is taken;
else an object is given its values as Django's own does in the end, without asking of each field whether it was given.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init
from django.db.models.sql.compiler import SQLCompiler

# As which fields stand in their class: they keep a value as it is given. A key of another row forgets the object that
# was there before, and before there is none.
KEEPS = (DeferredAttribute, ForeignKeyDeferredAttribute)
# A row as the database gives it.
Read: TypeAlias = tuple[Any, ...]
Reader: TypeAlias = Callable[[list[Read], BaseDatabaseWrapper], list[Any]]


def reader_of(rows: "QuerySet[Model, Any]", compiler: SQLCompiler, using: str) -> Reader:
    """What makes a list of all rows; the compiler has compiled. Raises ImproperlyConfigured for dicts."""
    one = _one_of(rows, compiler, using)
    converters = _converters(compiler)
    columns = compiler.col_count if compiler.has_extra_select else None

    def read(found: list[Read], connection: BaseDatabaseWrapper) -> list[Any]:
        if columns is not None:  # without what was read to sort them by
            found = [row[:columns] for row in found]
        if converters:
            found = [_converted(row, converters, connection) for row in found]
        return found if one is None else [one(row) for row in found]

    return read


def _one_of(rows: "QuerySet[Model, Any]", compiler: SQLCompiler, using: str) -> Callable[[Read], Any] | None:
    """What makes one; None where it is the row itself."""
    kind = rows._iterable_class
    if kind is FlatValuesListIterable:
        return lambda row: row[0]
    if kind is ValuesListIterable:
        return None
    if kind is not ModelIterable:
        raise ImproperlyConfigured(f"rows of {kind.__name__} are not read here")
    made = _Made(compiler.klass_info, compiler.select, using)
    computed = list((compiler.annotation_col_map or {}).items())
    return made.with_computed(computed) if computed else made.object_of


def _converters(compiler: SQLCompiler) -> list[tuple[int, Any]]:
    return list(compiler.get_converters([column for column, *_ in compiler.select]).items())


def _converted(row: Read, converters: Sequence[tuple[int, Any]], connection: BaseDatabaseWrapper) -> Read:
    values = list(row)
    for place, (functions, expression) in converters:
        value = values[place]
        for function in functions:
            value = function(value, expression, connection)
        values[place] = value
    return tuple(values)


class _Made:
    """The objects of one model in a row, and those that were joined to them."""

    def __init__(self, told: Mapping[str, Any], select: Sequence[Any], using: str):
        if told.get("from_parent"):
            raise ImproperlyConfigured("a model that inherits a table is not read here")
        self._model: type[Model] = told["model"]
        self._using = using
        self._start, self._end = told["select_fields"][0], told["select_fields"][-1] + 1
        self._names = [column[0].target.attname for column in select[self._start : self._end]]
        self._is_plain = is_plain(self._model, self._names)
        self._key = self._start + self._names.index(self._model._meta.pk.attname)
        self._joined = [
            (each["local_setter"], each["remote_setter"], _Made(each, select, using))
            for each in told.get("related_klass_infos", [])
        ]

    def object_of(self, row: Read) -> Model:
        made = self._new(row[self._start : self._end])
        for set_here, set_there, joined in self._joined:
            other = None if row[joined._key] is None else joined.object_of(row)
            set_here(made, other)
            if other is not None:
                set_there(other, made)
        return made

    def with_computed(self, computed: Sequence[tuple[str, int]]) -> Callable[[Read], Model]:
        """The same with what the question has computed, in these columns."""

        def object_of(row: Read) -> Model:
            made = self.object_of(row)
            for name, place in computed:
                setattr(made, name, row[place])
            return made

        return object_of

    def _new(self, values: Read) -> Model:
        if not self._is_plain:
            return self._model.from_db(self._using, self._names, values)
        made = self._model.__new__(self._model)
        state = made._state = ModelState()
        state.adding, state.db = False, self._using
        vars(made).update(zip(self._names, values, strict=True))
        return made


def is_plain(model: type[Model], names: Sequence[str]) -> bool:
    """Whether to make an object of all these values is to set each, and nobody else has a part in it."""
    is_whole = names == [field.attname for field in model._meta.concrete_fields]
    own = (model.__init__, model.__setattr__, model.from_db.__func__)  # type: ignore[attr-defined]  # a class method
    is_as_ever = own == (Model.__init__, Model.__setattr__, Model.from_db.__func__)  # type: ignore[attr-defined]
    is_heard = pre_init.has_listeners(model) or post_init.has_listeners(model)
    is_kept = all(type(getattr(model, name)) in KEEPS for name in names)
    return is_whole and is_as_ever and is_kept and not is_heard
