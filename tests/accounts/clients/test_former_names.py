"""People change their names: they are still found by those of before, and are not registered twice."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps

from accounts.clients import found_by, identity_changes, twins
from accounts.clients.finding import find
from accounts.models import Client, FormerName, SearchWord
from auth_codes.actor import Actor
from tests import makers
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db
BORN = date(1988, 7, 25)


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


@pytest.fixture
def rename(person, advisor, colleague):
    """`rename(family_name="Durand")`, by two advisors."""

    def by_two(**changed):
        change = identity_changes.start(Client.objects.get(pk=person.pk), changed, by=Actor(advisor))
        identity_changes.approve(change, by=Actor(colleague))

    return by_two


def found(text):
    return find(Client.objects.all(), text).clients


def test_married_client_is_found_by_both_names(person, rename):
    rename(family_name="Durand")
    for text in ("durand ines", "martin ines", "Inès MARTIN 25/07/1988", "martain lea"):
        assert found(text) == [person]
    assert [str(former) for former in person.former_names.all()] == ["Inès Léa MARTIN"]


def test_changes_after_it_keep_all_names_and_going_back_tells_each_once(person, rename):
    for name in ("Durand", "Petit", "Martin", "Durand"):
        rename(family_name=name)
    names = set(person.former_names.values_list("family_name", flat=True))
    assert names == {"Martin", "Durand", "Petit"}
    assert person.former_names.count() == 3
    assert list(found_by.compare(lambda _: None)) == []


def test_change_of_birth_date_or_title_leaves_no_earlier_name(person, rename):
    rename(birth_date=date(1987, 7, 25))
    rename(title="M.")
    assert not person.former_names.exists()


def test_refused_change_leaves_no_earlier_name(person, advisor, colleague):
    change = identity_changes.start(person, {"family_name": "Durand"}, by=Actor(advisor))
    identity_changes.refuse(change, by=Actor(colleague))
    assert not person.former_names.exists()
    assert found("durand") == []


def test_ordinary_change_of_the_sheet_keeps_earlier_names_found(person, rename):
    rename(family_name="Durand")
    changed = Client.objects.get(pk=person.pk)
    changed.city = "Bron"
    changed.save(update_fields=["city"])
    assert found("martin bron") == [person]


def test_results_say_what_somebody_was_called(advisor_browser, person, rename):
    rename(family_name="Durand")
    page = advisor_browser.post("/admin/accounts/client/", {"said": "martin"}, follow=True)
    assert "Inès Léa DURAND" in text_of(page)
    assert "autrefois Inès Léa MARTIN" in text_of(page)


@pytest.mark.parametrize("family_name", ["Martin", "Durand", "Martin-Durand"])
def test_who_comes_back_under_a_name_of_before_is_asked_about(person, rename, family_name):
    rename(family_name="Durand")
    again = Client(given_names="Inès", family_name=family_name, birth_date=BORN)
    assert twins.of(again) == [person]


def test_migration_keeps_what_was_changed_of_late_and_finds_by_it(person, rename):
    rename(family_name="Durand")
    FormerName.objects.all().delete()
    SearchWord.objects.filter(word__in=("martin", "mart1")).delete()
    migration = import_module("accounts.migrations.0052_former_names")
    for _ in range(2):
        migration.keep(apps, None)
    assert [str(former) for former in FormerName.objects.all()] == ["Inès Léa MARTIN"]
    assert found("martin") == [person]
    assert list(found_by.compare(lambda _: None)) == []
