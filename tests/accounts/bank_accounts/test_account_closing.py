"""Closing an account: only an empty one, and nothing is booked on it afterwards."""

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.bank_accounts import closing, holders
from accounts.bank_accounts.opening import open_account
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import BankAccount, Booking, Entry, InternalAccount, Mandate, PendingEntry, Transfer
from auth_codes.actor import SYSTEM, Actor
from auth_codes.models import Notice, SecurityEvent
from tests import makers
from tests.accounts import at_once

pytestmark = pytest.mark.django_db


def pay_in(account, amount="5.00", **options):
    amount = Decimal(amount)
    legs = [Leg(account, amount, "Versement"), Leg(InternalAccount.CASH, -amount, "Versement")]
    return books.book(Booking.Kind.CASH, legs, **options)


def test_empty_account_is_closed_today_and_stays_its_holder_s(account, client_, advisor):
    makers.close_account(account, by=Actor(advisor))
    account.refresh_from_db()
    assert account.closed_on == timezone.localdate()
    assert account in client_.bank_accounts.all()


def test_one_holder_alone_does_not_close_the_account_of_another(account, client_, advisor):
    other = makers.make_new_client(advisor, given_names="Paul", family_name="Durand", email="paul@example.org")
    holders.add_holder(account, other, by=Actor(advisor))
    for agreed in ([], [client_.pk], [other.pk], [client_.pk, other.pk, 987654]):
        with pytest.raises(closing.NotAgreed):
            closing.close_account(account, agreed=agreed, by=Actor(advisor))
    account.refresh_from_db()
    assert not account.is_closed
    assert closing.close_account(account, agreed=[other.pk, client_.pk], by=Actor(advisor)).is_closed


@pytest.mark.parametrize("amount", ["0.01", "-0.01"])
def test_account_with_a_cent_or_a_debt_of_one_stays_open(account, advisor, amount):
    pay_in(account, amount)
    with pytest.raises(closing.NotEmpty):
        makers.close_account(account, by=Actor(advisor))
    account.refresh_from_db()
    assert not account.is_closed


def test_account_on_which_something_is_announced_stays_open(account, advisor):
    pending = PendingEntry.objects.create(account=account, expected_on=timezone.localdate(), label="Carte", amount=-3)
    with pytest.raises(closing.StillPending):
        makers.close_account(account, by=Actor(advisor))
    PendingEntry.objects.filter(pk=pending.pk).update(dropped_on=timezone.localdate())
    assert makers.close_account(account, by=Actor(advisor)).is_closed


def test_account_closes_once(account, advisor):
    makers.close_account(account, by=Actor(advisor))
    with pytest.raises(books.AccountClosed):
        makers.close_account(account, by=Actor(advisor))
    assert SecurityEvent.objects.filter(kind="account_closed").count() == 1


def test_nothing_is_booked_on_it_afterwards_not_even_a_correction(account, advisor):
    taken = pay_in(account)
    books.correct(taken, by=Actor(advisor))
    makers.close_account(account, by=Actor(advisor))
    for late in (lambda: pay_in(account), lambda: pay_in(account, on=timezone.localdate())):
        with pytest.raises(books.AccountClosed):
            late()
    assert Entry.objects.filter(account=account).count() == 2


def test_prepared_transfer_does_not_hold_it_up_and_cannot_be_booked_afterwards(account, client_, advisor):
    savings = open_account(client_, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor))
    order = Transfer.objects.create(client=client_, source=account, destination=savings, amount=Decimal(5))
    makers.close_account(savings, by=Actor(advisor))
    legs = [Leg(account, -order.amount, "Virement"), Leg(savings, order.amount, "Virement")]
    with pytest.raises(books.AccountClosed):
        books.book(Booking.Kind.TRANSFER, legs, act=order.pk)
    assert not Booking.objects.exists()


def test_mandates_on_it_end(account, other, advisor):
    makers.make_mandate(account, other)
    makers.close_account(account, by=Actor(advisor))
    assert not Mandate.objects.in_force(timezone.localdate()).exists()


def test_each_holder_finds_it_in_his_journal_and_is_told_by_mail(account, client_, other, advisor):
    holders.add_holder(account, other, by=Actor(advisor))
    Notice.objects.all().delete()
    makers.close_account(account, by=Actor(advisor))
    told = SecurityEvent.objects.filter(kind="account_closed").order_by("id").values_list("owner", "details")
    assert list(told) == [
        (holder.user.pk, {"client": holder.pk, "number": account.number, "closing_agreement": "paper"})
        for holder in (client_, other)
    ]
    assert list(Notice.objects.order_by("id").values_list("recipient", flat=True)) == [client_.email, other.email]


def test_why_it_cannot_be_closed_is_told_beforehand(account, advisor):
    pay_in(account)
    with pytest.raises(closing.NotEmpty):
        closing.judge(account)


@pytest.mark.django_db(transaction=True)
def test_money_that_arrives_at_the_same_instant_is_refused_or_keeps_the_account_open(advisor):
    """Many times over: there is never money on a closed account."""
    client = makers.make_new_client(advisor)
    for _ in range(8):
        account = open_account(client, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
        at_once.in_threads([lambda a=account: attempt(pay_in, a), lambda a=account: attempt(close, a)])
        account = BankAccount.objects.with_balances().get(pk=account.pk)
        assert account.is_closed is (account.balance == 0)


def close(account):
    makers.close_account(account, by=SYSTEM)


def attempt(act, account):
    try:
        act(account)
    except (books.AccountClosed, closing.NotEmpty):
        return False
    return True
