"""The words that a client is found by are those of his sheet, whoever writes it."""

import json
from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.clients import identity_changes
from accounts.models import Client, SearchWord
from auth_codes.actor import Actor
from tests import makers

pytestmark = pytest.mark.django_db


def words(client, kind="n") -> set[str]:
    return set(SearchWord.objects.filter(client=client, kind=kind).values_list("word", flat=True))


def test_registered_person_is_found_by_each_part_of_the_sheet(person):
    assert words(person) == {"martin", "ines", "lea", "ineslea"}
    assert words(person, "d") == {"19880725"}
    assert words(person, "p") == {"69003"}
    assert words(person, "t") == {"lyon"}


def test_change_of_the_sheet_changes_the_words_and_nothing_else_does(person):
    person.city, person.family_name = "Bron", "Autre"
    person.save(update_fields=["city"])
    assert (words(person, "t"), "martin" in words(person)) == ({"bron"}, True)
    Client.objects.get(pk=person.pk).save()
    assert "martin" in words(person)


def test_change_of_name_by_two_advisors_changes_the_words(person, advisor):
    change = identity_changes.start(person, {"family_name": "Nouvelle"}, by=Actor(advisor))
    identity_changes.approve(change, by=Actor(makers.make_advisor("marc.lefevre")))
    assert "nouvelle" in words(person)


def test_sheet_that_is_not_written_leaves_no_words(person):
    class Refused(Exception):
        pass

    def move_and_fail():
        with transaction.atomic():
            person.city = "Bron"
            person.save()
            raise Refused

    with pytest.raises(Refused):
        move_and_fail()
    assert words(person, "t") == {"lyon"}


def test_many_people_at_once_have_their_words(advisor):
    people = [
        Client(advisor=advisor, **makers.person_fields(given_names=name), family_key="martin") for name in ("Ada", "Bo")
    ]
    made = Client.objects.bulk_create(people)
    assert [words(one) for one in made] == [{"martin", "ada"}, {"martin", "bo"}]


def run(*options) -> list[dict]:
    said = []
    call_command("fill_search_words", *options, stdout=type("Out", (), {"write": said.append, "isatty": lambda: False}))
    return [json.loads(line) for line in said]


def test_words_that_differ_from_the_sheet_are_named_and_put_right(person, client_):
    Client.objects.filter(pk=person.pk).update(city="Bron")
    SearchWord.objects.filter(client=client_, kind="n").delete()
    with pytest.raises(CommandError, match=r"fiche : 2\. Relancez"):
        run("--check")
    assert words(person, "t") == {"lyon"}
    assert run() == [{"clients": 2, "corrected": 2}]
    assert words(person, "t") == {"bron"}
    assert run("--check") == [{"clients": 2, "differing": 0}]
    assert run() == [{"clients": 2, "corrected": 0}]


def test_migration_fills_those_of_before_and_keeps_others(person, client_):
    SearchWord.objects.filter(client=person).delete()
    migration = import_module("accounts.migrations.0051_fill_search_words")
    with connection.schema_editor() if connection.vendor == "postgresql" else transaction.atomic():
        migration.fill(apps, None)
        migration.fill(apps, None)
    assert words(person) == {"martin", "ines", "lea", "ineslea"}
    assert run("--check") == [{"clients": 2, "differing": 0}]


def test_word_of_a_long_name_is_cut_where_the_column_ends(advisor):
    person = makers.make_person(advisor, family_name="A" * 80, birth_date=date(1980, 1, 1))
    assert "a" * 40 in words(person)


@pytest.mark.django_db(transaction=True)
def test_two_desks_that_change_one_sheet_at_once_leave_the_words_of_both(race):
    person = makers.make_person(makers.make_advisor())

    def change(field, value):
        sheet = Client.objects.get(pk=person.pk)
        setattr(sheet, field, value)
        sheet.save(update_fields=[field])

    race(lambda pair: change(*pair), [("city", "Bron"), ("postcode", "69500"), ("city", "Bron"), ("postcode", "69500")])
    assert (words(person, "t"), words(person, "p")) == ({"bron"}, {"69500"})
