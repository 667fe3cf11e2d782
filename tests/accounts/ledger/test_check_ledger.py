"""check_ledger: whatever somebody who writes in the database does to the ledger is found and named."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.ledger import checking
from accounts.ledger.findings import SENTENCES, in_a_sentence
from accounts.ledger.questions import Problem
from accounts.models import BankAccount, Booking, Entry, MonthSum, Statement, SummedAccount, Transfer
from accounts.operations import sums
from tests.accounts.ledger import ledgers
from tests.accounts.ledger.ledgers import findings, problems, run
from tests.standing import made_once

DAY = timedelta(days=1)


@made_once
def books(new_client):
    """A ledger that is right."""
    return ledgers.make_books(new_client)


@pytest.fixture
def open_books(books):
    """The same in a database whose guards, keys and constraints have been taken down."""
    with ledgers.unguarded():
        yield books


def entry(account, position):
    return Entry.objects.filter(account=account, position=position)


def named(problem):
    """The findings of one problem as account, booking and position."""
    return [(found.account, found.booking, found.position) for found in findings() if found.problem == problem]


def test_ledger_left_alone_is_right_and_counted(books):
    done, found = ledgers.check()
    assert found == []
    assert done == (10, 5, 2, 1, 1, 1, Decimal("487.70"))


def test_empty_ledger_is_right(db):
    assert ledgers.check() == ((0, 0, 0, 0, 0, 0, 0), [])


def test_ledger_is_read_in_parts_as_it_is_in_whole(open_books, monkeypatch):
    entry(open_books.current, 2).update(balance=F("balance") + 1)
    entry(open_books.savings, 1).update(amount=F("amount") + 1)
    whole = findings()
    monkeypatch.setattr(checking, "ENTRIES_AT_ONCE", 2)
    assert sorted(findings(), key=str) == sorted(whole, key=str)


CENT = Decimal("0.01")
ALTERATIONS = {
    "account": {"account": 999999},
    "no account": {"account": None},
    "internal account": {"internal_account": "fees"},
    "position": {"position": F("position") + 100},
    "no position": {"position": None},
    "day": {"booked_on": ledgers.last_month()},
    "amount": {"amount": F("amount") + CENT},
    "no money": {"amount": 0},
    "balance": {"balance": F("balance") - CENT},
    "no balance": {"balance": None},
    "booking": {"booking": uuid.uuid4()},
}
ALTERATIONS_OF_THE_BANK = {
    "account": {"account": 999999},
    "internal account": {"internal_account": ""},
    "position": {"position": 1},
    "day": {"booked_on": ledgers.last_month()},
    "amount": {"amount": F("amount") + CENT},
    "balance": {"balance": 1},
    "booking": {"booking": uuid.uuid4()},
}


def found_after(rows, **changed):
    """For each of `rows` whether its change alone is found."""
    for pk in rows.values_list("pk", flat=True):
        with transaction.atomic():
            Entry.objects.filter(pk=pk).update(**changed)
            yield bool(findings())
            transaction.set_rollback(True)


@pytest.mark.parametrize("what", ALTERATIONS)
def test_each_change_of_any_entry_of_a_customer_is_found(open_books, what):
    assert list(found_after(Entry.objects.exclude(account=None), **ALTERATIONS[what])) == [True] * 6


@pytest.mark.parametrize("what", ALTERATIONS_OF_THE_BANK)
def test_each_change_of_any_entry_of_the_bank_is_found(open_books, what):
    assert list(found_after(Entry.objects.filter(account=None), **ALTERATIONS_OF_THE_BANK[what])) == [True] * 4


def test_each_removed_entry_and_booking_is_found(open_books):
    for rows in (Entry.objects.all(), Booking.objects.all()):
        for row in rows:
            with transaction.atomic():
                rows.filter(pk=row.pk)._raw_delete(rows.db)
                assert findings()
                transaction.set_rollback(True)


def test_money_moved_between_two_bookings_leaves_the_sum_of_all_right_and_is_named(open_books):
    for booking, cents in ((open_books.card, 1), (open_books.deposit, -1)):
        booking.entries.filter(account=None).update(amount=F("amount") + Decimal(cents) / 100)
    assert sorted(named(Problem.BOOKING_UNBALANCED)) == sorted(
        (open_books.current.pk, booking.pk.hex, None) for booking in (open_books.card, open_books.deposit)
    )
    assert problems() == {"BOOKING_UNBALANCED"}


def test_money_made_from_nothing_is_missing_in_the_whole(open_books):
    entry(open_books.savings, 1).update(amount=150, balance=150)
    assert problems() == {"BOOKING_UNBALANCED", "WHOLE_UNBALANCED", "BANK_DISAGREES", "TRANSFER_DIFFERS"}
    assert {found.amount for found in findings() if found.amount} == {Decimal(50)}


def test_wrong_balance_is_named_where_it_begins_and_ends(open_books):
    entry(open_books.current, 3).update(balance=F("balance") + Decimal("0.01"))
    at = open_books.current.pk, open_books.transfer.pk.hex, 3
    assert named(Problem.BALANCE_BROKEN) == [at, (open_books.current.pk, open_books.fee.pk.hex, 4)]


def test_last_balance_alone_is_compared_with_what_the_bank_owes(open_books):
    entry(open_books.current, 5).update(balance=F("balance") + 1)
    assert problems() == {"BALANCE_BROKEN", "BANK_DISAGREES"}


def test_missing_position_is_named(open_books):
    entry(open_books.current, 3)._raw_delete("default")
    [found] = [found for found in findings() if found.problem == Problem.POSITIONS_MISSING]
    assert (found.account, found.before, found.position) == (open_books.current.pk, 2, 4)


def test_first_position_that_is_missing_is_named(open_books):
    entry(open_books.savings, 1).update(position=2)
    assert named(Problem.POSITIONS_MISSING) == [(open_books.savings.pk, open_books.transfer.pk.hex, 2)]


def test_position_that_two_entries_have_is_named_where_the_database_can_hold_it(open_books):
    if connection.vendor == "sqlite":  # whose tables keep their unique constraints
        with pytest.raises(IntegrityError), transaction.atomic():
            entry(open_books.current, 5).update(position=4)
        return
    entry(open_books.current, 5).update(position=4)
    assert [(account, position) for account, _, position in named(Problem.POSITION_TWICE)] == [
        (open_books.current.pk, 4)
    ]


def test_day_that_goes_backwards_is_named(open_books):
    for rows in (open_books.fee.entries, Booking.objects.filter(pk=open_books.fee.pk)):
        rows.update(booked_on=timezone.localdate() - DAY)
    assert named(Problem.DAY_BACKWARDS) == [(open_books.current.pk, open_books.fee.pk.hex, 4)]
    assert problems() == {"DAY_BACKWARDS"}


def test_booking_without_entries_is_named(open_books):
    booking = Booking.objects.create(kind="fee", booked_on=timezone.localdate())
    assert findings() == [(Problem.BOOKING_EMPTY, None, booking.pk.hex, None, 0, 0, Decimal(0), "")]


def test_booking_with_one_entry_is_named(open_books):
    open_books.card.entries.filter(account=None)._raw_delete("default")
    assert named(Problem.BOOKING_ONE_SIDED) == [(open_books.current.pk, open_books.card.pk.hex, None)]


def test_booking_of_another_day_than_its_entries_is_named(open_books):
    Booking.objects.filter(pk=open_books.card.pk).update(booked_on=timezone.localdate())
    assert named(Problem.BOOKING_OF_OTHER_DAY) == [(open_books.current.pk, open_books.card.pk.hex, None)]


def test_entries_whose_booking_is_missing_are_named(open_books):
    Booking.objects.filter(pk=open_books.card.pk)._raw_delete("default")
    assert named(Problem.ENTRIES_WITHOUT_BOOKING) == [(open_books.current.pk, open_books.card.pk.hex, None)]
    assert problems() == {"ENTRIES_WITHOUT_BOOKING"}


def test_entry_slipped_into_a_booking_is_named(open_books):
    """Two writers of one act can do it where one of them writes no booking: the database does not wait for them."""
    day = open_books.card.booked_on
    fields = {"booking": open_books.card, "booked_on": day, "value_on": day, "amount": 3, "label": ""}
    Entry.objects.create(internal_account="fees", **fields)
    assert problems() == {"BOOKING_UNBALANCED", "WHOLE_UNBALANCED", "BANK_DISAGREES"}


def test_fractions_of_a_cent_and_what_is_no_number_are_named(open_books):
    wrong = "'NaN'" if connection.vendor == "postgresql" else "0.004"
    for amount in (wrong, "'NaN'"):
        with transaction.atomic():
            run(f"UPDATE accounts_entry SET amount = {amount} WHERE position = 2")
            assert "ENTRY_MISSHAPEN" in problems()
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"balance": Decimal("487.71")}, {"STATEMENT_BALANCE"}),
        ({"last_position": 1, "balance": 500}, {"BOOKED_BEHIND_STATEMENT"}),
        ({"last_position": 0, "balance": 0}, {"BOOKED_BEHIND_STATEMENT"}),
        ({"last_position": 0}, {"BOOKED_BEHIND_STATEMENT", "STATEMENT_BALANCE"}),
        ({"last_position": 99}, {"STATEMENT_POSITION"}),
        ({"last_position": 3, "balance": Decimal("387.70")}, {"STATEMENT_POSITION"}),
    ],
)
def test_statement_that_tells_something_else_is_named(open_books, changed, expected):
    Statement.objects.update(**changed)
    assert problems() == expected
    assert {(found.account, found.thing) for found in findings()} == {
        (open_books.current.pk, str(open_books.statement.pk))
    }


@pytest.mark.parametrize("day", [None, ledgers.end_of_last_month() - DAY])
def test_month_of_a_statement_that_was_opened_again_is_named(open_books, day):
    BankAccount.objects.update(books_closed_on=day)
    assert problems() == {"BOOKS_REOPENED"}


def test_entry_booked_in_a_month_whose_statement_is_issued_is_named(open_books):
    """Nothing else is wrong: the day is that of the entry before, the balance continues."""
    for rows in (open_books.transfer.entries, Booking.objects.filter(pk=open_books.transfer.pk)):
        rows.update(booked_on=ledgers.end_of_last_month())
    assert problems() == {"BOOKED_BEHIND_STATEMENT"}
    assert findings()[0].booking == open_books.transfer.pk.hex


def test_correction_that_is_not_the_opposite_is_named(open_books):
    entry(open_books.current, 5).update(amount=4, balance=F("balance") - 1)
    open_books.correction.entries.filter(account=None).update(amount=-4)
    assert named(Problem.CORRECTION_DIFFERS) == [(open_books.current.pk, open_books.correction.pk.hex, None)]
    assert problems() == {"CORRECTION_DIFFERS"}


def test_correction_of_another_booking_than_it_takes_back_is_named(open_books):
    Booking.objects.filter(pk=open_books.correction.pk).update(corrects=open_books.card)
    assert problems() == {"CORRECTION_DIFFERS"}


@pytest.mark.parametrize("changed", ["amount", "direction", "booking"])
def test_transfer_that_is_not_booked_as_it_was_ordered_is_named(open_books, changed):
    changes = {
        "amount": {"amount": 99},
        "direction": {"source": open_books.savings, "destination": open_books.current},
        "booking": {"booking": open_books.card},
    }
    Transfer.objects.update(**changes[changed])
    [found] = findings()
    assert (found.problem, found.thing) == (Problem.TRANSFER_DIFFERS, open_books.transfer.pk.hex)


@pytest.mark.parametrize(
    "alter",
    [
        lambda: MonthSum.objects.filter(went_out__lt=0).update(went_out=F("went_out") - CENT),
        lambda: MonthSum.objects.filter(came_in__gt=0).update(
            came_in=F("came_in") + CENT, went_out=F("went_out") - CENT
        ),
        lambda: MonthSum.objects.filter(came_in__gt=0).update(month=ledgers.last_month().replace(year=2020)),
        lambda: MonthSum.objects.filter(went_out__lt=0)._raw_delete("default"),
        lambda: SummedAccount.objects.filter(position=2).update(position=1),
    ],
    ids=["amount", "both amounts", "month", "removed", "position"],
)
def test_kept_sums_that_are_not_those_of_the_ledger_are_found(open_books, alter):
    sums.keep(ledgers.end_of_last_month() + DAY)
    assert findings() == []
    alter()
    assert {found[0] for found in named(Problem.MONTH_SUM_DIFFERS)} == {open_books.current.pk}
    assert problems() == {"MONTH_SUM_DIFFERS"}


def test_transfer_whose_booking_is_missing_is_named(open_books):
    for rows in (open_books.transfer.entries.all(), Booking.objects.filter(pk=open_books.transfer.pk)):
        rows._raw_delete("default")
    assert "TRANSFER_DIFFERS" in problems()


def test_transfer_that_is_booked_and_not_confirmed_is_named(open_books):
    Transfer.objects.update(booking=None, receipt=None, confirmed_at=None)
    assert problems() == {"TRANSFER_UNCONFIRMED"}


def test_transfer_that_waits_for_its_confirmation_is_no_finding(books, new_client):
    fields = {"source": books.current, "destination": books.savings, "amount": 5}
    Transfer.objects.create(client=new_client, **fields)
    assert findings() == []


@pytest.mark.parametrize("problem", Problem)
def test_each_problem_has_its_sentence(problem):
    booking = uuid.uuid4().hex
    said = in_a_sentence(checking.Finding(problem, 12, booking, 3, 1, 2, Decimal("-1.5"), "34"))
    assert said.endswith(".")
    assert set(SENTENCES) == set(Problem)
    assert "None" not in said


def test_sentence_names_account_and_booking(open_books):
    open_books.card.entries.filter(account=None).update(amount=F("amount") + 1)
    [said] = [in_a_sentence(found) for found in findings() if found.problem == Problem.BOOKING_UNBALANCED]
    assert f"Écriture {open_books.card.pk.hex}, compte {open_books.current.pk}" in said
    assert "1,00" in said
