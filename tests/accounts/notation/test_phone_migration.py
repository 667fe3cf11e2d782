"""Telephone numbers stored before each country's plan was known."""

from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import Client
from tests import makers

migration = import_module("accounts.migrations.0014_telephone_numbers_by_plan")


def make_people(advisor, *numbers):
    for mobile, home in numbers:
        makers.make_person(advisor, mobile_phone=mobile, home_phone=home)


def stored():
    return list(Client.objects.order_by("pk").values_list("mobile_phone", "home_phone"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("+33692123456", "+262692123456"), ("+33639123456", "+262639123456"), ("+33690123456", "+590690123456"),
        ("+33596123456", "+596596123456"), ("+4402079460958", "+442079460958"), ("+33612345678", "+33612345678"),
        ("+1234567890", "+1234567890"), ("", ""),
    ],
)  # fmt: skip
def test_what_is_stored_is_brought_over_and_what_no_plan_knows_is_kept(advisor, before, after):
    make_people(advisor, (before, ""), ("+33612345678", before))
    migration.bring_over(apps, None)
    assert stored() == [(after, ""), ("+33612345678", after)]


def test_way_back_writes_numbers_overseas_as_the_code_of_before_finds_them(advisor):
    make_people(advisor, ("+33692123456", "+33508414243"), ("+33612345678", "+32470123456"))
    before = stored()
    migration.bring_over(apps, None)
    assert stored() == [("+262692123456", "+508414243"), before[1]]
    migration.put_back(apps, None)
    assert stored() == before


def test_many_are_brought_over_in_batches(advisor, monkeypatch):
    monkeypatch.setattr(migration, "CHUNK", 2)
    make_people(advisor, *[(f"+3369212345{digit}", "") for digit in range(5)])
    migration.bring_over(apps, None)
    assert stored() == [(f"+26269212345{digit}", "") for digit in range(5)]
