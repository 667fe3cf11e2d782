"""What accounts held at the end of each of the last twelve months, told from what they hold today."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from accounts.models import BankAccount
from accounts.operations.sums import NOTHING, Sums

MONTHS = 12


class MonthEnd(NamedTuple):
    """The money that was there at the end of a month, of the present one today; `first` is the month's first day."""

    first: date
    balance: Decimal


def last_twelve(today: date) -> list[date]:
    """Their first days, the present one first."""
    ended = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(ended, ended - MONTHS, -1)]


def month_ends(accounts: Iterable[BankAccount], sums: Sums, today: date, since: date | None = None) -> list[MonthEnd]:
    """Twelve, the oldest first: the sum of `accounts`, in euros, each of which knows its `balance`.

    Told backwards from today's balances by what moved since, which `sums` tells of these accounts, and maybe of others.
    With `since`, only what the operations from that day on tell as well.
    """
    accounts = list(accounts)
    moved = _moved({account.pk for account in accounts}, sums)
    balance = sum((account.balance for account in accounts), NOTHING)
    ends = []
    for first in last_twelve(today):
        ends.append(MonthEnd(first, balance))
        balance -= moved[first]
    return [end for end in ends[::-1] if since is None or end.first + relativedelta(months=1) >= since]


def _moved(accounts: set[int], sums: Sums) -> dict[date, Decimal]:
    """By the first day of each month, what came in less what went out."""
    moved: dict[date, Decimal] = defaultdict(Decimal)
    for sort, one in sums.items():
        if sort.account in accounts:
            moved[sort.month] += one.balance
    return moved
