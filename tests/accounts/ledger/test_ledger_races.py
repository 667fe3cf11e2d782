"""Many who book at once, threads and processes, some of them killed: no money appears or vanishes."""

import json
import random
import subprocess
import sys
import threading
import time
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.bank_accounts.opening import open_account
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import BankAccount, Booking, Entry, InternalAccount
from auth_codes.actor import SYSTEM
from tests import processes
from tests.accounts.ledger import ledgers
from tests.accounts.ledger.ledgers import in_and_out
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CARD, TRANSFER = Booking.Kind.CARD, Booking.Kind.TRANSFER
CARDS, FEES = InternalAccount.CARDS, InternalAccount.FEES
WRITERS = 6
# Dies with its entries and its booking written, before the transaction that writes them ends.
DYING = """
import django, os, signal
django.setup()
from accounts.ledger import books
from accounts.models import BankAccount, Booking, InternalAccount
from tests.accounts.ledger.ledgers import in_and_out
write = books.write
def write_and_die(*arguments):
    write(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
books.write = write_and_die
books.book(Booking.Kind.CARD, in_and_out(BankAccount.objects.get(pk=ACCOUNT), "-3", InternalAccount.CARDS))
"""


@pytest.fixture
def accounts(new_client):
    """Three, with a thousand euros each."""
    made = [open_account(new_client, kind=BankAccount.Kind.CURRENT, by=SYSTEM) for _ in range(3)]
    for account in made:
        books.book(CARD, in_and_out(account, "1000", CARDS))
    return made


def assert_right(accounts, total="3000"):
    assert ledgers.findings() == []
    assert sum(balances(accounts).values()) == Decimal(total)


def balances(accounts):
    stored = BankAccount.objects.with_balances().filter(pk__in=[account.pk for account in accounts])
    return {account.pk: account.balance for account in stored}


def booked_or_refused(act):
    """The booking, or the name of the refusal."""
    try:
        return act().pk
    except books.BookingRefused as refusal:
        return type(refusal).__name__


def test_transfers_in_all_directions_at_once_neither_lose_money_nor_wait_for_each_other(accounts):
    def transfer_often(seed):
        chance, moved = random.Random(seed), dict.fromkeys([account.pk for account in accounts], Decimal(0))
        for _ in range(8):
            source, destination = chance.sample(accounts, 2)
            books.book(TRANSFER, in_and_out(destination, "7.31", source))
            moved[source.pk] -= Decimal("7.31")
            moved[destination.pk] += Decimal("7.31")
        return moved

    moved = at_once(transfer_often, range(WRITERS))
    assert_right(accounts)
    assert balances(accounts) == {
        account.pk: 1000 + sum(of_one[account.pk] for of_one in moved) for account in accounts
    }


def test_bookings_on_all_accounts_in_any_order_of_their_legs_do_not_wait_for_each_other(accounts):
    def book_on_all(seed):
        legs = [Leg(account, Decimal(-1), "") for account in accounts] + [Leg(CARDS, Decimal(3), "")]
        return [books.book(CARD, random.Random(seed).sample(legs, len(legs))) for seed in range(seed, seed + 5)]

    at_once(book_on_all, range(WRITERS))
    assert_right(accounts, str(3000 - 3 * 5 * WRITERS))


@pytest.mark.parametrize("own", [True, False], ids=["customer", "bank"])
def test_same_act_from_many_at_once_books_once_and_gives_all_the_same(accounts, own):
    act = uuid.uuid4()
    legs = in_and_out(accounts[0], "-5", CARDS) if own else [Leg(CARDS, Decimal(5), ""), Leg(FEES, Decimal(-5), "")]
    done = at_once(lambda _: books.book(CARD, legs, act=act).pk, range(WRITERS))
    assert done == [act] * WRITERS
    assert Booking.objects.count() == 3 + 1
    assert_right(accounts, "2995" if own else "3000")


def test_same_act_with_different_money_at_once_books_one_and_refuses_the_others(accounts):
    """They have no account in common, so that nothing but the name of the act tells."""
    act = uuid.uuid4()
    done = at_once(
        lambda account: booked_or_refused(lambda: books.book(CARD, in_and_out(account, "-5", CARDS), act=act)),
        accounts,
    )
    assert sorted(map(str, done)) == sorted([str(act), "ActTaken", "ActTaken"])
    assert_right(accounts, "2995")


@pytest.mark.parametrize("own", [True, False], ids=["customer", "bank"])
def test_booking_is_corrected_once_by_many_at_once(accounts, own):
    legs = in_and_out(accounts[0], "-5", CARDS) if own else [Leg(CARDS, Decimal(5), ""), Leg(FEES, Decimal(-5), "")]
    wrong = books.book(CARD, legs)
    done = at_once(lambda _: booked_or_refused(lambda: books.correct(wrong, by=SYSTEM)), range(WRITERS))
    assert done.count("AlreadyCorrected") == WRITERS - 1
    assert_right(accounts)


def test_savings_are_spent_once_by_many_at_once(accounts, new_client):
    savings = open_account(new_client, kind=BankAccount.Kind.SAVINGS, by=SYSTEM)
    books.book(TRANSFER, in_and_out(savings, "10", CARDS))
    done = at_once(
        lambda _: booked_or_refused(lambda: books.book(TRANSFER, in_and_out(savings, "-6", CARDS))), range(WRITERS)
    )
    assert done.count("SavingsOverdrawn") == WRITERS - 1
    assert_right([*accounts, savings], "3004")


def test_nothing_is_booked_on_an_account_after_it_was_closed(accounts):
    """Whoever closes an account locks it; who waited for that sees that it is closed."""
    account, locked = accounts[0], threading.Event()

    def act(number):
        if number:
            locked.wait(timeout=20)
            return booked_or_refused(lambda: books.book(CARD, in_and_out(account, "-5", CARDS)))
        with transaction.atomic():
            [mine] = books.lock([account]).values()
            locked.set()
            BankAccount.objects.filter(pk=mine.pk).update(closed_on=mine.opened_on)
        return "closed"

    assert at_once(act, range(3)) == ["closed", "AccountClosed", "AccountClosed"]
    assert_right(accounts)


def test_write_alone_is_a_transaction(accounts):
    """Entries committed without their booking would be refused, or stand alone."""
    booking = Booking(kind=CARD, booked_on=Entry.objects.latest("booked_on").booked_on)
    tails = {accounts[0].pk: books.tail_of(accounts[0].pk)}
    books.write([booking], [books.entry_of(booking, leg, tails) for leg in in_and_out(accounts[0], "-5", CARDS)])
    assert_right(accounts, "2995")


def start_writers(accounts, times):
    command = [sys.executable, "-m", "tests.accounts.ledger.ledger_writer", str(connection.settings_dict["NAME"])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([*command, str(n), str(times)], cwd=processes.ROOT, **pipes) for n in range(3)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n", writer.stderr.read()
    for writer in writers:
        writer.stdin.write(json.dumps([account.pk for account in accounts]) + "\n")
        writer.stdin.flush()
    return writers


def test_processes_that_move_money_at_once_lose_none(accounts):
    writers = start_writers(accounts, 20)
    said = [writer.communicate(timeout=120) for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 3, said
    assert Booking.objects.count() == 3 + 3 * 20
    assert_right(accounts)


def test_processes_killed_while_they_book_leave_whole_bookings_and_no_lock(accounts):
    writers = start_writers(accounts, 10_000)
    for number, writer in enumerate(writers):
        for _ in range(3 + 4 * number):
            writer.stdout.readline()
        writer.kill()
    for writer in writers:
        writer.communicate(timeout=30)
    assert_right(accounts)
    books.book(TRANSFER, in_and_out(accounts[0], "1", accounts[1]))
    assert_right(accounts)


def test_process_killed_before_its_commit_has_booked_nothing(accounts):
    assert processes.run("-c", DYING.replace("ACCOUNT", str(accounts[0].pk))).returncode == -9
    assert Booking.objects.count() == 3
    assert_right(accounts)


def test_without_the_lock_the_database_refuses_what_would_make_money_vanish(accounts):
    """The test of these tests: two who have both read the same balance cannot both write after it."""
    read = threading.Barrier(2)

    def book_without_lock(_):
        tails = {accounts[0].pk: books.tail_of(accounts[0].pk)}
        read.wait(timeout=20)
        booking = Booking(kind=CARD, booked_on=tails[accounts[0].pk].booked_on)
        entries = [books.entry_of(booking, leg, tails) for leg in in_and_out(accounts[0], "-5", CARDS)]
        try:
            books.write([booking], entries)
        except IntegrityError:
            return "refused"
        return "written"

    assert sorted(at_once(book_without_lock, range(2))) == ["refused", "written"]
    assert_right(accounts, "2995")


def test_database_refuses_an_entry_written_beside_a_booking_that_is_written_elsewhere(accounts):
    """Neither sees the other before both commit; on SQLite the second has to wait for the first."""
    act, written, committed = uuid.uuid4(), threading.Event(), threading.Event()

    def book():
        with transaction.atomic():
            books.book(CARD, in_and_out(accounts[0], "-5", CARDS), act=act)
            written.set()
            time.sleep(0.5)
        committed.set()
        return "booked"

    def add_an_entry():
        written.wait(timeout=20)
        booking = Booking(pk=act, booked_on=books.tail_of(accounts[1].pk).booked_on)
        try:
            with transaction.atomic():
                books.entry_of(booking, Leg(FEES, Decimal(-99), "Essai"), {}).save(force_insert=True)
                committed.wait(timeout=20)
        except IntegrityError:
            return "refused"
        return "written"

    assert at_once(lambda act: act(), [book, add_an_entry]) == ["booked", "refused"]
    assert_right(accounts, "2995")


def test_without_lock_and_guards_money_vanishes_and_the_check_sees_it(accounts):
    """Each of the two writes the balance that it has read less its own five euros."""
    with ledgers.unguarded():
        before = books.tail_of(accounts[0].pk)
        for position in (2, 3):
            booking = Booking(kind=CARD, booked_on=before.booked_on)
            entries = [
                books.entry_of(booking, leg, {accounts[0].pk: before}) for leg in in_and_out(accounts[0], "-5", CARDS)
            ]
            entries[0].position = position
            books.write([booking], entries)
        assert balances(accounts)[accounts[0].pk] == 995
        assert ledgers.problems() == {"BALANCE_BROKEN", "BANK_DISAGREES"}
