"""A small ledger with one of everything, and somebody who writes in the database behind the portal's back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from accounts.bank_accounts.opening import open_account
from accounts.ledger import books, checking
from accounts.ledger.books import Leg
from accounts.ledger.checking import Checked, Finding
from accounts.ledger.questions import Problem
from accounts.models import BankAccount, Booking, Client, Document, InternalAccount, Statement, Transfer
from auth_codes.actor import SYSTEM

GUARDS = import_module("accounts.migrations.0008_guard_the_ledger").GUARDS
KIND = Booking.Kind


class Books(NamedTuple):
    current: BankAccount
    savings: BankAccount
    deposit: Booking
    card: Booking
    transfer: Booking
    fee: Booking
    correction: Booking
    statement: Statement


def last_month() -> date:
    """Its first day."""
    return (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


def end_of_last_month() -> date:
    return timezone.localdate().replace(day=1) - timedelta(days=1)


def in_and_out(account: BankAccount, amount: str | Decimal, other: InternalAccount | BankAccount) -> list[Leg]:
    return [Leg(account, Decimal(amount), "Essai"), Leg(other, -Decimal(amount), "Essai")]


def make_books(client: Client) -> Books:
    """A month with its statement; since then a transfer that was confirmed, a fee and its correction."""
    current, savings = client.bank_accounts.get(), open_account(client, kind=BankAccount.Kind.SAVINGS, by=SYSTEM)
    client.bank_accounts.update(opened_on=last_month())
    day = last_month() + timedelta(days=4)
    deposit = books.book(KIND.TRANSFER, in_and_out(current, "500", InternalAccount.TRANSFERS), on=day)
    card = books.book(KIND.CARD, in_and_out(current, "-12.30", InternalAccount.CARDS), on=day)
    BankAccount.objects.filter(pk=current.pk).update(books_closed_on=end_of_last_month())
    statement = make_statement(current, client, last_position=2, balance=Decimal("487.70"))
    transfer = make_transfer(client, current, savings, Decimal(100))
    fee = books.book(KIND.FEE, in_and_out(current, "-5", InternalAccount.FEES))
    correction = books.correct(fee, by=SYSTEM)
    return Books(current, savings, deposit, card, transfer, fee, correction, statement)


def make_statement(account: BankAccount, client: Client, **told) -> Statement:
    fields = {"client": client, "kind": "statement", "title": "Relevé", "contents": "{}"}
    document = Document.objects.create(**fields)
    return Statement.objects.create(document=document, account=account, client=client, month=last_month(), **told)


def make_transfer(client: Client, source: BankAccount, destination: BankAccount, amount: Decimal) -> Booking:
    """Confirmed and booked."""
    order = Transfer.objects.create(client=client, source=source, destination=destination, amount=amount)
    booking = books.book(KIND.TRANSFER, in_and_out(destination, amount, source), act=order.pk)
    receipt = Document.objects.create(client=client, kind="receipt", title="Avis", contents="{}")
    Transfer.objects.filter(pk=order.pk).update(booking=booking, receipt=receipt, confirmed_at=timezone.now())
    return booking


def check() -> tuple[Checked, list[Finding]]:
    """What check_ledger reads, in the running transaction, and what it finds.

    Without the guards that are down: tests on SQLite have none against deleting (tests/conftest.py).
    """
    told: list[Finding] = []
    done = checking.check(checking.plan(), told.append, lambda count: None)
    return done, [finding for finding in told if finding.problem != Problem.GUARD_MISSING]


def findings() -> list[Finding]:
    return check()[1]


def problems() -> set[str]:
    return {finding.problem.name for finding in findings()}


def run(statement: str, *parameters: object) -> int:
    """How many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


@contextmanager
def unguarded() -> Iterator[None]:
    """What the owner of the database can do: no trigger, key or constraint holds; at the end all is as before."""
    if connection.vendor == "sqlite":
        run("PRAGMA ignore_check_constraints = ON")
    with transaction.atomic():
        take_down_guards()
        yield
        transaction.set_rollback(True)
    if connection.vendor == "sqlite":
        run("PRAGMA ignore_check_constraints = OFF")


def take_down_guards() -> None:
    if connection.vendor == "sqlite":
        for [trigger] in rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            run(f"DROP TRIGGER {trigger}")
        return
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL session_replication_role = replica")
    for table, constraint in constraints():
        run(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


@contextmanager
def every_guard() -> Iterator[None]:
    """Also those against deleting, which tests on SQLite do without (tests/conftest.py)."""
    missing = checking.missing_guards()
    for statement in GUARDS[connection.vendor]:
        if any(f"TRIGGER {guard} " in statement for guard in missing):
            run(statement)
    yield
    for guard in missing:
        run(f"DROP TRIGGER {guard}")


@contextmanager
def without(guard: str) -> Iterator[None]:
    """One guard taken down (SQLite) or switched off (PostgreSQL), for every process, until the end of the block."""
    table = f"accounts_{guard.partition('_')[0]}"
    [creation] = [statement for statement in GUARDS[connection.vendor] if f"TRIGGER {guard} " in statement]
    on_sqlite = connection.vendor == "sqlite"
    run(f"DROP TRIGGER {guard}" if on_sqlite else f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
    try:
        yield
    finally:
        run(creation if on_sqlite else f"ALTER TABLE {table} ENABLE TRIGGER {guard}")


def constraints() -> list[tuple[str, str]]:
    """Those of the ledger and of transfers, but for the keys; on PostgreSQL."""
    return rows(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' "
        "AND conrelid::regclass::text IN ('accounts_entry', 'accounts_booking', 'accounts_transfer') "
        "OR conname = 'entry_has_its_own_position'"
    )


def rows(question: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(question, parameters)
        return cursor.fetchall()
