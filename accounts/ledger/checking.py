"""Proving the ledger: no money appears or vanishes, and what other tables tell of it is what it says.

The database answers set by set, each over a bounded part of the ledger, and gives back what is wrong alone: the memory
needed stays the same however much was booked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from math import ceil
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from accounts.ledger import books, questions
from accounts.ledger.questions import Problem, Question
from accounts.models import Booking

ENTRIES_AT_ONCE = 250_000
LARGEST_ID, LARGEST_UUID = 2**63 - 1, 2**128 - 1
GUARDS = {
    "postgresql": {"entry_continues", "entry_is_kept", "booking_balances", "booking_is_kept", "entry_sums_to_zero"},
    "sqlite": {
        "entry_continues",
        "booking_balances",
        *(f"{what}_is_never_{act}" for what in ("entry", "booking") for act in ("updated", "deleted")),
    },
}
# One that was switched off (ALTER TABLE ... DISABLE TRIGGER) is no guard.
INSTALLED = {
    "postgresql": """
        SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')
        AND tgrelid IN ('accounts_entry'::regclass, 'accounts_booking'::regclass)
    """,
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}


class Finding(NamedTuple):
    """`thing` is the number of an entry, statement or transfer, or a guard's name; `amount` what is too much."""

    problem: Problem
    account: int | None = None
    booking: str = ""
    position: int | None = None
    before: int = 0
    lines: int = 0
    amount: Decimal = Decimal(0)
    thing: str = ""


class Checked(NamedTuple):
    """How much was read, and what the bank owes its customers, in euros."""

    entries: int
    bookings: int
    accounts: int
    statements: int
    corrections: int
    transfers: int
    owed: Decimal


class Step(NamedTuple):
    """A question and the part of the table that it is asked of."""

    question: Question
    bounds: tuple[int | str | UUID, ...] = ()


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is asked within sees the ledger as it is now; nobody who books meanwhile waits."""
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # Not `atomic`, which on SQLite begins by taking the right to write from everybody else.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def plan() -> list[Step]:
    """The questions to ask, in parts of about ENTRIES_AT_ONCE entries."""
    [(entries, last_entry, last_account)] = _rows("SELECT count(*), max(id), max(account_id) FROM accounts_entry")
    parts = ceil(entries / ENTRIES_AT_ONCE) or 1
    accounts, bookings = _parts_of_numbers(int(last_account or 0), parts), _parts_of_bookings(parts)
    return [
        *(Step(questions.ENTRY_SHAPES, bounds) for bounds in _parts_of_numbers(int(last_entry or 0), parts)),
        *(Step(questions.CHAINS, bounds) for bounds in accounts),
        *(Step(questions.BOOKINGS, bounds + bounds) for bounds in bookings),
        *(Step(questions.ORPHANS, bounds) for bounds in bookings),
        *(Step(questions.MONTH_SUMS, bounds + bounds) for bounds in accounts),
        Step(questions.STATEMENTS),
        Step(questions.CORRECTIONS),
        Step(questions.TRANSFERS),
    ]


def check(steps: list[Step], told: Callable[[Finding], None], advance: Callable[[int], None]) -> Checked:
    """Asks them all, within `one_moment`; `told` hears each finding, `advance` that one more question is answered."""
    for guard in missing_guards():
        told(Finding(Problem.GUARD_MISSING, thing=guard))
    for step in steps:
        for finding in _ask(step):
            told(finding)
        advance(1)
    owed = _compare_totals(told)
    [counts] = _rows(questions.COUNTS)
    return Checked._make([*counts, owed])


def missing_guards() -> list[str]:
    """The triggers by which the database keeps the ledger (migration 0008) and which are not there."""
    installed = {str(name) for [name] in _rows(INSTALLED[connection.vendor])}
    return sorted(GUARDS[connection.vendor] - installed)


def _compare_totals(told: Callable[[Finding], None]) -> Decimal:
    """What customers have, which must be what the bank's own accounts owe."""
    [(whole, of_the_bank)] = _rows(questions.TOTALS)
    [(owed,)] = _rows(questions.OWED)
    if whole != 0:
        told(Finding(Problem.WHOLE_UNBALANCED, amount=_euros(whole)))
    if owed + of_the_bank != 0:
        told(Finding(Problem.BANK_DISAGREES, amount=_euros(owed + of_the_bank)))
    return _euros(owed)


def _ask(step: Step) -> Iterator[Finding]:
    problems = {problem: problem.name.lower() for problem in step.question.problems}
    # Nothing in it comes from outside: questions and columns are ours.
    sql = f"SELECT * FROM ({step.question.sql}) asked WHERE {' OR '.join(problems.values())}"  # noqa: S608 - written here
    with connection.chunked_cursor() as cursor:
        cursor.execute(questions.written(sql, connection.vendor), step.bounds)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            values = dict(zip(names, row, strict=True))
            fields = _fields(values)
            for problem in (problem for problem, column in problems.items() if values[column]):
                yield Finding(problem, **fields)  # type: ignore[arg-type]  # the questions name columns after them


def _fields(values: dict[str, object]) -> dict[str, object]:
    fields = {name: values[name] for name in Finding._fields if values.get(name) is not None}
    for name in {"booking", "thing"} & fields.keys():
        fields[name] = str(fields[name]).replace("-", "")  # as SQLite keeps them, and both databases read them
    if values.get("cents") is not None:
        fields["amount"] = _euros(values["cents"])  # type: ignore[arg-type]  # a number, in all questions
    return fields


def _rows(sql: str) -> list[tuple[Decimal | int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(questions.written(sql, connection.vendor))
        rows: list[tuple[Decimal | int, ...]] = cursor.fetchall()
    return rows


def _euros(cents: Decimal | int) -> Decimal:
    return (Decimal(cents) / 100).quantize(books.CENT)


def _parts_of_numbers(last: int, parts: int) -> list[tuple[int, int]]:
    """First and last number of each part; what is beyond `last`, or below nothing, belongs to an outer one."""
    firsts = [part * last // parts + 1 for part in range(1, parts)]
    return list(zip([-LARGEST_ID, *firsts], [*(first - 1 for first in firsts), LARGEST_ID], strict=True))


def _parts_of_bookings(parts: int) -> list[tuple[int | str | UUID, ...]]:
    firsts = [part * LARGEST_UUID // parts for part in range(1, parts)]
    edges = zip([0, *firsts], [*(first - 1 for first in firsts), LARGEST_UUID], strict=True)
    as_stored = Booking._meta.pk.get_db_prep_value
    return [tuple(as_stored(UUID(int=edge), connection) for edge in both) for both in edges]
