"""What a client's contacts and names were is forgotten once it serves nobody, and not a day before."""

import io
import json
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.clients import confirmation, contact_changes, former_values, identity_changes
from accounts.models import Client, ContactChange, IdentityChange
from auth_codes import batched_deletes
from auth_codes.actor import Actor
from tests import makers
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = "+33612345678", "+33698765432", "+33611111111"


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def change(client, by, **changed):
    for name, value in changed.items():
        setattr(client, name, value)
    contact_changes.note(client, changed, by=Actor(by))
    Client.objects.filter(pk=client.pk).update(**changed)


def confirm(client, by):
    seen = confirmation.fingerprint(confirmation.may_confirm(client, by))
    confirmation.confirm(client, seen=seen, by=Actor(by))


def pass_days(days):
    passed = timedelta(days=days)
    ContactChange.objects.update(changed_at=F("changed_at") - passed)
    ContactChange.objects.filter(confirmed_at__isnull=False).update(confirmed_at=F("confirmed_at") - passed)
    IdentityChange.objects.update(started_at=F("started_at") - passed)
    IdentityChange.objects.exclude(decision="").update(decided_at=F("decided_at") - passed)


def run():
    said = io.StringIO()
    call_command("forget_former_contacts", stdout=said)
    return json.loads(said.getvalue())


def values():
    return list(ContactChange.objects.values_list("old", "new"))


NOTHING = {"contacts": 0, "blanked": 0, "identities": 0, "rested": 0}


@pytest.fixture
def moved(client_, advisor, colleague):
    """A new e-mail, which a second advisor has confirmed."""
    change(client_, advisor, email="new@example.org")
    confirm(client_, colleague)
    return client_


def test_former_address_is_kept_as_long_as_it_is_told(moved):
    pass_days(89)
    assert run() == NOTHING
    assert "ines@example.org" in moved.recent_emails()


def test_former_address_is_nowhere_afterwards(moved):
    pass_days(90)
    assert moved.recent_emails() == ["new@example.org"]
    assert run() == NOTHING | {"blanked": 1}
    assert values() == [("", "new@example.org")]
    assert run() == NOTHING


def test_what_nobody_has_confirmed_stays_however_long_it_waits(client_, advisor):
    change(client_, advisor, street="1 rue Neuve")
    pass_days(4000)
    assert run() == NOTHING
    [waiting] = confirmation.waiting(client_)
    assert "12 rue des Lilas" in waiting.before


def test_all_values_but_the_present_one_go(client_, advisor, colleague):
    for phone in (SECOND, THIRD):
        change(client_, advisor, mobile_phone=phone)
        confirm(client_, colleague)
    pass_days(90)
    assert run() == NOTHING | {"contacts": 1, "blanked": 1}
    assert values() == [("", THIRD)]


def test_contacts_and_clients_are_told_apart(advisor, colleague, client_):
    other = makers.make_person(advisor, given_names="Paul")
    for client in (client_, other):
        change(client, advisor, mobile_phone=SECOND, email="new@example.org")
        confirm(client, colleague)
    pass_days(90)
    assert run() == NOTHING | {"blanked": 4}


def test_telephone_to_ring_is_never_said_to_be_known_for_longer_than_it_is(client_, advisor, colleague):
    """A number that a thief has had confirmed looks no older because what it replaced is forgotten."""
    for phone in (SECOND, THIRD):
        change(client_, advisor, mobile_phone=phone)
        confirm(client_, colleague)
        pass_days(100)
    change(client_, advisor, mobile_phone=FIRST)
    before = confirmation.phones_to_ring(client_)
    assert run() == NOTHING | {"contacts": 1, "blanked": 1}
    assert confirmation.phones_to_ring(client_) == before
    assert [phone.number for phone in before] == [THIRD]
    assert before[0].since.date() == (timezone.now() - timedelta(days=100)).date()


def test_second_advisor_sees_the_same_after_it(advisor_browser, client_, colleague):
    change(client_, colleague, street="1 rue Neuve")
    pass_days(200)
    run()
    page = f"/admin/accounts/client/{client_.pk}/adresse/"
    advisor_browser.post(page, {"look-client": client_.pk, "look-reason": "own_advisor"})
    assert "12 rue des Lilas" in text_of(advisor_browser.get(page))


def ask_for_identity(client, by):
    return identity_changes.start(client, {"family_name": "Durand", "birth_date": date(1990, 1, 1)}, by=Actor(by))


@pytest.mark.parametrize("answer", [identity_changes.approve, identity_changes.refuse])
def test_former_identity_is_forgotten_ninety_days_after_the_answer(client_, advisor, colleague, answer):
    answer(ask_for_identity(client_, advisor), by=Actor(colleague))
    pass_days(89)
    assert run() == NOTHING
    pass_days(1)
    assert run() == NOTHING | {"identities": 1}
    assert not IdentityChange.objects.exists()


def test_change_of_identity_that_nobody_answered_is_forgotten_after_it_has_lapsed(client_, advisor):
    ended = ask_for_identity(client_, advisor).lapses_at + timedelta(days=90)
    for now, forgotten in ((ended - timedelta(microseconds=1), 0), (ended, 1)):
        assert former_values.forget(now, batched_deletes.unheard).identities == forgotten


def test_forgetting_goes_in_batches_and_on_where_it_was(client_, advisor, colleague, monkeypatch):
    monkeypatch.setattr(former_values, "AT_ONCE", 2)
    monkeypatch.setattr(batched_deletes, "AT_ONCE", 2)
    now = timezone.now()
    row = {"contact": "email", "changed_by": advisor, "confirmed_by": colleague, "confirmed_at": now}
    people = [makers.make_person(advisor, given_names=f"Ada {'a' * place}") for place in range(3)]
    ContactChange.objects.bulk_create(
        ContactChange(client=person, old=f"{turn}@example.org", changed_at=now - timedelta(days=100), **row)
        for person in people
        for turn in range(3)
    )
    told = []

    def cut(count):
        told.append(count)
        if len(told) == 2:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        former_values.forget(now, cut)
    assert ContactChange.objects.count() == 5
    assert former_values.forget(now, told.append) == (2, 3, 0, 0)
    assert max(told) == 2
    assert list(ContactChange.objects.values_list("old", flat=True)) == [""] * 3


def test_forgetting_costs_the_same_statements_for_many(client_, advisor, colleague):
    now, costs = timezone.now(), []
    row = {"contact": "email", "changed_by": advisor, "confirmed_by": colleague, "confirmed_at": now, "client": client_}
    for count in (2, 200):
        ContactChange.objects.bulk_create(
            ContactChange(old="a@example.org", changed_at=now - timedelta(days=100), **row) for _ in range(count)
        )
        with CaptureQueriesContext(connection) as asked:
            former_values.forget(now, lambda count: None)
        costs.append(len(asked))
    assert costs[0] == costs[1]


@pytest.mark.django_db(transaction=True)
def test_confirming_while_it_is_forgotten_loses_nothing(race):
    advisor, colleague = makers.make_advisor(), makers.make_advisor("marc.lefevre")
    client = makers.make_person(advisor)
    change(client, advisor, mobile_phone=SECOND)
    confirm(client, colleague)
    change(client, advisor, mobile_phone=THIRD)
    pass_days(100)
    acts = [lambda: confirm(client, colleague), *[lambda: former_values.forget(timezone.now(), lambda count: None)] * 3]
    race(lambda act: act(), acts)
    run()
    assert values() == [("", THIRD)]
