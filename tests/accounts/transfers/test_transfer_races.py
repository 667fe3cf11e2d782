"""Transfers at the same instant, and servers that are killed in the midst of one: booked once, never beyond the funds.

The two sides of a transfer always sum to what was there before.
"""

import threading
from decimal import Decimal
from time import sleep

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.kinds import Event, Mail
from accounts.models import BankAccount, Booking, Document, Entry, Transfer
from accounts.models.transfers import LIFETIME
from accounts.transfers import booking, ordering, refusals
from auth_codes.actor import Actor
from auth_codes.codes import changing, checking
from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, FailedAttempt, Notice, SecurityEvent
from tests import makers, processes
from tests.accounts.pages.test_transfer_pages import balance, cancel, confirm, failures, nothing_was_booked, page_of
from tests.conftest import StrictBrowser
from tests.faults import Fault

pytestmark = pytest.mark.django_db(transaction=True)

MADE = Event.TRANSFER_MADE


@pytest.fixture
def savings(client_, current):
    return makers.make_savings(client_)


@pytest.fixture
def order(client_, current, savings):
    return ordering.prepare(client_, current, savings, Decimal("30.10"))


def logged_in(client, count):
    return StrictBrowser.tabs(client.user, count)


def orders(client, source, destination, *amounts):
    return [ordering.prepare(client, source, destination, Decimal(amount)) for amount in amounts]


def booked(order):
    """Confirms by the operation itself, as after a right code; whether it was booked."""
    try:
        return ordering.confirm(order, by=Actor(order.client.user), seen=ordering.fingerprint(order)).is_confirmed
    except refusals.TransferRefused:
        return False


def is_whole(order) -> bool:
    """Either all of a confirmation is there, or nothing of it."""
    order.refresh_from_db()
    traces = [
        Booking.objects.filter(pk=order.pk).exists(),
        Entry.objects.filter(booking=order.pk).count() == 2,
        Document.objects.filter(kind="receipt").exists(),
        SecurityEvent.objects.filter(kind=MADE).exists(),
        Notice.objects.filter(kind=Mail.TRANSFER_MADE).exists(),
        order.is_confirmed,
    ]
    return len(set(traces)) == 1


def test_twenty_confirmations_of_one_order_at_once_book_once(race, client_, order, current, savings):
    answers = race(lambda browser: confirm(browser, order), logged_in(client_, 20))
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, page_of(order))}
    assert (balance(current), balance(savings)) == (Decimal("969.90"), Decimal("30.10"))
    assert SecurityEvent.objects.filter(kind=MADE).count() == 1
    assert Document.objects.filter(kind="receipt").count() == 1
    assert (failures(), FailedAttempt.objects.count()) == (0, 0)


def test_right_code_among_others_being_verified_waits_for_their_answers(race, client_, order):
    """As on several servers, whose slots together are more than the five attempts of a count."""
    counter = counters.client_counter(client_.client_code)
    others = [makers.reserve(counter, "b" * 32) for _ in range(counters.FAILURES_BEFORE_BLOCK)]

    def act(what):
        if what == "confirm":
            return confirm(*logged_in(client_, 1), order).status_code
        return [counters.give_back(other, "b" * 32) for other in others]

    assert race(act, ["confirm", "answer"])[0] == 302


def test_wrong_codes_being_verified_give_nobody_a_sixth_guess(race, client_, order, hashes):
    hashes.clear()
    statuses = race(lambda browser: confirm(browser, order, makers.WRONG_CODE).status_code, logged_in(client_, 12))
    assert (len(hashes), statuses.count(200), statuses.count(429)) == (5, 4, 8)  # the fifth is told of the pause


def test_many_orders_at_once_never_exceed_the_funds(race, client_, current, savings):
    both_ways = orders(client_, current, savings, *["300"] * 8)
    assert race(booked, both_ways).count(True) == 3
    assert (balance(current), balance(savings)) == (Decimal(100), Decimal(900))


def test_orders_in_both_directions_at_once_do_not_wait_for_each_other(race, client_, current, savings):
    makers.make_operations(savings, "1000")
    mixed = orders(client_, current, savings, *["1"] * 5) + orders(client_, savings, current, *["2"] * 5)
    assert all(race(booked, mixed))
    assert (balance(current), balance(savings)) == (Decimal(1005), Decimal(995))


def test_many_orders_at_once_never_exceed_the_amount_of_a_day(race, client_, current, savings):
    makers.make_operations(current, "100000")
    assert race(booked, orders(client_, current, savings, *["4000"] * 8)).count(True) == 3
    assert balance(savings) == Decimal(12000)


def test_many_orders_at_once_never_exceed_the_number_of_a_day(race, client_, current, savings, monkeypatch):
    monkeypatch.setattr(ordering, "NUMBER_PER_DAY", 3)
    assert race(booked, orders(client_, current, savings, *["1"] * 8)).count(True) == 3


def test_two_holders_at_once_never_exceed_the_funds_of_their_account(race, client_, advisor, current, savings):
    other = makers.make_personalised_client(advisor, given_names="Paul", family_name="Petit")
    for account in (current, savings):
        account.holdings.create(client=other)
    mixed = orders(client_, current, savings, "600") + orders(other, current, savings, "600")
    assert sorted(race(booked, mixed)) == [False, True]
    assert balance(current) == Decimal(400)


def test_change_of_the_code_at_the_same_time_lets_the_transfer_through_whole_or_not_at_all(
    race, client_, order, current, savings
):
    def act(what):
        browser = StrictBrowser.logged_in(type(client_.user).objects.get(pk=client_.user.pk))
        if what == "confirm":
            return confirm(browser, order).status_code
        codes = {"old_password": makers.CODE, "new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
        return browser.post("/mon-profil/code-secret/", codes).status_code

    assert race(act, ["confirm", "change"])[1] == 302
    assert is_whole(order)
    assert balance(current) + balance(savings) == Decimal(1000)
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.OTHER_CODE).status_code == 302


def test_transfer_whose_code_is_no_longer_the_code_when_it_is_booked_is_not_made(client_, order, monkeypatch):
    """The code is changed between its verification and the booking."""
    browser, confirm_order = StrictBrowser.logged_in(client_.user), ordering.confirm

    def changed_meanwhile(*arguments, **named):
        owner = type(client_.user).objects.get(pk=client_.user.pk)
        changing.personalise(owner, makers.OTHER_CODE, replacing=checking.present_code(owner), by=Actor(owner))
        return confirm_order(*arguments, **named)

    monkeypatch.setattr(ordering, "confirm", changed_meanwhile)
    assert confirm(browser, order)["Location"] == page_of(order)
    assert nothing_was_booked()


def test_order_forgotten_at_the_same_time_is_booked_whole_or_not_at_all(race, client_, order):
    def act(what):
        if what == "confirm":
            return booked(order)
        return ordering.forget_unconfirmed(Transfer.objects.all(), timezone.now() + ordering.KEPT_UNCONFIRMED)

    was_booked, forgotten = race(act, ["confirm", "forget"])
    assert (was_booked, forgotten) in {(True, 0), (False, 1)}


@pytest.mark.parametrize("attempt", range(5))
def test_order_cancelled_at_the_same_time_is_booked_with_its_receipt_or_not_at_all(
    race, client_, order, savings, attempt
):
    """Both by their pages; the cancelling sets out a little later each time, since the code takes its time."""

    def act(what):
        browser = StrictBrowser.logged_in(client_.user)
        if what == "confirm":
            return confirm(browser, order)
        sleep(attempt * 0.02)
        return cancel(browser, order)

    confirmed, cancelled = race(act, ["confirm", "cancel"])
    assert is_whole(order)
    assert balance(savings) == (Decimal("30.10") if order.is_confirmed else 0)
    assert confirmed["Location"] == page_of(order)
    assert cancelled["Location"] == (page_of(order) if order.is_confirmed else "/espace-client/virements/")


def test_cancelling_waits_for_the_confirmation_that_is_under_way(race, client_, order, savings, monkeypatch):
    locked, book = threading.Event(), booking.book

    def slowly(*arguments):
        locked.set()
        sleep(0.3)
        return book(*arguments)

    monkeypatch.setattr(booking, "book", slowly)

    def act(what):
        if what == "confirm":
            return booked(order)
        locked.wait(timeout=30)
        return cancel(StrictBrowser.logged_in(client_.user), order)["Location"]

    assert race(act, ["confirm", "cancel"]) == [True, page_of(order)]
    assert is_whole(order)
    assert balance(savings) == Decimal("30.10")


def test_confirmation_waits_for_the_cancelling_that_is_under_way(race, client_, order, savings):
    voided, seal = threading.Event(), ordering.fingerprint(order)

    def act(what):
        if what == "cancel":
            with transaction.atomic():
                ordering.void(order)
                voided.set()
                sleep(0.3)
            return None
        voided.wait(timeout=30)
        try:
            return ordering.confirm(order, by=Actor(client_.user), seen=seal)
        except refusals.Expired as refusal:
            return type(refusal)

    assert race(act, ["cancel", "confirm"]) == [None, refusals.Expired]
    assert is_whole(order)
    assert balance(savings) == 0


def test_ten_cancellings_at_once_are_answered_alike(race, client_, order):
    answers = race(lambda browser: cancel(browser, order), logged_in(client_, 10))
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/espace-client/virements/")}
    assert not Transfer.objects.prepared_after(timezone.now() - LIFETIME).exists()


def test_database_that_fails_at_any_statement_leaves_nothing_half_done(client_, order, current, savings):
    browser, place, has_come = StrictBrowser.logged_in(client_.user), 0, True
    browser.raise_request_exception, seal = False, ordering.fingerprint(order)
    while has_come:
        place += 1
        AttemptCounter.objects.all().delete()  # an attempt without an answer counts: not what is looked at here
        fault = Fault(place)
        with connection.execute_wrapper(fault):
            confirm(browser, order, seal=seal)
        has_come = fault.has_come
        assert is_whole(order), f"statement {place}"
        assert balance(current) + balance(savings) == Decimal(1000)
    assert place > 20
    assert order.is_confirmed
    assert balance(savings) == Decimal("30.10")


# Dies at the call that is named, whether the code has just been found right or half of the booking is written.
KILLED = """
import os, signal, sys
import django

django.setup()
import importlib
from django.conf import settings
from django.test import Client
from accounts.models import User

module, _, name = sys.argv[1].rpartition(".")
setattr(importlib.import_module(module), name, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))
browser = Client(headers={"host": "localhost"})
browser.force_login(User.objects.get(username=sys.argv[2]), backend="auth_codes.login.backends.ClientBackend")
browser.post(sys.argv[3], {"password": sys.argv[4], "seal": sys.argv[5]}, secure=True)
"""


@pytest.mark.parametrize(
    ("where", "counted"),
    [
        ("auth_codes.login.gate.settle", 1),
        ("accounts.transfers.ordering.confirm", 0),
        ("accounts.ledger.books.book", 0),
        ("accounts.documents.issuing.issue", 0),
        ("auth_codes.journal.record", 0),
    ],
)
def test_server_killed_between_code_and_booking_leaves_nothing_half_done(client_, order, savings, where, counted):
    process = processes.start(
        "-c", KILLED, where, client_.client_code, page_of(order), makers.CODE, ordering.fingerprint(order)
    )
    _, complained = process.communicate(timeout=120)
    assert process.returncode == -9, complained
    assert is_whole(order)
    assert (order.is_confirmed, failures()) == (False, counted)
    assert confirm(*logged_in(client_, 1), order)["Location"] == page_of(order)
    assert balance(savings) == Decimal("30.10")


def test_account_closed_at_the_same_time_takes_the_transfer_whole_or_not_at_all(race, client_, order, savings):
    def act(what):
        if what == "confirm":
            return booked(order)
        return BankAccount.objects.filter(pk=savings.pk).update(closed_on=timezone.localdate())

    was_booked = race(act, ["confirm", "close"])[0]
    assert is_whole(order)
    assert balance(savings) == (Decimal("30.10") if was_booked else 0)
