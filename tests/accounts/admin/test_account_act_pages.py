"""The advisors' pages that let somebody into an account, end a mandate, or close an account."""

import html
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts import client_codes
from accounts.bank_accounts import cosigning, holders, mandates
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import AccessRequest, Booking, InternalAccount, Mandate, User
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


def test_act_that_there_is_not_is_no_page(advisor_browser, account):
    assert advisor_browser.get(page(account, "acces/donation")).status_code == 404


def test_sheet_leads_to_the_acts_of_each_open_account(advisor_browser, client_, account, advisor):
    acts = [page(account, act) for act in ("acces/cotitulaire", "acces/procuration", "cloturer")]
    assert all(f'href="{act}"' in text(advisor_browser.get(sheet(client_))) for act in acts)
    makers.close_account(account, by=Actor(advisor))
    closed = text(advisor_browser.get(sheet(client_)))
    assert not any(act in closed for act in acts[:2])
    assert "Clôturer" not in closed  # the same page tells who agreed
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
    makers.close_account(account, by=Actor(advisor))
    assert "Ce compte est clôturé." in text(decide(colleagues_browser))


def test_first_page_and_list_say_what_waits(advisor_browser, colleagues_browser, account, other):
    ask(advisor_browser, account, other)
    assert "1 accès à un compte attend l’approbation d’un second conseiller" in text(colleagues_browser.get("/admin/"))
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


def test_mandate_that_a_colleague_revokes_meanwhile_is_revoked_once(
    advisor_browser, account, client_, other, monkeypatch
):
    mandate, revoke = makers.make_mandate(account, other), mandates.revoke

    def revoke_twice(given, *, by):
        revoke(given, by=by)
        revoke(given, by=by)

    monkeypatch.setattr(mandates, "revoke", revoke_twice)
    act = f"{CLIENTS}{client_.pk}/procurations/{mandate.pk}/revoquer/"
    shown = text(advisor_browser.post(act, follow=True))
    assert "a déjà pris fin" in shown
    assert "Procuration révoquée" not in shown
    assert not Mandate.objects.in_force(TODAY).exists()


def test_holders_read_that_their_account_was_seen_from_the_proxy_s_sheet(advisor_browser, account, client_, other):
    mandate = makers.make_mandate(account, other)
    lines = SecurityEvent.objects.filter(kind="client_consulted", details__look="mandate")
    for client, seen_by in ((client_, 0), (other, 1)):
        advisor_browser.get(f"{CLIENTS}{client.pk}/procurations/{mandate.pk}/revoquer/")
        assert [line.details["client"] for line in lines.all()] == [client_.pk] * seen_by


def test_mandate_is_not_revoked_from_the_sheet_of_somebody_else(advisor_browser, account, other, advisor):
    mandate, stranger = makers.make_mandate(account, other), makers.make_new_client(advisor, family_name="Tiers")
    assert advisor_browser.post(f"{CLIENTS}{stranger.pk}/procurations/{mandate.pk}/revoquer/").status_code == 404
    assert Mandate.objects.in_force(TODAY).exists()


# Closing.


def signed(account, *but):
    return {"agreed": [holder.pk for holder in account.holders.all() if holder not in but]}


def test_account_is_closed_once_everybody_has_signed(advisor_browser, account):
    assert "demande signée de chaque titulaire" in text(advisor_browser.post(page(account, "cloturer")))
    answer = advisor_browser.post(page(account, "cloturer"), signed(account), follow=True)
    assert "Compte clôturé" in text(answer)
    account.refresh_from_db()
    assert account.is_closed


def test_each_holder_of_a_joint_account_signs_for_himself(advisor_browser, account, other, advisor):
    holders.add_holder(account, other, by=Actor(advisor))
    answer = text(advisor_browser.post(page(account, "cloturer"), signed(account, other)))
    assert f"Il manque une signature : {other}." in answer
    account.refresh_from_db()
    assert not account.is_closed
    assert "Compte clôturé" in text(advisor_browser.post(page(account, "cloturer"), signed(account), follow=True))


def test_who_came_to_hold_it_while_the_page_was_open_has_not_signed(advisor_browser, account, other, advisor):
    before = signed(account)
    holders.add_holder(account, other, by=Actor(advisor))
    assert "Il manque une signature" in text(advisor_browser.post(page(account, "cloturer"), before))
    stranger = {"agreed": [*before["agreed"], 987654]}
    assert "Les titulaires ont changé entre-temps" in text(advisor_browser.post(page(account, "cloturer"), stranger))
    account.refresh_from_db()
    assert not account.is_closed


@pytest.mark.parametrize("typed", ["٣", "1\x00", "on", "-1"])
def test_what_names_no_holder_closes_nothing(advisor_browser, account, typed):
    assert "Les titulaires ont changé" in text(advisor_browser.post(page(account, "cloturer"), {"agreed": typed}))
    account.refresh_from_db()
    assert not account.is_closed


def test_account_that_is_not_empty_says_so_at_once_and_stays_open(advisor_browser, account):
    legs = [Leg(account, Decimal(12), "Versement"), Leg(InternalAccount.CASH, Decimal(-12), "Versement")]
    books.book(Booking.Kind.CASH, legs)
    for answer in (
        advisor_browser.get(page(account, "cloturer")),
        advisor_browser.post(page(account, "cloturer"), signed(account)),
    ):
        assert "Ce compte est à solder : le titulaire le ramène à zéro, puis vous le clôturez." in text(answer)
        assert "12,00" not in text(answer)
    account.refresh_from_db()
    assert not account.is_closed


def test_closed_account_closes_no_second_time_and_lets_nobody_in(advisor_browser, account, other, advisor):
    makers.close_account(account, by=Actor(advisor))
    assert "Ce compte est clôturé." in text(advisor_browser.post(page(account, "cloturer"), signed(account)))
    assert "Ce compte est clôturé." in text(ask(advisor_browser, account, other))
    assert SecurityEvent.objects.filter(kind="account_closed").count() == 1


# Closing with what holders confirm online.


@pytest.fixture
def joint(account, other, advisor):
    holders.add_holder(account, other, by=Actor(advisor))
    return account


def test_whoever_has_a_space_is_asked_there_instead_of_signing(advisor_browser, joint, client_, other):
    act = page(joint, "cloturer")
    assert "Sans signature : demander l’accord dans l’Espace Client de" in text(advisor_browser.get(act))
    answer = text(advisor_browser.post(act, {"agreed": client_.pk, "asked": other.pk}, follow=True))
    assert "Demande envoyée. Elle attend dans l’Espace Client jusqu’au" in answer
    shown = text(advisor_browser.get(act))
    assert "réponse attendue en ligne" in shown
    assert "accord signé sur papier, enregistré" in shown
    assert 'name="asked"' not in shown
    joint.refresh_from_db()
    assert not joint.is_closed


def test_nobody_is_both_asked_and_signed(advisor_browser, joint, client_, other):
    both = {"agreed": [client_.pk, other.pk], "asked": other.pk}
    answer = advisor_browser.post(page(joint, "cloturer"), both)
    assert f"Cochez une seule façon pour : {other}." in text(answer)
    assert not joint.closing_requests.exists()


def test_who_has_no_space_is_not_offered_to_be_asked(advisor_browser, account, advisor):
    person = makers.make_person(advisor, given_names="Zoé", family_name="Roy", email="zoe@example.org")
    holders.add_holder(account, person, by=Actor(advisor))
    offered = advisor_browser.get(page(account, "cloturer")).context["form"].fields
    assert person.pk in dict(offered["agreed"].choices)
    assert person.pk not in dict(offered["asked"].choices)
    answer = advisor_browser.post(page(account, "cloturer"), {"asked": person.pk})
    assert "elle signe sur papier" in text(answer)


def test_once_all_have_agreed_the_first_page_says_so_and_one_click_closes(advisor_browser, joint, client_, other):
    act = page(joint, "cloturer")
    advisor_browser.post(act, {"asked": [client_.pk, other.pk]})
    asked = joint.closing_requests.get()
    assert "Clôtures demandées en ligne" not in text(advisor_browser.get("/admin/"))
    for holder in (client_, other):
        cosigning.agree(asked, holder, by=Actor(holder.user))
    first = text(advisor_browser.get("/admin/"))
    assert "à clôturer" in first
    assert act in first
    assert 'type="checkbox"' not in text(advisor_browser.get(act))
    assert "Compte clôturé" in text(advisor_browser.post(act, follow=True))
    shown = text(advisor_browser.get(act))
    assert shown.count("accord donné en ligne") == 2
    assert "Compte clôturé, le" in shown
    assert "Clôtures demandées en ligne" not in text(advisor_browser.get("/admin/"))


def test_colleague_who_stands_in_finds_it_too(advisor, client_, other, joint, colleagues_browser):
    asked = makers.ask_closing(joint, client_, other, by=advisor)
    for holder in (client_, other):
        cosigning.agree(asked, holder, by=Actor(holder.user))
    assert "Clôtures demandées en ligne" not in text(colleagues_browser.get("/admin/"))
    makers.make_substitution(advisor, User.objects.get(username="marc.lefevre"))
    assert "Clôtures demandées en ligne" in text(colleagues_browser.get("/admin/"))


def test_refusal_is_told_on_the_first_page_until_it_is_asked_anew(advisor_browser, joint, client_, other, advisor):
    asked = makers.ask_closing(joint, client_, other, by=advisor)
    cosigning.refuse(asked, other, by=Actor(other.user))
    assert "Refusée par l’une des personnes" in text(advisor_browser.get(page(joint, "cloturer")))
    assert "sans suite" in text(advisor_browser.get("/admin/"))
    makers.ask_closing(joint, client_, other, by=advisor)
    assert "sans suite" not in text(advisor_browser.get("/admin/"))


def test_advisor_takes_the_request_back_once(advisor_browser, joint, client_, advisor):
    makers.ask_closing(joint, client_, by=advisor)
    answers = [advisor_browser.post(page(joint, "cloturer"), {"withdraw": "1"}, follow=True) for _ in range(2)]
    assert "Demande retirée" in text(answers[0])
    assert "Cette demande a déjà pris fin" in text(answers[1])
    assert 'name="asked"' in text(advisor_browser.get(page(joint, "cloturer")))


def test_second_click_on_asking_asks_once(advisor_browser, joint, client_):
    for _ in range(2):
        advisor_browser.post(page(joint, "cloturer"), {"asked": client_.pk})
    assert joint.closing_requests.count() == 1


def test_money_that_came_since_keeps_it_open_and_the_request_with_it(advisor_browser, joint, client_, other, advisor):
    asked = makers.ask_closing(joint, client_, other, by=advisor)
    for holder in (client_, other):
        cosigning.agree(asked, holder, by=Actor(holder.user))
    makers.make_operations(joint, "5", day=TODAY)
    act = page(joint, "cloturer")
    assert "Ce compte est à solder" in text(advisor_browser.post(act))
    assert "Retirer la demande" in text(advisor_browser.get(act))
    assert joint.closing_requests.get().outcome == ""


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
