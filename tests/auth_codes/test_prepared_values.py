"""A value of a kept statement is given to the database as its field's own way gives it, for every field there is."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Address

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import BigAutoField, CharField, DateTimeField, GenericIPAddressField, IntegerField
from django.utils.safestring import mark_safe

from auth_codes import prepared_values


class Word(StrEnum):
    ONE = "one"


VALUES = (
    None,
    "",
    "texte",
    "12",
    "2026-11-30",
    mark_safe("<b>"),
    Word.ONE,
    0,
    1,
    -1,
    70_000,
    2**40,
    True,
    False,
    1.0,
    Decimal("1.50"),
    date(2026, 11, 30),
    datetime(2026, 11, 30, 12, tzinfo=UTC),
    uuid.UUID(int=5),
    b"bytes",
    {"a": 1},
    "192.0.2.1",
    "0.0.0.0",
    "255.255.255.255",
    "256.0.0.1",
    "01.2.3.4",
    "1.2.3",
    "1.2.3.4.",
    "1.2.3.4\n",
    "١.2.3.4",
    "2001:db8::1",
    "::ffff:192.0.2.1",
)
FIELDS = {
    (type(field), type(field.target_field) if field.is_relation else None): field
    for model in apps.get_models()
    for field in model._meta.local_concrete_fields
    if not field.generated
}


def outcome(give, value):
    try:
        given = give(value)
    except (TypeError, ValueError, ValidationError, RuntimeWarning) as refusal:
        return type(refusal)
    # What psycopg wraps is compared by what is in it, and an address as PostgreSQL is given it.
    given = str(given) if isinstance(given, IPv4Address) else getattr(given, "obj", given)
    return type(given), given


def test_there_are_fields_of_every_class_with_a_short_way():
    classes = {field for field, _target in FIELDS}
    assert classes >= {
        *prepared_values.AS_IT_IS,
        *prepared_values.WHOLE_NUMBERS,
        DateTimeField,
        GenericIPAddressField,
    } - {IntegerField}


@pytest.mark.parametrize("field", FIELDS.values(), ids=str)
def test_each_value_is_given_as_by_its_field(field):
    saved = prepared_values.for_saving(field, connection)
    compared = prepared_values.for_comparing(field, connection)
    for value in VALUES:
        assert outcome(saved, value) == outcome(lambda it: field.get_db_prep_save(it, connection), value), value
        assert outcome(compared, value) == outcome(lambda it: field.get_db_prep_value(it, connection), value), value


def test_a_moment_without_a_time_zone_still_warns():
    field = apps.get_model("auth_codes", "KnownDevice")._meta.get_field("last_seen_at")
    with pytest.warns(RuntimeWarning, match="naive datetime"):
        prepared_values.for_saving(field, connection)(datetime(2026, 11, 30, 12))  # noqa: DTZ001  # that is the fault


def test_a_field_of_ones_own_goes_its_own_way():
    class Shouting(CharField):
        def get_prep_value(self, value):
            return value.upper()

    assert prepared_values.for_saving(Shouting(), connection)("mot") == "MOT"


def test_a_number_keeps_the_width_of_its_column():
    """A statement is kept for each kind of its values: a number that grows must not make another one."""
    give = prepared_values.for_comparing(IntegerField(), connection)
    assert type(give(1)) is type(give(70_000))
    assert (type(give(1)) is int) == (connection.vendor == "sqlite")
    assert prepared_values.for_comparing(BigAutoField(), connection)(1) == 1
