"""« Réunir avec une autre fiche »: asked for on either sheet, approved, read on both, taken back."""

import uuid
from datetime import date

import pytest
from django.utils import timezone

from accounts.bank_accounts import joining, opening, undoing
from accounts.clients import comparing, doubtful_contacts, finding, twins
from accounts.documents import issuing, letters
from accounts.models import Client, Document, Joining, ServiceContract, User
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

WHY = "Même carte d’identité, présentée en agence"
PAGES = "/admin/accounts/joining/"


@made_once
def twin(advisor):
    return makers.make_personalised_client(
        advisor, family_name="Durand", email="ines.durand@example.org", mobile_phone="+33711111111"
    )


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


@pytest.fixture
def second(colleague):
    return StrictBrowser.logged_in(colleague)


def page(client, below="reunir"):
    return f"/admin/accounts/client/{client.pk}/{below}/"


def typed(kept, other, **changed):
    fields = {"said": other.client_code, "reviewed": other.pk, "keep": kept.pk, "why": WHY, "token": uuid.uuid4()}
    return fields | changed


def join(kept, closed, advisor, colleague):
    said = {"advisor": kept.advisor, "why": WHY, "token": uuid.uuid4()}
    asked = joining.start(kept, closed, by=Actor(advisor), **said)
    joining.approve(asked, by=Actor(colleague))
    for sheet in (kept, closed):
        sheet.refresh_from_db()
    return asked


def test_journey_from_either_sheet_to_the_second_advisor_and_back(advisor_browser, second, client_, twin):
    assert page(twin) in text_of(advisor_browser.get(page(twin, "change")))
    compared = text_of(advisor_browser.post(page(twin), {"said": client_.client_code}))
    for said in ("ines.durand@example.org", "ines@example.org", "différent", "égal", "Demander la réunion"):
        assert said in compared
    answer = advisor_browser.post(page(twin), typed(client_, client_), follow=True)
    assert "Demande enregistrée" in text_of(answer)
    assert "à approuver par un second conseiller" in text_of(answer)
    asked = Joining.objects.get()
    assert (asked.kept, asked.closed) == (client_, twin)
    shown = text_of(second.get(f"{PAGES}{asked.pk}/change/"))
    for said in (WHY, "Numéro à rappeler", "Comptes qui passent sur la fiche gardée", "Se ferme aussitôt"):
        assert said in shown
    approve(second, asked, compared="on")
    assert client_.bank_accounts.count() == 2
    sheet = text_of(advisor_browser.get(page(client_, "change")))
    assert "Fiche réunie avec" in sheet
    undo = f"/admin/accounts/client/{client_.pk}/revenir/joining/{asked.pk}/"
    assert undo in sheet
    assert "chacun en est averti" in text_of(advisor_browser.get(undo))
    advisor_browser.post(undo, {"why": "Deux sœurs jumelles", "token": uuid.uuid4()})
    undoing = f"/admin/accounts/undoing/{twin.undoings.model.objects.get().pk}/change/"
    assert "Fiche qui redevient la sienne" in text_of(second.get(undoing))
    assert "l’acte est annulé" in text_of(second.post(undoing, {"answer": "approve"}, follow=True))
    assert client_.bank_accounts.count() == 1


def approve(browser, asked, **fields):
    where = f"{PAGES}{asked.pk}/change/"
    seen = browser.get(where).context["seen"]
    return browser.post(where, {"answer": "approve", "seen": seen, **fields}, follow=True)


def test_different_names_need_the_second_advisor_s_tick(advisor, second, client_, twin):
    asked = joining.start(client_, twin, advisor=advisor, why=WHY, token=uuid.uuid4(), by=Actor(advisor))
    assert "cochez la case" in text_of(approve(second, asked))
    asked.refresh_from_db()
    assert not asked.decision
    assert "Réunion approuvée" in text_of(approve(second, asked, compared="on"))


def test_equal_names_need_none(advisor, second, client_, twin):
    Client.objects.filter(pk=twin.pk).update(family_name="MARTIN")
    asked = joining.start(client_, twin, advisor=advisor, why=WHY, token=uuid.uuid4(), by=Actor(advisor))
    assert "comparé les pièces" not in text_of(second.get(f"{PAGES}{asked.pk}/change/"))
    assert "Réunion approuvée" in text_of(approve(second, asked))


def test_what_changes_between_the_page_and_the_answer_is_read_again(advisor, second, client_, twin):
    asked = joining.start(client_, twin, advisor=advisor, why=WHY, token=uuid.uuid4(), by=Actor(advisor))
    where = f"{PAGES}{asked.pk}/change/"
    seen = second.get(where).context["seen"]
    makers.make_savings(twin)
    answer = second.post(where, {"answer": "approve", "seen": seen, "compared": "on"}, follow=True)
    assert "a changé depuis" in text_of(answer)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "Dites de qui il s’agit"),
        ("zz", "au moins 3 lettres"),
        ("Personne Inconnue", "Aucune autre fiche"),
        ("1\x00234", "caractère nul"),
        ("１２３４", "Ajoutez un nom"),
        ("x" * 161, "160 signes"),
    ],
)
def test_who_is_not_found_is_said_and_stays_typed(advisor_browser, client_, said, sentence):
    answer = text_of(advisor_browser.post(page(client_), {"said": said}))
    assert sentence in answer
    assert "Comparer les deux fiches" in answer


def test_sheet_is_no_other_sheet_than_itself(advisor_browser, client_):
    assert "Aucune autre fiche" in text_of(advisor_browser.post(page(client_), {"said": client_.client_code}))


@pytest.mark.parametrize("missing", ["keep", "why", "token"])
def test_nothing_is_asked_for_before_all_is_said(advisor_browser, client_, twin, missing):
    answer = advisor_browser.post(page(client_), typed(client_, twin, **{missing: ""}))
    assert missing == "token" or 'class="errorlist' in text_of(answer)
    assert not Joining.objects.exists()


def test_another_sheet_typed_in_the_second_step_is_compared_first(advisor_browser, client_, twin, advisor):
    makers.make_person(advisor, given_names="Léa", family_name="Zola")
    fields = typed(client_, twin, said="Zola Léa 25/07/1988")
    compared = text_of(advisor_browser.post(page(client_), fields)).split("Les deux fiches</caption>")[1]
    assert "Zola" in compared
    assert not Joining.objects.exists()


def test_two_birth_dates_say_what_to_do_first(advisor_browser, client_, twin):
    Client.objects.filter(pk=twin.pk).update(birth_date=date(1990, 1, 1))
    answer = text_of(advisor_browser.post(page(client_), {"said": twin.client_code}))
    assert "faites d’abord corriger la fiche" in answer
    assert "Demander la réunion" not in answer


def test_why_the_chosen_sheet_cannot_stay_is_said_beside_the_choice(advisor_browser, client_, twin, advisor):
    makers.change_address(client_, advisor)
    answer = text_of(advisor_browser.post(page(client_), typed(client_, twin)))
    assert "ne sont pas confirmées" in answer
    assert WHY in answer


def test_advisors_are_chosen_between_where_there_are_two(advisor_browser, client_, twin, colleague):
    Client.objects.filter(pk=twin.pk).update(advisor=colleague)
    assert "Quel conseiller" in text_of(advisor_browser.post(page(client_), {"said": twin.client_code}))
    advisor_browser.post(page(client_), typed(client_, twin))
    assert not Joining.objects.exists()
    advisor_browser.post(page(client_), typed(client_, twin, advisor=colleague.pk))
    assert Joining.objects.get().advisor == colleague


def test_stranger_is_not_named_as_the_advisor_nor_another_sheet_kept(
    advisor_browser, client_, twin, colleague, advisor
):
    third = makers.make_person(advisor, given_names="Léa")
    Client.objects.filter(pk=twin.pk).update(advisor=colleague)
    for wrong in ({"advisor": makers.make_advisor("luc.petit").pk}, {"keep": third.pk, "advisor": advisor.pk}):
        advisor_browser.post(page(client_), typed(client_, twin, **wrong))
    assert not Joining.objects.exists()


def test_both_sheets_leave_a_line_when_they_are_compared(advisor_browser, client_, twin):
    advisor_browser.post(page(client_), {"said": twin.client_code})
    looks = SecurityEvent.objects.filter(kind="client_consulted", details__look="joining")
    assert [line.details["client"] for line in looks] == [twin.pk]


def test_waiting_request_is_said_on_the_second_step(advisor_browser, advisor, client_, twin):
    joining.start(client_, twin, advisor=advisor, why=WHY, token=uuid.uuid4(), by=Actor(advisor))
    assert "Voir cette demande" in text_of(advisor_browser.post(page(twin), {"said": client_.client_code}))


# Afterwards, at the desk.


@pytest.mark.parametrize("said", ["number", "Durand Inès", "durand 25/07/1988"])
def test_closed_sheet_s_number_and_names_find_the_kept_one(advisor_browser, advisor, colleague, client_, twin, said):
    join(client_, twin, advisor, colleague)
    said = twin.client_code if said == "number" else said
    answer = text_of(advisor_browser.post("/admin/accounts/client/", {"said": said}, follow=True))
    assert page(client_, "change") in answer
    assert f"fiche réunie avec {twin}" in answer
    assert page(twin, "change") not in answer
    assert finding.find(Client.objects.all(), said).clients == [client_]


def test_closed_sheet_leads_to_the_kept_one_and_begins_nothing(advisor_browser, advisor, colleague, client_, twin):
    join(client_, twin, advisor, colleague)
    shown = text_of(advisor_browser.get(page(twin, "change")))
    assert "réunie avec celle de" in shown
    assert page(twin, "ouvrir/compte") not in shown
    for act in ("ouvrir/compte", "reunir", "renouveler", "modifier", "courrier", "code-client", "fermer", "adresse"):
        for send in (advisor_browser.get, advisor_browser.post):
            answer = send(page(twin, act))
            assert (answer.status_code, answer["Location"]) == (302, page(client_, "change"))
    assert advisor_browser.post(page(twin, "change"), {})["Location"] == page(client_, "change")


def test_history_of_the_closed_sheet_is_one_link_away(advisor_browser, advisor, colleague, client_, twin):
    join(client_, twin, advisor, colleague)
    assert page(twin, "history") in text_of(advisor_browser.get(page(client_, "change")))
    assert "Fiches réunies" in text_of(advisor_browser.get(page(twin, "history")))


def test_papers_of_the_closed_sheet_are_read_from_the_kept_one(advisor_browser, advisor, colleague, client_, twin):
    document = letters.write(twin, subject="Votre prêt", body="Texte", by=Actor(advisor), token=uuid.uuid4())
    join(client_, twin, advisor, colleague)
    shown = text_of(advisor_browser.get(page(client_, "documents")))
    assert f"/documents/{document.pk}/" in shown
    assert "fiche réunie" in shown
    assert advisor_browser.get(page(client_, f"documents/{document.pk}"))["Content-Type"] == "application/pdf"
    other = makers.make_person(advisor, given_names="Léa")
    assert advisor_browser.get(page(other, f"documents/{document.pk}")).status_code == 404


def test_registering_her_again_names_the_kept_sheet(advisor_browser, advisor, colleague, client_, twin):
    join(client_, twin, advisor, colleague)
    fields = makers.person_fields(family_name="Durand", birth_date="25/07/1988", advisor=advisor.pk, country="France")
    answer = text_of(advisor_browser.post("/admin/accounts/client/add/", fields | {"token": uuid.uuid4()}))
    assert page(client_, "change") in answer
    assert page(twin, "change") not in answer


def test_kept_sheet_is_no_twin_of_the_closed_one(advisor, colleague, client_, twin):
    Client.objects.filter(pk=twin.pk).update(email=client_.email, family_name="Martin")
    assert twins.of(client_) == [twin]
    join(client_, twin, advisor, colleague)
    assert twins.of(client_) == []
    assert doubtful_contacts.reasons(client_) == {}


def test_advisor_whose_own_sheet_it_is_sees_neither(advisor, colleague, client_, twin):
    third = makers.make_advisor("luc.petit")
    join(client_, twin, advisor, colleague)
    User.objects.filter(pk=third.pk).update(own_client=client_)
    own = StrictBrowser.logged_in(User.objects.get(pk=third.pk))
    for sheet in (client_, twin):
        for below in ("change", "history", "documents", "reunir"):
            assert own.get(page(sheet, below)).status_code == 403
    found = text_of(own.post("/admin/accounts/client/", {"said": twin.client_code}, follow=True))
    assert "Personne ne correspond" in found


# Afterwards, in her space.


def test_she_reads_the_papers_of_both_and_nobody_else_does(advisor, colleague, client_, twin):
    document = letters.write(twin, subject="Votre prêt", body="Texte", by=Actor(advisor), token=uuid.uuid4())
    contract = opening.open_service_contract(twin, kind=ServiceContract.Kind.CARD, by=Actor(advisor))
    addresses = [f"/espace-client/documents/{pk}/" for pk in (document.pk, contract.document_id)]
    stranger = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    browser = StrictBrowser.logged_in(client_.user)
    assert [browser.get(address).status_code for address in addresses] == [404, 404]
    asked = join(client_, twin, advisor, colleague)
    browser = StrictBrowser.logged_in(User.objects.get(pk=client_.user_id))
    listed = text_of(browser.get("/espace-client/documents/"))
    for address in addresses:
        assert address in listed
        assert browser.get(address)["Content-Type"] == "application/pdf"
        assert StrictBrowser.logged_in(stranger.user).get(address).status_code == 404
    take_back(asked, advisor, colleague)
    assert [browser.get(address).status_code for address in addresses] == [404, 404]


def take_back(asked, advisor, colleague):
    said = {"act": "joining", "number": str(asked.pk), "why": "Deux sœurs jumelles", "token": uuid.uuid4()}
    undoing.approve(undoing.start(asked.kept, by=Actor(advisor), **said), by=Actor(colleague))


def test_each_contract_still_leads_to_its_paper(advisor, colleague, client_, twin):
    contract = opening.open_service_contract(twin, kind=ServiceContract.Kind.CARD, by=Actor(advisor))
    join(client_, twin, advisor, colleague)
    browser = StrictBrowser.logged_in(client_.user)
    assert f"/documents/{contract.document_id}/" in text_of(browser.get("/espace-client/"))


def test_names_are_compared_as_the_search_compares_them():
    one = Client(**makers.person_fields(family_name="Le Fèvre"))
    other = Client(**makers.person_fields(family_name="LE FEVRE", title="M."))
    assert comparing.differing_names(one, other) == ["title"]


def test_paper_that_is_issued_later_bears_the_kept_number(advisor, colleague, client_, twin):
    join(client_, twin, advisor, colleague)
    contract = opening.open_service_contract(client_, kind=ServiceContract.Kind.CREDIT, by=Actor(advisor))
    assert issuing.contents_of(Document.objects.get(contract=contract)).client_code == client_.client_code
    assert timezone.localdate() == contract.opened_on
