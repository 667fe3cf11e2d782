"""A changed contact carries no code before somebody else has confirmed it; time alone frees nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.bank_accounts.opening import open_account
from accounts.clients import confirmation, contact_changes
from accounts.clients.online_space import ContactsUnconfirmed, create_online_space
from accounts.models import Client
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.models import SealedLetter, SecurityEvent
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
    makers.change_address(person, advisor)
    person.refresh_from_db()
    return person


def seen_by(client, by):
    return confirmation.fingerprint(confirmation.may_confirm(client, by))


def confirm(client, by, seen=None):
    confirmation.confirm(client, seen=seen or seen_by(client, by), by=Actor(by))
    client.refresh_from_db()


def test_address_given_at_the_registration_is_no_changed_one(person):
    assert not person.letter_address().is_held


def test_no_time_frees_a_changed_address(moved):
    moved.contact_changes.update(changed_at=timezone.now() - timedelta(days=4000))
    assert moved.letter_address().is_held


def test_no_online_space_is_created_for_a_changed_address(moved, advisor):
    with pytest.raises(ContactsUnconfirmed):
        create_online_space(moved, by=Actor(advisor))
    moved.refresh_from_db()
    assert (moved.user, SealedLetter.objects.count()) == (None, 0)


def test_second_advisor_opens_the_way(moved, advisor, colleague):
    confirm(moved, colleague)
    create_online_space(moved, by=Actor(advisor))
    assert SealedLetter.objects.count() == 1
    line = SecurityEvent.objects.get(kind="address_confirmed")
    assert (line.by, line.details) == (colleague, {"client": moved.pk, "fields": "address"})


def test_who_changed_it_cannot_confirm_it(moved, advisor):
    with pytest.raises(dual_control.SameAdvisor):
        confirm(moved, advisor)


def test_database_refuses_that_who_changed_it_confirms_it(moved, advisor):
    with pytest.raises(IntegrityError, match="contact_confirmed_by_another"), transaction.atomic():
        moved.contact_changes.update(confirmed_at=timezone.now(), confirmed_by=advisor)


def test_only_the_address_that_was_seen_is_confirmed(moved, colleague):
    seen = seen_by(moved, colleague)
    Client.objects.filter(pk=moved.pk).update(street="99 rue du Voleur")
    moved.refresh_from_db()
    with pytest.raises(confirmation.NothingToConfirm):
        confirm(moved, colleague, seen)


def test_address_that_changes_while_it_is_confirmed_is_not(moved, colleague):
    stale = Client.objects.get(pk=moved.pk)
    Client.objects.filter(pk=moved.pk).update(street="99 rue du Voleur")
    with pytest.raises(confirmation.NothingToConfirm):
        confirm(stale, colleague)


def test_address_changed_away_and_back_is_another_change(moved, advisor, colleague):
    seen = seen_by(moved, colleague)
    makers.change_address(moved, advisor, street="2 rue Autre")
    makers.change_address(moved, advisor)
    with pytest.raises(confirmation.NothingToConfirm):
        confirm(moved, colleague, seen)


def test_second_confirmation_finds_nothing(moved, colleague):
    confirm(moved, colleague)
    with pytest.raises(confirmation.NothingToConfirm):
        confirm(moved, colleague)


def test_touch_up_by_a_colleague_does_not_let_the_author_confirm(moved, advisor, colleague):
    makers.change_address(moved, colleague, street="1 bis rue Neuve")
    for author in (advisor, colleague):
        with pytest.raises(dual_control.SameAdvisor):
            confirm(moved, author)
    confirm(moved, makers.make_advisor("nadia.benali"))
    assert not moved.letter_address().is_held


def test_who_changed_something_else_may_confirm_the_rest(moved, colleague):
    moved.email = "autre@example.org"
    contact_changes.note(moved, ["email"], by=Actor(colleague))
    Client.objects.filter(pk=moved.pk).update(email=moved.email)
    confirm(moved, colleague)
    assert [one.contact for one in confirmation.waiting(moved)] == ["email"]


@pytest.mark.django_db(transaction=True)
def test_of_a_change_and_a_confirmation_at_once_no_unseen_address_is_free(race, advisor, colleague, person):
    makers.change_address(person, advisor)
    seen = seen_by(person, colleague)

    def act(name):
        mine = Client.objects.get(pk=person.pk)
        if name == "change":
            with transaction.atomic():
                makers.change_address(mine, advisor, street="99 rue du Voleur")
            return
        try:
            confirmation.confirm(mine, seen=seen, by=Actor(colleague))
        except confirmation.NothingToConfirm:
            return

    race(act, ["change", "confirm", "confirm"])
    person.refresh_from_db()
    assert person.street == "99 rue du Voleur"
    assert person.letter_address().is_held
