"""Booking money: the one way by which entries are written. Double entry, append-only; a correction is a new booking."""

import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import BankAccount, Booking, Entry, InternalAccount
from auth_codes.actor import SYSTEM, Actor

LARGEST_AMOUNT = Decimal("999999999.99")  # a thousand of them still fit a balance
# What the column holds; SQLite's floating point is exact to the cent there.
LARGEST_BALANCE = Decimal("999999999999.99")
CENT = Decimal("0.01")
LONGEST_LABEL: int = Entry._meta.get_field("label").max_length  # type: ignore[assignment]  # which it has
CLOCKS_DIFFER = timedelta(days=1)  # at midnight, between two servers


class BookingRefused(Exception):
    """Why nothing was booked."""


class Unbalanced(BookingRefused):
    """The legs do not sum to zero, or there are fewer than two."""


class UnbookableAmount(BookingRefused):
    """An amount of zero, of fractions of a cent, of a thousand million and more, or no number at all."""


class BalanceTooLarge(BookingRefused):
    """An account would hold, or owe, a million million and more."""


class NotALabel(BookingRefused):
    """A label of more than 80 signs, or with control characters, which no database or statement takes alike."""


class ActTaken(BookingRefused):
    """The act has booked something else: its name was used twice."""


class AccountClosed(BookingRefused):
    """An account was closed, or not opened yet on that day."""


class BooksClosed(BookingRefused):
    """The statements of that day are issued, a later day is booked already, or the day is to come.

    Also when the account's last entry is more than a day ahead of this server's clock: one of the two clocks is wrong,
    and following the entry would carry its day from account to account.
    """


class SavingsOverdrawn(BookingRefused):
    """A savings account would fall below zero."""


class AlreadyCorrected(BookingRefused):
    """A booking is corrected once; a wrong correction cannot be corrected, but booked anew."""


class Leg(NamedTuple):
    """What a booking does on one account, a customer's or the bank's; `amount` in euros, negative for a debit."""

    account: BankAccount | InternalAccount
    amount: Decimal
    label: str


class Tail(NamedTuple):
    """Where a customer's account stands: its last entry's position, balance and day."""

    position: int = 0
    balance: Decimal = Decimal(0)
    booked_on: date | None = None


NOTHING = Tail()


def lock(accounts: Iterable[BankAccount]) -> dict[int, BankAccount]:
    """The accounts by id, as they are now and with their balances; nobody books on them until the transaction ends.

    Always in the order of their ids, so that no two bookings wait for each other.
    """
    ids = {account.pk for account in accounts}
    list(BankAccount.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk"))
    # A second question, asked once they are ours: PostgreSQL answers the first with the balances of before the wait.
    return {account.pk: account for account in BankAccount.objects.with_balances().filter(pk__in=ids)}


def book(
    kind: Booking.Kind,
    legs: Sequence[Leg],
    *,
    by: Actor = SYSTEM,
    on: date | None = None,
    act: uuid.UUID | None = None,
    corrects: Booking | None = None,
) -> Booking:
    """Books `legs` on one day, today unless `on` says an earlier one, which still has to be open.

    `act` names what is booked: the same act again (a retry, a double click) returns what it booked before; the wording
    of its labels may have changed since. Raises one of `BookingRefused`, with nothing booked; ActTaken when the act
    has moved other money, on another day than `on`, or was of another kind.
    """
    _judge(legs)
    # Its day is given once the accounts are locked, unless `on` says one.
    wanted = Booking(pk=act or uuid.uuid4(), kind=kind, booked_on=on, by=by.user, corrects=corrects)  # type: ignore[misc]
    try:
        with transaction.atomic():
            return _book(wanted, legs)
    except IntegrityError:
        # Without a customer's account in common nobody waits for the other, and both write the same act.
        done = _booked_before(wanted, legs)
        if done is None:
            raise
        return done


def correct(booking: Booking, *, by: Actor, label: str = "") -> Booking:
    """Takes back a booking by one with the opposite amounts.

    It obeys the rules of any booking: on a closed account, or on savings that have been spent, nothing is taken back.
    Raises AlreadyCorrected, or what `book` raises.
    """
    try:
        with transaction.atomic():
            return _correct(booking, by, label)
    except IntegrityError:
        # As in `book`: between the bank's own accounts nobody waits for the other.
        if Booking.objects.filter(corrects=booking).exists():
            raise AlreadyCorrected from None
        raise


def history(
    account: BankAccount, past: Iterable[tuple[Booking.Kind, date, Leg]], after: Tail = NOTHING
) -> tuple[list[Booking], list[Entry]]:
    """Unsaved bookings, in the order of their days, each with its leg on the bank's side: for `write`.

    For an account that nobody else knows yet: nothing is judged and nothing locked.
    """
    bookings, entries, tails = [], [], {account.pk: after}
    for kind, day, bank_side in past:
        booking = Booking(kind=kind, booked_on=day)
        own_side = Leg(account, -bank_side.amount, bank_side.label)
        bookings.append(booking)
        entries += [entry_of(booking, own_side, tails), entry_of(booking, bank_side, tails)]
    return bookings, entries


def tail_of(account_id: int) -> Tail:
    """Where this customer's account stands now; position and balance 0 before its first entry."""
    last = Entry.objects.filter(account=account_id).order_by("-position").values_list(*Tail._fields)
    return Tail(*(last.first() or ()))


def entry_of(booking: Booking, leg: Leg, tails: dict[int, Tail]) -> Entry:
    """The unsaved entry of a leg; moves the tail of its account on."""
    entry = Entry(
        booking=booking, booked_on=booking.booked_on, value_on=booking.booked_on, amount=leg.amount, label=leg.label
    )
    if not isinstance(leg.account, BankAccount):
        entry.internal_account = leg.account
        return entry
    before = tails[leg.account.pk]
    entry.account, entry.position, entry.balance = leg.account, before.position + 1, before.balance + leg.amount
    tails[leg.account.pk] = Tail(entry.position, entry.balance, booking.booked_on)
    return entry


def write(bookings: Sequence[Booking], entries: Sequence[Entry]) -> None:
    """Entries first: a booking closes its own, and the database takes it only when they sum to zero."""
    with transaction.atomic(savepoint=False):  # entries alone are no booking, and refused at their commit
        Entry.objects.bulk_create(entries)
        Booking.objects.bulk_create(bookings)


def _book(wanted: Booking, legs: Sequence[Leg]) -> Booking:
    customers = lock(leg.account for leg in legs if isinstance(leg.account, BankAccount))
    done = _booked_before(wanted, legs)
    if done:
        return done
    tails = {pk: tail_of(pk) for pk in customers}
    wanted.booked_on = _judged_day(wanted.booked_on) if wanted.booked_on else _today(tails)
    for account in customers.values():
        _judge_day(account, tails[account.pk], wanted.booked_on)
    entries = [entry_of(wanted, leg, tails) for leg in legs]
    _judge_balances(customers, tails, entries)
    write([wanted], entries)
    return wanted


def _correct(booking: Booking, by: Actor, label: str) -> Booking:
    entries = list(booking.entries.select_related("account").order_by("pk"))
    lock(entry.account for entry in entries if entry.account)
    if booking.corrects_id or Booking.objects.filter(corrects=booking).exists():
        raise AlreadyCorrected
    legs = [
        Leg(
            entry.account or InternalAccount(entry.internal_account),
            -entry.amount,
            label or f"Rectification : {entry.label}"[:LONGEST_LABEL],
        )
        for entry in entries
    ]
    return book(Booking.Kind.CORRECTION, legs, by=by, corrects=booking)


def _booked_before(wanted: Booking, legs: Sequence[Leg]) -> Booking | None:
    """What the act of `wanted` has booked already, if it has. Raises ActTaken."""
    done = Booking.objects.filter(pk=wanted.pk).first()
    if done is None:
        return None
    moved = Counter(done.entries.values_list("account", "internal_account", "amount"))
    other_day = wanted.booked_on and wanted.booked_on != done.booked_on
    if other_day or (done.kind, done.corrects_id) != (wanted.kind, wanted.corrects_id) or moved != _moves(legs):
        raise ActTaken
    return done


def _moves(legs: Sequence[Leg]) -> Counter[tuple[int | None, str, Decimal]]:
    """What `legs` do, as it would stand in the table, whatever their order."""
    return Counter(_move(leg.account, leg.amount) for leg in legs)


def _move(account: BankAccount | InternalAccount, amount: Decimal) -> tuple[int | None, str, Decimal]:
    return (account.pk, "", amount) if isinstance(account, BankAccount) else (None, account, amount)


def _judge(legs: Sequence[Leg]) -> None:
    for leg in legs:
        if not _is_amount(leg.amount):
            raise UnbookableAmount
        # Control characters (NUL, line ends) and lone surrogates; PostgreSQL does not take all of them, CSV neither.
        if len(leg.label) > LONGEST_LABEL or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in leg.label):
            raise NotALabel
    if len(legs) < 2 or sum(leg.amount for leg in legs) != 0:
        raise Unbalanced


def _is_amount(amount: Decimal) -> bool:
    """The order matters: nothing else may be asked of what is no number, nor rounding of what is huge."""
    return amount.is_finite() and amount != 0 and abs(amount) <= LARGEST_AMOUNT and amount == amount.quantize(CENT)


def _today(tails: dict[int, Tail]) -> date:
    """Read once the accounts are locked; never before what another server, whose clock is ahead, has booked."""
    today = timezone.localdate()
    latest = max([today, *(tail.booked_on for tail in tails.values() if tail.booked_on)])
    if latest - today > CLOCKS_DIFFER:
        raise BooksClosed
    return latest


def _judged_day(on: date) -> date:
    if on > timezone.localdate():
        raise BooksClosed
    return on


def _judge_day(account: BankAccount, tail: Tail, day: date) -> None:
    if account.is_closed or day < account.opened_on:
        raise AccountClosed
    books_closed = account.books_closed_on and day <= account.books_closed_on
    if books_closed or (tail.booked_on and day < tail.booked_on):
        raise BooksClosed


def _judge_balances(customers: dict[int, BankAccount], tails: dict[int, Tail], entries: Sequence[Entry]) -> None:
    if any(entry.balance is not None and abs(entry.balance) > LARGEST_BALANCE for entry in entries):
        raise BalanceTooLarge
    for pk, account in customers.items():
        fell = tails[pk].balance < min(account.balance, Decimal(0))
        if account.kind == BankAccount.Kind.SAVINGS and fell:
            raise SavingsOverdrawn
