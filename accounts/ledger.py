"""Booking money: the one way by which entries are written. Double entry, append-only; a correction is a new booking."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import BankAccount, Booking, Entry, InternalAccount, User

LARGEST_AMOUNT = Decimal("999999999.99")  # a thousand of them still fit a balance
CENT = Decimal("0.01")


class Refused(Exception):
    """Why nothing was booked."""


class Unbalanced(Refused):
    """The legs do not sum to zero, or there are fewer than two."""


class NotAnAmount(Refused):
    """An amount of zero, of fractions of a cent, or of a thousand million and more."""


class AccountClosed(Refused):
    """An account was closed, or not opened yet on that day."""


class BooksClosed(Refused):
    """The statements of that day are issued, a later day is booked already, or the day is to come."""


class InsufficientFunds(Refused):
    """A savings account would fall below zero."""


class AlreadyCorrected(Refused):
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
    by: User | None = None,
    on: date | None = None,
    act: uuid.UUID | None = None,
    corrects: Booking | None = None,
) -> Booking:
    """Books `legs` on one day, today unless `on` says an earlier one, which still has to be open.

    `act` names what is booked: the same act again (a retry, a double click) returns what it booked before.
    Raises one of `Refused`, with nothing booked.
    """
    _judge(legs)
    act = act or uuid.uuid4()
    with transaction.atomic():
        customers = lock(leg.account for leg in legs if isinstance(leg.account, BankAccount))
        done = Booking.objects.filter(pk=act).first()
        if done:
            return done
        tails = {pk: tail_of(pk) for pk in customers}
        day = _judged_day(on) if on else _today(tails)
        for account in customers.values():
            _judge_day(account, tails[account.pk], day)
        booking = Booking(pk=act, kind=kind, booked_on=day, by=by, corrects=corrects)
        entries = [entry_of(booking, leg, tails) for leg in legs]
        _judge_savings(customers, tails)
        write([booking], entries)
    return booking


def correct(booking: Booking, *, by: User | None, label: str = "") -> Booking:
    """Takes back a booking by one with the opposite amounts. Raises AlreadyCorrected, or what `book` raises."""
    with transaction.atomic():
        entries = list(booking.entries.select_related("account").order_by("pk"))
        lock(entry.account for entry in entries if entry.account)
        if booking.corrects_id or Booking.objects.filter(corrects=booking).exists():
            raise AlreadyCorrected
        legs = [
            Leg(
                entry.account or InternalAccount(entry.internal_account),
                -entry.amount,
                label or f"Rectification : {entry.label}"[:80],
            )
            for entry in entries
        ]
        return book(Booking.Kind.CORRECTION, legs, by=by, corrects=booking)


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
    """Entries first: a booking seals its own, and the database takes it only when they sum to zero."""
    Entry.objects.bulk_create(entries)
    Booking.objects.bulk_create(bookings)


def _judge(legs: Sequence[Leg]) -> None:
    for leg in legs:
        if not leg.amount or abs(leg.amount) > LARGEST_AMOUNT or leg.amount != leg.amount.quantize(CENT):
            raise NotAnAmount
    if len(legs) < 2 or sum(leg.amount for leg in legs):
        raise Unbalanced


def _today(tails: dict[int, Tail]) -> date:
    """Read once the accounts are locked; never before what another server, whose clock is ahead, has booked."""
    return max([timezone.localdate(), *(tail.booked_on for tail in tails.values() if tail.booked_on)])


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


def _judge_savings(customers: dict[int, BankAccount], tails: dict[int, Tail]) -> None:
    for pk, account in customers.items():
        fell = tails[pk].balance < min(account.balance, Decimal(0))
        if account.kind == BankAccount.Kind.SAVINGS and fell:
            raise InsufficientFunds
