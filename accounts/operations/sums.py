"""What came in and went out, month by month: sums that are kept of what is past, and entries for the rest.

The positions of an account's entries have no gaps, and an entry is never changed. So what is kept says up to which
position it was added up, and whoever reads adds what comes after it: the two are exact together, whoever keeps or books
meanwhile. The kept sums and their position are read by one statement, which sees both of one moment.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import BankAccount, Entry, MonthSum, SummedAccount, categories
from auth_codes import one_at_a_time
from auth_codes.prepared import DAY, KEY, NUMBER, Blank, Prepared

ACCOUNTS_AT_ONCE = 100
ENTRIES_AT_ONCE = 2000
NOTHING = Decimal(0)
TURN = "keep_month_sums"


class Sort(NamedTuple):
    """What is summed together. `counterpart` is the id of the other customer's account, where there is one."""

    account: int
    month: date
    category: str
    counterpart: int | None


class Moved(NamedTuple):
    """Sums in euros, those that went out negative."""

    came_in: Decimal = NOTHING
    went_out: Decimal = NOTHING

    @property
    def balance(self) -> Decimal:
        return self.came_in + self.went_out


Sums = Mapping[Sort, Moved]
Kept = tuple[int, date, str, int | None, Decimal, Decimal, int]
Told = tuple[int, date, str, int | None, int | None, Decimal, int]


def between(accounts: Collection[BankAccount], first: date, last: date) -> Sums:
    """What moved on these accounts from the month of `first` to that of `last`, both their first days.

    Two questions, however many accounts there are and however long they have been there.
    """
    if not accounts:
        return {}
    positions = {account.pk: 0 for account in accounts}
    sums: dict[Sort, Moved] = {}
    for account, month, category, counterpart, came_in, went_out, position in KEPT.ask(
        accounts=list(positions), first=first, last=last
    ):
        sums[Sort(account, month, category, counterpart)] = Moved(came_in, went_out)
        positions[account] = position
    end = last + relativedelta(months=1)
    later = LATER.ask(accounts=list(positions), positions=list(positions.values()), first=first, end=end)
    for sort, amount, _ in map(_read, later):
        _add(sums, sort, amount)
    return sums


def together(sums: Iterable[Moved]) -> Moved:
    """All of them as one."""
    each = list(sums)
    return Moved(sum((one.came_in for one in each), NOTHING), sum((one.went_out for one in each), NOTHING))


def behind(month: date) -> QuerySet[BankAccount]:
    """The accounts with entries before `month`, its first day, that are not in their kept sums."""
    position = Coalesce(OuterRef("summed__position"), Value(0))
    missing = Entry.objects.filter(account=OuterRef("pk"), booked_on__lt=month, position__gt=position)
    return BankAccount.objects.filter(Exists(missing)).order_by("pk")


def keep(month: date, advance: Callable[[int], None] = lambda accounts: None) -> int:
    """Adds up all that was booked before `month` and is not kept yet; gives how many accounts that were.

    One run at a time; nobody who books or reads waits for it. One that is killed leaves whole accounts, and the next
    goes on. `advance` is told of each part of the accounts.
    """
    kept = 0
    with one_at_a_time.alone(TURN):
        for some in _all_accounts():
            accounts = list(behind(month).filter(pk__in=some).values_list("pk", flat=True))
            if accounts:
                _keep(accounts, month)
                kept += len(accounts)
                advance(len(accounts))
    return kept


def _all_accounts() -> Iterator[list[int]]:
    """Some at a time, each once: to look for the next ones from the beginning takes a big bank hours."""
    last = 0
    while some := list(
        BankAccount.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:ACCOUNTS_AT_ONCE]
    ):
        yield some
        last = some[-1]


def forget() -> None:
    """Drops all that is kept, to be added up anew: pages are right meanwhile, and slower."""
    with one_at_a_time.alone(TURN), transaction.atomic():
        SummedAccount.objects.update(position=0)
        MonthSum.objects.all().delete()


def _keep(accounts: Collection[int], month: date) -> None:
    with transaction.atomic():
        SummedAccount.objects.bulk_create([SummedAccount(account_id=pk) for pk in accounts], ignore_conflicts=True)
        summed = SummedAccount.objects.select_for_update().filter(pk__in=accounts).order_by("pk")
        positions = dict(summed.values_list("pk", "position"))
        added: dict[Sort, Moved] = {}
        missing = _told(Entry.objects.filter(_after(positions.items()), booked_on__lt=month))
        for sort, amount, position in map(_read, missing.iterator(ENTRIES_AT_ONCE)):
            _add(added, sort, amount)
            positions[sort.account] = max(positions[sort.account], position)
        _write(added)
        reached = [SummedAccount(account_id=pk, position=position) for pk, position in positions.items()]
        SummedAccount.objects.bulk_update(reached, ["position"])


def _write(added: Sums) -> None:
    """Adds to the rows that are there: an ended month may get one more entry until its books are closed."""
    rows = _rows_of(added)
    changed = []
    for sort in added.keys() & rows.keys():
        row, more = rows[sort], added[sort]
        row.came_in, row.went_out = row.came_in + more.came_in, row.went_out + more.went_out
        changed.append(row)
    MonthSum.objects.bulk_update(changed, ["came_in", "went_out"])
    MonthSum.objects.bulk_create(_row(sort, more) for sort, more in added.items() if sort not in rows)


def _rows_of(added: Sums) -> dict[Sort, MonthSum]:
    """Those of the same accounts that are there for these months."""
    months = [sort.month for sort in added]
    there = MonthSum.objects.filter(summed__in={sort.account for sort in added}, month__gte=min(months))
    return {Sort(row.summed_id, row.month, row.category, row.counterpart_id): row for row in there}


def _row(sort: Sort, moved: Moved) -> MonthSum:
    return MonthSum(
        summed_id=sort.account,
        month=sort.month,
        category=sort.category,
        counterpart_id=sort.counterpart,
        came_in=moved.came_in,
        went_out=moved.went_out,
    )


def _kept(accounts: list[Blank], first: Blank, last: Blank) -> QuerySet[MonthSum, Kept]:
    rows = MonthSum.objects.filter(summed__account__pk__in=accounts, month__range=(first, last))
    return rows.values_list(
        "summed_id", "month", "category", "counterpart_id", "came_in", "went_out", "summed__position"
    )


def _later(accounts: list[Blank], positions: list[Blank], first: Blank, end: Blank) -> QuerySet[Entry, Told]:
    ends = zip(accounts, positions, strict=True)
    return _told(Entry.objects.filter(_after(ends), booked_on__gte=first, booked_on__lt=end))


def _after(positions: Iterable[tuple[int | Blank, int | Blank]]) -> Q:
    """The entries of each of these accounts that come after its position."""
    return reduce(or_, (Q(account=pk, position__gt=position) for pk, position in positions))


def _told(entries: QuerySet[Entry]) -> QuerySet[Entry, Told]:
    """What sorts each of these entries of customers' accounts, then its amount and its position."""
    return entries.order_by().values_list(
        "account", "booked_on", "booking__kind", "booking__merchant__code", _counterpart(), "amount", "position"
    )


def _read(told: Told) -> tuple[Sort, Decimal, int]:
    account, day, kind, code, counterpart, amount, position = told
    return Sort(account, day.replace(day=1), categories.of_operation(kind, code), counterpart), amount, position


def _counterpart() -> Subquery:
    """The other customer's account of an entry, where the booking moves money between the two and nowhere else."""
    others = Entry.objects.filter(booking=OuterRef("booking")).exclude(pk=OuterRef("pk")).order_by()
    alone = others.values("booking").annotate(number=Count("pk"), other=Min("account")).filter(number=1)
    return Subquery(alone.values("other"))


def _add(sums: dict[Sort, Moved], sort: Sort, amount: Decimal) -> None:
    came_in, went_out = sums.get(sort, Moved())
    sums[sort] = Moved(came_in + amount, went_out) if amount > 0 else Moved(came_in, went_out + amount)


KEPT = Prepared(_kept, accounts=KEY, first=DAY, last=DAY)
LATER = Prepared(_later, accounts=KEY, positions=NUMBER, first=DAY, end=DAY)
