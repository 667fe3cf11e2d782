"""Somebody more on an account: one advisor asks, a second one approves."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.bank_accounts import access_requests, holders, mandates
from accounts.ledger import books
from accounts.models import AccessRequest, Mandate
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.models import Notice, SecurityEvent
from tests import makers
from tests.accounts import at_once
from tests.standing import made_once

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


@pytest.fixture
def ask(account, other, advisor):
    def start(right="see", **changed):
        fields = {"right": right, "agreement": "branch", "token": uuid.uuid4(), "by": Actor(advisor), "now": NOW}
        return access_requests.start(account, other, **fields | changed)

    return start


def test_nothing_changes_before_a_second_advisor_approves(ask, account):
    Notice.objects.all().delete()
    for right in ("holder", "see"):
        ask(right).delete()
    assert (account.holdings.count(), Mandate.objects.count(), Notice.objects.count()) == (1, 0, 0)


def test_approved_holder_holds_the_account(ask, account, other, colleague):
    access_requests.approve(ask("holder"), by=Actor(colleague))
    assert other in account.holders.all()


@pytest.mark.parametrize(("right", "may_transfer"), [("see", False), ("transfer", True)])
def test_approved_mandate_is_granted_as_asked(ask, other, colleague, right, may_transfer):
    until = timezone.localdate() + timedelta(days=30)
    access_requests.approve(ask(right, ends_on=until), by=Actor(colleague))
    mandate = other.mandates.get()
    assert (mandate.may_transfer, mandate.ends_on, mandate.granted_by) == (may_transfer, until, colleague)


def test_who_asked_cannot_approve(ask, advisor):
    with pytest.raises(dual_control.SameAdvisor):
        access_requests.approve(ask(), by=Actor(advisor))
    assert not Mandate.objects.exists()


def test_database_itself_refuses_who_asked(ask, advisor):
    asked = ask()
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessRequest.objects.filter(pk=asked.pk).update(decision="approved", decided_by=advisor)


@pytest.mark.parametrize("answer", [access_requests.approve, access_requests.refuse])
def test_it_is_answered_once(ask, colleague, answer):
    asked = ask()
    answer(asked, by=Actor(colleague))
    for again in (access_requests.approve, access_requests.refuse):
        with pytest.raises(dual_control.AlreadyDecided):
            again(asked, by=Actor(colleague))


def test_agreement_of_last_month_serves_no_more(ask, colleague):
    asked = ask()
    with pytest.raises(dual_control.AlreadyDecided):
        access_requests.approve(asked, by=Actor(colleague), now=asked.lapses_at)


def test_lapsed_request_makes_room_for_another(ask):
    first = ask(now=NOW - timedelta(days=12))
    ask()
    first.refresh_from_db()
    assert first.decision == "lapsed"


def test_second_request_is_refused_while_one_waits(ask):
    ask()
    with pytest.raises(dual_control.AlreadyStarted):
        ask("transfer")


def test_same_token_gives_the_same_request(ask):
    token = uuid.uuid4()
    assert ask(token=token) == ask(token=token)
    assert SecurityEvent.objects.filter(kind="access_asked").count() == 2


def test_token_of_another_person_gives_nothing(ask, account, advisor):
    token = uuid.uuid4()
    ask(token=token)
    third = makers.make_person(advisor, family_name="Tiers")
    with pytest.raises(dual_control.AlreadyDecided):
        access_requests.start(account, third, right="see", agreement="branch", token=token, by=Actor(advisor))


def test_holder_who_came_since_then_has_agreed_to_nothing(ask, account, advisor, colleague):
    asked = ask()
    holders.add_holder(account, makers.make_new_client(advisor, family_name="Tiers"), by=Actor(advisor))
    with pytest.raises(access_requests.HoldersChanged):
        access_requests.approve(asked, by=Actor(colleague))
    assert not Mandate.objects.exists()
    assert AccessRequest.objects.get().is_open_at(timezone.now())


def test_what_cannot_be_given_is_said_when_it_is_asked_for(ask, account, client_, advisor):
    with pytest.raises(mandates.EndsInThePast):
        ask(ends_on=timezone.localdate() - timedelta(days=1))
    asked = {"agreement": "branch", "token": uuid.uuid4(), "by": Actor(advisor)}
    with pytest.raises(holders.AlreadyHolder):
        access_requests.start(account, client_, right="holder", **asked)
    with pytest.raises(mandates.IsHolder):
        access_requests.start(account, client_, right="see", **asked)


def test_account_closed_meanwhile_is_given_to_nobody(ask, account, advisor, colleague):
    asked = ask("holder")
    makers.close_account(account, by=Actor(advisor))
    with pytest.raises(books.AccountClosed):
        access_requests.approve(asked, by=Actor(colleague))


def test_holder_finds_in_his_journal_what_is_asked_for_before_it_is_given(ask, client_, other, advisor):
    ask("transfer")
    told = SecurityEvent.objects.filter(kind="access_asked").order_by("id").values_list("owner", "by", "details__side")
    assert list(told) == [(client_.user.pk, advisor.pk, "given"), (other.user.pk, advisor.pk, "received")]


def test_refusal_is_in_both_journals(ask, colleague):
    access_requests.refuse(ask(), by=Actor(colleague))
    assert SecurityEvent.objects.filter(kind="access_declined", by=colleague).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_give_it_once(ask, colleague):
    asked = ask()
    third = makers.make_advisor("nadia.benali")

    def approve(by):
        try:
            access_requests.approve(asked, by=Actor(by))
        except dual_control.AlreadyDecided:
            return "decided"
        return "approved"

    assert sorted(at_once.in_threads([lambda: approve(colleague), lambda: approve(third)])) == ["approved", "decided"]
    assert Mandate.objects.count() == 1
