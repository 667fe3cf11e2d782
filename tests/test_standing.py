"""What is made once for many tests is to each of them as if it had been made for it."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Client, User
from tests import makers, standing
from tests.standing import made_once

TWICE = pytest.mark.parametrize("time", ["first", "again"])
made = []


@made_once
def colleague(advisor):
    """Made within a block that must be the outermost."""
    with transaction.atomic(durable=True):
        made.append(makers.make_advisor("marc.lefevre"))
    return made[-1]


@made_once
def client_(client_):
    """Under the name of one that others take."""
    client_.family_name = "Durand"
    client_.save()
    return client_


@pytest.fixture
def own_person(advisor):
    return makers.make_person(advisor)


def test_it_is_made_for_the_first_alone(colleague, request):
    before = len(made)
    standing.prepare(request.node)  # as for the next test that asks for the same
    assert len(made) == before
    assert User.objects.count() == 2


def test_what_is_old_does_not_stay_for_the_next(colleague, monkeypatch):
    asked = [each.recipe for each in standing._standing]
    assert standing._kept(asked) == len(asked) == 2
    monkeypatch.setattr(standing, "FRESH_SECONDS", 0)
    assert standing._kept(asked) == 0


@TWICE
def test_what_a_test_does_to_it_is_gone_from_database_and_memory(advisor, time):
    assert (advisor.first_name, User.objects.get().first_name) == ("Claire", "Claire")
    advisor.first_name = "Anne"
    advisor.save()


@TWICE
def test_test_that_breaks_the_transaction_breaks_no_other(advisor, time):
    with pytest.raises(IntegrityError):
        User.objects.create(username=advisor.username)


@TWICE
def test_test_that_loses_the_connection_breaks_no_other(advisor, time):
    assert User.objects.get() == advisor
    connection.close()


def test_one_object_for_two_stays_one(person, advisor):
    assert person.advisor is advisor


def test_login_of_one_test_is_in_its_memory_too(client_browser, client_):
    assert client_.user.last_login == User.objects.get(pk=client_.user.pk).last_login is not None


def test_login_of_another_test_is_not_in_the_memory_of_this_one(client_):
    assert client_.user.last_login is None


def test_what_takes_it_takes_the_one_of_this_module(client_browser):
    assert "DURAND" in client_browser.get("/mon-profil/").content.decode().upper()


def test_nothing_stands_but_what_is_asked_for(advisor):
    assert not Client.objects.exists()


def test_nothing_stands_where_nothing_is_asked_for(db):
    assert not User.objects.exists()


def test_what_takes_it_may_be_made_for_one_test(own_person, advisor):
    assert own_person.advisor is advisor


@pytest.mark.django_db(transaction=True)
def test_test_that_commits_makes_all_itself(colleague):
    assert not connection.in_atomic_block
    assert User.objects.count() == 2
