"""Addresses changed before a change of contact had rows of its own, carried into them."""

from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.utils import timezone

from accounts.clients import confirmation
from auth_codes.models import SecurityEvent
from tests import makers

migration = import_module("accounts.migrations.0022_carry_changed_addresses")


def test_all_who_wrote_part_of_it_are_its_authors(person, advisor):
    colleague, other = makers.make_advisor("marc.lefevre"), makers.make_advisor("nadia.benali")
    for by, fields in ((colleague, "street city"), (other, "email")):
        SecurityEvent.objects.create(kind="client_changed", by=by, details={"client": person.pk, "fields": fields})
    before = SimpleNamespace(pk=person.pk, address_changed_by_id=advisor.pk, advisor_id=other.pk)
    since = timezone.now() - migration.CARRIED
    assert set(migration.authors_of(apps, before, since)) == {advisor.pk, colleague.pk}


def test_clients_own_advisor_stands_for_an_unknown_author(person):
    before = SimpleNamespace(pk=person.pk, address_changed_by_id=None, advisor_id=person.advisor_id)
    assert migration.authors_of(apps, before, timezone.now()) == [person.advisor_id]
    assert not confirmation.waiting(person)
