"""Booking money: what is taken, what is refused, and that the database itself keeps what was booked."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import ledger
from accounts.ledger import Leg
from accounts.models import BankAccount, Booking, Entry, InternalAccount
from accounts.opening import open_account
from tests import makers

CARD, TRANSFER = Booking.Kind.CARD, Booking.Kind.TRANSFER
CARDS = InternalAccount.CARDS


@pytest.fixture
def account(new_client):
    return new_client.bank_accounts.get()


@pytest.fixture
def savings(new_client, advisor):
    return open_account(new_client, kind=BankAccount.Kind.SAVINGS, by=advisor)


def legs(account, amount, label="Boulangerie"):
    return [Leg(account, Decimal(amount), label), Leg(CARDS, -Decimal(amount), label)]


def balance_of(account) -> Decimal:
    return BankAccount.objects.with_balances().get(pk=account.pk).balance


def test_booking_moves_money_from_one_side_to_the_other(account, savings):
    ledger.book(TRANSFER, legs(account, "100"))
    ledger.book(TRANSFER, [Leg(account, Decimal("-30.10"), "Épargne"), Leg(savings, Decimal("30.10"), "Épargne")])
    assert (balance_of(account), balance_of(savings)) == (Decimal("69.90"), Decimal("30.10"))


def test_entries_are_numbered_and_carry_the_balance_after_them(account):
    for amount in ("10", "-3.50", "0.01"):
        ledger.book(CARD, legs(account, amount))
    rows = account.entries.order_by("position").values_list("position", "balance")
    assert list(rows) == [(1, Decimal("10")), (2, Decimal("6.50")), (3, Decimal("6.51"))]


def test_same_act_books_once(account):
    act = uuid.uuid4()
    first, again = (ledger.book(CARD, legs(account, "-5"), act=act) for _ in range(2))
    assert first == again
    assert balance_of(account) == Decimal("-5")


@pytest.mark.parametrize("amounts", [("10", "-9.99"), ("10", "10"), ("-0.01", "0.02")])
def test_legs_that_do_not_sum_to_zero_are_refused(account, amounts):
    with pytest.raises(ledger.Unbalanced):
        ledger.book(CARD, [Leg(account, Decimal(amounts[0]), ""), Leg(CARDS, Decimal(amounts[1]), "")])
    assert not Entry.objects.exists()


@pytest.mark.parametrize("amount", ["0", "0.001", "1000000000", "-0.005"])
def test_amount_that_is_none_is_refused(account, amount):
    with pytest.raises(ledger.NotAnAmount):
        ledger.book(CARD, legs(account, amount))


def test_nothing_is_booked_on_a_closed_account(account):
    BankAccount.objects.filter(pk=account.pk).update(closed_on=timezone.localdate())
    with pytest.raises(ledger.AccountClosed):
        ledger.book(CARD, legs(account, "5"))


def test_nothing_is_booked_before_the_account_was_opened(account):
    with pytest.raises(ledger.AccountClosed):
        ledger.book(CARD, legs(account, "5"), on=account.opened_on - timedelta(days=1))


def test_nothing_is_booked_on_a_day_that_is_closed_or_to_come(account):
    today = timezone.localdate()
    BankAccount.objects.filter(pk=account.pk).update(
        opened_on=today - timedelta(days=90), books_closed_on=today - timedelta(days=30)
    )
    for day in (today - timedelta(days=30), today + timedelta(days=1)):
        with pytest.raises(ledger.BooksClosed):
            ledger.book(CARD, legs(account, "5"), on=day)
    ledger.book(CARD, legs(account, "5"), on=today - timedelta(days=29))


def test_nothing_is_booked_before_what_is_booked_already(account):
    today = timezone.localdate()
    BankAccount.objects.filter(pk=account.pk).update(opened_on=today - timedelta(days=90))
    ledger.book(CARD, legs(account, "5"), on=today - timedelta(days=1))
    with pytest.raises(ledger.BooksClosed):
        ledger.book(CARD, legs(account, "5"), on=today - timedelta(days=2))


def test_savings_never_fall_below_zero(savings):
    ledger.book(TRANSFER, legs(savings, "10"))
    with pytest.raises(ledger.InsufficientFunds):
        ledger.book(TRANSFER, legs(savings, "-10.01"))
    assert balance_of(savings) == Decimal("10")


def test_correction_is_a_new_booking_that_takes_the_first_back(account, advisor):
    wrong = ledger.book(CARD, legs(account, "-12.30"))
    correction = ledger.correct(wrong, by=advisor)
    assert balance_of(account) == 0
    assert (correction.kind, correction.corrects) == (Booking.Kind.CORRECTION, wrong)
    assert account.entries.first().label == "Rectification : Boulangerie"


def test_booking_is_corrected_once_and_its_correction_never(account, advisor):
    wrong = ledger.book(CARD, legs(account, "-12.30"))
    correction = ledger.correct(wrong, by=advisor)
    for booking in (wrong, correction):
        with pytest.raises(ledger.AlreadyCorrected):
            ledger.correct(booking, by=advisor)


def raw_entry(booking, account, **fields):
    day = date(2026, 1, 5)
    values = {"position": 1, "amount": Decimal(5), "balance": Decimal(5), "booked_on": day, "value_on": day}
    return Entry(booking=booking, account=account, label="À la main", **(values | fields))


def bank_side(booking, amount):
    day = date(2026, 1, 5)
    return Entry(booking=booking, internal_account=CARDS, amount=amount, booked_on=day, value_on=day, label="")


@pytest.mark.parametrize(
    "wrong",
    [
        {"balance": Decimal(6)},
        {"position": 2},
        {"position": None},
        {"balance": None},
        {"amount": Decimal(0), "balance": Decimal(0)},
        {"internal_account": "cards"},
        {"position": 0},
    ],
)
def test_database_refuses_an_entry_that_does_not_continue_its_account(account, wrong):
    booking = Booking(kind=CARD, booked_on=date(2026, 1, 5))
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.bulk_create([raw_entry(booking, account, **wrong)])


@pytest.mark.parametrize("bank", ["-4.99", "-5.01", "5", None])
def test_database_refuses_a_booking_that_does_not_sum_to_zero(account, bank):
    booking = Booking(kind=CARD, booked_on=date(2026, 1, 5))
    entries = [raw_entry(booking, account)] + ([bank_side(booking, Decimal(bank))] if bank else [])
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.write([booking], entries)


def test_database_refuses_a_booking_of_another_day_than_its_entries(account):
    booking = Booking(kind=CARD, booked_on=date(2026, 1, 6))
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.write([booking], [raw_entry(booking, account), bank_side(booking, Decimal(-5))])


def test_database_refuses_an_entry_after_its_booking_was_made(account):
    makers.make_operations(account, "10")
    booking = Booking.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.bulk_create([bank_side(booking, Decimal(5))])


def test_database_refuses_to_change_what_was_booked(account):
    makers.make_operations(account, "10")
    for rows in (Entry.objects, Booking.objects):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(booked_on=date(2026, 1, 2))
