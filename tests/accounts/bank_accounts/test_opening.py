import uuid
from datetime import date
from functools import partial

import pytest
from django.db import IntegrityError

from accounts import client_codes
from accounts.bank_accounts.opening import issue_client_code, open_account, open_service_contract
from accounts.kinds import Event
from accounts.models import BankAccount, Client, ServiceContract
from accounts.notation import ibans
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent
from tests import makers
from tests.accounts import at_once

CURRENT, CARD = BankAccount.Kind.CURRENT, ServiceContract.Kind.CARD


def issued_events():
    return SecurityEvent.objects.filter(kind=Event.CLIENT_CODE_ISSUED).count()


def test_registered_person_has_no_code(person):
    assert person.client_code is None


def test_first_account_issues_the_code(person, advisor):
    open_account(person, kind=CURRENT, by=Actor(advisor))
    assert client_codes.is_well_formed(person.client_code)
    assert Client.objects.get(pk=person.pk).client_code == person.client_code


@pytest.mark.parametrize("kind", ServiceContract.Kind.values)
def test_first_contract_of_any_kind_issues_the_code(person, advisor, kind):
    open_service_contract(person, kind=kind, by=Actor(advisor))
    assert client_codes.is_well_formed(Client.objects.get(pk=person.pk).client_code)


@pytest.mark.parametrize(("first", "then"), [("account", "account"), ("account", "contract"), ("contract", "account")])
def test_what_comes_second_issues_nothing_new(person, advisor, first, then):
    acts = {
        "account": lambda: open_account(person, kind=CURRENT, by=Actor(advisor)),
        "contract": lambda: open_service_contract(person, kind=CARD, by=Actor(advisor)),
    }
    acts[first]()
    code = person.client_code
    acts[then]()
    assert Client.objects.get(pk=person.pk).client_code == code
    assert issued_events() == 1


def test_code_is_not_issued_again_to_who_read_that_there_was_none(person, advisor):
    stale = Client.objects.get(pk=person.pk)
    open_account(person, kind=CURRENT, by=Actor(advisor))
    assert issue_client_code(stale, by=Actor(advisor)) is False
    assert stale.client_code == person.client_code


def test_two_clients_have_different_codes(advisor):
    clients = [makers.make_person(advisor), makers.make_person(advisor)]
    for client in clients:
        open_account(client, kind=CURRENT, by=Actor(advisor))
    assert clients[0].client_code != clients[1].client_code


def test_journal_says_who_opened_what_for_whom_and_not_the_code(person, advisor):
    account = open_account(person, kind=CURRENT, by=Actor(advisor))
    lines = {event.kind: event for event in SecurityEvent.objects.all()}
    assert lines["client_code_issued"].details == {"client": person.pk}
    assert lines["account_opened"].details == {"client": person.pk, "number": account.number}
    assert {event.by for event in lines.values()} == {advisor}


def test_same_act_opens_one_account(person, advisor):
    token = uuid.uuid4()
    opened = [open_account(person, kind=CURRENT, by=Actor(advisor), token=token) for _ in range(3)]
    assert opened[0] == opened[1] == opened[2]
    assert person.bank_accounts.count() == 1
    assert SecurityEvent.objects.filter(kind="account_opened").count() == 1


def test_act_of_one_client_never_returns_the_account_of_another(advisor):
    token = uuid.uuid4()
    one, other = makers.make_person(advisor), makers.make_person(advisor)
    open_account(one, kind=CURRENT, by=Actor(advisor), token=token)
    with pytest.raises(IntegrityError):
        open_account(other, kind=CURRENT, by=Actor(advisor), token=token)
    assert Client.objects.get(pk=other.pk).client_code is None


def test_number_already_taken_is_drawn_again(advisor, monkeypatch):
    first, second = makers.make_person(advisor), makers.make_person(advisor)
    open_account(first, kind=CURRENT, by=Actor(advisor))
    free = client_codes.draw()
    draws = iter([first.client_code, first.client_code, free])
    monkeypatch.setattr(client_codes, "draw", lambda: next(draws))
    open_account(second, kind=CURRENT, by=Actor(advisor))
    assert second.client_code == free
    assert second.bank_accounts.count() == 1


def test_account_number_already_taken_is_drawn_again(advisor, person, monkeypatch):
    taken = open_account(person, kind=CURRENT, by=Actor(advisor)).number
    draws = iter([taken, taken, "10000000001"])
    monkeypatch.setattr(ibans, "draw_number", lambda: next(draws))
    assert open_account(person, kind=CURRENT, by=Actor(advisor)).number == "10000000001"


def test_failure_to_find_a_free_number_leaves_nothing_behind(advisor, monkeypatch):
    first, second = makers.make_person(advisor), makers.make_person(advisor)
    open_account(first, kind=CURRENT, by=Actor(advisor))
    monkeypatch.setattr(client_codes, "draw", lambda: first.client_code)
    with pytest.raises(IntegrityError):
        open_account(second, kind=CURRENT, by=Actor(advisor))
    assert not second.bank_accounts.exists()


@pytest.mark.parametrize(
    "code", ["0123456789", "123456789", "12345678901", "12345x7890", "1234567890\n", "", "١٢٣٤٥٦٧٨٩٠"]
)
def test_database_refuses_a_malformed_code(person, code):
    with pytest.raises(Exception, match=r"client_code_is_ten_digits|too long"):
        Client.objects.filter(pk=person.pk).update(client_code=code)


def test_database_refuses_a_code_that_somebody_holds(advisor, new_client):
    other = makers.make_person(advisor)
    with pytest.raises(IntegrityError):
        Client.objects.filter(pk=other.pk).update(client_code=new_client.client_code)


def test_database_refuses_a_birth_before_1900(person):
    with pytest.raises(IntegrityError, match="born_since_1900"):
        Client.objects.filter(pk=person.pk).update(birth_date=date(1899, 12, 31))


@pytest.mark.django_db(transaction=True)
def test_first_account_and_first_contract_at_the_same_instant_issue_one_code(advisor):
    for _ in range(4):
        before = issued_events()
        pk = makers.make_person(advisor).pk
        acts = [
            partial(open_account, kind=CURRENT, by=Actor(advisor)),
            partial(open_service_contract, kind=CARD, by=Actor(advisor)),
        ]
        at_once.in_threads([partial(act, Client.objects.get(pk=pk)) for act in acts * 8])
        client = Client.objects.get(pk=pk)
        assert client_codes.is_well_formed(client.client_code)
        assert (client.bank_accounts.count(), client.service_contracts.count()) == (8, 8)
        assert issued_events() - before == 1


@pytest.mark.django_db(transaction=True)
def test_everybody_who_opened_at_the_same_instant_reads_the_one_code(advisor):
    pk = makers.make_person(advisor).pk

    def open_and_read():
        client = Client.objects.get(pk=pk)
        open_account(client, kind=CURRENT, by=Actor(advisor))
        return client.client_code

    assert set(at_once.in_threads([open_and_read] * 16)) == {Client.objects.get(pk=pk).client_code}


@pytest.mark.django_db(transaction=True)
def test_same_act_from_many_threads_opens_one_account(advisor):
    client, token = makers.make_person(advisor), uuid.uuid4()
    act = lambda: open_account(Client.objects.get(pk=client.pk), kind=CURRENT, by=Actor(advisor), token=token).pk  # noqa: E731
    opened = at_once.in_threads([act] * 12)
    assert len(set(opened)) == 1
    assert client.bank_accounts.count() == 1
    assert SecurityEvent.objects.filter(kind="account_opened").count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_processes_at_once_issue_distinct_codes_and_lose_none(advisor):
    shared = [makers.make_person(advisor).pk for _ in range(5)]
    own = [[makers.make_person(advisor).pk for _ in range(15)] for _ in range(8)]
    printed = at_once.in_processes([[*shared, *clients] for clients in own])
    stored = dict(Client.objects.values_list("pk", "client_code"))
    for clients, codes in zip(own, printed, strict=True):
        assert codes == [stored[pk] for pk in [*shared, *clients]]
    assert None not in stored.values()
    assert len(set(stored.values())) == len(stored) == 5 + 8 * 15
    assert issued_events() == len(stored)
    assert BankAccount.objects.count() == 8 * (5 + 15)
