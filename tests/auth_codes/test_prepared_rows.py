"""The objects of a kept question are those that Django makes of the same rows."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Value
from django.db.models.signals import post_init

from accounts.models import BankAccount, Client, Document, Entry, User
from auth_codes.models import SecurityEvent
from auth_codes.prepared import KEY, TEXT, Prepared
from auth_codes.prepared_rows import is_plain
from banking_portal.postgresql.base import DatabaseWrapper
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(advisor):
    """One with an online space, one without."""
    return [makers.make_personalised_client(advisor), makers.make_person(advisor)]


def everybody(least):
    return Client.objects.filter(pk__gte=least).select_related("user", "advisor").order_by("pk")


def all_of(made):
    """What an object holds, and those joined to it."""
    held = {name: value for name, value in vars(made).items() if name != "_state"}
    joined = {name: other and all_of(other) for name, other in made._state.fields_cache.items() if name != "client"}
    return held, (made._state.adding, made._state.db), joined


def test_objects_hold_what_djangos_own_hold(two):
    found = Prepared(everybody, least=KEY).ask(least=0)
    assert list(map(all_of, found)) == list(map(all_of, everybody(0)))
    assert [client.user is None for client in found] == [False, True]


def test_who_is_joined_knows_to_whom(two, django_assert_num_queries):
    [found, _other] = Prepared(everybody, least=KEY).ask(least=0)
    with django_assert_num_queries(0):
        assert found.user.client is found


def test_an_object_is_changed_and_saved_as_any(two):
    [found, _other] = Prepared(everybody, least=KEY).ask(least=0)
    found.user = None
    assert found.user_id is None
    found.family_name = "Durand"
    found.save(update_fields=["family_name"])
    assert Client.objects.get(pk=found.pk).family_name == "Durand"


def test_what_was_left_out_is_asked_for_when_it_is_wanted(two, django_assert_num_queries):
    found = Prepared(lambda key: Client.objects.filter(pk=key).only("family_name"), key=KEY).first(key=two[0].pk)
    with django_assert_num_queries(1):
        assert found.birth_date == two[0].birth_date


def test_what_the_question_computes_is_told(two):
    asked = Prepared(lambda key: Client.objects.filter(pk=key).annotate(said=Value("bonjour")), key=KEY)
    assert asked.first(key=two[0].pk).said == "bonjour"


def test_dicts_are_refused():
    with pytest.raises(ImproperlyConfigured):
        Prepared(lambda name: User.objects.filter(username=name).values(), name=TEXT).ask(name="nobody")


def test_who_listens_to_new_objects_is_called(two):
    heard = []
    listen = lambda instance, **_: heard.append(instance)  # noqa: E731 - the signal keeps no more than a weak hold
    post_init.connect(listen, sender=Client)
    try:
        Prepared(lambda key: Client.objects.filter(pk=key), key=KEY).ask(key=two[0].pk)
    finally:
        post_init.disconnect(listen, sender=Client)
    assert heard == [two[0]]


@pytest.mark.parametrize("model", [Client, User, BankAccount, Entry, Document, SecurityEvent])
def test_models_of_pages_are_made_the_short_way(model):
    names = [field.attname for field in model._meta.concrete_fields]
    assert (is_plain(model, names), is_plain(model, names[:-1])) == (True, False)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no statements")
def test_one_cursor_serves_a_connection_for_as_long_as_it_lasts():
    database = DatabaseWrapper(connection.settings_dict, "another")
    try:
        first = database.kept_cursor()
        with first:
            first.execute("SELECT 1")
            assert first.fetchall() == [(1,)]
        assert database.kept_cursor() is first
        database.close()
        assert database.kept_cursor() is not first
    finally:
        database.close()
