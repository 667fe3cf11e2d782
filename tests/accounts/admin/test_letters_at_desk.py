"""The desk: an advisor writes a letter, sees it before it is sent, and opens what the bank wrote."""

import uuid
from html import unescape

import pytest
from django.utils.html import strip_tags
from msgspec.structs import replace

from accounts import client_codes
from accounts.bank_accounts.opening import open_service_contract
from accounts.documents.issuing import issue
from accounts.models import Document, Letter
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent
from tests import makers, pdfs
from tests.accounts.papers.contents import FOR_CLIENT
from tests.conftest import StrictBrowser

CLIENTS = "/admin/accounts/client/"


def act(client, what="courrier") -> str:
    return f"{CLIENTS}{client.pk}/{what}/"


def typed(**changed) -> dict:
    return {"subject": "Votre projet", "body": "Bonjour.\n\nÀ bientôt.", "token": str(uuid.uuid4())} | changed


def text_of(answer) -> str:
    return unescape(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


def document_of(client, kind) -> Document:

    return issue(client, replace(FOR_CLIENT[kind], client_code=client.client_code), title=f"Un {kind}")


def consultations():
    return SecurityEvent.objects.filter(kind="client_consulted").order_by("id")


def test_advisor_writes_a_letter(advisor_browser, client_, advisor):
    answer = advisor_browser.post(act(client_), typed(), follow=True)
    assert "Courrier envoyé : il est dans les documents du client, et un courriel le lui annonce." in text_of(answer)
    letter = Letter.objects.get(subject="Votre projet")
    assert (letter.document.client, letter.written_by) == (client_, advisor)


def test_second_click_sends_no_second_letter(advisor_browser, client_):
    form = typed()
    for _ in range(2):
        assert advisor_browser.post(act(client_), form).status_code == 302
    assert Letter.objects.filter(subject="Votre projet").count() == 1


ALREADY = "Le même courrier a déjà été écrit à cette personne aujourd’hui à"


def test_same_letter_of_the_same_day_is_told_before_it_is_sent_again(advisor_browser, client_, advisor):
    form = typed()
    advisor_browser.post(act(client_), form)
    again = form | {"token": str(uuid.uuid4())}
    page = text_of(advisor_browser.post(act(client_), again))
    assert f"{ALREADY} " in page
    assert f"par {advisor} : ne l’envoyez de nouveau" in page
    assert 'name="again" value="Envoyer de nouveau"' in page
    assert Letter.objects.filter(subject="Votre projet").count() == 1
    for _ in range(2):
        assert advisor_browser.post(act(client_), again | {"again": "Envoyer de nouveau"}).status_code == 302
    assert Letter.objects.filter(subject="Votre projet").count() == 2


def test_letter_that_differs_or_goes_to_another_client_is_sent_at_once(advisor_browser, client_, advisor):
    other = makers.make_new_client(advisor, family_name="Moreau")
    advisor_browser.post(act(client_), typed())
    for client, form in ((client_, typed(body="Autre")), (client_, typed(subject="Autre")), (other, typed())):
        assert advisor_browser.post(act(client), form).status_code == 302
    assert Letter.objects.filter(subject__in=["Votre projet", "Autre"]).count() == 4


def test_preview_of_a_letter_written_today_is_the_pdf(advisor_browser, client_):
    advisor_browser.post(act(client_), typed())
    assert advisor_browser.post(act(client_, "courrier/apercu"), typed())["Content-Type"] == "application/pdf"


def test_page_says_whom_the_letter_goes_to(advisor_browser, client_):
    page = text_of(advisor_browser.get(act(client_)))
    for shown in (str(client_), f"•••• ••• {client_.client_code[-3:]}", "12 rue des Lilas"):
        assert shown in page
    assert client_codes.display(client_.client_code).replace("\u00a0", " ") not in page


def test_preview_is_the_pdf_and_sends_nothing(advisor_browser, client_):
    answer = advisor_browser.post(act(client_, "courrier/apercu"), typed())
    assert answer["Content-Type"] == "application/pdf"
    text = pdfs.read(answer.getvalue()).pages[0].extract_text()
    assert "Votre projet" in text
    assert f"••••\u00a0•••\u00a0{client_.client_code[-3:]}" in text
    assert client_codes.display(client_.client_code) not in text
    assert not Letter.objects.filter(subject="Votre projet").exists()


def test_preview_is_no_page_to_be_visited(advisor_browser, client_):
    assert advisor_browser.get(act(client_, "courrier/apercu")).status_code == 405


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("subject", "", "Ce champ est obligatoire"),
        ("body", " ", "Ce champ est obligatoire"),
        ("subject", "x" * 101, "L’objet a 100 signes au plus ; le vôtre en a 101."),
        ("body", "x" * 20_001, "Le texte a 20 000 signes au plus ; le vôtre en a 20001."),
        ("body", "a\x00b", "caractère nul"),
    ],
)
@pytest.mark.parametrize("page", ["courrier", "courrier/apercu"])
def test_bad_input_is_answered_with_a_sentence_and_what_was_typed(
    advisor_browser, client_, page, field, value, sentence
):
    answer = advisor_browser.post(act(client_, page), typed(**{field: value}))
    assert sentence in text_of(answer)
    assert answer.context["form"][field].value() == value
    assert not Letter.objects.filter(subject="Votre projet").exists()


def test_person_without_code_client_gets_no_letter(advisor_browser, person):
    page = text_of(advisor_browser.get(act(person)))
    assert "Ouvrez d’abord un compte ou un contrat" in page
    assert "Envoyer le courrier" not in page
    advisor_browser.post(act(person), typed())
    assert not Letter.objects.exists()


def test_sheet_offers_the_letter_and_lists_the_newest_documents(advisor_browser, client_):
    page = text_of(advisor_browser.get(f"{CLIENTS}{client_.pk}/change/"))
    assert act(client_) in page
    welcome = client_.documents.get()
    assert f"{CLIENTS}{client_.pk}/documents/{welcome.pk}/" in page


@pytest.mark.parametrize("kind", ["contract", "letter"])
def test_advisor_opens_contracts_and_letters_and_the_journal_tells_it(advisor_browser, client_, advisor, kind):
    document = document_of(client_, kind)
    answer = advisor_browser.get(f"{CLIENTS}{client_.pk}/documents/{document.pk}/")
    assert answer["Content-Type"] == "application/pdf"
    line = consultations().last()
    shown = {"page": "document", "document": document.title}
    assert (line.owner, line.by) == (client_.user, advisor)
    assert line.details == {**shown, "client": client_.pk, "look": "own_advisor"}


@pytest.mark.parametrize("kind", ["statement", "receipt"])
def test_papers_that_tell_operations_are_not_opened_at_the_desk(advisor_browser, client_, kind):
    document = document_of(client_, kind)
    assert advisor_browser.get(f"{CLIENTS}{client_.pk}/documents/{document.pk}/").status_code == 404
    page = text_of(advisor_browser.get(act(client_, "documents")))
    assert document.title in page
    assert f"/documents/{document.pk}/" not in page


def test_document_of_another_client_is_not_found_on_this_ones_sheet(advisor_browser, client_, advisor):
    other = makers.make_new_client(advisor, family_name="Moreau")
    contract = open_service_contract(other, kind="card", by=Actor(advisor))
    assert advisor_browser.get(f"{CLIENTS}{client_.pk}/documents/{contract.document.pk}/").status_code == 404


def test_client_reads_in_his_journal_which_document_was_opened(advisor_browser, client_, client_browser):
    document = document_of(client_, "letter")
    advisor_browser.get(f"{CLIENTS}{client_.pk}/documents/{document.pk}/")
    page = text_of(client_browser.get("/mon-profil/journal/"))
    assert "Votre fiche client a été consultée Document ouvert, « Un letter »" in " ".join(strip_tags(page).split())


@pytest.mark.parametrize("what", ["courrier", "courrier/apercu", "documents"])
def test_desk_is_closed_to_clients_and_to_staff_without_rights(client_, client_browser, advisor, what):
    assert client_browser.post(act(client_, what)).status_code == 404
    advisor.groups.clear()
    assert StrictBrowser.logged_in(advisor).post(act(client_, what)).status_code == 403


def test_page_says_how_a_letter_reaches_who_has_no_online_space(advisor_browser, person, advisor):
    makers.open_account(person, kind="current", by=Actor(advisor))
    page = text_of(advisor_browser.get(act(person)))
    assert "part par courrier, imprimé par l’atelier, à l’adresse ci-dessus" in page
    assert "un courriel lui dira" not in page
    said = text_of(advisor_browser.post(act(person), typed(), follow=True))
    assert "il part par courrier à son adresse postale" in said
    assert person.postal_items.filter(title="Votre projet").count() == 1
