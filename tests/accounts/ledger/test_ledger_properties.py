"""Whatever is booked in whatever order: no money appears or vanishes, and balances are those of a plain model."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.bank_accounts.opening import open_account
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import BankAccount, Booking, Entry, InternalAccount
from auth_codes.actor import SYSTEM
from tests import makers
from tests.accounts.ledger import ledgers

pytestmark = pytest.mark.slow

pytestmark = pytest.mark.slow

CURRENT, SAVINGS = BankAccount.Kind.CURRENT, BankAccount.Kind.SAVINGS
CENTS = st.integers(-5_000_00, 5_000_00) | st.sampled_from([-1, 1, 99_999_999_999, -99_999_999_999])
AMOUNTS = st.builds(lambda cents: Decimal(cents) / 100, CENTS)
BANK = st.sampled_from(list(InternalAccount))


class Bank(RuleBasedStateMachine):
    """The ledger beside a model of it: balances in cents, what each act moved, which accounts are closed."""

    def __init__(self):
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.balances, self.kinds, self.closed, self.bank = {}, {}, set(), {}
        self.acts, self.corrected = {}, set()

    def teardown(self):
        try:
            done, found = ledgers.check()
            assert found == []
            assert done.owed == sum(self.balances.values())
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    @initialize()
    def open_the_bank(self):
        advisor = makers.make_advisor()
        self.clients = [makers.make_person(advisor, given_names=name) for name in ("Inès", "Julien")]
        for client in self.clients:
            self.open(client, CURRENT)
            self.open(client, SAVINGS)

    @rule(number=st.integers(0, 1), kind=st.sampled_from([CURRENT, SAVINGS]))
    def open_another(self, number, kind):
        self.open(self.clients[number], kind)

    def open(self, client, kind):
        account = open_account(client, kind=kind, by=SYSTEM)
        BankAccount.objects.filter(pk=account.pk).update(opened_on=timezone.localdate() - timedelta(days=30))
        self.balances[account], self.kinds[account] = Decimal(0), kind

    @rule(data=st.data(), amount=AMOUNTS, other=BANK)
    def book_with_the_bank(self, data, amount, other):
        account = data.draw(st.sampled_from(list(self.balances)))
        self.book([Leg(account, amount, "Essai"), Leg(other, -amount, "Essai")])

    @rule(data=st.data(), amount=AMOUNTS)
    def transfer(self, data, amount):
        source, destination = (data.draw(st.sampled_from(list(self.balances))) for _ in range(2))
        self.book([Leg(source, -amount, "Virement"), Leg(destination, amount, "Virement")])

    @rule(data=st.data(), parts=st.lists(AMOUNTS, min_size=2, max_size=5), other=BANK)
    def book_on_several(self, data, parts, other):
        accounts = [data.draw(st.sampled_from(list(self.balances))) for _ in parts]
        legs = [Leg(account, amount, "") for account, amount in zip(accounts, parts, strict=True)]
        self.book([*legs, Leg(other, -sum(parts), "")])

    @precondition(lambda self: self.acts)
    @rule(data=st.data())
    def retry(self, data):
        act = data.draw(st.sampled_from(list(self.acts)))
        assert books.book(Booking.Kind.CARD, self.acts[act][::-1], act=act).pk == act

    @precondition(lambda self: self.acts)
    @rule(data=st.data())
    def use_an_act_again(self, data):
        act = data.draw(st.sampled_from(list(self.acts)))
        legs = opposite(self.acts[act])
        if moves(legs) != moves(self.acts[act]):
            with pytest.raises(books.ActTaken):
                books.book(Booking.Kind.CARD, legs, act=act)

    @precondition(lambda self: self.acts)
    @rule(data=st.data())
    def correct(self, data):
        act = data.draw(st.sampled_from(list(self.acts)))
        legs = opposite(self.acts[act])
        expected = books.AlreadyCorrected if act in self.corrected else self.refusal(legs)
        if expected:
            with pytest.raises(expected):
                books.correct(Booking.objects.get(pk=act), by=SYSTEM)
            return
        books.correct(Booking.objects.get(pk=act), by=SYSTEM)
        self.corrected.add(act)
        self.move(legs)

    @rule(data=st.data())
    def close(self, data):
        account = data.draw(st.sampled_from(list(self.balances)))
        BankAccount.objects.filter(pk=account.pk).update(closed_on=timezone.localdate())
        self.closed.add(account)

    @invariant()
    def balances_are_those_of_the_model(self):
        stored = BankAccount.objects.with_balances().filter(pk__in=[account.pk for account in self.balances])
        assert {account: account.balance for account in stored} == self.balances

    @invariant()
    def no_money_appears_or_vanishes(self):
        assert sum(self.balances.values()) + sum(self.bank.values()) == 0
        entries = Entry.objects.values_list("internal_account", "amount")
        assert sum(amount for _, amount in entries) == 0
        for name, total in self.bank.items():
            assert sum(amount for account, amount in entries if account == name) == total

    def book(self, legs):
        expected, act = self.refusal(legs), uuid.uuid4()
        if expected:
            with pytest.raises(expected):
                books.book(Booking.Kind.CARD, legs, act=act)
            return
        books.book(Booking.Kind.CARD, legs, act=act)
        self.acts[act] = legs
        self.move(legs)

    def refusal(self, legs):
        """The first reason for which the model takes nothing, in the order in which the ledger judges."""
        if any(not leg.amount or abs(leg.amount) > books.LARGEST_AMOUNT for leg in legs):
            return books.UnbookableAmount
        own = [leg for leg in legs if isinstance(leg.account, BankAccount)]
        if {leg.account for leg in own} & self.closed:
            return books.AccountClosed
        for account in {leg.account for leg in own if self.kinds[leg.account] == SAVINGS}:
            after = self.balances[account] + sum(leg.amount for leg in own if leg.account == account)
            if after < min(self.balances[account], 0):
                return books.SavingsOverdrawn
        return None

    def move(self, legs):
        for account, amount, _ in legs:
            side = self.balances if isinstance(account, BankAccount) else self.bank
            side[account] = side.get(account, Decimal(0)) + amount


def opposite(legs):
    return [leg._replace(amount=-leg.amount) for leg in legs]


def moves(legs):
    return sorted((str(account), amount) for account, amount, _ in legs)


@pytest.mark.django_db
def test_ledger_does_what_a_plain_model_does():
    run_state_machine_as_test(
        Bank,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes on a database
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
