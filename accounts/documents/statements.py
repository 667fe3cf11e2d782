"""Issuing the monthly statements: one a month for each account and each holder, with that holder's code client alone.

The books of the month are closed first, so that what is gathered cannot change any more; what a run that was killed
has not issued, the next one finds.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.documents import issuing
from accounts.ledger import books
from accounts.models import BankAccount, Client, Document, DocumentFile, Entry, Holding, Statement
from accounts.notation import ibans
from accounts.papers.contents import render
from accounts.papers.statement import StatementContents, StatementLine
from accounts.post import queue
from auth_codes import one_at_a_time, wording

log = logging.getLogger(__name__)

# Accounts whose statements are made, and written, together: some 20 MB of memory.
CHUNK = 200
# While the database takes one chunk, the cores render the next.
CHUNKS_AHEAD = 2

# Rows that name an account.
Held = TypeVar("Held", Holding, Entry)


class NotIssued(Exception):
    """Why the statements of a month are not issued."""


class MonthNotEnded(NotIssued):
    """Operations of that month may still be booked."""


class EarlierMonthMissing(NotIssued):
    """`month` comes first: each statement begins where the one before ended."""

    def __init__(self, month: date):
        super().__init__(month)
        self.month = month


@dataclass
class Issued:
    """What a run did. `damaged` are the ids of accounts whose entries do not add up, of which nothing was issued."""

    statements: int = 0
    damaged: list[int] = field(default_factory=list)


class Position(NamedTuple):
    """Where an account stands: the number of its last entry, 0 before any, and the balance after it."""

    position: int
    balance: Decimal


class StatementDraft(NamedTuple):
    """A statement to be rendered and written; nothing of it is saved yet."""

    document: Document
    contents: StatementContents
    account: BankAccount
    last_position: int
    balance: Decimal

    def statement(self) -> Statement:
        """The row that goes with the document, which is saved by now."""
        return Statement(
            document=self.document,
            account=self.account,
            client_id=self.document.client_id,
            month=self.contents.month,
            last_position=self.last_position,
            balance=self.balance,
        )


def title_of(month: date) -> str:
    """« Relevé d’octobre 2026 »"""
    name = wording.month(month)
    return f"Relevé {'d’' if name[0] in 'ao' else 'de '}{name}"


def last_day_of(month: date) -> date:
    """The last day of the month that `month` stands in."""
    return month + relativedelta(day=31)


def previous(month: date) -> date:
    """The month before, its first day."""
    return month - relativedelta(months=1)


def waiting(month: date) -> QuerySet[BankAccount]:
    """The accounts with a holder who still lacks his statement of that month; none that has a later one."""
    last_day = last_day_of(month)
    # What was issued to a sheet that was joined to the holder's, he has.
    is_his = Q(client=OuterRef("client")) | Q(client__joined_into=OuterRef("client"))
    stated = Statement.objects.filter(is_his, account=OuterRef("account"), month=month)
    unstated = _held_by(last_day).filter(~Exists(stated), account=OuterRef("pk"))
    moved = Entry.objects.filter(account=OuterRef("pk"), booked_on__range=(month, last_day))
    later = Statement.objects.filter(account=OuterRef("pk"), month__gt=month)
    return BankAccount.objects.filter(
        Q(closed_on=None) | Q(closed_on__gte=month) | Exists(moved),
        Exists(unstated),
        ~Exists(later),
        opened_on__lte=last_day,
    )


def issue_month(
    month: date, *, on: date, pool: Executor, advance: Callable[[int], None] = lambda accounts: None
) -> Issued:
    """Issues what is missing of `month` (its first day), dated `on`; `advance` is told of each chunk of accounts.

    `pool` renders, and is shut down. One run at a time: a second one waits, and finds nothing left to do. Raises
    MonthNotEnded or EarlierMonthMissing.
    """
    done = Issued()
    try:
        if last_day_of(month) >= on:
            raise MonthNotEnded
        with one_at_a_time.alone("issue_statements"):
            for accounts, drafts, rendering in _rendered_ahead(month, on, pool, done.damaged):
                write(drafts, [rendered.result() for rendered in rendering])
                done.statements += len(drafts)
                advance(len(accounts))
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C waits for no more than what is being rendered
    return done


def close_books(accounts: list[BankAccount], last_day: date) -> None:
    """Nothing is booked on or before that day any more; a later day stays. Waits for bookings that are under way."""
    earlier = Q(books_closed_on=None) | Q(books_closed_on__lt=last_day)
    with transaction.atomic():
        ids = list(books.lock(accounts))
        BankAccount.objects.filter(earlier, pk__in=ids).update(books_closed_on=last_day)


def drafts_of(accounts: list[BankAccount], month: date, *, on: date, damaged: list[int]) -> Iterator[StatementDraft]:
    """The statements that are missing of these accounts, whose books are closed; appends to `damaged`.

    Raises EarlierMonthMissing.
    """
    gathered = _Gathered(accounts, month)
    for account in accounts:
        lines, opening, before = gathered.lines[account.pk], gathered.opening(account), gathered.before.get(account.pk)
        if before is None and gathered.has_earlier(account):
            raise EarlierMonthMissing(previous(month))
        if not _add_up(lines, opening, before):
            log.error("Account %d: its entries of %s do not add up, no statement is issued", account.pk, month)
            damaged.append(account.pk)
            continue
        closing = lines[-1] if lines else opening
        for holding in gathered.holdings[account.pk]:
            if (account.pk, holding.client_id) in gathered.stated:
                continue
            contents = _contents(account, holding.client, gathered, lines, opening, on)
            document = issuing.drafted(holding.client, contents, title=title_of(month), on=on)
            # A customer's entries have both.
            yield StatementDraft(document, contents, account, closing.position, closing.balance)  # type: ignore[arg-type]


def write(drafts: list[StatementDraft], pdfs: list[bytes]) -> None:
    """A statement is there whole or not at all, whenever the run is killed."""
    with transaction.atomic():
        Document.objects.bulk_create(draft.document for draft in drafts)
        DocumentFile.objects.bulk_create(
            issuing.file_of(draft.document, pdf) for draft, pdf in zip(drafts, pdfs, strict=True)
        )
        Statement.objects.bulk_create(draft.statement() for draft in drafts)
        queue.send_papers([draft.document for draft in drafts])


def _rendered_ahead(
    month: date, on: date, pool: Executor, damaged: list[int]
) -> Iterator[tuple[list[BankAccount], list[StatementDraft], list[Future[bytes]]]]:
    """The chunks in their order, each with its PDFs under way or ready."""
    ahead: deque[tuple[list[BankAccount], list[StatementDraft], list[Future[bytes]]]] = deque()
    for accounts in _chunks(month):
        close_books(accounts, last_day_of(month))
        drafts = list(drafts_of(accounts, month, on=on, damaged=damaged))
        ahead.append((accounts, drafts, [pool.submit(render, draft.contents) for draft in drafts]))
        if len(ahead) > CHUNKS_AHEAD:
            yield ahead.popleft()
    yield from ahead


def _chunks(month: date) -> Iterator[list[BankAccount]]:
    """By ids, not by offset: the hundred thousandth chunk is found as quickly as the first."""
    last = 0
    while chunk := list(waiting(month).filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _held_by(last_day: date) -> QuerySet[Holding]:
    return Holding.objects.filter(since__lte=last_day)


class _Gathered:
    """What the statements of a chunk tell, in six questions to the database, however many accounts there are."""

    def __init__(self, accounts: list[BankAccount], month: date):
        self.month, last_day = month, last_day_of(month)
        ids = [account.pk for account in accounts]
        held = _held_by(last_day).filter(account__in=ids).select_related("client")
        self.holdings = _by_account(held.prefetch_related("client__advisor"))  # never joined, see desk/lists.py
        entries = Entry.objects.filter(account__in=ids, booked_on__range=(month, last_day))
        self.lines = _by_account(entries.order_by("account", "position"))
        earlier = Entry.objects.filter(account=OuterRef("pk"), booked_on__lt=month).order_by("-booked_on", "-position")
        columns = {name: Subquery(earlier.values(name)[:1]) for name in ("position", "balance")}
        tails = BankAccount.objects.filter(pk__in=ids).order_by().values_list("pk", *columns.values())
        self._tails = {pk: Position(number or 0, balance or Decimal(0)) for pk, number, balance in tails}
        statements = Statement.objects.filter(account__in=ids, month__lte=month).order_by()
        person = Coalesce("client__joined_into", "client")
        self.stated = set(statements.filter(month=month).values_list("account", person))
        before = statements.filter(month=previous(month)).values_list("account", "last_position", "balance")
        self.before = {pk: Position(number, balance) for pk, number, balance in before}
        self._earlier = set(statements.filter(month__lt=previous(month)).values_list("account", flat=True).distinct())

    def opening(self, account: BankAccount) -> Position:
        """Where the account stood when the month began."""
        return self._tails[account.pk]

    def has_earlier(self, account: BankAccount) -> bool:
        """Whether some statement of an earlier month than the one before was issued."""
        return account.pk in self._earlier


def _by_account(rows: QuerySet[Held]) -> dict[int | None, list[Held]]:
    grouped: dict[int | None, list[Held]] = defaultdict(list)
    for row in rows:
        grouped[row.account_id].append(row)
    return grouped


def _add_up(lines: list[Entry], opening: Position, before: Position | None) -> bool:
    """Whether the entries follow what was stated last and continue one another to their last balance."""
    if before is not None and before != opening:
        return False
    expected = opening
    for line in lines:
        expected = Position(expected.position + 1, expected.balance + line.amount)
        if expected != (line.position, line.balance):
            return False
    return True


def _contents(
    account: BankAccount, client: Client, gathered: _Gathered, lines: list[Entry], opening: Position, on: date
) -> StatementContents:
    return StatementContents(
        **issuing.addressed_to(client),
        month=gathered.month,
        issued_on=on,
        account_label=account.label,
        account_number=ibans.display_number(account.number),
        iban=ibans.iban_of(account.number),
        bic=ibans.BIC,
        holders=tuple(str(holding.client) for holding in gathered.holdings[account.pk]),
        advisor=client.advisor_name,
        opening_balance=opening.balance,
        lines=tuple(
            StatementLine(booked_on=line.booked_on, value_on=line.value_on, label=line.label, amount=line.amount)
            for line in lines
        ),
    )
