"""The end of a block by two advisors: the count stays, and after twenty failures only a renewal helps."""

import uuid
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.clients import client_journal, own_journal
from accounts.models import Client, PostalItem
from auth_codes import dual_control, notices
from auth_codes.actor import Actor
from auth_codes.lockout import counters
from auth_codes.models import Notice, SecurityEvent, Unblocking
from auth_codes.renewals import unblocking
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why, text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

PAGES = "/admin/auth_codes/unblocking/"


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def block(client, failures=5):
    """So many failures, the last of them just now."""
    counter, now = counters.client_counter(client.client_code), timezone.now()
    for number in range(failures):
        makers.fail(counter, now - timedelta(days=2) * (failures - 1 - number))


def block_of(client):
    return counters.block_of(counters.client_counter(client.client_code))


def start(client, by, **fields):
    return unblocking.start(client.user, by=Actor(by), **{"identity_check": "phone", "token": uuid.uuid4()} | fields)


def page(client):
    return f"/admin/accounts/client/{client.pk}/lever-la-suspension/"


def test_block_ends_when_the_second_advisor_approves_and_not_before(client_, advisor, colleague, browser):
    block(client_)
    asked = start(client_, advisor)
    assert block_of(client_) is not None
    unblocking.approve(asked, by=Actor(colleague))
    assert block_of(client_) is None
    assert makers.log_in(browser, client_.client_code, makers.CODE)["Location"] == "/espace-client/"


def test_count_stays_so_that_five_more_block_longer(client_, advisor, colleague):
    block(client_)
    unblocking.approve(start(client_, advisor), by=Actor(colleague))
    assert counters.failures_of(counters.client_counter(client_.client_code)) == 5
    for _ in range(5):
        makers.fail(counters.client_counter(client_.client_code), timezone.now())
    assert block_of(client_).until > timezone.now() + timedelta(minutes=59)


@pytest.mark.parametrize("failures", [15, 20])
def test_twenty_failures_are_for_a_renewal_alone(client_, advisor, failures):
    block(client_, failures)
    if failures == 15:
        start(client_, advisor)
        return
    with pytest.raises(unblocking.OnlyRenewal):
        start(client_, advisor)
    assert not counters.lift_passing(counters.client_counter(client_.client_code))


def test_block_that_grew_to_twenty_meanwhile_stays(client_, advisor, colleague):
    block(client_, 15)
    asked = start(client_, advisor)
    counters.lift(counters.client_counter(client_.client_code))
    for _ in range(5):
        makers.fail(counters.client_counter(client_.client_code), timezone.now())
    with pytest.raises(unblocking.OnlyRenewal):
        unblocking.approve(asked, by=Actor(colleague))
    asked.refresh_from_db()
    assert (asked.decision, block_of(client_).until) == ("", None)


def test_without_a_block_there_is_nothing_to_end(client_, advisor):
    with pytest.raises(unblocking.NothingBlocked):
        start(client_, advisor)


def test_one_advisor_alone_ends_none(client_, advisor):
    block(client_)
    asked = start(client_, advisor)
    with pytest.raises(dual_control.SameAdvisor):
        unblocking.approve(asked, by=Actor(advisor))
    with pytest.raises(IntegrityError), transaction.atomic():
        Unblocking.objects.filter(pk=asked.pk).update(decision="approved", decided_by=advisor)
    assert block_of(client_) is not None


def test_client_is_told_by_mail_and_reads_both_steps(client_, advisor, colleague):
    block(client_)
    unblocking.approve(start(client_, advisor), by=Actor(colleague))
    told = Notice.objects.get(kind=Notice.Kind.UNBLOCKED)
    assert "Deux conseillers" in notices.message_of(told).body
    lines = client_journal.lines_about(client_).filter(kind__startswith="unblock")
    read = own_journal.in_words(lines, client_)
    assert [line.by for line in read] == ["Un conseiller de la banque"] * 2
    assert read[1].details == "Rappel au numéro connu et questions de contrôle"


def test_who_has_no_e_mail_is_told_by_post(client_, advisor, colleague):
    Client.objects.filter(pk=client_.pk).update(email="")
    PostalItem.objects.all().delete()
    block(client_)
    asked = start(client_, advisor)
    unblocking.approve(Unblocking.objects.get(pk=asked.pk), by=Actor(colleague))
    assert PostalItem.objects.get().title == "La connexion est de nouveau possible"


def test_double_click_asks_once(client_, advisor):
    block(client_)
    token = uuid.uuid4()
    assert start(client_, advisor, token=token) == start(client_, advisor, token=token)
    with pytest.raises(dual_control.AlreadyStarted):
        start(client_, advisor)


# The pages.


def test_sheet_leads_to_a_page_that_asks_how_identity_was_checked(advisor_browser, client_):
    block(client_)
    assert "Lever la suspension" in text_of(advisor_browser.get(f"/admin/accounts/client/{client_.pk}/change/"))
    said = text_of(advisor_browser.post(page(client_), {"token": uuid.uuid4()}))
    assert "Dites comment l’identité a été vérifiée" in said
    fields = {"identity_check": "branch", "token": uuid.uuid4()}
    assert "dès qu’un second conseiller l’approuve" in text_of(advisor_browser.post(page(client_), fields, follow=True))
    assert "attend déjà l’approbation" in text_of(advisor_browser.get(page(client_)))


@pytest.mark.parametrize(("failures", "said"), [(0, "n’est pas suspendue"), (20, "Vingt codes erronés ou plus")])
def test_page_says_why_not_before_anything_is_typed(advisor_browser, client_, failures, said):
    block(client_, failures)
    answer = advisor_browser.get(page(client_))
    assert said in text_of(answer)
    assert b'name="identity_check"' not in answer.content


def test_who_has_no_online_space_has_nothing_to_unblock(advisor_browser, person):
    assert "pas encore d’espace en ligne" in text_of(advisor_browser.get(page(person)))


def test_second_advisor_sees_the_facts_and_the_number_to_ring(client_, advisor, colleague):
    block(client_)
    browser, asked = StrictBrowser.logged_in(colleague), start(client_, advisor)
    shown = text_of(browser.get(f"{PAGES}{asked.pk}/change/"))
    assert "après 5 codes erronés" in shown
    assert "Numéro à rappeler" in shown
    assert "06 12 34 56 78" in shown
    answer = browser.post(f"{PAGES}{asked.pk}/change/", {"answer": "approve", "seen": ""}, follow=True)
    assert "Suspension levée" in text_of(answer)


def test_page_of_an_approval_that_comes_too_late_says_so(client_, advisor, colleague):
    block(client_)
    browser, asked = StrictBrowser.logged_in(colleague), start(client_, advisor)
    counters.lift(counters.client_counter(client_.client_code))
    answer = browser.post(f"{PAGES}{asked.pk}/change/", {"answer": "approve"}, follow=True)
    assert "n’est pas suspendue, ou ne l’est plus" in text_of(answer)


@pytest.mark.django_db(transaction=True)
def test_two_approvals_and_a_login_at_once_end_it_once(client_, advisor, race):
    seconds = [makers.make_advisor(f"second.{name}") for name in ("a", "b")]
    block(client_)
    asked = start(client_, advisor)

    def approve(by):
        with suppress(dual_control.AlreadyDecided):
            unblocking.approve(Unblocking.objects.get(pk=asked.pk), by=Actor(by))

    acts = [partial(approve, by) for by in seconds]
    acts.append(lambda: makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE))
    race(lambda act: act(), acts)
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.UNBLOCKED).count() == 1
    assert block_of(client_) is None


# What one advisor does at once.


@pytest.mark.parametrize(("act", "kind"), [("fermer/", "access_closed"), ("deconnecter/", "sessions_shut")])
def test_reason_is_asked_for_and_read_by_the_client(advisor_browser, client_browser, client_, act, kind):
    where = f"/admin/accounts/client/{client_.pk}/{act}"
    for typed in ({}, {"why": ""}, {"why": "autre"}, {"why": "\x00"}):
        assert 'class="errorlist"' in text_of(advisor_browser.post(where, typed))
    assert client_browser.get("/espace-client/").status_code == 200
    advisor_browser.post(where, {"why": "lost"})
    assert client_browser.get("/espace-client/")["Location"].startswith("/connexion/")
    line = client_journal.lines_about(client_).get(kind=kind)
    [told] = own_journal.in_words([line], client_)
    assert "perdu ou volé" in told.details
    assert "pour cette raison\u00a0: un appareil, un courrier" in notices.message_of(Notice.objects.get(kind=kind)).body


def test_ended_sessions_leave_the_code_as_it_is(advisor_browser, client_, browser):
    advisor_browser.post(f"/admin/accounts/client/{client_.pk}/deconnecter/", {"why": "asked"})
    assert makers.log_in(browser, client_.client_code, makers.CODE)["Location"] == "/espace-client/"


def test_who_looks_at_another_s_client_says_why_first(advisor, client_):
    browser = StrictBrowser.logged_in(makers.make_advisor("marc.lefevre"))
    assert "Pourquoi ouvrez-vous cette fiche" in text_of(browser.get(page(client_)))
    say_why(browser, client_)
    assert "n’est pas suspendue" in text_of(browser.get(page(client_)))
