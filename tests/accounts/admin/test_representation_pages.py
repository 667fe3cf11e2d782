"""The desk's pages about who acts for a client: asked for in two steps, approved by a second advisor, ended by one."""

import html
import uuid

import pytest
from django.utils import timezone

from accounts.admin.acts import TOO_YOUNG
from accounts.kinds import Event
from accounts.models import Capacity, Representation, RepresentationRequest
from auth_codes.models import SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def child(advisor):
    return makers.make_child(advisor)


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def add_page(client):
    return f"/admin/accounts/client/{client.pk}/representants/ajouter/"


def fields(client, **changed):
    said = {"said": client.client_code, "capacity": "parent", "right": "transfer", "paper": "Livret de famille"}
    return {**said, "paper_date": "01/02/2020", "ends_on": "", "token": uuid.uuid4(), **changed}


def said_by(answer):
    return html.unescape(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


def test_person_found_is_shown_before_anything_is_asked_for(advisor_browser, child, client_):
    answer = advisor_browser.post(add_page(child), fields(client_))
    assert "MARTIN" in text_of(answer)
    assert "Livret de famille, du 1" in said_by(answer)
    assert not RepresentationRequest.objects.exists()


def test_asked_for_then_approved_by_a_colleague_and_seen_on_both_sheets(advisor_browser, child, client_, colleague):
    sent = fields(client_, reviewed=client_.pk)
    for _ in range(2):  # a double click
        advisor_browser.post(add_page(child), sent)
    [asked] = RepresentationRequest.objects.all()
    page = f"/admin/accounts/representationrequest/{asked.pk}/change/"
    assert "un autre conseiller doit l’approuver" in said_by(advisor_browser.get(page))
    StrictBrowser.logged_in(colleague).post(page, {"answer": "approve"})
    for client, words in ((child, "agit pour cette personne"), (client_, "Agit pour")):
        sheet = said_by(advisor_browser.get(f"/admin/accounts/client/{client.pk}/change/"))
        assert words in sheet
        assert "Terminer la représentation" in sheet


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"capacity": "curator", "right": "see"}, "Cette qualité ne va pas avec la personne"),
        ({"paper_date": "01/02/2999"}, "Ce papier serait daté de l’avenir"),
        ({"ends_on": "01/02/2020"}, "Cette date est passée."),
        ({"ends_on": "demain"}, "Écrivez la date ainsi"),
        ({"paper": ""}, "Dites quel papier le prouve"),
        ({"paper": "x" * 121}, "en 120 signes au plus ; vous en avez écrit 121"),
        ({"paper": "Jugement\u202e"}, "signe invisible"),
        ({"paper": "Juge\0ment"}, "nul"),
        ({"said": "personne du tout"}, "Personne ne correspond"),
        ({"right": ""}, "Au moindre doute : consulter."),
    ],
)
def test_refusal_says_what_to_do_and_keeps_what_was_typed(advisor_browser, child, client_, changed, sentence):
    answer = advisor_browser.post(add_page(child), fields(client_, **changed))
    assert sentence in said_by(answer)
    if "paper" not in changed:
        assert "Livret de famille" in said_by(answer)
    assert not RepresentationRequest.objects.exists()


def test_person_whom_a_refusal_tells_something_of_reads_that_he_was_looked_at(advisor_browser, child, client_):
    advisor_browser.post(add_page(child), fields(client_, capacity="curator", right="see"))
    assert SecurityEvent.objects.filter(kind=Event.CLIENT_CONSULTED, owner=client_.user).count() == 1


def test_person_himself_is_refused(advisor_browser, child):
    assert "C’est la personne elle-même" in said_by(advisor_browser.post(add_page(child), fields(child)))


def test_one_advisor_ends_it_with_a_reason_from_either_sheet(advisor_browser, child, client_):
    for client in (child, client_):
        made = makers.make_representation(child, client_)
        page = f"/admin/accounts/client/{client.pk}/representants/{made.pk}/terminer/"
        assert "les deux personnes le lisent" in said_by(advisor_browser.post(page))
        advisor_browser.post(page, {"why": "doubt"})
        made.refresh_from_db()
        assert made.end_reason == Representation.End.DOUBT
        assert "a déjà pris fin" in said_by(advisor_browser.get(page))


def test_from_nobody_else_s_sheet(advisor_browser, advisor, child, client_):
    made = makers.make_representation(child, client_)
    other = makers.make_person(advisor, given_names="Luc")
    answer = advisor_browser.post(
        f"/admin/accounts/client/{other.pk}/representants/{made.pk}/terminer/", {"why": "doubt"}
    )
    assert answer.status_code == 404


def test_sheet_of_a_minor_says_so_and_whom_to_register(advisor_browser, child):
    sheet = said_by(advisor_browser.get(f"/admin/accounts/client/{child.pk}/change/"))
    assert "mineur, 9 ans" in sheet
    assert "enregistrez qui agit pour elle" in sheet


def test_space_of_a_child_is_refused_with_what_to_do(advisor_browser, child):
    page = f"/admin/accounts/client/{child.pk}/espace-en-ligne/"
    for answer in (advisor_browser.get(page), advisor_browser.post(page, follow=True)):
        assert TOO_YOUNG in said_by(answer)
    child.refresh_from_db()
    assert child.user is None


def test_approval_of_what_has_changed_says_why(child, client_, advisor, colleague):
    asked = RepresentationRequest.objects.create(
        represented=child, representative=client_, capacity=Capacity.PARENT, paper="x", started_by=advisor,
        paper_date=timezone.localdate(),
    )  # fmt: skip
    makers.make_representation(client_, makers.make_person(advisor), capacity=Capacity.CURATOR, may_transfer=False)
    page = f"/admin/accounts/representationrequest/{asked.pk}/change/"
    answer = StrictBrowser.logged_in(colleague).post(page, {"answer": "approve"}, follow=True)
    assert "ou est elle-même représentée" in said_by(answer)
    assert not child.representations_received.exists()
