"""Kept sums of months and what was booked since: together what the ledger says, to the cent, at every moment."""

import json
import threading
from collections import defaultdict
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.bank_accounts.opening import open_account
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import BankAccount, Booking, Category, Entry, InternalAccount, Merchant, MonthSum, SummedAccount
from accounts.operations import flows, sums
from accounts.operations.sums import Moved, Sort
from auth_codes.actor import SYSTEM
from tests.standing import made_once

FIRST, LAST = date(2025, 1, 1), date(2026, 12, 1)
KINDS = [kind for kind in Booking.Kind if kind != Booking.Kind.CORRECTION]


@made_once
def accounts(client_):
    """Three of one client, as old as the tests need."""
    for _ in range(2):
        open_account(client_, kind=BankAccount.Kind.CURRENT, by=SYSTEM)
    client_.bank_accounts.update(opened_on=date(2024, 1, 1))
    return list(client_.bank_accounts.order_by("pk"))


def pay(account, amount, day, *, code=None, other=InternalAccount.CARDS, kind=Booking.Kind.CARD):
    legs = [Leg(account, Decimal(amount), "Essai"), Leg(other, -Decimal(amount), "Essai")]
    with transaction.atomic():
        booking = books.book(kind, legs, on=day)
        if code:
            Merchant.objects.create(booking=booking, code=code)
    return booking


def as_the_ledger_says(accounts) -> dict:
    """Told one entry after the other, without the code under test."""
    said = defaultdict(Moved)
    for entry in Entry.objects.filter(account__in=accounts).select_related("booking__merchant"):
        others = [other.account_id for other in entry.booking.entries.all() if other.pk != entry.pk]
        counterpart = others[0] if len(others) == 1 else None
        sort = Sort(entry.account_id, entry.booked_on.replace(day=1), entry.booking.category, counterpart)
        came_in, went_out = said[sort]
        said[sort] = Moved(came_in + max(entry.amount, 0), went_out + min(entry.amount, 0))
    return dict(said)


def told(accounts):
    return sums.between(accounts, FIRST, LAST)


def test_operations_are_summed_by_month_category_and_other_account(accounts):
    current, other, _ = accounts
    pay(current, "-12.30", date(2026, 1, 5), code=5411)
    pay(current, "-7.70", date(2026, 1, 31), code=5499)
    pay(current, "-1", date(2026, 2, 1), code=5411)
    pay(current, "-50", date(2026, 2, 2), other=other, kind=Booking.Kind.TRANSFER)
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    assert told(accounts) == {
        Sort(current.pk, january, Category.FOOD, None): Moved(went_out=Decimal(-20)),
        Sort(current.pk, february, Category.FOOD, None): Moved(went_out=Decimal(-1)),
        Sort(current.pk, february, Category.TRANSFERS, other.pk): Moved(went_out=Decimal(-50)),
        Sort(other.pk, february, Category.TRANSFERS, current.pk): Moved(came_in=Decimal(50)),
    }


def test_booking_on_more_than_two_accounts_has_no_single_counterpart(accounts):
    legs = [
        Leg(accounts[0], Decimal(-30), ""),
        Leg(accounts[1], Decimal(20), ""),
        Leg(InternalAccount.FEES, Decimal(10), ""),
    ]
    books.book(Booking.Kind.TRANSFER, legs, on=date(2026, 1, 5))
    assert {sort.counterpart for sort in told(accounts)} == {None}


def test_nothing_of_other_accounts_or_other_months_is_told(accounts):
    pay(accounts[0], "-1", date(2026, 1, 31))
    pay(accounts[0], "-2", date(2026, 2, 1))
    pay(accounts[1], "-3", date(2026, 2, 1))
    for keep in (lambda: None, lambda: sums.keep(date(2026, 3, 1))):
        keep()
        [(sort, moved)] = sums.between(accounts[:1], date(2026, 2, 1), date(2026, 2, 1)).items()
        assert (sort.month, moved.went_out) == (date(2026, 2, 1), Decimal(-2))


def test_only_ended_months_are_kept(accounts):
    pay(accounts[0], "-1", date(2026, 1, 31))
    pay(accounts[0], "-2", date(2026, 2, 1))
    assert sums.keep(date(2026, 2, 1)) == 1
    assert [row.month for row in MonthSum.objects.all()] == [date(2026, 1, 1)]
    assert sums.keep(date(2026, 2, 1)) == 0


def test_operation_booked_late_in_a_kept_month_counts_at_once_and_is_kept_later(accounts):
    pay(accounts[0], "-1", date(2026, 1, 30))
    sums.keep(date(2026, 2, 1))
    pay(accounts[0], "-2", date(2026, 1, 31))
    for keep in (lambda: None, lambda: sums.keep(date(2026, 2, 1))):
        keep()
        assert sums.together(told(accounts).values()).went_out == Decimal(-3)
    assert MonthSum.objects.get().went_out == Decimal(-3)


def test_day_of_value_moves_nothing_to_another_month(accounts):
    [booking], entries = books.history(
        accounts[0], [(Booking.Kind.CARD, date(2026, 1, 31), Leg(InternalAccount.CARDS, Decimal(1), "Essai"))]
    )
    for entry in entries:
        entry.value_on = date(2026, 2, 2)
    books.write([booking], entries)
    assert {sort.month for sort in told(accounts)} == {date(2026, 1, 1)}


ACTS = st.one_of(
    st.tuples(
        st.just("book"),
        st.integers(0, 2),
        st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100),
        st.integers(0, 40),
        st.sampled_from([None, None, 5411, 5812, 9399]),
        st.sampled_from(["in", "out", "own"]),
        st.sampled_from(KINDS),
    ),
    st.tuples(st.just("keep"), st.integers(0, 3)),
    st.tuples(st.just("forget")),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=3, max_size=25))
def test_sums_are_those_of_the_ledger_whatever_is_booked_and_kept_in_whatever_order(accounts, acts):
    before, day = transaction.savepoint(), date(2025, 1, 20)
    try:
        for act, *rest in acts:
            if act == "book":
                day = _book(accounts, day, *rest)
            elif act == "keep":
                sums.keep((day + relativedelta(months=1 - rest[0])).replace(day=1))
            else:
                sums.forget()
            assert told(accounts) == as_the_ledger_says(accounts)
    finally:
        transaction.savepoint_rollback(before)


def _book(accounts, day, number, amount, days, code, way, kind) -> date:
    """Gives the day of the latest booking: none may be earlier."""
    day += relativedelta(days=days)
    other = accounts[(number + 1) % 3] if way == "own" else InternalAccount.TRANSFERS
    pay(accounts[number], amount if way == "in" else -amount, day, code=code, other=other, kind=kind)
    return day


def test_kept_sums_spare_reading_the_entries(accounts, django_assert_num_queries):
    for month in range(1, 13):
        pay(accounts[0], "-1", date(2025, month, 5))
    sums.keep(date(2026, 1, 1))
    with django_assert_num_queries(2):
        assert len(told(accounts)) == 12
    assert SummedAccount.objects.get().position == 12


def test_own_accounts_pay_each_other_nothing(accounts):
    current, savings, foreign = accounts
    month = date(2026, 1, 1)
    pay(current, "-50", date(2026, 1, 5), other=savings, kind=Booking.Kind.TRANSFER)
    pay(current, "-20", date(2026, 1, 5), other=foreign, kind=Booking.Kind.TRANSFER)
    pay(savings, "3", date(2026, 1, 6), kind=Booking.Kind.INTEREST)
    mine = [current, savings]
    told_ = flows.of_month(
        sums.between(mine, month, month), month, own={account.pk for account in mine}, joint={savings.pk}
    )
    assert told_.all == Moved(Decimal(3), Decimal(-20))
    assert told_.joint == Moved(Decimal(3), Decimal(0))
    assert told_.spent == [(Category.TRANSFERS, Decimal(20))]


def test_categories_stand_in_the_order_of_what_went_out(accounts):
    for amount, code in (("-5", 5411), ("-9", 5812), ("-1", 5499), ("40", 9399)):
        pay(accounts[0], amount, date(2026, 1, 5), code=code)
    told_ = flows.of_month(told(accounts), date(2026, 1, 1), own=[accounts[0].pk], joint=[])
    assert told_.spent == [(Category.LEISURE, Decimal(9)), (Category.FOOD, Decimal(6))]


def test_database_takes_each_sum_once_and_with_its_sign(accounts):
    summed = SummedAccount.objects.create(account=accounts[0])
    fields = {"summed": summed, "month": FIRST, "category": Category.FOOD, "came_in": 1, "went_out": 0}
    MonthSum.objects.create(**fields)
    MonthSum.objects.create(**fields, counterpart=accounts[1])
    wrong = [fields, fields | {"counterpart": accounts[1]}, fields | {"category": "home", "went_out": 1}]
    for row in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            MonthSum.objects.create(**row)


@pytest.mark.parametrize("code", [0, 10_000])
def test_database_takes_no_code_that_is_none(accounts, code):
    booking = pay(accounts[0], "-1", date(2026, 1, 5))
    with pytest.raises(IntegrityError), transaction.atomic():
        Merchant.objects.create(booking=booking, code=code)


def run(*arguments) -> dict:
    printed = StringIO()
    call_command("keep_month_sums", *arguments, stdout=printed, stderr=StringIO())
    return json.loads(printed.getvalue())


def test_command_keeps_what_is_missing_and_may_begin_anew(accounts):
    pay(accounts[0], "-1", date(2025, 1, 5))
    pay(accounts[1], "-1", date(2025, 1, 5))
    assert run()["accounts"] == 2
    assert run()["accounts"] == 0
    MonthSum.objects.update(went_out=-99)
    assert run("--anew")["accounts"] == 2
    assert told(accounts) == as_the_ledger_says(accounts)


def test_no_account_is_looked_at_twice_in_one_run(accounts, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(sums, "ACCOUNTS_AT_ONCE", 1)
    for account in accounts:
        pay(account, "-1", date(2025, 1, 5))
    run()
    # For each account which comes next and whether anything is missing, and once that none comes. PostgreSQL is asked
    # for the lock of its run as well, and to let go of it.
    locks = 2 if connection.vendor == "postgresql" else 0
    with django_assert_num_queries(2 * len(accounts) + 1 + locks):
        assert sums.keep(date(2025, 2, 1)) == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_reader_sees_the_ledger_while_others_book_and_keep_and_begin_anew(race, client_):
    [account] = client_.bank_accounts.all()
    client_.bank_accounts.update(opened_on=date(2024, 1, 1))
    for month in range(1, 13):
        pay(account, "-1", date(2025, month, 5))
    ended, seen = threading.Event(), []

    def look():
        seen.append(sums.together(told([account]).values()).went_out)

    def read():
        while not ended.is_set():
            look()

    def write(number):
        for _ in range(5):
            if number:
                sums.forget()
            sums.keep(date(2026, 1, 1))
        ended.set()

    if connection.vendor == "sqlite":  # one writes at a time, and a reader waits: the same, one after the other
        for act in (look, lambda: write(0), look, sums.forget, look, lambda: write(1), look):
            act()
    else:
        race(lambda number: read() if number == 2 else write(number), range(3))
    assert set(seen) == {Decimal(-12)}
    assert told([account]) == as_the_ledger_says([account])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_who_keep_at_once_add_nothing_twice(race, client_):
    [account] = client_.bank_accounts.all()
    client_.bank_accounts.update(opened_on=date(2024, 1, 1))
    for day in range(1, 6):
        pay(account, "-1", date(2025, 1, day))
    assert sum(race(lambda _: sums.keep(date(2026, 1, 1)), range(4))) == 1
    assert MonthSum.objects.get().went_out == Decimal(-5)
