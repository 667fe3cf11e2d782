"""A year of birth alone comes by a migration, and goes back to a day that papers write where none is known."""

from datetime import date

import pytest
from django.utils import timezone

from accounts.clients import identity_changes
from accounts.models import Client, IdentityChange
from auth_codes.actor import Actor
from tests import makers
from tests.accounts.ledger.test_ledger_guards import all_migrated, migrate, migrate_all
from tests.conftest import StrictBrowser

__all__ = ["all_migrated"]


@pytest.mark.django_db(transaction=True)
def test_year_alone_becomes_the_first_of_january_backwards_and_everybody_stays_logged_in(all_migrated):
    advisor = makers.make_advisor()
    browser = StrictBrowser.logged_in(advisor)
    known = makers.make_person(advisor)
    lacking = makers.make_person(advisor, given_names="", email="", mobile_phone="", birth_date=None, birth_year=1961)
    identity_changes.start(lacking, {"birth_year": 1962}, by=Actor(advisor), now=timezone.now())
    migrate("0052_former_names")
    migrate_all()
    assert browser.get("/admin/").status_code == 200
    born = dict(Client.objects.values_list("pk", "birth_date"))
    assert born == {known.pk: date(1988, 7, 25), lacking.pk: date(1961, 1, 1)}
    change = IdentityChange.objects.get()
    assert (change.old_birth_date, change.birth_date) == (date(1961, 1, 1), date(1962, 1, 1))
