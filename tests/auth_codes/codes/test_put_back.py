"""What naming the owners whose rows were written in costs: the same for each batch, whoever is in it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Client, User
from auth_codes.codes import bindings, put_back
from auth_codes.codes.put_back import OwnerProblem
from auth_codes.models import SecurityEvent
from tests import makers
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def owners(advisor):
    """Clients as the portal binds them, none of whom has a code yet."""
    people = [Client(advisor=advisor, **makers.person_fields()) for _ in range(60)]
    for number, client in enumerate(people):
        client.user = User.objects.create(username=f"{1_000_000_000 + number}", password="!", code_generation=2)
        client.client_code = client.user.username
        client.save()
    bindings.bind_many(list(bindings.owners_with_bound().filter(client__in=people)))
    return [client.user for client in people]


def checked(owners):
    """The findings, in their order, and the statements that they cost."""
    found, told = [], []
    with CaptureQueriesContext(connection) as asked:
        put_back.check(found.append, told.append)
    assert sum(told) == User.objects.count() >= len(owners)
    return found, len(asked)


def tell_of(owners, number):
    SecurityEvent.objects.bulk_create(
        SecurityEvent(kind="code_changed", owner=owner, by=owner, details={"generation": number}) for owner in owners
    )


def test_statements_do_not_grow_with_the_owners(owners):
    """A batch, its lines, those of its locks, and the look for another batch."""
    tell_of(owners, 2)
    assert checked(owners) == ([], 4)


@pytest.mark.parametrize("wrong", [1, 60])
def test_statements_do_not_grow_with_those_that_are_wrong(owners, wrong):
    """As after a change of SECRET_KEY without the old one: then every owner is one."""
    tell_of(owners[:wrong], 3)
    found, cost = checked(owners)
    assert [finding.name for finding in found] == [owner.username for owner in owners[:wrong]]
    assert {(finding.problem, finding.stands, finding.told) for finding in found} == {(OwnerProblem.PUT_BACK, 2, 3)}
    assert cost == 6


def test_batches_meet_each_owner_once(owners, monkeypatch):
    monkeypatch.setattr(bindings, "BATCH", 7)
    tell_of(owners, 3)
    found, _ = checked(owners)
    assert [finding.name for finding in found] == [owner.username for owner in owners]


def test_owner_whose_code_ended_after_his_batch_was_read_is_not_named(owners, monkeypatch):
    """The line that tells of it is read, his row was not yet: he is read anew."""
    tell_of(owners[:1], 3)
    told = put_back._told

    def told_while_it_ends(pks):
        bindings.end_generation(owners[0])
        monkeypatch.setattr(put_back, "_told", told)
        return told(pks)

    monkeypatch.setattr(put_back, "_told", told_while_it_ends)
    assert checked(owners)[0] == []


def test_many_findings_are_counted_and_the_first_of_them_named(owners):
    tell_of(owners, 3)
    said, errors = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="60 constat"):
        call_command("check_owners", stdout=said, stderr=errors)
    assert errors.getvalue().count("Code client") == 50
    assert json.loads(said.getvalue())["findings"] == 60
