"""What is made once for many tests is to each of them as if it had been made for it."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Client, User
from tests import makers
from tests.standing import made_once

NOBODY = 999_999_999
TWICE = pytest.mark.parametrize("time", ["first", "again"])
made = []


@made_once
def colleague(advisor):
    """Made within a block that must be the outermost."""
    with transaction.atomic(durable=True):
        made.append(makers.make_advisor("marc.lefevre"))
    return made[-1]


@pytest.fixture
def own_person(advisor):
    return makers.make_person(advisor)


@TWICE
def test_it_is_made_for_the_first_alone(colleague, time):
    assert len(made) == 1
    assert User.objects.count() == 2


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


@TWICE
def test_what_is_made_of_it_is_as_new_each_time(client_browser, client_, time):
    assert client_.user.last_login == User.objects.get(pk=client_.user.pk).last_login is not None


def test_what_another_test_made_of_it_is_not_in_its_memory(client_):
    assert client_.user.last_login is None


@TWICE
def test_constraints_that_one_test_has_hold_at_once_wait_in_the_next(advisor, time):
    Client.objects.create(**makers.person_fields(), advisor_id=NOBODY).delete()
    with transaction.atomic():
        if connection.vendor == "postgresql":
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


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
