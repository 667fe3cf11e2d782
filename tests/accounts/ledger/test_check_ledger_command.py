"""The command check_ledger, in processes of its own: figures, exit codes, guards, and others who book meanwhile."""

import json

import pytest
from django.db import connection

from accounts.ledger import books as ledger
from accounts.ledger import checking
from accounts.models import BankAccount, Booking, InternalAccount
from tests import processes
from tests.accounts.ledger import ledgers
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CARD, CARDS = Booking.Kind.CARD, InternalAccount.CARDS


@pytest.fixture
def books(new_client):
    return ledgers.make_books(new_client)


@pytest.fixture
def guards():
    with ledgers.every_guard():
        yield


def test_right_ledger_gives_its_figures_and_exit_code_0(books, guards):
    done = processes.run("check_ledger")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["entries"], figures["owed"], figures["findings"]) == (10, "487.70", 0)
    assert "Grand livre juste : 10 opérations contrôlées." in done.stderr


def test_empty_ledger_is_right(guards):
    assert json.loads(processes.run("check_ledger").stdout)["entries"] == 0


def test_what_is_wrong_is_named_once_and_gives_exit_code_1(books, guards):
    BankAccount.objects.update(books_closed_on=None)
    done = processes.run("check_ledger")
    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"] == 1
    sentence = f"Relevé {books.statement.pk}, compte {books.current.pk} : son mois n’est pas, ou plus, arrêté."
    assert done.stderr.count(sentence) == 1
    assert "Traceback" not in done.stderr


def test_each_guard_that_is_missing_is_named(books, guards):
    for guard in checking.GUARDS[connection.vendor]:
        with ledgers.without(guard):
            done = processes.run("check_ledger")
            assert (done.returncode, json.loads(done.stdout)["findings"]) == (1, 1)
            assert f"le déclencheur {guard}," in done.stderr


def test_whoever_books_meanwhile_neither_waits_nor_disturbs(books, guards):
    """The reading sees one moment: what is booked between two of its questions is in none of its answers."""
    account = books.current

    def book_in_between(count):
        at_once(lambda amount: ledger.book(CARD, ledgers.in_and_out(account, amount, CARDS)), ["1"])

    with checking.one_moment():
        told = []
        done = checking.check(checking.plan(), told.append, book_in_between)
    assert told == []
    assert (done.entries, Booking.objects.count()) == (10, 5 + 8)
