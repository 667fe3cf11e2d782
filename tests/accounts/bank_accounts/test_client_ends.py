"""A client ends: access, mandates, cards and letters go, his number stays his and answers as nobody's."""

import uuid
from contextlib import suppress
from functools import partial
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.bank_accounts import access_requests, client_ends, contract_ends, opening
from accounts.clients import client_journal, living, own_journal
from accounts.clients.online_space import create_online_space
from accounts.kinds import Mail
from accounts.models import BankAccount, Client, Mandate, PostalItem, ServiceContract
from auth_codes import notices
from auth_codes.actor import Actor
from auth_codes.models import Notice, RenewalRequest, SealedLetter, SecurityEvent
from auth_codes.renewals import by_advisors, issuing
from tests import makers
from tests.auth_codes.login.test_no_oracle import UNKNOWN, seen
from tests.conftest import StrictBrowser
from tests.pages import say_why, text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

DEATH, DEPARTURE = Client.End.DEATH, Client.End.DEPARTURE
CARD = ServiceContract.Kind.CARD


@made_once
def other(advisor):
    return makers.make_personalised_client(advisor, given_names="Paul", family_name="Durand", email="paul@example.org")


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def end(client, advisor, why=DEATH):
    client_ends.end_client(client, why=why, by=Actor(advisor))
    client.refresh_from_db()


def page(client):
    return f"/admin/accounts/client/{client.pk}/fin-de-la-relation/"


# What ends with him.


@pytest.mark.proves("RTS 27(a)", "ASVS 7.4.2")
@pytest.mark.parametrize("why", [DEATH, Client.End.GUARDIANSHIP])
def test_his_sessions_codes_and_letters_are_void_at_once(client_, client_browser, advisor, browser, why):
    makers.make_pending_code(client_)
    end(client_, advisor, why)
    assert client_browser.get("/espace-client/")["Location"].startswith("/connexion/")
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 200
    assert not client_.user.secret_codes.exclude(role="past").exists()
    assert not SealedLetter.objects.filter(owner=client_.user, ciphertext__isnull=False).exists()


def test_mandates_given_and_received_end_and_the_others_are_told(client_, other, advisor):
    given = makers.make_mandate(client_.bank_accounts.get(), other)
    received = makers.make_mandate(other.bank_accounts.get(), client_)
    Notice.objects.all().delete()
    end(client_, advisor)
    assert not Mandate.objects.filter(pk__in=[given.pk, received.pk], revoked_at=None).exists()
    assert set(Notice.objects.filter(kind=Mail.MANDATE_ENDED).values_list("owner", flat=True)) == {
        client_.user_id,
        other.user_id,
    }


def test_cards_end_and_other_contracts_go_on(client_, advisor):
    by = Actor(advisor)
    for kind in (CARD, ServiceContract.Kind.CREDIT):
        opening.open_service_contract(client_, kind=kind, by=by)
    end(client_, advisor)
    assert [one.kind for one in client_.service_contracts.in_force()] == ["credit"]


def test_accounts_go_on_for_heirs_and_guardian(client_, advisor):
    end(client_, advisor)
    assert not client_.bank_accounts.get().is_closed


def test_who_leaves_has_closed_his_accounts_first(client_, advisor):
    with pytest.raises(client_ends.StillHolds):
        end(client_, advisor, DEPARTURE)
    makers.close_account(client_.bank_accounts.get(), by=Actor(advisor))
    end(client_, advisor, DEPARTURE)
    assert client_.end_reason == "departure"


def test_he_ends_once(client_, advisor):
    end(client_, advisor)
    with pytest.raises(living.ClientEnded):
        end(client_, advisor)
    assert SecurityEvent.objects.filter(kind="client_ended").count() == 1


# His number.


def test_his_number_stays_his_and_answers_as_one_that_nobody_holds(client_, advisor):
    end(client_, advisor)
    assert Client.objects.get(client_code=client_.client_code) == client_
    held, free = (seen(StrictBrowser(), number, makers.CODE) for number in (client_.client_code, UNKNOWN))
    assert held == free


def test_letter_asked_for_online_never_leaves(client_, advisor, browser):
    end(client_, advisor)
    browser.post("/code-secret-oublie/", {"username": client_.client_code})
    call_command("issue_requested_letters", stdout=StringIO())
    assert RenewalRequest.objects.get().outcome == "unknown"


# Nothing begins for him.


def test_nothing_begins_for_him(client_, other, advisor, colleague):
    by = Actor(advisor)
    asked = by_advisors.start(client_.user, by=by, identity_check="branch", token=uuid.uuid4())
    account = other.bank_accounts.get()
    fields = {"right": "see", "agreement": "branch"}
    access = access_requests.start(account, client_, token=uuid.uuid4(), by=by, **fields)
    end(client_, advisor)
    for refused, act in (
        (living.ClientEnded, lambda: opening.open_account(client_, kind=BankAccount.Kind.SAVINGS, by=by)),
        (living.ClientEnded, lambda: opening.open_service_contract(client_, kind=CARD, by=by)),
        (living.ClientEnded, lambda: access_requests.start(account, client_, token=uuid.uuid4(), by=by, **fields)),
        (living.ClientEnded, lambda: access_requests.approve(access, by=Actor(colleague))),
        (issuing.OwnerEnded, lambda: by_advisors.approve(asked, by=Actor(colleague))),
        (
            issuing.OwnerEnded,
            lambda: by_advisors.start(client_.user, by=by, identity_check="branch", token=uuid.uuid4()),
        ),
    ):
        with pytest.raises(refused):
            act()


def test_no_space_is_made_for_who_has_ended(person, advisor):
    opening.open_account(person, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    end(person, advisor)
    with pytest.raises(living.ClientEnded):
        create_online_space(person, by=Actor(advisor))


# Who is told.


def test_he_is_told_by_mail_and_by_post_so_that_a_mistake_is_heard_of(client_, advisor):
    PostalItem.objects.all().delete()
    end(client_, advisor)
    told = notices.message_of(Notice.objects.get(kind=Mail.CLIENT_ENDED)).body
    assert "pour cette raison\u00a0: décès" in told
    assert "C’est une erreur" in told
    assert PostalItem.objects.filter(client=client_, title="Votre Espace Client est fermé").count() == 1


def test_journal_says_why(client_, advisor):
    end(client_, advisor)
    line = client_journal.lines_about(client_).get(kind="client_ended")
    assert [told.details for told in own_journal.in_words([line], client_)] == ["Décès"]


# The pages.


def test_page_asks_for_the_reason_and_the_paper(advisor_browser, client_):
    assert "Noter la fin de la relation" in text_of(advisor_browser.get(f"/admin/accounts/client/{client_.pk}/change/"))
    for typed in ({}, {"why": "death"}, {"why": "moved", "has_paper": "on"}, {"has_paper": "on"}):
        assert 'class="errorlist"' in text_of(advisor_browser.post(page(client_), typed))
    answer = advisor_browser.post(page(client_), {"why": "death", "has_paper": "on"}, follow=True)
    assert "Fin de la relation notée" in text_of(answer)
    assert "plus client depuis le" in text_of(answer)
    assert "n’est plus cliente" in text_of(advisor_browser.get(page(client_)))


def test_page_of_who_still_holds_an_account_says_so(advisor_browser, client_):
    answer = advisor_browser.post(page(client_), {"why": "departure", "has_paper": "on"}, follow=True)
    assert "encore un compte ouvert" in text_of(answer)


@pytest.mark.parametrize("act", ["ouvrir/compte/", "espace-en-ligne/", "renouveler/"])
def test_other_pages_say_that_nothing_begins_any_more(advisor_browser, client_, advisor, act):
    end(client_, advisor)
    fields = {"kind": "savings", "identity_check": "branch", "token": uuid.uuid4()}
    answer = advisor_browser.post(f"/admin/accounts/client/{client_.pk}/{act}", fields, follow=True)
    assert "n’est plus cliente" in text_of(answer) or "existe déjà" in text_of(answer)


# Contracts.


def test_contract_ends_at_the_desk_and_the_client_is_told_why(advisor_browser, advisor, client_, client_browser):
    contract = opening.open_service_contract(client_, kind=CARD, by=Actor(advisor))
    where = f"/admin/accounts/client/{client_.pk}/contrats/{contract.pk}/terminer/"
    assert 'class="errorlist"' in text_of(advisor_browser.post(where, {"why": "mistake"}))
    assert "Contrat terminé" in text_of(advisor_browser.post(where, {"why": "cancelled"}, follow=True))
    assert "déjà terminé" in text_of(advisor_browser.post(where, {"why": "cancelled"}))
    told = notices.message_of(Notice.objects.get(kind=Mail.CONTRACT_ENDED)).body
    assert "résiliation demandée par le client" in told
    assert f"/documents/{contract.document_id}/" in text_of(client_browser.get("/espace-client/documents/"))


def test_contract_of_somebody_else_is_not_found(advisor_browser, client_, other, advisor):
    contract = opening.open_service_contract(other, kind=CARD, by=Actor(advisor))
    where = f"/admin/accounts/client/{client_.pk}/contrats/{contract.pk}/terminer/"
    assert advisor_browser.post(where, {"why": "cancelled"}).status_code == 404


def test_colleague_says_why_he_looks_first(colleague, client_):
    browser = StrictBrowser.logged_in(colleague)
    browser.post(page(client_), {"why": "death", "has_paper": "on"})
    client_.refresh_from_db()
    assert client_.ended_on is None
    say_why(browser, client_)
    browser.post(page(client_), {"why": "death", "has_paper": "on"})
    client_.refresh_from_db()
    assert client_.ended_on is not None


# At once.


@pytest.mark.django_db(transaction=True)
def test_two_advisors_a_login_and_an_opening_at_once_end_him_once_and_whole(client_, advisor, race):
    colleague = makers.make_advisor("luc.morin")
    card = opening.open_service_contract(client_, kind=CARD, by=Actor(advisor))

    def attempt(act, *args, **fields):
        with suppress(living.ClientEnded, contract_ends.ContractOver):
            act(*args, **fields)

    acts = [
        partial(attempt, client_ends.end_client, client_, why=DEATH, by=Actor(advisor)),
        partial(attempt, client_ends.end_client, client_, why=DEATH, by=Actor(colleague)),
        partial(makers.log_in, StrictBrowser(), client_.client_code, makers.CODE),
        partial(attempt, opening.open_service_contract, client_, kind=CARD, by=Actor(advisor)),
        partial(attempt, contract_ends.end_contract, card, why=ServiceContract.End.TERM, by=Actor(colleague)),
    ]
    race(lambda act: act(), acts)
    client_.refresh_from_db()
    assert (client_.ended_on is not None, client_.user.is_active) == (True, False)
    assert SecurityEvent.objects.filter(kind="client_ended").count() == 1
    assert not client_.service_contracts.in_force().exists()
    assert not client_.user.secret_codes.exclude(role="past").exists()
    ended = SecurityEvent.objects.filter(kind="contract_ended", details__number=card.number)
    assert ended.count() == 1


@pytest.mark.django_db(transaction=True)
def test_mandate_that_is_approved_while_he_ends_is_not_in_force_afterwards(client_, advisor, race):
    colleague = makers.make_advisor("luc.morin")
    holder = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    fields = {"right": "see", "agreement": "branch", "token": uuid.uuid4()}
    asked = access_requests.start(holder.bank_accounts.get(), client_, by=Actor(advisor), **fields)

    def approve():
        with suppress(living.ClientEnded):
            access_requests.approve(asked, by=Actor(colleague))

    race(lambda act: act(), [approve, partial(client_ends.end_client, client_, why=DEATH, by=Actor(advisor))])
    assert not client_.mandates.filter(revoked_at=None).exists()
