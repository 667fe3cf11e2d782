"""Monthly statements: one for each account and holder, in order, and never anything else afterwards."""

import json
import logging
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import client_codes
from accounts.documents import statements
from accounts.documents.issuing import contents_of, pdf_of
from accounts.documents.statements import EarlierMonthMissing, MonthNotEnded, issue_month
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import BankAccount, Booking, Client, Document, DocumentFile, Holding, InternalAccount, Statement
from accounts.notation import ibans
from auth_codes.actor import SYSTEM
from tests import makers, pdfs, processes
from tests.races import at_once
from tests.standing import made_once

pytestmark = pytest.mark.slow

SEPTEMBER, OCTOBER, NOVEMBER = date(2024, 9, 1), date(2024, 10, 1), date(2024, 11, 1)
ISSUED_ON = {SEPTEMBER: date(2024, 10, 2), OCTOBER: date(2024, 11, 2), NOVEMBER: date(2024, 12, 2)}
OPENED = date(2024, 8, 3)
MANY = 203


def issue(month=OCTOBER, **options):
    return issue_month(month, on=ISSUED_ON[month], pool=ThreadPoolExecutor(2), **options)


def make_account(*holders: Client, kind=BankAccount.Kind.CURRENT, opened_on=OPENED, **fields) -> BankAccount:
    account = BankAccount.objects.create(kind=kind, number=ibans.draw_number(), opened_on=opened_on, **fields)
    for holder in holders:
        Holding.objects.create(account=account, client=holder, since=opened_on)
    return account


@made_once
def account(client_):
    """The account of that client, opened in August, with three operations in October."""
    client_.bank_accounts.update(opened_on=OPENED)
    client_.holdings.update(since=OPENED)
    account = client_.bank_accounts.get()
    makers.make_operations(account, "100.10", "-30.20", "0.03", day=date(2024, 10, 30), days=1)
    return account  # the last one is of 1 November


def statement_of(account, client, month=OCTOBER) -> Statement:
    return Statement.objects.get(account=account, client=client, month=month)


def text_of(document: Document) -> str:
    return " ".join(page.extract_text() for page in pdfs.read(pdf_of(document)).pages).replace("\u00a0", " ")


# What a statement tells.


def test_statement_tells_the_month_and_nothing_after_it(account, client_):
    assert issue().statements == 1
    statement = statement_of(account, client_)
    contents = contents_of(statement.document)
    assert [(line.booked_on.day, line.amount) for line in contents.lines] == [
        (30, Decimal("100.10")),
        (31, Decimal("-30.20")),
    ]
    assert (contents.opening_balance, contents.closing_balance) == (0, Decimal("69.90"))
    assert (statement.last_position, statement.balance) == (2, Decimal("69.90"))
    assert (statement.document.title, statement.document.issued_on) == ("Relevé d’octobre 2024", ISSUED_ON[OCTOBER])


def test_statement_carries_the_code_client(account, client_):
    issue()
    text = text_of(statement_of(account, client_).document)
    assert client_codes.display(client_.client_code).replace("\u00a0", " ") in text
    assert ibans.display_number(account.number).replace("\u00a0", " ") in text


def test_each_statement_begins_where_the_last_one_ended(account, client_):
    for month in (SEPTEMBER, OCTOBER, NOVEMBER):
        issue(month)
    told = [contents_of(document) for document in client_.documents.filter(kind="statement").order_by("issued_on")]
    assert [len(contents.lines) for contents in told] == [0, 2, 1]
    assert told[1].opening_balance == told[0].closing_balance == 0
    assert told[2].opening_balance == told[1].closing_balance == Decimal("69.90")


def test_holders_of_a_joint_account_get_a_statement_each_with_their_own_code_alone(client_, advisor):
    other = makers.make_new_client(advisor, family_name="Moreau", given_names="Julien")
    Holding.objects.update(since=date(2024, 12, 1))  # their own accounts are not of this test
    BankAccount.objects.update(opened_on=date(2024, 12, 1))
    joint = make_account(client_, other)
    assert issue().statements == 2
    for mine, theirs in ((client_, other), (other, client_)):
        document = statement_of(joint, mine).document
        assert document.client == mine
        assert mine.client_code in document.contents
        assert theirs.client_code not in document.contents
        assert contents_of(document).holders == (str(client_), str(other))


def test_holder_who_came_later_gets_no_statement_of_before(account, client_, advisor):
    issue()
    other = makers.make_new_client(advisor, family_name="Moreau")
    Holding.objects.create(account=account, client=other, since=date(2024, 11, 5))
    assert issue().statements == 0
    issue(NOVEMBER)
    assert contents_of(statement_of(account, other, NOVEMBER).document).opening_balance == Decimal("69.90")


def test_client_without_online_space_gets_a_statement(advisor):
    person = makers.make_person(advisor)
    person.client_code = "5724816399"
    person.save()
    make_account(person)
    assert issue().statements == 1


@pytest.mark.parametrize(
    ("opened_on", "closed_on", "expected"),
    [
        (date(2024, 10, 31), None, 1),
        (date(2024, 11, 1), None, 0),
        (OPENED, date(2024, 10, 1), 1),
        (OPENED, date(2024, 9, 30), 0),
    ],
)
def test_account_has_a_statement_of_each_month_it_was_open_in(person, opened_on, closed_on, expected):
    Client.objects.filter(pk=person.pk).update(client_code="5724816399")
    person.refresh_from_db()
    make_account(person, opened_on=opened_on, closed_on=closed_on)
    assert issue().statements == expected


# In order, and once.


@pytest.mark.parametrize("day", [date(2024, 10, 31), date(2024, 10, 1), date(2024, 9, 30)])
def test_month_that_has_not_ended_is_refused(account, day):
    with pytest.raises(MonthNotEnded):
        issue_month(OCTOBER, on=day, pool=ThreadPoolExecutor(1))
    account.refresh_from_db()
    assert (Statement.objects.count(), account.books_closed_on) == (0, None)


def test_month_after_a_gap_is_refused_until_the_gap_is_filled(account, client_):
    issue(SEPTEMBER)
    with pytest.raises(EarlierMonthMissing) as refusal:
        issue(NOVEMBER)
    assert refusal.value.month == OCTOBER
    issue(OCTOBER)
    assert issue(NOVEMBER).statements == 1


def test_first_statement_of_an_account_may_be_of_any_month(account, client_):
    assert issue(NOVEMBER).statements == 1
    assert issue(OCTOBER).statements == 0  # what came before the first was told by somebody else


def test_second_run_issues_nothing(account, client_):
    issue()
    before = bytes(DocumentFile.objects.get().pdf)
    assert issue().statements == 0
    assert bytes(DocumentFile.objects.get().pdf) == before


def test_books_of_the_month_are_closed_and_stay_so(account):
    issue()
    account.refresh_from_db()
    assert account.books_closed_on == date(2024, 10, 31)
    statements.close_books([account], date(2024, 9, 30))
    account.refresh_from_db()
    assert account.books_closed_on == date(2024, 10, 31)
    legs = [Leg(account, Decimal(5), "Retard"), Leg(InternalAccount.CASH, Decimal(-5), "Retard")]
    with pytest.raises(books.BooksClosed):
        books.book(Booking.Kind.CASH, legs, on=date(2024, 10, 31))


def test_statement_is_the_same_byte_for_byte_whatever_happens_afterwards(account, client_, monkeypatch):
    issue()
    document = statement_of(account, client_).document
    before, contents = pdf_of(document), document.contents
    monkeypatch.setattr("accounts.bank.PHONE", "01 99 00 99 99")
    monkeypatch.setattr("accounts.notation.ibans.BIC", "AUTRFRP0XXX")
    client_.family_name, client_.street = "Moreau", "1 rue Neuve"
    client_.save()
    books.correct(Booking.objects.get(entries__account=account, entries__position=1), by=SYSTEM)
    issue(NOVEMBER)
    issue()
    document.refresh_from_db()
    assert (pdf_of(document), document.contents) == (before, contents)
    told = contents_of(statement_of(account, client_, NOVEMBER).document)
    assert [line.label for line in told.lines][-1] == "Opération 2"  # the correction is of today, in no closed month


def test_account_that_does_not_follow_its_last_statement_gets_none_and_the_others_do(account, client_, caplog):
    other = make_account(client_)
    told = Document.objects.create(client=client_, kind="statement", title="Relevé de septembre 2024", contents="{}")
    Statement.objects.create(
        document=told, account=other, client=client_, month=SEPTEMBER, last_position=0, balance=Decimal("0.01")
    )
    with caplog.at_level(logging.ERROR):
        done = issue()
    assert (done.statements, done.damaged) == (1, [other.pk])
    assert f"Account {other.pk}" in caplog.text


# Many accounts, many runs.


@pytest.fixture
def many(client_, monkeypatch):
    """Seven accounts, made in chunks of three; the books of none are closed."""
    monkeypatch.setattr(statements, "CHUNK", 3)
    client_.bank_accounts.update(opened_on=OPENED)
    client_.holdings.update(since=OPENED)
    with transaction.atomic():
        for number in range(6):
            makers.make_operations(make_account(client_), *["10"] * number, day=date(2024, 10, 2))
    return client_


def assert_each_statement_once(client, count=7):
    assert Statement.objects.filter(month=OCTOBER).count() == count
    assert client.documents.filter(kind="statement").count() == count
    assert DocumentFile.objects.filter(document__kind="statement").count() == count


@pytest.mark.slow
def test_questions_do_not_grow_with_the_accounts_of_a_chunk(many, monkeypatch):
    monkeypatch.setattr(statements, "CHUNK", 100)
    with CaptureQueriesContext(connection) as few:
        issue()
    for _ in range(20):
        make_account(many)
    with CaptureQueriesContext(connection) as more:
        issue()
    assert len(more) <= len(few)


def test_progress_is_told_chunk_by_chunk(many):
    told = []
    issue(advance=told.append)
    assert told == [3, 3, 1]
    assert_each_statement_once(many)


@pytest.fixture
def two_chunks(many):
    """So many that a process of its own, whose chunks are as always, needs two."""
    for _ in range(MANY - 7):
        make_account(many)
    return many


# After the books were closed; within the transaction that writes.
KILLED_AT = [(1, "accounts.documents.statements.close_books"), (4, "accounts.documents.issuing.file_of")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("calls", "function"), KILLED_AT)
def test_run_that_is_killed_in_a_chunk_has_issued_nothing_of_it(many, calls, function):
    processes.kill_after(calls, function, "issue_statements", "--month", "2024-10")
    assert not Document.objects.filter(kind="statement").exists()
    assert run_to_its_end()["statements"] == 7
    assert_each_statement_once(many)


@pytest.mark.django_db(transaction=True)
def test_run_that_is_killed_between_chunks_is_continued_by_the_next(two_chunks):
    # Returns only when the processes that render have ended too: they hold the pipes of the one that is killed.
    processes.kill_after(1, "accounts.documents.statements.write", "issue_statements", "--month", "2024-10")
    kept = dict(DocumentFile.objects.filter(document__kind="statement").values_list("pk", "sha256"))
    assert len(kept) == Statement.objects.count() == 200
    assert run_to_its_end()["statements"] == MANY - 200
    assert_each_statement_once(two_chunks, MANY)
    assert kept.items() <= dict(DocumentFile.objects.values_list("pk", "sha256")).items()


def run_to_its_end() -> dict:
    done = processes.run("issue_statements", "--month", "2024-10")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.django_db(transaction=True)
def test_runs_at_once_issue_each_statement_once(many):
    done = at_once(lambda _: issue().statements, range(3))
    assert sorted(done) == [0, 0, 7]
    assert_each_statement_once(many)


@pytest.mark.django_db(transaction=True)
def test_booking_during_the_run_is_in_the_statement_or_refused(many):
    """What was booked in the month is told by its statement, however the two meet."""
    account = many.bank_accounts.order_by("pk").last()

    def act(number):
        if number == 0:
            return issue().statements
        legs = [Leg(account, Decimal(1), "Versement"), Leg(InternalAccount.CASH, Decimal(-1), "Versement")]
        try:
            return books.book(Booking.Kind.CASH, legs, on=date(2024, 10, 31))
        except books.BooksClosed:
            return None

    at_once(act, range(5))
    booked = account.entries.filter(booked_on__lte=date(2024, 10, 31)).order_by("position").last()
    statement = Statement.objects.get(account=account)
    assert (statement.last_position, statement.balance) == (booked.position, booked.balance)


# The command.


def command(*arguments, stderr=None):
    said = StringIO()
    call_command("issue_statements", *arguments, stdout=said, stderr=stderr or StringIO())
    return json.loads(said.getvalue())


def test_command_prints_one_line_of_json(many):
    line = command("--month", "2024-10", "--workers", "1")
    assert (line["month"], line["statements"], line["damaged_accounts"]) == ("2024-10", 7, 0)
    assert command("--month=2024-10")["statements"] == 0


def test_command_says_that_there_was_nothing_to_issue(account):
    told = StringIO()
    assert command("--month", "2024-10", stderr=told)["statements"] == 1
    assert told.getvalue() == ""
    for month in ("2024-10", "2020-01"):
        told = StringIO()
        assert command("--month", month, stderr=told)["statements"] == 0
        assert told.getvalue() == f"Rien à émettre : aucun compte n’attend de relevé de {month}.\n"


@pytest.mark.parametrize("month", ["2024-13", "2024-1", "octobre", "2024-10-01", "1924-10", "٢٠٢٤-10"])
def test_command_refuses_what_is_no_month(db, month):
    with pytest.raises(CommandError, match="n’est pas un mois"):
        command("--month", month)


@pytest.mark.parametrize("workers", ["0", "-1", "deux", "٢"])
def test_command_refuses_what_is_no_number_of_workers(db, workers):
    with pytest.raises(CommandError, match="attend un nombre à partir de 1"):
        command("--month", "2024-10", f"--workers={workers}")


def test_command_refuses_a_month_that_has_not_ended(db):
    with pytest.raises(CommandError, match="2099-12 n’est pas terminé"):
        command("--month", "2099-12")


def test_command_names_the_month_that_comes_first(account):
    issue(SEPTEMBER)
    with pytest.raises(CommandError, match="Lancez d’abord : issue_statements --month 2024-10"):
        command("--month", "2024-11")


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_the_run_with_its_code_and_the_next_goes_on(two_chunks):
    run = processes.start("issue_statements", "--month", "2024-10", "--workers", "2")
    while not BankAccount.objects.filter(books_closed_on__isnull=False).exists():
        assert run.poll() is None, "it ended before it was interrupted"
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, complained = run.communicate(timeout=60)
    assert (run.returncode, "Traceback" in complained) == (130, False), complained
    assert run_to_its_end()["statements"] == MANY
    assert_each_statement_once(two_chunks, MANY)
