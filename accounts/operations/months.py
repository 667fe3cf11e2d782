"""What accounts held at the end of each of the last twelve months, told from what they hold today."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from django.db.models import Sum
from django.db.models.functions import Round, TruncMonth

from accounts.models import BankAccount, Entry

MONTHS = 12


class MonthEnd(NamedTuple):
    """The money that was there at the end of a month, of the present one today; `first` is the month's first day."""

    first: date
    balance: Decimal


def month_ends(accounts: Collection[BankAccount], today: date) -> list[MonthEnd]:
    """Twelve, the oldest first: the sum of `accounts`, in euros, each of which knows its `balance`.

    Told backwards from today's balances by what was booked since: one question, of a year's entries at most.
    """
    months = [today.replace(day=1) - relativedelta(months=ago) for ago in range(MONTHS)]
    moved = _moved(accounts, months[-1])
    balance = sum((account.balance for account in accounts), Decimal(0))
    ends = []
    for first in months:
        ends.append(MonthEnd(first, balance))
        balance -= moved.get(first, Decimal(0))
    return ends[::-1]


def _moved(accounts: Collection[BankAccount], since: date) -> Mapping[date, Decimal]:
    """By the first day of each month, what came in less what went out."""
    entries = Entry.objects.filter(account__in=accounts, booked_on__gte=since).order_by()
    by_month = entries.annotate(month=TruncMonth("booked_on")).values("month")
    # Rounded because SQLite adds in floating point.
    return dict(by_month.annotate(moved=Round(Sum("amount"), 2)).values_list("month", "moved"))
