"""What a statement that is kept is given for each of its values: worked out once for each field, as its SQL is.

A field prepares a value for the database by a dozen calls of Python, which for most values give it back as it was. Of
which types that is known to be so on PostgreSQL is written here; anything else, and every value on SQLite, goes the
field's own way. `tests/auth_codes/test_prepared_values.py` compares the two for every field of the portal.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    EmailField,
    Field,
    ForeignKey,
    GenericIPAddressField,
    IntegerField,
    OneToOneField,
    PositiveIntegerField,
    PositiveSmallIntegerField,
    SmallIntegerField,
    TextField,
    UUIDField,
)

AnyField: TypeAlias = "Field[Any, Any]"
# What makes of a value what the database is given.
Giver: TypeAlias = Callable[[object], object]
# Fields, these very classes, and the type of which they give a value as it is; None, which is NULL, each of them.
AS_IT_IS: Mapping[type[AnyField], type] = {
    CharField: str,
    TextField: str,
    EmailField: str,
    BigAutoField: int,
    BooleanField: bool,
    UUIDField: UUID,
    DateField: date,
}
BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
AN_IPV4 = re.compile(rf"{BYTE}(?:\.{BYTE}){{3}}")
# Whole numbers are given with the width of their column, or the server would keep a statement for each width.
WHOLE_NUMBERS = (
    BigIntegerField,
    IntegerField,
    PositiveIntegerField,
    PositiveSmallIntegerField,
    SmallIntegerField,
)


def for_saving(field: AnyField, connection: BaseDatabaseWrapper) -> Giver:
    """For a value that is written into a row's column; None is NULL."""
    return _giver(field, connection, lambda value: field.get_db_prep_save(value, connection))


def for_comparing(field: AnyField, connection: BaseDatabaseWrapper) -> Giver:
    """For a value that a column is compared with."""
    return _giver(field, connection, lambda value: field.get_db_prep_value(value, connection))


def _giver(field: AnyField, connection: BaseDatabaseWrapper, own: Giver) -> Giver:
    """The short way, which goes the field's `own` for whatever it does not know; `own` where there is none."""
    if connection.vendor != "postgresql":
        return own
    if type(field) in (ForeignKey, OneToOneField):
        field = field.target_field  # type: ignore[attr-defined]  # of these two
    kind = AS_IT_IS.get(type(field))
    if kind is not None:
        return lambda value: value if type(value) is kind or value is None else own(value)
    if type(field) is DateTimeField:
        # Of one without a time zone Django warns.
        return lambda value: (
            value if value is None or (type(value) is datetime and value.tzinfo is not None) else own(value)
        )
    if type(field) in WHOLE_NUMBERS:
        wide = connection.ops.integerfield_type_map[field.get_internal_type()]  # type: ignore[attr-defined]  # its own
        return lambda value: wide(value) if type(value) is int else own(value)
    if type(field) is GenericIPAddressField:
        # As text: PostgreSQL reads it as Django would. An IPv6 one may hold an IPv4 one, and goes the long way.
        return lambda value: value if value is None or (type(value) is str and AN_IPV4.fullmatch(value)) else own(value)
    return own
