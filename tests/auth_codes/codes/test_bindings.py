"""What binds an owner to whom he shows, and how it follows a change of SECRET_KEY."""

import importlib
import re

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Q

from accounts.models import User
from auth_codes.codes import bindings
from auth_codes.models import SecretCode
from tests import makers

pytestmark = pytest.mark.django_db

NEW_KEY = "another-" + "n" * 50
migration = importlib.import_module("accounts.migrations.0018_bind_clients_and_users")
of_staff = importlib.import_module("accounts.migrations.0019_bind_staff_passwords")


@pytest.fixture
def user(client_):
    return bindings.owners_with_bound().get(pk=client_.user_id)


@pytest.mark.parametrize(
    "changed",
    [{"code_generation": 7}, {"username": "1000000009"}, {"code_binding": ""}, {"code_binding": "00000000:00"}],
)
def test_nothing_of_it_may_change(user, changed):
    assert bindings.holds(user)
    for name, value in changed.items():
        setattr(user, name, value)
    assert not bindings.holds(user)


def test_who_shows_nobody_is_bound_to_nothing():
    assert bindings.holds(User(username="1000000009"))


def test_it_holds_by_an_earlier_key_and_is_made_anew_by_todays(user, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
    assert bindings.holds(user)
    told = []
    assert (bindings.make_anew(told.append), told) == (2, [2])  # the client's and his advisor's
    assert (bindings.make_anew(told.append), told) == (0, [2])
    settings.SECRET_KEY_FALLBACKS = []
    assert not bindings.holds(user)
    assert bindings.holds(User.objects.get(pk=user.pk))


def test_each_is_made_anew_once_however_many_batches_it_takes(user, settings, monkeypatch):
    monkeypatch.setattr(bindings, "BATCH", 1)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
    told = []
    assert (bindings.make_anew(told.append), told) == (2, [1, 1])


def test_a_batch_is_looked_for_among_the_users_alone(user, django_assert_num_queries):
    with django_assert_num_queries(2) as asked:
        assert [owner.pk for batch in bindings.in_batches(Q(pk=user.pk)) for owner in batch] == [user.pk]
    ranges = [re.search(r"\bIN \((SELECT .*LIMIT \d+)\)", query["sql"])[1] for query in asked.captured_queries]
    assert all("JOIN" not in one and ">" in one for one in ranges)


def test_a_broken_one_is_not_made_anew(user, settings):
    User.objects.filter(pk=user.pk).update(code_generation=9)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
    assert bindings.make_anew(lambda count: None) == 1  # his advisor's
    assert not bindings.holds(User.objects.get(pk=user.pk))


def test_the_migration_binds_who_was_there_before(user, monkeypatch):
    monkeypatch.setattr(migration, "BATCH", 1)
    makers.make_new_client(user.client.advisor, given_names="Zoé")
    User.objects.update(code_binding="")
    migration.bind(apps, connection.schema_editor())
    bound = bindings.owners_with_bound().filter(client__isnull=False)
    assert [bindings.holds(owner) for owner in bound] == [True, True]


def test_on_the_way_back_codes_are_sealed_without_their_number(user, monkeypatch):
    monkeypatch.setattr(migration, "BATCH", 1)
    row = SecretCode.objects.present().get(owner=user)
    hashed = row.unseal()
    for _ in range(2):  # as after a run that was killed
        migration.seal_without_number(apps, connection.schema_editor())
    User.objects.update(code_generation=0)
    assert SecretCode.objects.present().get(owner=user).unseal() == hashed


def test_the_migration_binds_the_passwords_of_staff(advisor):
    User.objects.update(code_binding="")
    assert not bindings.holds(User.objects.get(pk=advisor.pk))
    of_staff.bind(apps, connection.schema_editor())
    assert bindings.holds(User.objects.get(pk=advisor.pk))
