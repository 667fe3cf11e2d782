"""An address abroad at the desk: chosen, asked about, kept as it is written, mended, told to be the same."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps

from accounts.clients import confirmation, doubtful_contacts, twins
from accounts.models import Client, ContactChange
from auth_codes.actor import Actor
from tests import makers
from tests.accounts.admin.test_desk_acts import ADD, again, sheet, text_of, typed

migration = import_module("accounts.migrations.0062_countries_by_code")
LONDON = {"country": "GB", "street": "10 Downing Street", "postcode": "SW1A 1AA", "city": "London"}
KEEP = "Garder l’adresse telle qu’elle est écrite"


def sends(browser, advisor, **address):
    return browser.post(ADD, typed(advisor, address_complement="", **address))


def edited(browser, client, **changed):
    return browser.post(f"/admin/accounts/client/{client.pk}/modifier/", again(browser, client, **changed))


def mended(browser, client, **changed):
    return browser.post(sheet(client), again(browser, client, **changed), follow=True)


def errors_of(answer) -> dict:
    return answer.context["adminform"].form.errors


# Registering.


def test_country_is_chosen_from_a_list_that_begins_with_france(advisor_browser):
    page = text_of(advisor_browser.get(ADD))
    assert '<option value="FR" selected>France</option>' in page
    assert '<option value="CI">Côte d’Ivoire</option>' in page
    assert KEEP not in page


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (LONDON, ("10 Downing Street", "LONDON", "SW1A 1AA", "ROYAUME-UNI")),
        (LONDON | {"postcode": " sw1a  1aa "}, ("10 Downing Street", "LONDON", "SW1A 1AA", "ROYAUME-UNI")),
        (LONDON | {"postcode": ""}, ("10 Downing Street", "LONDON", "ROYAUME-UNI")),
        ({"country": "CI", "postcode": "", "city": "Abidjan"}, ("4 quai de la Loire", "ABIDJAN", "CÔTE D’IVOIRE")),
        ({"country": "US", "postcode": "11201", "city": "Brooklyn", "region": "NY"},
         ("4 quai de la Loire", "BROOKLYN, NY 11201", "ÉTATS-UNIS")),
        ({"country": "FR", "postcode": "44 000"}, ("4 quai de la Loire", "44000 NANTES")),
    ],
)  # fmt: skip
def test_address_is_kept_as_its_country_writes_it(advisor_browser, advisor, address, lines):
    sends(advisor_browser, advisor, **address)
    assert Client.objects.get().address_lines[1:] == lines


@pytest.mark.parametrize(
    ("address", "field", "said"),
    [
        (
            LONDON | {"postcode": "75001"},
            "postcode",
            "Un code postal de ce pays (Royaume-Uni) s’écrit par exemple EC1Y 8SY.",
        ),
        ({"country": "CI", "postcode": "225", "city": "Abidjan"}, "postcode", "n’ont pas de code postal."),
        (
            {"country": "US", "postcode": "11201", "city": "Brooklyn"},
            "region",
            "nomment l’État, la province ou la région.",
        ),
        (LONDON | {"region": "Kent"}, "region", "ne nomment ni État, ni province, ni région."),
        ({"country": "RE", "postcode": "69003"}, "postcode", "s’écrit par exemple 97400."),
    ],
)
def test_what_a_country_does_not_know_is_asked_about_and_kept_when_it_is_right(
    advisor_browser, advisor, address, field, said
):
    answer = sends(advisor_browser, advisor, **address)
    assert list(errors_of(answer)) == [field]
    assert f"{said} Corrigez ce champ ou, si l’adresse s’écrit bien ainsi, cochez « {KEEP} »." in text_of(answer)
    assert answer.context["adminform"].form[field].value() == address.get(field, None)
    assert 'type="checkbox" name="keeps_address"' in text_of(answer)
    assert not Client.objects.exists()
    sends(advisor_browser, advisor, **address, keeps_address="on")
    assert Client.objects.get().country == address["country"]


def test_french_address_is_held_to_its_rules_whatever_is_ticked(advisor_browser, advisor):
    answer = sends(advisor_browser, advisor, postcode="4400", region="Bretagne", keeps_address="on")
    assert errors_of(answer)["postcode"] == ["Un code postal français a cinq chiffres."]
    assert errors_of(answer)["region"] == ["Une adresse française ne nomme pas de région : effacez ce champ."]


@pytest.mark.parametrize("country", ["", "ZZ", "Atlantide", "FR FR", "\x00"])
def test_country_outside_the_list_is_refused(advisor_browser, advisor, country):
    assert list(errors_of(sends(advisor_browser, advisor, country=country))) == ["country"]
    assert not Client.objects.exists()


# Before there was a list.


def from_before(advisor, country: str) -> Client:
    return makers.make_new_client(advisor, country=country, postcode="LL57", city="Bangor")


def test_country_that_nobody_knows_is_said_on_the_sheet_and_may_stay(advisor_browser, advisor):
    client = from_before(advisor, "Pays des Gallois")
    assert "« Pays des Gallois » n’est pas un pays de la liste" in text_of(advisor_browser.get(sheet(client)))
    form = text_of(advisor_browser.get(f"/admin/accounts/client/{client.pk}/modifier/"))
    assert '<option value="Pays des Gallois" selected>Pays des Gallois : à choisir dans la liste</option>' in form
    mended(advisor_browser, client, home_phone="01 23 45 67 89")
    client.refresh_from_db()
    assert (client.country, client.home_phone) == ("Pays des Gallois", "+33123456789")


def test_country_is_mended_from_the_list(advisor_browser, advisor):
    client = from_before(advisor, "Pays des Gallois")
    mended(advisor_browser, client, country="GB", postcode="LL57 2DG")
    client.refresh_from_db()
    assert (client.country, client.country_to_mend) == ("GB", "")
    assert "n’est pas un pays de la liste" not in text_of(advisor_browser.get(sheet(client)))


def test_name_that_a_server_of_before_writes_is_no_change_and_no_fault(advisor_browser, advisor):
    client = makers.make_new_client(advisor, country="France")
    mended(advisor_browser, client, home_phone="01 23 45 67 89")
    assert not ContactChange.objects.filter(contact="address").exists()
    assert "n’est pas un pays de la liste" not in text_of(advisor_browser.get(sheet(client)))


def test_address_that_stands_is_asked_about_only_when_it_changes(advisor_browser, advisor):
    client = makers.make_new_client(advisor, country="GB", postcode="WRONG", city="London")
    mended(advisor_browser, client, home_phone="01 23 45 67 89")
    client.refresh_from_db()
    assert client.home_phone == "+33123456789"


def test_countries_become_codes_and_names_again(advisor, monkeypatch):
    monkeypatch.setattr(migration, "BATCH", 2)
    written = ["France", "FRANCE", "Royaume-Uni", "Angleterre", "Pays des Gallois", "France", "", "Belgique"]
    people = [makers.make_person(advisor, country=country) for country in written]
    migration.to_codes(apps, None)
    stored = list(
        Client.objects.filter(pk__in=[one.pk for one in people]).order_by("pk").values_list("country", flat=True)
    )
    assert stored == ["FR", "FR", "GB", "GB", "Pays des Gallois", "FR", "", "BE"]
    migration.to_names(apps, None)
    assert list(Client.objects.order_by("pk").values_list("country", flat=True)) == [
        "France", "France", "Royaume-Uni", "Royaume-Uni", "Pays des Gallois", "France", "", "Belgique",
    ]  # fmt: skip


def test_since_when_an_address_is_known_is_read_over_the_change_of_writing(advisor, client_):
    old = "12 rue des Lilas\n69003\nLyon\nfrance"
    change = ContactChange.objects.create(client=client_, contact="address", old="x", new=old, changed_by=advisor)
    assert confirmation.reached(client_).address_since == change.changed_at


# The same address.


def test_same_home_abroad_is_found_however_the_postcode_is_spaced(advisor):
    ours = makers.make_person(advisor, **LONDON)
    other = {"birth_date": date(1950, 1, 1), "email": "z@example.org", "mobile_phone": ""}
    assert twins.of(Client(**makers.person_fields(**LONDON | {"postcode": "SW1A1AA"} | other))) == [ours]
    assert twins.of(Client(**makers.person_fields(**other, street="1 rue Neuve"))) == []


def test_same_street_of_two_towns_without_postcodes_is_no_same_home(advisor):
    home = {"street": "1 rue du Port", "postcode": ""}
    makers.make_person(advisor, **home, city="Dakar", country="SN", email="a@example.org")
    for town, country, shared in (("Abidjan", "CI", 0), ("DAKAR", "SN", 1)):
        person = Client(**makers.person_fields(**home, city=town, country=country))
        assert Client.objects.filter(doubtful_contacts.having_same(person, "address")).count() == shared


def test_address_abroad_that_changes_is_kept_and_told_as_one_change(advisor_browser, advisor, client_):
    mended(advisor_browser, client_, **LONDON)
    change = ContactChange.objects.get(contact="address")
    assert change.old == "12 rue des Lilas\n69003\tLyon\t\nFrance"
    assert change.new == "10 Downing Street\nSW1A 1AA\tLondon\t\nRoyaume-Uni"
    client_.refresh_from_db()
    assert client_.recent_postal_addresses()[1][-1] == "69003 LYON"
    assert Actor(advisor).person == change.changed_by
