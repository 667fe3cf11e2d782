"""The advisors' pages of a renewal, and of the letters' life."""

import html
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Client
from auth_codes.actor import Actor
from auth_codes.models import Renewal, RenewalRequest, SealedLetter, SecretCode
from auth_codes.renewals import by_advisors
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why
from tests.standing import made_once

pytestmark = pytest.mark.django_db

RENEWALS = "/admin/auth_codes/renewal/"


def sheet(client, act=""):
    return f"/admin/accounts/client/{client.pk}/{act or 'change/'}"


def answer_to(browser, started, answer="approve"):
    """What a second advisor answers to the page that he sees."""
    page = browser.get(decision_page(started))
    return browser.post(decision_page(started), {"answer": answer, "seen": page.context["seen"]}, follow=True)


def text(answer):
    return html.unescape(answer.content.decode())


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


@pytest.fixture
def colleagues_browser(colleague):
    return StrictBrowser.logged_in(colleague)


@made_once
def started(client_, advisor):
    return by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())


def decision_page(started):
    return f"{RENEWALS}{started.pk}/change/"


def ask(browser, client, **fields):
    typed = {"identity_check": "branch", "token": uuid.uuid4(), **fields}
    return browser.post(sheet(client, "renouveler/"), typed, follow=True)


def move(client, by=None):
    makers.change_address(client, by or client.advisor)


# Starting.


def test_sheet_offers_the_renewal_to_who_has_an_online_space(advisor_browser, client_, person):
    assert "Renouveler le code secret" in text(advisor_browser.get(sheet(client_)))


def test_sheet_of_who_has_none_does_not_and_the_page_says_why(advisor_browser, person):
    assert "Renouveler le code secret" not in text(advisor_browser.get(sheet(person)))
    assert "pas encore d’espace en ligne" in text(advisor_browser.get(sheet(person, "renouveler/")))
    ask(advisor_browser, person)
    assert not Renewal.objects.exists()


def test_start_is_confirmed_and_shown_on_the_sheet(advisor_browser, client_):
    assert "dès qu’un second conseiller l’approuve" in text(ask(advisor_browser, client_))
    assert "à approuver par un second conseiller" in text(advisor_browser.get(sheet(client_)))


def test_identity_check_is_asked_for_and_nothing_starts_without(advisor_browser, client_):
    answer = ask(advisor_browser, client_, identity_check="")
    assert "Dites comment l’identité a été vérifiée" in text(answer)
    assert not Renewal.objects.exists()


def test_double_click_starts_one(advisor_browser, client_):
    token = uuid.uuid4()
    for _ in range(2):
        ask(advisor_browser, client_, token=token)
    assert Renewal.objects.count() == 1


def test_second_click_is_told_what_the_first_one_was(advisor_browser, client_):
    token = uuid.uuid4()
    for _ in range(2):
        assert "Renouvellement demandé. Le nouveau code part" in text(ask(advisor_browser, client_, token=token))


def test_second_start_is_told_that_one_waits(advisor_browser, client_, started):
    assert "attend déjà l’approbation" in text(ask(advisor_browser, client_))


def test_page_says_that_one_waits_before_anything_is_typed(colleagues_browser, client_, started):
    say_why(colleagues_browser, client_)
    page = text(colleagues_browser.get(sheet(client_, "renouveler/")))
    assert "attend déjà l’approbation" in page
    assert f'href="{decision_page(started)}"' in page
    assert 'name="identity_check"' not in page


def test_changed_address_is_named_with_who_may_confirm_it(advisor_browser, client_):
    move(client_)
    assert "aucun code n’y part avant qu’un second conseiller" in text(
        advisor_browser.get(sheet(client_, "renouveler/"))
    )
    ask(advisor_browser, client_)
    assert not Renewal.objects.exists()


# Deciding.


def test_second_advisor_approves(colleagues_browser, client_, started):
    answer = answer_to(colleagues_browser, started)
    assert "Renouvellement approuvé" in text(answer)
    assert SealedLetter.objects.filter(occasion="renewal").count() == 1


def test_second_advisor_refuses(colleagues_browser, started):
    answer = colleagues_browser.post(decision_page(started), {"answer": "refuse"}, follow=True)
    assert "rien ne change pour le client" in text(answer)


@pytest.mark.parametrize("answer", ["", "yes", "APPROVE"])
def test_any_other_answer_decides_nothing(colleagues_browser, started, answer):
    colleagues_browser.post(decision_page(started), {"answer": answer})
    started.refresh_from_db()
    assert started.decision == ""


def test_who_started_it_is_not_offered_to_approve_it_and_cannot(advisor_browser, started):
    page = text(advisor_browser.get(decision_page(started)))
    assert ("un autre conseiller doit l’approuver" in page, 'value="approve"' in page) == (True, False)
    answer = answer_to(advisor_browser, started)
    assert "Vous l’avez demandé vous-même" in text(answer)
    assert not SealedLetter.objects.filter(occasion="renewal").exists()


def test_who_started_it_may_take_it_back_and_that_is_no_refusal(advisor_browser, started):
    page = text(advisor_browser.post(decision_page(started), {"answer": "refuse"}, follow=True))
    assert "Demande retirée : rien ne change pour le client." in page
    assert '<td class="field-state">retiré</td>' in page
    assert "Retiré par" in text(advisor_browser.get(decision_page(started)))


def test_second_answer_is_told_that_there_was_one(colleagues_browser, started):
    for _ in range(2):
        answer = answer_to(colleagues_browser, started)
    assert "déjà reçu une réponse" in text(answer)
    assert SealedLetter.objects.filter(occasion="renewal").count() == 1


def test_address_changed_meanwhile_must_be_confirmed_first(colleagues_browser, client_, started):
    move(client_)
    assert 'value="approve"' not in text(colleagues_browser.get(decision_page(started)))
    answer = answer_to(colleagues_browser, started)
    assert "doit d’abord la confirmer" in text(answer)


def test_title_of_the_list_counts_what_waits(colleagues_browser, started):
    assert "Renouvellements de code secret (1 à approuver)" in text(colleagues_browser.get(RENEWALS))
    Renewal.objects.update(started_at=timezone.now() - timedelta(days=12))
    assert "Renouvellements de code secret (0 à approuver)" in text(colleagues_browser.get(RENEWALS))


def test_list_shows_what_waits_first(colleagues_browser, advisor, client_, started):
    Renewal.objects.filter(pk=started.pk).update(decision="refused", started_at=timezone.now())
    by_advisors.start(client_.user, by=Actor(advisor), identity_check="phone", token=uuid.uuid4())
    page = text(colleagues_browser.get(RENEWALS))
    assert page.index("à approuver") < page.index("refusé")


@pytest.mark.parametrize("path", [RENEWALS + "add/", RENEWALS + "1/delete/"])
def test_renewals_are_neither_added_nor_deleted_here(advisor_browser, started, path):
    assert advisor_browser.get(path).status_code == 403


def test_unknown_renewal_is_404(advisor_browser):
    assert [advisor_browser.get(f"{RENEWALS}{key}/change/").status_code for key in ("999999", "x")] == [404, 404]


def test_staff_without_the_right_sees_and_decides_nothing(started):
    stranger = makers.make_advisor("nadia.benali")
    stranger.groups.clear()
    browser = StrictBrowser.logged_in(stranger)
    assert browser.get(RENEWALS).status_code == 403
    assert browser.post(decision_page(started), {"answer": "approve"}).status_code == 403


@pytest.mark.parametrize("act", ["renouveler/", "adresse/", "fermer/"])
def test_clients_find_none_of_these_pages(client_browser, client_, act):
    assert client_browser.get(sheet(client_, act)).status_code == 404
    assert client_browser.get(RENEWALS).status_code == 404


# The letters' life.


def test_sheet_tells_the_life_of_each_letter_and_no_code(advisor_browser, client_):
    letter = makers.make_pending_code(client_)
    page = text(advisor_browser.get(sheet(client_)))
    assert all(state in page for state in ("Premier code", "remplacé par un code personnel", "Demande en ligne"))
    assert letter.secret_code not in page
    assert letter.letter_number not in page


def test_sheet_tells_that_a_request_waits_for_the_address(advisor_browser, client_):
    move(client_)
    now = timezone.now()
    RenewalRequest.objects.create(client_code=client_.client_code, requested_at=now, network="", held_at=now)
    assert "le courrier attend que l’adresse soit confirmée" in text(advisor_browser.get(sheet(client_)))


def test_sheet_tells_that_the_letter_leaves_once_the_address_is_confirmed(advisor_browser, client_):
    now = timezone.now()
    RenewalRequest.objects.create(client_code=client_.client_code, requested_at=now, network="", held_at=now)
    assert "le courrier partira au prochain traitement, dans l’heure" in text(advisor_browser.get(sheet(client_)))


def test_sheet_tells_until_when_the_code_of_a_letter_is_valid(advisor_browser, new_client):
    letter = new_client.user.sealed_letters.get()
    until = f"valable jusqu’au {timezone.localtime(letter.expires_at()):%d/%m/%Y}"
    assert until in text(advisor_browser.get(sheet(new_client)))


def test_sheet_tells_no_end_of_a_code_that_has_ended(advisor_browser, client_):
    assert "valable jusqu’au" not in text(advisor_browser.get(sheet(client_)))


def test_default_code_that_was_used_is_not_said_to_be_unused(advisor_browser, new_client):
    new_client.user.sealed_letters.update(first_used_at=timezone.now())
    assert "code provisoire utilisé, code personnel pas encore choisi" in text(advisor_browser.get(sheet(new_client)))


def test_state_of_the_online_space_is_that_of_the_code_in_use(advisor_browser, client_):
    makers.make_pending_code(client_)
    assert "ouvert, code personnel" in text(advisor_browser.get(sheet(client_)))
    assert client_.user.secret_codes.filter(role=SecretCode.Role.PENDING).exists()


# Closing the access.


def test_one_advisor_closes_the_access_at_once(advisor_browser, browser, client_browser, client_):
    assert "Fermer l’accès" in text(advisor_browser.get(sheet(client_)))
    answer = advisor_browser.post(sheet(client_, "fermer/"), {"why": "fraud"}, follow=True)
    assert "Accès fermé" in text(answer)
    assert client_browser.get("/espace-client/")["Location"].startswith("/connexion/")
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 200


def test_page_that_closes_changes_nothing_by_being_read(advisor_browser, browser, client_):
    advisor_browser.get(sheet(client_, "fermer/"))
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


def test_who_has_no_online_space_has_nothing_to_close(advisor_browser, person):
    assert "pas encore d’espace en ligne" in text(advisor_browser.post(sheet(person, "fermer/")))


def test_approval_of_an_address_that_was_not_seen_is_refused(colleagues_browser, client_, started):
    seen = colleagues_browser.get(decision_page(started)).context["seen"]
    Client.objects.filter(pk=client_.pk).update(street="99 rue du Voleur")
    fields = {"answer": "approve", "seen": seen}
    answer = colleagues_browser.post(decision_page(started), fields, follow=True)
    assert "n’est plus celle que vous aviez sous les yeux" in text(answer)
    assert not SealedLetter.objects.filter(occasion="renewal").exists()


@pytest.mark.parametrize("seen", [None, "", "x", "\x00", "é" * 5000, "12 rue des Lilas\n69003 Lyon"])
def test_approval_that_brings_no_fingerprint_of_the_page_is_refused(colleagues_browser, client_, started, seen):
    fields = {"answer": "approve"} | ({} if seen is None else {"seen": seen})
    answer = colleagues_browser.post(decision_page(started), fields, follow=True)
    assert "n’est plus celle que vous aviez sous les yeux" in text(answer)
    assert not SealedLetter.objects.filter(occasion="renewal").exists()
