"""Mandates: who may see an account of somebody else, from when on and until when."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.bank_accounts import mandates
from accounts.ledger import books
from accounts.models import BankAccount, Mandate
from auth_codes.actor import Actor
from auth_codes.models import Notice, SecurityEvent
from tests import makers
from tests.accounts import at_once
from tests.standing import made_once

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
DAY = timedelta(days=1)


@made_once
def proxy(advisor):
    return makers.make_personalised_client(advisor, given_names="Paul", family_name="Durand", email="paul@example.org")


def sees(proxy, account, today=TODAY) -> bool:
    return account in BankAccount.objects.seen_by(proxy, today)


def test_proxy_sees_the_account_and_does_not_hold_it(account, proxy):
    mandate = makers.make_mandate(account, proxy)
    assert sees(proxy, account)
    assert account not in proxy.bank_accounts.all()
    assert (mandate.may_transfer, mandate.right) == (False, "see")


def test_mandate_serves_to_the_end_of_its_last_day(account, proxy):
    makers.make_mandate(account, proxy, ends_on=TODAY + DAY)
    assert [sees(proxy, account, TODAY + number * DAY) for number in (0, 1, 2)] == [True, True, False]


def test_mandate_serves_from_the_day_it_is_granted(account, proxy):
    makers.make_mandate(account, proxy)
    assert not sees(proxy, account, TODAY - DAY)


def test_revoked_mandate_serves_no_more_at_once(account, proxy, advisor):
    mandates.revoke(makers.make_mandate(account, proxy), by=Actor(advisor))
    assert not sees(proxy, account)


def test_holder_is_nobody_s_proxy(account, client_):
    with pytest.raises(mandates.IsHolder):
        makers.make_mandate(account, client_)


def test_end_in_the_past_is_refused(account, proxy):
    with pytest.raises(mandates.EndsInThePast):
        makers.make_mandate(account, proxy, ends_on=TODAY - DAY)


def test_second_mandate_is_refused_while_one_serves(account, proxy):
    makers.make_mandate(account, proxy)
    with pytest.raises(mandates.AlreadyGranted):
        makers.make_mandate(account, proxy, may_transfer=True)


def test_another_mandate_follows_one_that_is_over(account, proxy):
    makers.make_mandate(account, proxy, ends_on=TODAY, today=TODAY)
    later = makers.make_mandate(account, proxy, may_transfer=True, today=TODAY + DAY)
    assert list(Mandate.objects.in_force(TODAY + DAY)) == [later]


def test_another_mandate_follows_one_that_was_revoked(account, proxy, advisor):
    mandates.revoke(makers.make_mandate(account, proxy), by=Actor(advisor))
    assert makers.make_mandate(account, proxy).revoked_at is None


@pytest.mark.parametrize("over", ["revoked", "lapsed"])
def test_what_is_over_cannot_be_revoked(account, proxy, advisor, over):
    mandate = makers.make_mandate(account, proxy, ends_on=TODAY)
    if over == "revoked":
        mandates.revoke(mandate, by=Actor(advisor))
    with pytest.raises(mandates.AlreadyEnded):
        mandates.revoke(mandate, by=Actor(advisor), today=TODAY + (over == "lapsed") * DAY)


def test_closed_account_is_entrusted_to_nobody(account, proxy, advisor):
    makers.close_account(account, by=Actor(advisor))
    with pytest.raises(books.AccountClosed):
        makers.make_mandate(account, proxy)


def test_holder_and_proxy_find_both_ends_in_their_journals(account, client_, proxy, advisor):
    mandates.revoke(makers.make_mandate(account, proxy, may_transfer=True, by=Actor(advisor)), by=Actor(advisor))
    for kind in ("mandate_granted", "mandate_ended"):
        told = SecurityEvent.objects.filter(kind=kind).order_by("id").values_list("owner", "by", "details")
        about = {"number": account.number, "right": "transfer"}
        assert list(told) == [
            (client_.user.pk, advisor.pk, {"client": client_.pk, "side": "given", **about}),
            (proxy.user.pk, advisor.pk, {"client": proxy.pk, "side": "received", **about}),
        ]


def test_holder_is_told_by_mail_of_both_ends_and_the_proxy_is_not(account, client_, proxy, advisor):
    Notice.objects.all().delete()
    mandates.revoke(makers.make_mandate(account, proxy, ends_on=TODAY), by=Actor(advisor))
    granted, ended = Notice.objects.order_by("id")
    assert [granted.kind, ended.kind] == ["mandate_granted", "mandate_ended"]
    assert {granted.recipient, ended.recipient} == {client_.email}
    assert (granted.facts["person"], granted.facts["right"]) == (str(proxy), "consulter le compte")
    assert granted.facts["until"] == f"jusqu’au {TODAY:%d/%m/%Y}"


def test_database_itself_keeps_one_mandate_for_a_proxy(account, proxy):
    makers.make_mandate(account, proxy)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.create(account=account, proxy=proxy)


@pytest.mark.django_db(transaction=True)
def test_of_several_grants_at_once_one_is_made(account, proxy):
    def grant():
        try:
            return makers.make_mandate(account, proxy).pk
        except mandates.AlreadyGranted:
            return None

    made = at_once.in_threads([grant] * 3)
    assert len([pk for pk in made if pk]) == Mandate.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_revoking_and_closing_at_once_end_a_mandate_once(account, proxy, advisor):
    mandate = makers.make_mandate(account, proxy)

    def revoke():
        try:
            mandates.revoke(mandate, by=Actor(advisor))
        except mandates.AlreadyEnded:
            return "ended already"
        return "revoked"

    at_once.in_threads([revoke, lambda: makers.close_account(account, by=Actor(advisor))])
    assert SecurityEvent.objects.filter(kind="mandate_ended").count() == 2
    account.refresh_from_db()
    assert account.is_closed
