"""A changed address rests before a code is sent there, unless a second advisor confirms it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.bank_accounts.opening import open_account
from accounts.clients import addresses
from accounts.clients.online_space import create_online_space
from accounts.models import Client
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.models import SealedLetter, SecurityEvent
from auth_codes.renewals import issuing
from tests import makers
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


@made_once
def moved(person, advisor):
    """A person with an account, whose address `advisor` changed today."""
    open_account(person, kind="current", by=Actor(advisor))
    today = timezone.localdate()
    Client.objects.filter(pk=person.pk).update(
        street="1 rue Neuve", address_changed_on=today, address_changed_by=advisor
    )
    person.refresh_from_db()
    return person


def confirm(client, by, seen=None):
    addresses.confirm_address(client, seen=seen or addresses.as_shown(client), by=Actor(by))
    client.refresh_from_db()


def test_address_given_at_the_registration_is_no_changed_one(person):
    assert person.letter_address().held_until(timezone.localdate()) is None


def test_changed_address_is_held_for_thirty_days(moved):
    address, today = moved.letter_address(), timezone.localdate()
    assert address.held_until(today + timedelta(days=29)) == today + timedelta(days=30)
    assert address.held_until(today + timedelta(days=30)) is None


def test_no_online_space_is_created_for_a_recent_address(moved, advisor):
    with pytest.raises(issuing.AddressTooRecent):
        create_online_space(moved, by=Actor(advisor))
    moved.refresh_from_db()
    assert (moved.user, SealedLetter.objects.count()) == (None, 0)


def test_second_advisor_opens_the_way(moved, advisor, colleague):
    confirm(moved, colleague)
    create_online_space(moved, by=Actor(advisor))
    assert SealedLetter.objects.count() == 1
    line = SecurityEvent.objects.get(kind="address_confirmed")
    assert (line.by, line.details) == (colleague, {"client": moved.pk})


def test_who_changed_it_cannot_confirm_it(moved, advisor):
    with pytest.raises(dual_control.SameAdvisor):
        confirm(moved, advisor)


def test_only_the_address_that_was_seen_is_confirmed(moved, colleague):
    seen = addresses.as_shown(moved)
    Client.objects.filter(pk=moved.pk).update(street="99 rue du Voleur")
    moved.refresh_from_db()
    with pytest.raises(addresses.NothingToConfirm):
        confirm(moved, colleague, seen)


def test_address_that_changes_while_it_is_confirmed_is_not(moved, colleague):
    stale = Client.objects.get(pk=moved.pk)
    Client.objects.filter(pk=moved.pk).update(street="99 rue du Voleur")
    with pytest.raises(addresses.NothingToConfirm):
        confirm(stale, colleague)


def test_second_confirmation_finds_nothing(moved, colleague):
    confirm(moved, colleague)
    with pytest.raises(addresses.NothingToConfirm):
        confirm(moved, colleague)


def note_change(client, by, fields):
    SecurityEvent.objects.create(kind="client_changed", by=by, details={"client": client.pk, "fields": fields})


def test_touch_up_by_a_colleague_does_not_let_the_author_confirm(moved, advisor, colleague):
    note_change(moved, advisor, "street")
    note_change(moved, colleague, "address_complement")
    Client.objects.filter(pk=moved.pk).update(address_changed_by=colleague)
    moved.refresh_from_db()
    for author in (advisor, colleague):
        with pytest.raises(dual_control.SameAdvisor):
            confirm(moved, author)
    confirm(moved, makers.make_advisor("nadia.benali"))


def test_who_changed_something_else_may_confirm(moved, colleague):
    note_change(moved, colleague, "email mobile_phone")
    confirm(moved, colleague)
    assert moved.address_confirmed_by == colleague


def test_address_without_a_known_author_is_opened_by_time_alone(moved, colleague):
    Client.objects.filter(pk=moved.pk).update(address_changed_by=None)
    moved.refresh_from_db()
    with pytest.raises(addresses.NothingToConfirm):
        confirm(moved, colleague)


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x0b", "\x1c"])
def test_odd_line_ends_in_an_address_hinder_no_confirmation(moved, colleague, sign):
    Client.objects.filter(pk=moved.pk).update(address_complement=f"Bât.{sign}B")
    moved.refresh_from_db()
    confirm(moved, colleague, addresses.as_shown(moved).replace("\n", "\r\n"))
    assert moved.address_confirmed_by == colleague
