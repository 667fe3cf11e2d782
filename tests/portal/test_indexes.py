"""No index of ours is the beginning of another one, which each write would pay for again."""

import pytest
from django.apps import apps
from django.db import connection, models

OURS = [model for name in ("accounts", "auth_codes") for model in apps.get_app_config(name).get_models()]


def longer_indexes(model) -> list[tuple[str, ...]]:
    """The fields of each index over all rows of the table that a model declares beside those of its fields."""
    unique = [
        tuple(constraint.fields)
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None
    ]
    plain = [
        tuple(name.removeprefix("-") for name in index.fields) for index in model._meta.indexes if not index.condition
    ]
    return [*unique, *plain]


def fields_with_an_index(model) -> list[models.Field]:
    return [field for field in model._meta.local_fields if field.db_index and not field.unique]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_field_has_an_index_that_another_one_begins_with(model):
    begun = {names[0] for names in longer_indexes(model) if names}
    assert not [field.name for field in fields_with_an_index(model) if field.name in begun]


@pytest.mark.django_db
def test_no_text_is_indexed_twice():
    """Django's PostgreSQL gives each indexed or unique text one more for LIKE, which nothing of ours asks."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        names = [name for table in tables for name in connection.introspection.get_constraints(cursor, table)]
    assert names
    assert not [name for name in names if name.endswith("_like")]


@pytest.mark.django_db
@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_database_has_no_other_index_of_a_field_than_the_model_declares(model):
    """As the migrations drop some by their names."""
    field_of = {field.column: field for field in model._meta.local_fields}
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table).items()
    plain = {name: index["columns"] for name, index in found if index["index"] and not index["unique"]}
    of_a_field = {name: columns[0] for name, columns in plain.items() if len(columns) == 1 and columns[0] in field_of}
    named = {index.name for index in model._meta.indexes}
    declared = {field.column for field in fields_with_an_index(model)}
    assert not [name for name, column in of_a_field.items() if name not in named and column not in declared]
