"""A changed address rests before a code is sent there, unless a second advisor confirms it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import addresses
from accounts.models import Client
from accounts.online_space import create_online_space
from accounts.opening import open_account
from auth_codes import issuing
from auth_codes.models import SealedLetter, SecurityEvent
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


@pytest.fixture
def moved(person, advisor):
    """A person with an account, whose address `advisor` changed today."""
    open_account(person, kind="current", by=advisor)
    today = timezone.localdate()
    Client.objects.filter(pk=person.pk).update(
        street="1 rue Neuve", address_changed_on=today, address_changed_by=advisor
    )
    person.refresh_from_db()
    return person


def confirm(client, by, seen=None):
    addresses.confirm_address(client, seen=seen or addresses.as_shown(client), by=by)
    client.refresh_from_db()


def test_address_given_at_the_registration_is_no_changed_one(person):
    assert person.letter_address().held_until(timezone.localdate()) is None


def test_changed_address_is_held_for_thirty_days(moved):
    address, today = moved.letter_address(), timezone.localdate()
    assert address.held_until(today + timedelta(days=29)) == today + timedelta(days=30)
    assert address.held_until(today + timedelta(days=30)) is None


def test_no_online_space_is_created_for_a_recent_address(moved, advisor):
    with pytest.raises(issuing.AddressTooRecent):
        create_online_space(moved, by=advisor)
    moved.refresh_from_db()
    assert (moved.user, SealedLetter.objects.count()) == (None, 0)


def test_second_advisor_opens_the_way(moved, advisor, colleague):
    confirm(moved, colleague)
    create_online_space(moved, by=advisor)
    assert SealedLetter.objects.count() == 1
    line = SecurityEvent.objects.get(kind="address_confirmed")
    assert (line.by, line.details) == (colleague, {"client": moved.pk})


def test_who_changed_it_cannot_confirm_it(moved, advisor):
    with pytest.raises(addresses.SameAdvisor):
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
