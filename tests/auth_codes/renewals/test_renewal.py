"""A renewal by two advisors: one starts it after checking identity, another approves it."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.lockout import counters
from auth_codes.models import Renewal, SealedLetter, SecurityEvent
from auth_codes.renewals import by_advisors, issuing
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind
BY_PHONE = Renewal.IdentityCheck.BY_PHONE


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def start(client, by, **fields):
    return by_advisors.start(client.user, by=Actor(by), identity_check=BY_PHONE, **{"token": uuid.uuid4(), **fields})


@made_once
def started(client_, advisor):
    return start(client_, advisor)


def kinds(client):
    return list(client.user.security_events.values_list("kind", flat=True))


def move(client):
    makers.change_address(client, client.advisor)
    client.refresh_from_db()


def renewed_letters():
    return SealedLetter.objects.filter(occasion=SealedLetter.Occasion.RENEWAL)


def test_nothing_changes_before_the_second_advisor_approves(browser, client_, started):
    assert not renewed_letters().exists()
    assert makers.log_in(browser, client_.client_code, makers.CODE)["Location"] == "/espace-client/"


@pytest.mark.proves("RTS 26", "RTS 27(a)", "ASVS 6.4.6")
def test_approval_voids_the_old_code_at_once(browser, client_, started, colleague):
    by_advisors.approve(started, by=Actor(colleague))
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 200
    started.refresh_from_db()
    assert (started.decision, started.decided_by, started.letter) == ("approved", colleague, renewed_letters().get())


def test_renewed_code_opens_without_a_letter_number(browser, client_, started, colleague):
    by_advisors.approve(started, by=Actor(colleague))
    answer = makers.log_in(browser, client_.client_code, makers.default_code(client_))
    assert answer["Location"] == "/mon-profil/code-secret/"


@pytest.mark.proves("ASVS 7.4.3")
def test_approval_ends_the_clients_sessions(client_browser, started, colleague):
    assert client_browser.get("/espace-client/").status_code == 200
    by_advisors.approve(started, by=Actor(colleague))
    assert client_browser.get("/espace-client/")["Location"].startswith("/connexion/")


def test_approval_begins_the_count_of_attempts_anew(client_, started, colleague):
    for _ in range(6):
        makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE)
    by_advisors.approve(started, by=Actor(colleague))
    assert counters.block_of(counters.client_counter(client_.client_code)) is None


def test_approval_voids_a_letter_that_was_asked_for_online(browser, client_, started, colleague):
    letter = makers.make_pending_code(client_)
    by_advisors.approve(started, by=Actor(colleague))
    answer = makers.log_in(browser, client_.client_code, letter.secret_code, letter=letter.letter_number)
    assert answer.status_code == 200


@pytest.mark.proves("RTS 26", "ASVS 6.4.4")
def test_who_started_it_cannot_approve_it(started, advisor):
    with pytest.raises(dual_control.SameAdvisor):
        by_advisors.approve(started, by=Actor(advisor))
    assert not renewed_letters().exists()


def test_database_itself_refuses_an_approval_by_who_started_it(started, advisor):
    with pytest.raises(IntegrityError), transaction.atomic():
        Renewal.objects.filter(pk=started.pk).update(decision="approved", decided_by=advisor)


def test_refusal_changes_nothing_for_the_client_and_ends_the_renewal(browser, client_, started, colleague):
    by_advisors.refuse(started, by=Actor(colleague))
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302
    with pytest.raises(dual_control.AlreadyDecided):
        by_advisors.approve(started, by=Actor(colleague))


def test_double_click_on_the_start_gives_the_same_renewal(client_, advisor):
    token = uuid.uuid4()
    assert start(client_, advisor, token=token) == start(client_, advisor, token=token)
    assert kinds(client_).count(Kind.RENEWAL_STARTED) == 1


def test_token_of_a_renewal_that_was_answered_starts_nothing_and_says_so(client_, advisor, colleague):
    started = start(client_, advisor)
    by_advisors.refuse(started, by=Actor(colleague))
    with pytest.raises(dual_control.AlreadyDecided):
        start(client_, advisor, token=started.token)


def test_token_of_another_clients_renewal_starts_nothing(client_, started, advisor):
    other = makers.make_personalised_client(advisor, given_names="Ada")
    with pytest.raises(dual_control.AlreadyDecided):
        start(other, advisor, token=started.token)


def test_one_renewal_at_a_time(client_, started, colleague):
    with pytest.raises(dual_control.AlreadyStarted):
        start(client_, colleague)


def test_renewal_lapses_after_three_working_days_and_another_may_begin(client_, started, advisor, colleague):
    late = started.lapses_at
    with pytest.raises(dual_control.AlreadyDecided):
        by_advisors.approve(started, by=Actor(colleague), now=late)
    assert start(client_, advisor, now=late) != started
    started.refresh_from_db()
    assert started.decision == Renewal.Decision.LAPSED


@pytest.mark.proves("RTS 25(2)(a)")
def test_recent_address_stops_the_start(client_, advisor):
    move(client_)
    with pytest.raises(issuing.AddressUnconfirmed):
        start(client_, advisor)


def test_address_changed_after_the_start_stops_the_approval(client_, started, colleague):
    move(client_)
    started.refresh_from_db()
    with pytest.raises(issuing.AddressUnconfirmed):
        by_advisors.approve(Renewal.objects.get(pk=started.pk), by=Actor(colleague))
    assert not renewed_letters().exists()


def test_both_acts_are_in_the_journal_with_their_advisors(client_, started, advisor, colleague):
    by_advisors.approve(started, by=Actor(colleague))
    lines = client_.user.security_events.filter(kind__in=[Kind.RENEWAL_STARTED, Kind.RENEWAL_APPROVED])
    assert [(line.kind, line.by) for line in lines.order_by("id")] == [
        (Kind.RENEWAL_STARTED, advisor),
        (Kind.RENEWAL_APPROVED, colleague),
    ]


def outcome(act, *arguments, **fields):
    try:
        act(*arguments, **fields)
    except (dual_control.AlreadyDecided, dual_control.AlreadyStarted) as refusal:
        return type(refusal).__name__
    return "done"


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_issue_one_letter(started, colleague, race):
    outcomes = race(
        lambda by: outcome(by_advisors.approve, Renewal.objects.get(pk=started.pk), by=by), [Actor(colleague)] * 4
    )
    assert sorted(outcomes) == ["AlreadyDecided"] * 3 + ["done"]
    assert renewed_letters().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_desks_at_once_start_one_renewal(client_, advisor, colleague, race):
    outcomes = race(lambda by: outcome(start, client_, by), [advisor, colleague] * 2)
    assert outcomes.count("done") == Renewal.objects.filter(decision="").count() == 1
