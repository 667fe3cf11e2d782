"""Papers after their ten years: which go, which stay, what the database refuses, and that the client reads it."""

import importlib
import io
import json
import uuid
from datetime import date, datetime, time

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from msgspec.structs import replace

from accounts.documents import issuing, purging
from accounts.ledger import checking
from accounts.ledger.questions import Problem
from accounts.models import Document, DocumentFile, Letter, PostalItem, ServiceContract, Statement, Transfer
from accounts.transfers import ordering
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent
from tests import makers, processes
from tests.accounts.papers.contents import FOR_CLIENT

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
KEPT = date(TODAY.year - 10, 1, 1)
OLD = date(TODAY.year - 11, 12, 31)
GUARDS = importlib.import_module("accounts.migrations.0068_let_old_papers_go").GUARDS


@pytest.fixture(autouse=True)
def guards(request, db):
    """tests/conftest.py drops those against deletion on SQLite; the end of the test's transaction does it again."""
    has_own_transaction = not request.node.get_closest_marker("django_db").kwargs.get("transaction")
    if connection.vendor == "sqlite" and has_own_transaction:
        with connection.cursor() as cursor:
            for guard in GUARDS["sqlite"]:
                cursor.execute(guard)


def issued(client, day=OLD, kind="letter", at=None):
    written = replace(FOR_CLIENT[kind], client_code=client.client_code)
    document = issuing.drafted(client, written, title="Un document", on=day)
    document.issued_at = timezone.make_aware(datetime.combine(at or day, time(23, 30)))
    document.save(force_insert=True)
    return document


def contract_of(client, ended_on=None):
    document = issued(client, kind="contract")
    end = {"ended_on": ended_on, "end_reason": ServiceContract.End.TERM} if ended_on else {}
    fields = {"kind": ServiceContract.Kind.CREDIT, "number": f"{document.pk:011}", "opened_on": OLD}
    return ServiceContract.objects.create(client=client, document=document, **fields, **end)


def run(*arguments):
    said = io.StringIO()
    call_command("purge_papers", *arguments, stdout=said)
    return json.loads(said.getvalue())


def purge():
    return run("--purge")["purged"]


def is_kept(document):
    return Document.objects.filter(pk=document.pk).exists()


def test_paper_of_eleven_years_ago_goes_and_the_next_one_stays(client_):
    old, kept = issued(client_), issued(client_, KEPT)
    assert run() == {"due": 1, "kept_since": KEPT.isoformat()}
    assert is_kept(old)
    assert run("--purge") == {"purged": 1, "kept_since": KEPT.isoformat()}
    assert (is_kept(old), is_kept(kept), purge()) == (False, True, 0)


def test_what_hangs_on_a_paper_goes_with_it_and_what_names_it_stays(client_, advisor):
    old, receipt = issued(client_), issued(client_, kind="receipt")
    issuing.pdf_of(old)
    Letter.objects.create(document=old, subject="Un objet", body="Un texte", token=uuid.uuid4())
    month, account = date(2010, 9, 1), client_.bank_accounts.get()
    told = issued(client_, kind="statement")
    Statement.objects.create(document=told, account=account, client=client_, month=month, last_position=0, balance=0)
    item = PostalItem.objects.create(client=client_, title="Un document", document=old, ended_at=timezone.now())
    order = ordering.prepare(client_, makers.make_savings(client_, "9.00"), account, 5)
    ordering.confirm(order, by=Actor(client_.user), seen=ordering.fingerprint(order))
    Transfer.objects.update(receipt=receipt)
    assert purge() == 3
    left = [model.objects.filter(document__in=[old.pk, told.pk]).count() for model in (DocumentFile, Letter, Statement)]
    assert left == [0, 0, 0]
    item.refresh_from_db()
    order.refresh_from_db()
    assert (item.document, order.receipt, order.is_confirmed) == (None, None, True)
    found = []
    checking.check(checking.plan(), found.append, lambda count: None)
    assert [finding for finding in found if finding.problem is not Problem.GUARD_MISSING] == []


def test_whatever_names_a_paper_is_deleted_with_it_or_unlinked():
    """Whoever adds a relation says in `purging` what becomes of it: else the first run after ten years would fail."""
    related = {relation.related_model for relation in Document._meta.related_objects}
    assert related == {DocumentFile, Letter, Statement} | {PostalItem, ServiceContract, Transfer}


def test_order_whose_receipt_has_gone_is_shown_without_it(client_, client_browser):
    order = ordering.prepare(client_, makers.make_savings(client_, "9.00"), client_.bank_accounts.first(), 5)
    ordering.confirm(order, by=Actor(client_.user), seen=ordering.fingerprint(order))
    page = f"/espace-client/virements/{order.pk}/"
    assert "Votre justificatif" in client_browser.get(page).content.decode()
    Transfer.objects.update(receipt=None)
    answer = client_browser.get(page)
    assert (answer.status_code, "justificatif" in answer.content.decode()) == (200, False)


@pytest.mark.parametrize(("day", "at"), [(OLD, TODAY), (TODAY, OLD), (KEPT, OLD), (OLD, KEPT)])
def test_paper_that_only_bears_an_old_day_or_was_dated_forward_stays(client_, day, at):
    paper = issued(client_, day, at=at)
    assert (purge(), is_kept(paper)) == (0, True)


@pytest.mark.parametrize(("ended_on", "goes"), [(None, False), (KEPT, False), (OLD, True)])
def test_paper_of_a_contract_goes_ten_years_after_the_end_of_the_contract(client_, ended_on, goes):
    contract = contract_of(client_, ended_on)
    assert purge() == goes
    contract.refresh_from_db()
    assert (contract.document is None) == goes


def test_paper_that_is_still_to_be_posted_stays(client_):
    paper = issued(client_)
    PostalItem.objects.create(client=client_, title="Un document", document=paper)
    assert (purge(), is_kept(paper)) == (0, True)


def test_each_client_reads_how_many_of_his_went(client_, client_browser, advisor):
    other = makers.make_new_client(advisor, family_name="Moreau")
    for client in (client_, client_, other):
        issued(client)
    assert purge() == 3
    lines = SecurityEvent.objects.filter(kind="papers_purged").order_by("subject_row__subject")
    assert sorted(line.details["papers"] for line in lines) == [1, 2]
    page = client_browser.get("/mon-profil/journal/").content.decode()
    assert "Des documents ont été retirés, dix ans après l’année de leur émission" in page


def test_some_hundreds_go_at_a_time_and_papers_that_stay_stop_none(client_, monkeypatch):
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    contract_of(client_)
    papers = [issued(client_) for _ in range(5)]
    heard = []
    assert purging.purge(TODAY, heard.append) == sum(heard) == 5
    assert len(heard) == 3
    assert not any(map(is_kept, papers))


DELETED = "DELETE FROM accounts_{} WHERE {} = %s"


def refused(statement, *parameters):
    with pytest.raises(DatabaseError, match="a document is never changed"), transaction.atomic():
        connection.cursor().execute(statement, parameters)


@pytest.mark.parametrize(("day", "at"), [(KEPT, KEPT), (OLD, TODAY), (TODAY, OLD)])
def test_database_itself_refuses_to_delete_a_paper_before_its_time(client_, day, at):
    paper = issued(client_, day, at=at)
    issuing.pdf_of(paper)
    Letter.objects.create(document=paper, subject="Un objet", body="Un texte", token=uuid.uuid4())
    for table in ("documentfile", "letter"):
        refused(DELETED.format(table, "document_id"), paper.pk)
    refused(DELETED.format("document", "id"), paper.pk)


def test_database_itself_counts_the_days_of_paris_whatever_zone_a_session_has(client_):
    paper = issued(client_)
    Document.objects.filter(pk=paper.pk).delete()
    paper.issued_at = timezone.make_aware(datetime.combine(KEPT, time(1)))
    paper.save(force_insert=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'America/Los_Angeles'")
    refused(DELETED.format("document", "id"), paper.pk)


def test_database_itself_refuses_to_change_a_paper_after_its_time(client_):
    refused("UPDATE accounts_document SET title = 'Un autre' WHERE id = %s", issued(client_).pk)


@pytest.mark.parametrize("ended_on", [None, KEPT])
def test_database_itself_keeps_the_paper_of_a_contract_that_runs_or_that_was_unlinked(client_, ended_on):
    contract = contract_of(client_, ended_on)
    refused(DELETED.format("document", "id"), contract.document_id)
    unlinked = contract_of(client_, OLD).document_id
    ServiceContract.objects.filter(document=unlinked).update(document=None)
    refused(DELETED.format("document", "id"), unlinked)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_run_that_is_killed_leaves_whole_papers_and_the_next_one_ends_it(client_):
    for _ in range(2):
        issuing.pdf_of(issued(client_))
    processes.kill_after(1, "accounts.documents.purging._delete_rows", "purge_papers", "--purge")
    assert (Document.objects.filter(issued_on=OLD).count(), DocumentFile.objects.count()) == (2, 2)
    assert json.loads(processes.run("purge_papers", "--purge").stdout)["purged"] == 2
    assert SecurityEvent.objects.filter(kind="papers_purged").count() == 1
