"""Whoever compares plans begins with a bank that nobody has used."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction

from accounts.models import User
from tests import makers, new_tables

pytestmark = pytest.mark.django_db


def pages_of_users():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('accounts_user')")
        return cursor.fetchone()[0]


def test_what_was_taken_back_leaves_no_trace():
    with transaction.atomic():
        User.objects.bulk_create(User(username=f"membre.{number}") for number in range(50))
        transaction.set_rollback(True)
    new_tables.make()
    assert connection.vendor == "sqlite" or pages_of_users() == 0
    assert makers.make_advisor().pk == 1


def test_it_lasts_as_long_as_the_transaction():
    advisor, permissions = makers.make_advisor(), Permission.objects.count()
    with transaction.atomic():
        new_tables.make()
        assert not User.objects.exists()
        assert Permission.objects.count() == permissions
        transaction.set_rollback(True)
    assert User.objects.get() == advisor
