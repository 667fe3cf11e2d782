"""Documents: issued once, the same bytes for ever, never served damaged."""

import importlib
import logging
import uuid
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from msgspec.structs import replace

from accounts import client_codes
from accounts.documents import issuing
from accounts.documents.issuing import DamagedFile, contents_of, issue, pdf_of
from accounts.models import Document, DocumentFile, Letter, Statement
from accounts.papers.kinds import PAPERS
from tests import makers, pdfs
from tests.accounts.papers.contents import FOR_CLIENT, LETTER
from tests.races import at_once

GUARDS = importlib.import_module("accounts.migrations.0009_documents").GUARDS


def issued_to(client, kind="letter") -> Document:
    written = replace(FOR_CLIENT[kind], client_code=client.client_code)
    return issue(client, written, title="Un document")


@pytest.mark.parametrize("kind", PAPERS)
def test_document_is_of_the_kind_of_its_contents_and_gives_them_back(client_, kind):
    document = issued_to(client_, kind)
    document.refresh_from_db()
    assert document.kind == kind
    assert contents_of(document) == replace(FOR_CLIENT[kind], client_code=client_.client_code)


@pytest.mark.parametrize("kind", PAPERS)
def test_pdf_carries_the_code_client_of_its_client(client_, kind):
    text = pdfs.read(pdf_of(issued_to(client_, kind))).pages[0].extract_text()
    assert client_codes.display(client_.client_code) in text


def test_paper_with_the_code_of_somebody_else_is_not_issued(client_, advisor):
    other = makers.make_new_client(advisor, family_name="Moreau")
    with pytest.raises(ValueError, match="code client"):
        issue(client_, replace(LETTER, client_code=other.client_code), title="Un document")
    assert not client_.documents.filter(title="Un document").exists()


def test_pdf_is_made_once(client_):
    document = issued_to(client_)
    first = pdf_of(document)
    assert pdf_of(document) == first == bytes(DocumentFile.objects.get(document=document).pdf)


def test_stored_bytes_are_served_whatever_would_be_rendered_now(client_):
    document = issued_to(client_)
    issuing.file_of(document, b"%PDF of an earlier release").save(force_insert=True)
    assert pdf_of(document) == b"%PDF of an earlier release"


def test_damaged_bytes_are_not_served(client_, caplog):
    document = issued_to(client_)
    file = issuing.file_of(document, b"%PDF as it was")
    file.pdf = b"%PDF altered"
    file.save(force_insert=True)
    with caplog.at_level(logging.ERROR), pytest.raises(DamagedFile):
        pdf_of(document)
    assert f"document {document.pk} est abîmé" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_askings_at_once_keep_one_file(client_):
    document = issued_to(client_)
    given = at_once(lambda _: pdf_of(Document.objects.get(pk=document.pk)), range(6))
    assert set(given) == {bytes(DocumentFile.objects.get(document=document).pdf)}


@pytest.fixture
def one_of_each(client_):
    """A row in each of the tables that are never changed, and all their guards."""
    letter, statement = issued_to(client_), issued_to(client_, "statement")
    pdf_of(letter)
    Letter.objects.create(document=letter, subject="Un objet", body="Un texte", token=uuid.uuid4())
    month = date(2026, 9, 1)
    account = client_.bank_accounts.get()
    Statement.objects.create(
        document=statement, account=account, client=client_, month=month, last_position=0, balance=0
    )
    if connection.vendor == "sqlite":
        put_guards_back()


def put_guards_back():
    """tests/conftest.py drops those against deletion on SQLite; the end of the test's transaction does it again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        standing = {name for [name] in cursor.fetchall()}
        for guard in GUARDS["sqlite"]:
            if guard.split()[2] not in standing:
                cursor.execute(guard)


@pytest.mark.parametrize("table", ["document", "documentfile", "letter", "statement"])
@pytest.mark.parametrize("act", ["UPDATE accounts_{} SET {} = {}", "DELETE FROM accounts_{}"])
def test_database_itself_refuses_to_change_a_document(one_of_each, table, act):
    key = "id" if table == "document" else "document_id"
    with pytest.raises(DatabaseError, match="a document is never changed"), transaction.atomic():
        connection.cursor().execute(act.format(table, key, key))
