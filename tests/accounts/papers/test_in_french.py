"""Papers and files are French, whatever language the page is in from which somebody asks for them."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from accounts.documents import archives, bank_details
from accounts.documents.files import name_of
from accounts.papers.contents import in_words, render
from accounts.post import notices as by_post
from auth_codes import wording
from auth_codes.models import Notice
from tests import makers
from tests.accounts.pages.test_document_pages import statement_of
from tests.accounts.papers.contents import ALL, RECEIPT
from tests.conftest import StrictBrowser


def english():
    return translation.override("en")


@pytest.mark.parametrize("contents", ALL.values(), ids=ALL)
def test_paper_says_the_same_for_a_reader_of_english(contents):
    with english():
        said = in_words(contents)
        assert wording.euros(Decimal(1)) == "€1.00"
    assert said == in_words(contents)


@pytest.mark.slow
def test_paper_is_the_same_bytes_for_a_reader_of_english():
    with english():
        drawn = render(RECEIPT)
    assert drawn == render(RECEIPT)


@pytest.mark.django_db
def test_bank_details_name_the_account_in_french(client_):
    account = client_.bank_accounts.get()
    with english():
        assert account.label == "Current account"
        assert bank_details.contents_of(account, timezone.localdate()).account_label == "Compte courant"


@pytest.mark.django_db
def test_page_of_a_document_tells_it_as_its_pdf_does(client_):
    statement = statement_of(client_, date(2024, 10, 1)).document
    page = StrictBrowser.logged_in(client_.user, headers={"Accept-Language": "en"})
    page = page.get(f"/espace-client/documents/{statement.pk}/lire/").content.decode()
    around, paper = page.split('<article class="card card--roomy paper" lang="fr"')
    assert "This document is in French, as the bank issued it." in around
    assert "Solde au 31\u00a0octobre\u00a02026" in paper
    assert "Votre code client" in paper


@pytest.mark.django_db
def test_files_and_the_archive_of_a_year_are_the_same_for_everybody(client_):
    documents = [statement_of(client_, date(2024, 10, 1)).document, client_.documents.get(kind="letter")]
    french = [name_of(document) for document in documents], b"".join(archives.written(documents))
    with english():
        assert ([name_of(document) for document in documents], b"".join(archives.written(documents))) == french


@pytest.mark.django_db
@pytest.mark.parametrize("extension", ["csv", "ofx"])
def test_operations_are_downloaded_in_french(client_, extension):
    account = client_.bank_accounts.get()
    makers.make_operations(account, "1234.56")
    file = StrictBrowser.logged_in(client_.user, headers={"Accept-Language": "en"}).get(
        f"/espace-client/comptes/{account.pk}/operations.{extension}"
    )
    with english():
        content = file.getvalue().decode()
    said = {"csv": ["Paiement par carte", "1234,56"], "ofx": ["<LANGUAGE>FRA", "1234.56"]}
    assert all(one in content for one in said[extension])
    assert "Card" not in content


@pytest.mark.django_db
def test_letter_by_post_and_the_sealed_one_speak_french(client_):
    with english():
        assert client_.salutation == "Ms Martin"
        assert makers.make_pending_code(client_).name == "Madame Martin"
        by_post.tell(Notice.Kind.CODE_CHANGED, client_)
    contents = client_.postal_items.exclude(contents="").get().contents
    assert "Madame Martin" in contents
    assert "code secret" in contents
