"""The guards of the ledger in the database: there after every migration, whichever way, and obeyed by raw SQL."""

import pkgutil
import re
from datetime import date
from decimal import Decimal
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from accounts import migrations
from accounts.ledger import checking
from accounts.models import Booking, Entry
from tests import makers
from tests.accounts.ledger import ledgers

DAY = date(2026, 1, 5)


@pytest.fixture
def booked(new_client):
    """A booking, in a database with all its guards."""
    makers.make_operations(new_client.bank_accounts.get(), "10")
    with transaction.atomic():
        if connection.vendor == "postgresql":
            ledgers.run("SET CONSTRAINTS ALL IMMEDIATE")
        with ledgers.every_guard():
            yield Booking.objects.get()


def test_every_guard_stands_in_the_migrated_database(booked):
    assert checking.missing_guards() == []


@pytest.mark.parametrize("table", ["accounts_entry", "accounts_booking"])
@pytest.mark.parametrize("change", ["UPDATE {} SET booked_on = booked_on", "DELETE FROM {}"])
def test_raw_sql_neither_changes_nor_deletes_what_was_booked(booked, table, change):
    with pytest.raises(IntegrityError, match="the ledger is never changed"), transaction.atomic():
        ledgers.run(change.format(table))


def test_every_guard_that_the_migration_makes_is_looked_for():
    """Of both databases, whichever the tests run on."""
    for vendor, statements in ledgers.GUARDS.items():
        made = {statement.split("TRIGGER ")[1].split()[0] for statement in statements if "TRIGGER " in statement}
        assert checking.GUARDS[vendor] == made


@pytest.mark.django_db(transaction=True)
def test_guards_survive_every_migration_back_and_forth(all_migrated):
    migrate("0007_book_earlier_entries")
    assert set(checking.missing_guards()) == checking.GUARDS[connection.vendor]
    migrate_all()
    assert checking.missing_guards() == []


@pytest.mark.django_db(transaction=True)
def test_entries_of_before_are_booked_in_their_order_and_forgotten_on_the_way_back(all_migrated):
    apps = migrate("0003_address_given_at_registration")
    first, second = old_accounts(apps)
    OldEntry = apps.get_model("accounts", "Entry")
    past = [(second, 2, "7.50"), (first, 2, "-3.10"), (first, 1, "10"), (first, 2, "0"), (first, 2, "-3.10")]
    for account, day, amount in past:
        OldEntry.objects.create(account=account, booked_on=DAY.replace(day=day), label="Avant", amount=Decimal(amount))
    migrate_all()
    rows = Entry.objects.filter(account__isnull=False).order_by("account", "position")
    assert list(rows.values_list("account", "position", "booked_on__day", "amount", "balance")) == [
        (first.pk, 1, 1, Decimal("10"), Decimal("10")),
        (first.pk, 2, 2, Decimal("-3.10"), Decimal("6.90")),
        (first.pk, 3, 2, Decimal("-3.10"), Decimal("3.80")),
        (second.pk, 1, 2, Decimal("7.50"), Decimal("7.50")),
    ]
    assert set(Booking.objects.values_list("kind", flat=True)) == {"carried_over"}
    assert ledgers.findings() == []
    apps = migrate("0003_address_given_at_registration")
    back = apps.get_model("accounts", "Entry").objects.order_by("account", "booked_on", "id")
    assert list(back.values_list("account", "amount")) == [
        (first.pk, Decimal("10")),
        (first.pk, Decimal("-3.10")),
        (first.pk, Decimal("-3.10")),
        (second.pk, Decimal("7.50")),
    ]
    assert list(apps.get_model("accounts", "BankAccount").objects.order_by("pk").values_list("client")) == [
        (first.client_id,),
        (second.client_id,),
    ]


@pytest.fixture
def all_migrated(transactional_db):
    """With every guard; whatever the test does, the next one finds the database as it was made."""
    try:
        make_guards_against_deleting()
        yield
        migrate_all()
    finally:
        drop_guards_against_deleting()


def migrate(name):
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", name)])
    return executor.loader.project_state([("accounts", name)]).apps


def migrate_all():
    call_command("migrate", verbosity=0)


def make_guards_against_deleting():
    """Of all migrations, as these drop them on the way back; tests/conftest.py has taken them down on SQLite.

    Some make one of before anew, as theirs.
    """
    if connection.vendor == "sqlite":
        for module in pkgutil.iter_modules(migrations.__path__, f"{migrations.__name__}."):
            statements = getattr(import_module(module.name), "GUARDS", {}).get("sqlite", [])
            for statement in statements:
                if found := re.search(r"\w+_is_never_deleted", statement):
                    ledgers.run(f"DROP TRIGGER IF EXISTS {found[0]}")
                    ledgers.run(statement)


def drop_guards_against_deleting():
    if connection.vendor == "sqlite":
        for [guard] in ledgers.rows("SELECT name FROM sqlite_master WHERE name LIKE '%_is_never_deleted'"):
            ledgers.run(f"DROP TRIGGER {guard}")


def old_accounts(apps):
    """Two accounts, as they were when each had one client."""
    Client, BankAccount = apps.get_model("accounts", "Client"), apps.get_model("accounts", "BankAccount")
    advisor = apps.get_model("accounts", "User").objects.create(username="claire", is_staff=True)
    clients = [
        Client.objects.create(advisor=advisor, **makers.person_fields(given_names=name)) for name in ("Ada", "Bo")
    ]
    return [
        BankAccount.objects.create(client=client, kind="current", number=f"0000000000{number}", opened_on=DAY)
        for number, client in enumerate(clients)
    ]
