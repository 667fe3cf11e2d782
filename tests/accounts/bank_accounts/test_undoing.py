"""What was done by mistake is taken back by two advisors, within thirty days."""

import re
import uuid
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.bank_accounts import client_ends, contract_ends, opening, undoing
from accounts.clients import client_journal, living, own_journal
from accounts.kinds import Mail
from accounts.models import BankAccount, Client, ServiceContract, Undoing
from auth_codes import dual_control, notices
from auth_codes.actor import Actor
from auth_codes.models import Notice, SecurityEvent
from auth_codes.renewals import by_advisors
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

PAGES = "/admin/accounts/undoing/"
WHY = "Compte d’un autre client du même nom"


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


@made_once
def closed(client_, advisor):
    return makers.close_account(client_.bank_accounts.get(), by=Actor(advisor))


@made_once
def card(client_, advisor):
    return opening.open_service_contract(client_, kind=ServiceContract.Kind.CARD, by=Actor(advisor))


def ask(client, by, act, number, **fields):
    return undoing.start(client, act=act, number=number, by=Actor(by), **{"why": WHY, "token": uuid.uuid4()} | fields)


def end(client, advisor):
    client_ends.end_client(client, why=Client.End.DEATH, by=Actor(advisor))
    client.refresh_from_db()


def test_closed_account_opens_again_and_takes_bookings(client_, closed, advisor, colleague):
    asked = ask(client_, advisor, "closing", closed.number)
    closed.refresh_from_db()
    assert closed.is_closed
    undoing.approve(asked, by=Actor(colleague))
    closed.refresh_from_db()
    assert not closed.is_closed
    makers.make_operation(closed, "Achat", "-5")


def test_contract_opened_in_error_is_void_for_good(client_, card, advisor, colleague):
    undoing.approve(ask(client_, advisor, "opening", card.number), by=Actor(colleague))
    card.refresh_from_db()
    assert (card.end_reason, card.ended_on) == ("mistake", timezone.localdate())
    for act in ("opening", "contract"):
        with pytest.raises(undoing.NothingToUndo):
            ask(client_, advisor, act, card.number)


def test_contract_ended_in_error_runs_again(client_, card, advisor, colleague):
    contract_ends.end_contract(card, why=ServiceContract.End.CANCELLED, by=Actor(advisor))
    undoing.approve(ask(client_, advisor, "contract", card.number), by=Actor(colleague))
    card.refresh_from_db()
    assert (card.end_reason, card.ended_on) == ("", None)


def test_client_ended_in_error_is_one_again_and_his_space_waits_for_a_renewal(client_, advisor, colleague, browser):
    end(client_, advisor)
    undoing.approve(ask(client_, advisor, "client", client_.client_code), by=Actor(colleague))
    client_ = Client.objects.get(pk=client_.pk)
    assert (client_.ended_on, client_.user.is_active) == (None, True)
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 200
    renewal = by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    by_advisors.approve(renewal, by=Actor(colleague))
    code = makers.default_code(client_)
    assert makers.log_in(StrictBrowser(), client_.client_code, code)["Location"] == "/mon-profil/code-secret/"


def test_his_own_end_is_taken_back_first(client_, card, advisor):
    end(client_, advisor)
    with pytest.raises(living.ClientEnded):
        ask(client_, advisor, "contract", card.number)


@pytest.mark.parametrize("days", [30, 31])
def test_thirty_days_are_enough_and_no_more(client_, closed, advisor, days):
    BankAccount.objects.update(
        opened_on=timezone.localdate() - timedelta(days=90), closed_on=timezone.localdate() - timedelta(days=days)
    )
    if days == 30:
        ask(client_, advisor, "closing", closed.number)
        return
    with pytest.raises(undoing.NothingToUndo):
        ask(client_, advisor, "closing", closed.number)


@pytest.mark.parametrize(
    ("act", "number"), [("closing", "00000000000"), ("opening", ""), ("client", "1234567890"), ("contract", "\x00")]
)
def test_what_was_not_done_is_not_taken_back(client_, advisor, act, number):
    with pytest.raises(undoing.NothingToUndo):
        ask(client_, advisor, act, number)


def test_one_advisor_alone_takes_nothing_back(client_, closed, advisor):
    asked = ask(client_, advisor, "closing", closed.number)
    with pytest.raises(dual_control.SameAdvisor):
        undoing.approve(asked, by=Actor(advisor))
    with pytest.raises(IntegrityError), transaction.atomic():
        Undoing.objects.filter(pk=asked.pk).update(decision="approved", decided_by=advisor)


def test_refusal_changes_nothing(client_, closed, advisor, colleague):
    undoing.refuse(ask(client_, advisor, "closing", closed.number), by=Actor(colleague))
    closed.refresh_from_db()
    assert closed.is_closed


def test_every_holder_is_told_and_reads_it(client_, closed, advisor, colleague):
    other = makers.make_person(advisor, given_names="Paul", email="paul@example.org")
    closed.holdings.create(client=other)
    undoing.approve(ask(client_, advisor, "closing", closed.number), by=Actor(colleague))
    told = Notice.objects.filter(kind=Mail.ACT_UNDONE)
    bodies = [notices.message_of(one).body for one in told]
    assert len(bodies) == 2
    assert all("fait par erreur à votre nom\u00a0: clôture d’un compte" in body for body in bodies)
    for person in (client_, other):
        lines = client_journal.lines_about(person).filter(kind="undone")
        [read] = own_journal.in_words(lines, person)
        assert "lôture d’un compte" in read.details


def test_double_click_asks_once_and_another_request_waits_for_the_first(client_, closed, advisor):
    token = uuid.uuid4()
    first = ask(client_, advisor, "closing", closed.number, token=token)
    assert ask(client_, advisor, "closing", closed.number, token=token) == first
    with pytest.raises(dual_control.AlreadyStarted):
        ask(client_, advisor, "closing", closed.number)


# The pages.


def test_journey_from_the_sheet_to_the_second_advisor(advisor_browser, client_, closed, colleague):
    where = f"/admin/accounts/client/{client_.pk}/revenir/closing/{closed.pk}/"
    assert where in text_of(advisor_browser.get(f"/admin/accounts/client/{client_.pk}/change/"))
    assert 'class="errorlist"' in text_of(advisor_browser.post(where, {"why": "oups", "token": uuid.uuid4()}))
    fields = {"why": WHY, "token": uuid.uuid4()}
    assert "Demande enregistrée" in text_of(advisor_browser.post(where, fields, follow=True))
    browser, asked = StrictBrowser.logged_in(colleague), Undoing.objects.get()
    page = text_of(browser.get(f"{PAGES}{asked.pk}/change/"))
    assert WHY in page
    assert "Numéro à rappeler" in page
    answer = browser.post(f"{PAGES}{asked.pk}/change/", {"answer": "approve"}, follow=True)
    assert "l’acte est annulé" in text_of(answer)


@pytest.mark.parametrize(
    ("act", "key", "status"),
    [("closing", 0, 200), ("autre", 0, 404), ("closing", 10**17, 404), ("client", 0, 404), ("contract", 0, 404)],
)
def test_page_of_what_cannot_be_taken_back_says_so(advisor_browser, client_, act, key, status):
    account = makers.make_savings(client_)
    answer = advisor_browser.get(f"/admin/accounts/client/{client_.pk}/revenir/{act}/{account.pk + key}/")
    assert answer.status_code == status
    assert status == 404 or "plus rien à annuler" in text_of(answer)


def test_account_of_somebody_else_is_not_there(advisor_browser, advisor, client_):
    other = makers.make_new_client(advisor, email="paul@example.org").bank_accounts.get()
    answer = advisor_browser.get(f"/admin/accounts/client/{client_.pk}/revenir/closing/{other.pk}/")
    assert answer.status_code == 404


def test_no_address_of_the_sheet_holds_a_number(advisor_browser, client_, closed, card, advisor):
    contract_ends.end_contract(card, why=ServiceContract.End.TERM, by=Actor(advisor))
    page = advisor_browser.get(f"/admin/accounts/client/{client_.pk}/change/").content.decode()
    addresses = " ".join(re.findall(r'(?:href|action)="([^"]*)"', page))
    assert f"/revenir/contract/{card.pk}/" in addresses
    assert not re.search(r"[0-9]{10}", addresses)


def test_contract_s_links_follow_its_state(advisor_browser, client_, card, advisor):
    sheet = f"/admin/accounts/client/{client_.pk}/change/"
    assert "Annuler l’ouverture" in text_of(advisor_browser.get(sheet))
    contract_ends.end_contract(card, why=ServiceContract.End.TERM, by=Actor(advisor))
    assert "Revenir sur la fin" in text_of(advisor_browser.get(sheet))


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_open_it_once(client_, closed, advisor, race):
    seconds = [makers.make_advisor(f"second.{name}") for name in "ab"]
    asked = ask(client_, advisor, "closing", closed.number)

    def approve(by):
        with suppress(dual_control.AlreadyDecided, undoing.NothingToUndo):
            undoing.approve(Undoing.objects.get(pk=asked.pk), by=Actor(by))

    race(lambda act: act(), [partial(approve, by) for by in seconds])
    assert SecurityEvent.objects.filter(kind="undone").count() == 1
