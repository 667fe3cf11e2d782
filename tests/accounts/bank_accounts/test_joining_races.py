"""A joining beside all that may happen at the same moment: it is done whole, once, or not at all."""

import uuid
from contextlib import suppress
from decimal import Decimal
from functools import partial

import pytest
from django.db.models import Sum

from accounts.bank_accounts import client_ends, joining
from accounts.clients import living
from accounts.models import Client, Entry, Joining, Transfer
from accounts.transfers import ordering
from accounts.transfers.refusals import TransferRefused
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.models import OpenSession, SecretCode
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def kept(advisor):
    return makers.make_personalised_client(advisor)


@pytest.fixture
def closed(advisor):
    return makers.make_personalised_client(advisor, family_name="Durand", email="ines.durand@example.org")


@pytest.fixture
def second(advisor):
    return makers.make_advisor("marc.lefevre")


def ask(kept, closed, by):
    said = {"advisor": kept.advisor, "why": "Même carte d’identité", "token": uuid.uuid4()}
    return joining.start(kept, closed, by=Actor(by), **said)


def approve(asked, by):
    with suppress(dual_control.AlreadyDecided, living.ClientEnded):
        joining.approve(Joining.objects.select_related("started_by").get(pk=asked.pk), by=Actor(by))


def at_once(race, *acts):
    race(lambda act: act(), acts)


def test_login_of_the_closed_sheet_leaves_nobody_in_it(race, kept, closed, advisor, second):
    asked, browser = ask(kept, closed, advisor), StrictBrowser()
    enter = partial(makers.log_in, browser, closed.client_code, makers.CODE)
    at_once(race, partial(approve, asked, second), enter)
    assert browser.get("/espace-client/")["Location"].startswith("/connexion/")
    assert not SecretCode.objects.living().filter(owner=closed.user).exists()
    closed.refresh_from_db()
    assert closed.joined_into == kept
    assert OpenSession.objects.filter(owner=kept.user).count() == 0


def test_two_approvals_join_once(race, kept, closed, advisor, second):
    asked, third = ask(kept, closed, advisor), makers.make_advisor("luc.petit")
    at_once(race, partial(approve, asked, second), partial(approve, asked, third))
    assert kept.bank_accounts.count() == 2
    assert kept.user.security_events.filter(kind="sheets_joined").count() == 1


def test_two_sheets_are_not_joined_into_each_other(race, kept, closed, advisor, second):
    def begin(first, other, by):
        with suppress(dual_control.AlreadyStarted):
            ask(first, other, by)

    at_once(race, partial(begin, kept, closed, advisor), partial(begin, closed, kept, second))
    assert Joining.objects.count() == 1


def test_joining_and_end_of_the_kept_sheet_exclude_each_other(race, kept, closed, advisor, second):
    asked = ask(kept, closed, advisor)

    def end():
        with suppress(living.ClientEnded):
            client_ends.end_client(kept, why=Client.End.DEATH, by=Actor(advisor))

    at_once(race, partial(approve, asked, second), end)
    kept.refresh_from_db()
    closed.refresh_from_db()
    assert kept.end_reason == "death"
    assert closed.end_reason in ("", "joined")
    assert closed.bank_accounts.count() == (0 if closed.joined_into else 1)


@pytest.mark.parametrize("who", ["closed", "kept", "proxy"])
def test_transfer_at_the_same_moment_is_booked_whole_or_not_at_all(race, kept, closed, advisor, second, who):
    savings, current = makers.make_savings(closed, "100"), closed.bank_accounts.get(kind="current")
    proxy = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    makers.make_mandate(savings, proxy, may_transfer=True)
    makers.make_mandate(current, proxy, may_transfer=True)
    makers.make_savings(kept, "100")
    ordering_client = {"closed": closed, "kept": kept, "proxy": proxy}[who]
    pair = (
        (savings, current)
        if who != "kept"
        else (kept.bank_accounts.get(kind="savings"), kept.bank_accounts.get(kind="current"))
    )
    order = ordering.prepare(ordering_client, *pair, Decimal(10))
    user = type(ordering_client.user).objects.get(pk=ordering_client.user_id)
    asked = ask(kept, closed, advisor)

    def confirm():
        with suppress(TransferRefused, owners.SessionEnded):
            ordering.confirm(order, by=Actor(user), seen=ordering.fingerprint(order))

    at_once(race, partial(approve, asked, second), confirm)
    assert Joining.objects.get().decision == "approved"
    assert Entry.objects.aggregate(total=Sum("amount"))["total"] == 0
    assert Transfer.objects.confirmed().count() == Transfer.objects.count()
    assert kept.bank_accounts.count() == 4
