"""Booking money: what is taken, what is refused, and that the database itself keeps what was booked."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.bank_accounts.opening import open_account
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import BankAccount, Booking, Entry, InternalAccount
from auth_codes.actor import Actor
from tests import makers
from tests.standing import made_once

CARD, TRANSFER = Booking.Kind.CARD, Booking.Kind.TRANSFER
CARDS = InternalAccount.CARDS


@made_once
def account(new_client):
    return new_client.bank_accounts.get()


@made_once
def savings(new_client, advisor):
    return open_account(new_client, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor))


def legs(account, amount, label="Boulangerie"):
    return [Leg(account, Decimal(amount), label), Leg(CARDS, -Decimal(amount), label)]


def balance_of(account) -> Decimal:
    return BankAccount.objects.with_balances().get(pk=account.pk).balance


def test_booking_moves_money_from_one_side_to_the_other(account, savings):
    books.book(TRANSFER, legs(account, "100"))
    books.book(TRANSFER, [Leg(account, Decimal("-30.10"), "Épargne"), Leg(savings, Decimal("30.10"), "Épargne")])
    assert (balance_of(account), balance_of(savings)) == (Decimal("69.90"), Decimal("30.10"))


def test_entries_are_numbered_and_carry_the_balance_after_them(account):
    for amount in ("10", "-3.50", "0.01"):
        books.book(CARD, legs(account, amount))
    rows = account.entries.order_by("position").values_list("position", "balance")
    assert list(rows) == [(1, Decimal("10")), (2, Decimal("6.50")), (3, Decimal("6.51"))]


def test_same_act_books_once(account):
    act = uuid.uuid4()
    first, again = (books.book(CARD, legs(account, "-5"), act=act) for _ in range(2))
    assert first == again
    assert balance_of(account) == Decimal("-5")


@pytest.mark.parametrize("changed", ["amount", "account", "kind", "day"])
def test_act_that_booked_something_else_is_refused(account, savings, changed):
    """Giving back the first booking would tell somebody that his money has moved."""
    first = books.book(CARD, legs(account, "-5"))
    again = legs(savings if changed == "account" else account, "-6" if changed == "amount" else "-5")
    kind = TRANSFER if changed == "kind" else CARD
    with pytest.raises(books.ActTaken):
        books.book(kind, again, act=first.pk, on=date(2026, 1, 5) if changed == "day" else None)
    assert Booking.objects.count() == 1


def test_retry_of_an_act_may_word_and_order_its_legs_otherwise(account):
    first = books.book(CARD, legs(account, "-5"), on=timezone.localdate())
    again = books.book(CARD, legs(account, "-5.00", "BOULANGERIE")[::-1], on=timezone.localdate(), act=first.pk)
    assert again == first


def test_retry_after_the_account_was_closed_gives_the_booking(account):
    first = books.book(CARD, legs(account, "-5"))
    close(account)
    assert books.book(CARD, legs(account, "-5"), act=first.pk) == first


@pytest.mark.parametrize("label", ["x" * 81, "nul \0", "deux\nlignes", "\ud800"], ids=["long", "nul", "lines", "half"])
def test_label_that_cannot_be_written_is_refused(account, label):
    with pytest.raises(books.NotALabel):
        books.book(CARD, legs(account, "-5", label))


@pytest.mark.parametrize("label", ["", "é" * 80, "Café 🥐 « Chez Zoé »"])
def test_any_other_label_is_kept_as_it_is(account, label):
    books.book(CARD, legs(account, "-5", label))
    assert account.entries.get().label == label


def test_balance_that_its_column_does_not_hold_is_refused(account):
    many = [Leg(account, books.LARGEST_AMOUNT, "")] * 1001 + [Leg(CARDS, -books.LARGEST_AMOUNT, "")] * 1001
    with pytest.raises(books.BalanceTooLarge):
        books.book(CARD, many)
    assert not Entry.objects.exists()


@pytest.mark.slow
def test_thousand_largest_amounts_and_a_cent_are_kept_to_the_cent(account):
    """SQLite adds them in floating point: neither a balance nor the judgement of a sum may be off by a cent."""
    largest, cent = books.LARGEST_AMOUNT, Decimal("0.01")
    books.book(CARD, [Leg(account, largest, "")] * 1000 + [Leg(CARDS, -largest, "")] * 1000)
    for amount in (cent, largest * -1, cent):
        books.book(CARD, legs(account, amount))
    assert balance_of(account) == 999 * largest + 2 * cent
    booking = Booking(kind=CARD, booked_on=timezone.localdate())
    off = [bank_side(booking, amount, booking.booked_on) for amount in [largest] * 500 + [-largest] * 499]
    off.append(bank_side(booking, cent - largest, booking.booked_on))
    with pytest.raises(IntegrityError), transaction.atomic():
        books.write([booking], off)


@pytest.mark.parametrize("amounts", [("10", "-9.99"), ("10", "10"), ("-0.01", "0.02")])
def test_legs_that_do_not_sum_to_zero_are_refused(account, amounts):
    with pytest.raises(books.Unbalanced):
        books.book(CARD, [Leg(account, Decimal(amounts[0]), ""), Leg(CARDS, Decimal(amounts[1]), "")])
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "amount",
    ["0", "-0", "0.001", "1000000000", "-0.005", "NaN", "Infinity", "-Infinity", "1e999999", "1e-999999"],
)
def test_amount_that_is_none_is_refused(account, amount):
    with pytest.raises(books.UnbookableAmount):
        books.book(CARD, legs(account, amount))


def close(account):
    BankAccount.objects.filter(pk=account.pk).update(closed_on=timezone.localdate())


def test_nothing_is_booked_on_a_closed_account(account):
    close(account)
    with pytest.raises(books.AccountClosed):
        books.book(CARD, legs(account, "5"))


def test_nothing_is_booked_before_the_account_was_opened(account):
    with pytest.raises(books.AccountClosed):
        books.book(CARD, legs(account, "5"), on=account.opened_on - timedelta(days=1))


def test_nothing_is_booked_on_a_day_that_is_closed_or_to_come(account):
    today = timezone.localdate()
    BankAccount.objects.filter(pk=account.pk).update(
        opened_on=today - timedelta(days=90), books_closed_on=today - timedelta(days=30)
    )
    for day in (today - timedelta(days=30), today + timedelta(days=1)):
        with pytest.raises(books.BooksClosed):
            books.book(CARD, legs(account, "5"), on=day)
    books.book(CARD, legs(account, "5"), on=today - timedelta(days=29))


def test_nothing_is_booked_before_what_is_booked_already(account):
    today = timezone.localdate()
    BankAccount.objects.filter(pk=account.pk).update(opened_on=today - timedelta(days=90))
    books.book(CARD, legs(account, "5"), on=today - timedelta(days=1))
    with pytest.raises(books.BooksClosed):
        books.book(CARD, legs(account, "5"), on=today - timedelta(days=2))


def test_clock_that_is_a_little_behind_books_on_the_day_of_the_last_entry(account, savings):
    tomorrow = timezone.localdate() + timedelta(days=1)
    makers.make_operations(account, "10", day=tomorrow)
    booking = books.book(TRANSFER, [Leg(account, Decimal(-5), ""), Leg(savings, Decimal(5), "")])
    assert booking.booked_on == tomorrow


def test_clock_that_is_days_away_from_the_last_entry_books_nothing(account):
    makers.make_operations(account, "10", day=timezone.localdate() + timedelta(days=2))
    with pytest.raises(books.BooksClosed):
        books.book(CARD, legs(account, "-5"))


def test_savings_never_fall_below_zero(savings):
    books.book(TRANSFER, legs(savings, "10"))
    with pytest.raises(books.SavingsOverdrawn):
        books.book(TRANSFER, legs(savings, "-10.01"))
    assert balance_of(savings) == Decimal("10")


def test_correction_is_a_new_booking_that_takes_the_first_back(account, advisor):
    wrong = books.book(CARD, legs(account, "-12.30"))
    correction = books.correct(wrong, by=Actor(advisor))
    assert balance_of(account) == 0
    assert (correction.kind, correction.corrects) == (Booking.Kind.CORRECTION, wrong)
    assert account.entries.first().label == "Rectification : Boulangerie"


def test_booking_is_corrected_once_and_its_correction_never(account, advisor):
    wrong = books.book(CARD, legs(account, "-12.30"))
    correction = books.correct(wrong, by=Actor(advisor))
    for booking in (wrong, correction):
        with pytest.raises(books.AlreadyCorrected):
            books.correct(booking, by=Actor(advisor))


def test_booking_across_an_account_that_was_closed_since_is_not_corrected(account, savings, advisor):
    wrong = books.book(TRANSFER, [Leg(account, Decimal(-5), ""), Leg(savings, Decimal(5), "")])
    close(savings)
    with pytest.raises(books.AccountClosed):
        books.correct(wrong, by=Actor(advisor))
    assert (balance_of(account), Booking.objects.count()) == (Decimal(-5), 1)


def test_correction_never_takes_back_savings_that_were_spent(savings, advisor):
    wrong = books.book(TRANSFER, legs(savings, "10"))
    books.book(TRANSFER, legs(savings, "-4"))
    with pytest.raises(books.SavingsOverdrawn):
        books.correct(wrong, by=Actor(advisor))
    assert balance_of(savings) == Decimal(6)


def test_booking_of_a_closed_month_is_corrected_on_a_later_day(account, advisor):
    today = timezone.localdate()
    BankAccount.objects.filter(pk=account.pk).update(opened_on=today - timedelta(days=90))
    wrong = books.book(CARD, legs(account, "5"), on=today - timedelta(days=40))
    BankAccount.objects.filter(pk=account.pk).update(books_closed_on=today - timedelta(days=30))
    assert books.correct(wrong, by=Actor(advisor)).booked_on == today


def test_booking_between_accounts_of_the_bank_alone_is_taken_and_corrected(db, advisor):
    wrong = books.book(CARD, [Leg(CARDS, Decimal(5), ""), Leg(InternalAccount.FEES, Decimal(-5), "")])
    books.correct(wrong, by=Actor(advisor))
    with pytest.raises(books.AlreadyCorrected):
        books.correct(wrong, by=Actor(advisor))


def raw_entry(booking, account, **fields):
    day = date(2026, 1, 5)
    values = {"position": 1, "amount": Decimal(5), "balance": Decimal(5), "booked_on": day, "value_on": day}
    return Entry(booking=booking, account=account, label="À la main", **(values | fields))


def bank_side(booking, amount, day=date(2026, 1, 5)):
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
        books.write([booking], entries)


def test_database_refuses_a_booking_of_another_day_than_its_entries(account):
    booking = Booking(kind=CARD, booked_on=date(2026, 1, 6))
    with pytest.raises(IntegrityError), transaction.atomic():
        books.write([booking], [raw_entry(booking, account), bank_side(booking, Decimal(-5))])


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
