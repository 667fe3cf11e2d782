"""The advisors' pages that let somebody into an account, end a mandate, or close an account."""

import html
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts import client_codes
from accounts.bank_accounts import closing, holders
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import AccessRequest, Booking, InternalAccount, Mandate
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CLIENTS, REQUESTS = "/admin/accounts/client/", "/admin/accounts/accessrequest/"
TODAY = timezone.localdate()


def text(answer) -> str:
    return html.unescape(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


def sheet(client) -> str:
    return f"{CLIENTS}{client.pk}/change/"


@pytest.fixture
def colleagues_browser(advisor):
    return StrictBrowser.logged_in(makers.make_advisor("marc.lefevre"))


def page(account, act) -> str:
    holder = account.holders.order_by("holdings__id").first()
    return f"{CLIENTS}{holder.pk}/comptes/{account.pk}/{act}/"


def typed(other, **changed) -> dict:
    fields = {"said": client_codes.display(other.client_code), "agreement": "branch", "right": "see", "ends_on": ""}
    return fields | {"token": str(uuid.uuid4()), "reviewed": other.pk} | changed


def ask(browser, account, other, act="procuration", **changed):
    return browser.post(page(account, f"acces/{act}"), typed(other, **changed), follow=True)


def decide(browser, answer="approve"):
    return browser.post(f"{REQUESTS}{AccessRequest.objects.get().pk}/change/", {"answer": answer}, follow=True)


# Asking.


def test_sheet_leads_to_the_acts_of_each_open_account(advisor_browser, client_, account, advisor):
    acts = [page(account, act) for act in ("acces/cotitulaire", "acces/procuration", "cloturer")]
    assert all(f'href="{act}"' in text(advisor_browser.get(sheet(client_))) for act in acts)
    closing.close_account(account, by=Actor(advisor))
    closed = text(advisor_browser.get(sheet(client_)))
    assert not any(act in closed for act in acts)
    assert f"clôturé le {TODAY:%d/%m/%Y}" in closed


@pytest.mark.parametrize("act", ["cotitulaire", "procuration"])
def test_name_is_shown_before_anything_is_asked_for(advisor_browser, account, other, act):
    shown = text(ask(advisor_browser, account, other, act, reviewed=""))
    assert "M. Paul DURAND" in shown or "Mme Paul DURAND" in shown
    assert client_codes.display(other.client_code).replace("\u00a0", " ") in shown
    assert f'name="reviewed" value="{other.pk}"' in shown
    assert not AccessRequest.objects.exists()


def test_other_person_than_the_one_shown_is_shown_first(advisor_browser, account, other, client_):
    ask(advisor_browser, account, other, reviewed=client_.pk)
    assert not AccessRequest.objects.exists()


def test_what_was_typed_can_be_corrected_after_the_review(advisor_browser, account, other):
    shown = text(ask(advisor_browser, account, other, edit="1"))
    assert f'value="{client_codes.display(other.client_code)}"'.replace("\u00a0", " ") in shown
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize(("act", "right"), [("cotitulaire", "holder"), ("procuration", "transfer")])
def test_request_waits_and_gives_nothing(advisor_browser, account, other, act, right):
    shown = text(ask(advisor_browser, account, other, act, right="transfer"))
    assert "Rien ne change avant qu’un second conseiller l’approuve" in shown
    assert "à approuver par un second conseiller" in shown
    assert AccessRequest.objects.get().right == right
    assert (account.holdings.count(), Mandate.objects.count()) == (1, 0)


def test_person_without_code_client_is_found_by_names_and_birth_date(advisor_browser, account, advisor):
    person = makers.make_person(advisor, given_names="Zoé", family_name="Neuve")
    ask(advisor_browser, account, person, "cotitulaire", said="Zoé Neuve 25/07/1988")
    assert AccessRequest.objects.get().person == person


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "Dites de qui il s’agit."),
        ("inconnu total", "Personne ne correspond."),
        ("25/07/1988", "Plusieurs personnes correspondent."),
        ("5724816390", "Ce numéro comporte une erreur de saisie"),
        ("x" * 161, "Dites-le en 160 signes au plus ; vous en avez écrit 161."),
    ],
)
def test_whoever_is_not_found_is_asked_for_again(advisor_browser, account, other, said, sentence):
    assert sentence in text(ask(advisor_browser, account, other, said=said))
    assert not AccessRequest.objects.exists()


def test_without_the_signed_agreement_nothing_is_asked_for(advisor_browser, account, other):
    assert "Sans lui, rien n’est possible." in text(ask(advisor_browser, account, other, agreement=""))
    assert "phone" not in AccessRequest.Agreement.values  # a telephone call is no agreement
    assert not AccessRequest.objects.exists()


def test_holder_is_not_made_proxy_nor_holder_again(advisor_browser, account, client_):
    for act in ("procuration", "cotitulaire"):
        assert "déjà titulaire de ce compte" in text(ask(advisor_browser, account, client_, act))
    assert not AccessRequest.objects.exists()


def test_mandate_that_serves_and_a_day_that_is_over_are_named(advisor_browser, account, other):
    past = f"{TODAY - timedelta(days=1):%d/%m/%Y}"
    assert "Cette date est passée." in text(ask(advisor_browser, account, other, ends_on=past))
    makers.make_mandate(account, other)
    assert "a déjà une procuration" in text(ask(advisor_browser, account, other))


def test_double_click_asks_once(advisor_browser, account, other):
    token = str(uuid.uuid4())
    for _ in range(2):
        assert "Demande enregistrée." in text(ask(advisor_browser, account, other, token=token))
    assert AccessRequest.objects.count() == 1


def test_second_request_is_told_that_one_waits(advisor_browser, account, other):
    ask(advisor_browser, account, other)
    assert "attend déjà un second conseiller" in text(ask(advisor_browser, account, other))


# Deciding.


def test_second_advisor_lets_the_holder_in_and_both_sheets_say_with_whom(
    advisor_browser, colleagues_browser, account, client_, other
):
    ask(advisor_browser, account, other, "cotitulaire")
    assert "l’accès au compte est ouvert" in text(decide(colleagues_browser))
    assert f'<a href="{sheet(other)}">{other}</a>' in text(advisor_browser.get(sheet(client_)))
    assert f'<a href="{sheet(client_)}">{client_}</a>' in text(advisor_browser.get(sheet(other)))


def test_second_advisor_grants_the_mandate_and_both_sheets_tell_it(
    advisor_browser, colleagues_browser, account, client_, other
):
    until = f"{TODAY + timedelta(days=30):%d/%m/%Y}"
    ask(advisor_browser, account, other, right="transfer", ends_on=until)
    decide(colleagues_browser)
    given, received = (text(advisor_browser.get(sheet(client))) for client in (client_, other))
    assert "Donnée à" in given
    assert "Reçue de" in received
    assert all(f"consulter le compte et faire des virements, jusqu’au {until}" in told for told in (given, received))


def test_who_asked_is_not_offered_to_approve_it_and_cannot(advisor_browser, account, other):
    ask(advisor_browser, account, other)
    shown = text(advisor_browser.get(f"{REQUESTS}{AccessRequest.objects.get().pk}/change/"))
    assert ('value="approve"' in shown, "Retirer la demande" in shown) == (False, True)
    assert "Vous l’avez demandé vous-même" in text(decide(advisor_browser))
    assert not Mandate.objects.exists()


@pytest.mark.parametrize("own", [True, False])
def test_request_can_be_refused_or_taken_back(advisor_browser, colleagues_browser, account, other, own):
    ask(advisor_browser, account, other)
    answer = decide(advisor_browser if own else colleagues_browser, "refuse")
    assert ("Demande retirée" if own else "Demande refusée") in text(answer)


def test_second_answer_is_told_that_there_was_one(advisor_browser, colleagues_browser, account, other):
    ask(advisor_browser, account, other)
    decide(colleagues_browser)
    assert "déjà reçu une réponse" in text(decide(colleagues_browser))
    assert Mandate.objects.count() == 1


def test_holders_who_changed_meanwhile_must_sign_anew(advisor_browser, colleagues_browser, account, other, advisor):
    ask(advisor_browser, account, other)
    holders.add_holder(account, makers.make_new_client(advisor, family_name="Tiers"), by=Actor(advisor))
    assert "Les titulaires du compte ont changé" in text(decide(colleagues_browser))
    assert not Mandate.objects.exists()


def test_account_closed_meanwhile_is_named(advisor_browser, colleagues_browser, account, other, advisor):
    ask(advisor_browser, account, other)
    closing.close_account(account, by=Actor(advisor))
    assert "Ce compte est clôturé." in text(decide(colleagues_browser))


def test_first_page_and_list_say_what_waits(advisor_browser, account, other):
    ask(advisor_browser, account, other)
    assert "1 accès à un compte attend l’approbation d’un second conseiller" in text(advisor_browser.get("/admin/"))
    listed = text(advisor_browser.get(REQUESTS))
    assert "Accès aux comptes (1 à approuver)" in listed
    assert "à approuver" in listed


def test_lapsed_request_says_that_the_agreement_is_too_old(advisor_browser, colleagues_browser, account, other):
    ask(advisor_browser, account, other)
    AccessRequest.objects.update(started_at=timezone.now() - timedelta(days=12))
    say_why(colleagues_browser, other, *account.holders.all())
    shown = text(colleagues_browser.get(f"{REQUESTS}{AccessRequest.objects.get().pk}/change/"))
    assert "est restée sans réponse plus de trois jours ouvrés" in shown
    assert 'name="answer"' not in shown


@pytest.mark.parametrize("path", [REQUESTS + "add/", REQUESTS + "1/delete/"])
def test_requests_are_neither_added_nor_deleted_here(advisor_browser, path):
    assert advisor_browser.get(path).status_code == 403


def test_unknown_request_is_404(advisor_browser):
    assert [advisor_browser.get(f"{REQUESTS}{key}/change/").status_code for key in ("999999", "x")] == [404, 404]


# Revoking.


@pytest.mark.parametrize("side", ["holder", "proxy"])
def test_mandate_is_revoked_from_either_sheet_by_one_advisor(advisor_browser, account, client_, other, side):
    mandate = makers.make_mandate(account, other)
    act = f"{CLIENTS}{(client_ if side == 'holder' else other).pk}/procurations/{mandate.pk}/revoquer/"
    assert str(other) in text(advisor_browser.get(act))
    assert "Procuration révoquée" in text(advisor_browser.post(act, follow=True))
    assert not Mandate.objects.in_force(TODAY).exists()
    assert f"révoquée le {TODAY:%d/%m/%Y}" in text(advisor_browser.get(sheet(client_)))
    assert "a déjà pris fin" in text(advisor_browser.post(act))


def test_mandate_is_not_revoked_from_the_sheet_of_somebody_else(advisor_browser, account, other, advisor):
    mandate, stranger = makers.make_mandate(account, other), makers.make_new_client(advisor, family_name="Tiers")
    assert advisor_browser.post(f"{CLIENTS}{stranger.pk}/procurations/{mandate.pk}/revoquer/").status_code == 404
    assert Mandate.objects.in_force(TODAY).exists()


# Closing.


def test_account_is_closed_once_everybody_has_signed(advisor_browser, account):
    assert "demande signée de chaque titulaire" in text(advisor_browser.post(page(account, "cloturer")))
    answer = advisor_browser.post(page(account, "cloturer"), {"agreed": "on"}, follow=True)
    assert "Compte clôturé" in text(answer)
    account.refresh_from_db()
    assert account.is_closed


def test_account_that_is_not_empty_says_so_at_once_and_stays_open(advisor_browser, account):
    legs = [Leg(account, Decimal(12), "Versement"), Leg(InternalAccount.CASH, Decimal(-12), "Versement")]
    books.book(Booking.Kind.CASH, legs)
    for answer in (
        advisor_browser.get(page(account, "cloturer")),
        advisor_browser.post(page(account, "cloturer"), {"agreed": "on"}),
    ):
        assert "Ce compte est à solder : le titulaire le ramène à zéro, puis vous le clôturez." in text(answer)
        assert "12,00" not in text(answer)
    account.refresh_from_db()
    assert not account.is_closed


def test_closed_account_closes_no_second_time_and_lets_nobody_in(advisor_browser, account, other, advisor):
    closing.close_account(account, by=Actor(advisor))
    assert "Ce compte est clôturé." in text(advisor_browser.post(page(account, "cloturer"), {"agreed": "on"}))
    assert "Ce compte est clôturé." in text(ask(advisor_browser, account, other))
    assert SecurityEvent.objects.filter(kind="account_closed").count() == 1


# Who may.


ACTS = ["acces/cotitulaire", "acces/procuration", "cloturer"]


@pytest.mark.parametrize("act", ACTS)
def test_account_of_another_client_is_not_reached_from_this_sheet(advisor_browser, account, other, act):
    assert advisor_browser.get(f"{CLIENTS}{other.pk}/comptes/{account.pk}/{act}/").status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_clients_find_none_of_these_pages(client_browser, account, act):
    assert client_browser.get(page(account, act)).status_code == 404
    assert client_browser.get(REQUESTS).status_code == 404


def test_staff_without_the_right_do_nothing(account, client_, other):
    stranger = makers.make_advisor("nadia.benali")
    stranger.groups.clear()
    browser, mandate = StrictBrowser.logged_in(stranger), makers.make_mandate(account, other)
    acts = [page(account, act) for act in ACTS] + [f"{CLIENTS}{client_.pk}/procurations/{mandate.pk}/revoquer/"]
    assert {browser.post(act, typed(other)).status_code for act in acts} == {403}
    assert browser.get(REQUESTS).status_code == 403
