"""Twelve months of money, told backwards from today's balances."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.bank_accounts.opening import open_account
from accounts.models import BankAccount
from accounts.operations import months, sums
from auth_codes.actor import Actor
from tests import makers

TODAY = date(2026, 3, 15)


def ends(*accounts):
    known = list(BankAccount.objects.with_balances().filter(pk__in=[account.pk for account in accounts]))
    moved = sums.between(known, months.last_twelve(TODAY)[-1], TODAY.replace(day=1))
    return months.month_ends(known, moved, TODAY)


def balances(*accounts) -> list[Decimal]:
    return [end.balance for end in ends(*accounts)]


@pytest.fixture
def savings(client_, advisor):
    return open_account(client_, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor))


def test_months_are_the_last_twelve(account):
    firsts = [end.first for end in ends(account)]
    assert firsts[0] == date(2025, 4, 1)
    assert firsts[-1] == date(2026, 3, 1)
    assert len(firsts) == 12


def test_each_month_ends_with_what_was_booked_by_then(account):
    makers.make_operation(account, "Avant", "1000.10", date(2024, 1, 5))
    makers.make_operation(account, "Dernier jour", "-0.30", date(2026, 1, 31))
    makers.make_operation(account, "Premier jour", "-0.20", date(2026, 2, 1))
    makers.make_operation(account, "Ce mois-ci", "50", date(2026, 3, 2))
    assert balances(account)[-4:] == [Decimal("1000.10"), Decimal("999.80"), Decimal("999.60"), Decimal("1049.60")]
    assert set(balances(account)[:8]) == {Decimal("1000.10")}


def test_accounts_are_summed(account, savings):
    makers.make_operation(account, "Salaire", "100", date(2026, 2, 3))
    makers.make_operation(savings, "Épargne", "20", date(2026, 3, 3))
    assert balances(account, savings)[-3:] == [0, 100, 120]


def test_what_other_accounts_moved_counts_for_nothing(account, savings):
    makers.make_operation(account, "Salaire", "100", date(2026, 2, 3))
    makers.make_operation(savings, "Épargne", "20", date(2026, 3, 3))
    known = list(BankAccount.objects.with_balances().filter(pk__in=[account.pk, savings.pk]))
    moved = sums.between(known, date(2025, 4, 1), date(2026, 3, 1))
    alone = months.month_ends([one for one in known if one.pk == account.pk], moved, TODAY)
    assert [end.balance for end in alone[-3:]] == [0, 100, 100]


def test_two_questions_however_many_accounts(account, savings, django_assert_num_queries):
    known = list(BankAccount.objects.with_balances())
    with django_assert_num_queries(2):
        sums.between(known, date(2025, 4, 1), date(2026, 3, 1))
