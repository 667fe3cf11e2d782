"""Who is found by what advisors type, and in which order."""

from datetime import date

import pytest

from accounts.bank_accounts.opening import open_service_contract
from accounts.clients import finding, look_up
from accounts.clients.finding import SHOWN, find
from accounts.models import Client
from accounts.notation import ibans
from auth_codes.actor import SYSTEM
from tests import makers
from tests.standing import made_once

BORN = date(1984, 3, 12)


@made_once
def town(advisor):
    """People who resemble each other, by their first names."""
    people = {
        "Anne": {"family_name": "Le Fèvre", "birth_date": BORN, "email": "anne@example.org"},
        "Awa": {"family_name": "N’Diaye", "postcode": "44000", "city": "Nantes"},
        "Jean-Pierre": {"family_name": "Lefèvre", "title": "M.", "city": "St-Étienne", "postcode": "42000"},
        "Jeanpierre": {"family_name": "Moreau", "title": "M.", "birth_date": date(1984, 7, 1)},
        "Marie Claude": {"family_name": "Lyon", "city": "Le Mans", "postcode": "72000"},
        "Paul": {"family_name": "Martin", "title": "M.", "birth_date": date(1950, 1, 1), "postcode": "01000"},
        "Martine": {"family_name": "Paulin", "birth_date": date(1950, 1, 2)},
    }
    return {
        given: makers.make_person(advisor, given_names=given, **{"email": f"{place}@example.org"} | fields)
        for place, (given, fields) in enumerate(people.items())
    }


def found(text: str) -> list[str]:
    return [client.given_names for client in find(Client.objects.all(), text).clients]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # Accents, hyphens, apostrophes and blanks.
        ("lefevre anne", ["Anne"]), ("Le Fèvre", ["Anne", "Jean-Pierre"]), ("LEFÈVRE", ["Anne", "Jean-Pierre"]),
        ("fevre", ["Anne"]), ("le-fevre anne", ["Anne"]), ("n'diaye", ["Awa"]), ("ndiaye", ["Awa"]),
        ("N’DIAYE Awa", ["Awa"]), ("n diaye", ["Awa"]), ("jeanpierre lefevre", ["Jean-Pierre"]),
        ("jean pierre moreau", ["Jeanpierre"]), ("Jean-Pierre MOREAU", ["Jeanpierre"]),
        ("pierre lefevre", ["Jean-Pierre"]),
        ("marieclaude", ["Marie Claude"]), ("claude lyon", ["Marie Claude"]),
        # Birth dates as people say them, and as much of them as they know.
        ("le fevre 12/03/1984", ["Anne"]), ("lefevre 120384", ["Anne"]), ("anne 12 mars 1984", ["Anne"]),
        ("lefevre mars 1984", ["Anne"]), ("lefevre 03/1984", ["Anne"]), ("lefevre 1984", ["Anne"]),
        ("anne née en mars 1984", ["Anne"]), ("1984 moreau", ["Jeanpierre"]), ("moreau mars 1984", []),
        # Where somebody lives.
        ("lefevre 42000", ["Jean-Pierre"]), ("lefevre saint etienne", ["Jean-Pierre"]),
        ("St Etienne lefevre", ["Jean-Pierre"]), ("lyon le mans", ["Marie Claude"]), ("le mans lyon", ["Marie Claude"]),
        ("ndiaye nantes", ["Awa"]), ("ndiaye 44100", []), ("nantes awa", ["Awa"]), ("martin 01000", ["Paul"]),
        # An address.
        ("anne@example.org", ["Anne"]), ("ANNE@Example.org lefevre", ["Anne"]), ("anne@example.org martin", []),
        # A town, a year or a postcode tells nobody apart.
        ("nantes", []), ("44000", []), ("1984", []), ("mars 1984", []), ("8901", []), ("44000 1984", []),
    ],
)  # fmt: skip
def test_found_as_people_say_it(town, text, names):
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("lefebvre", ["Jean-Pierre", "Anne"]), ("Lefebvre Anne", ["Anne"]), ("lefebure", []), ("djaye", []),
        ("morau jeanpierre", ["Jeanpierre"]), ("fèbvre", ["Anne"]), ("lefebvre nantes", []),
        ("lefebvre st etienne", ["Jean-Pierre"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("counted", [finding.COUNTED, 1])
def test_sounding_alike_counts_where_nothing_is_equal(town, monkeypatch, text, names, counted):
    monkeypatch.setattr(finding, "COUNTED", counted)  # even the rarest word is a common one
    answer = find(Client.objects.all(), text)
    assert sorted(client.given_names for client in answer.clients) == sorted(names)
    assert answer.sound_alike == bool(names)


def test_name_that_somebody_has_brings_none_that_sounds_alike(town, advisor):
    makers.make_person(advisor, family_name="Lefebvre", given_names="Zoé")
    assert found("lefebvre") == ["Zoé"]


def test_very_words_come_before_their_beginnings_and_family_names_first(town, advisor):
    makers.make_person(advisor, family_name="Martinet", given_names="Ève")
    makers.make_person(advisor, family_name="Abel", given_names="Martin", title="M.")
    assert found("martin") == ["Paul", "Martin", "Ève", "Martine"]


def test_four_digits_are_a_year_or_the_end_of_an_account_with_a_name(advisor, town):
    holder = makers.make_new_client(advisor, family_name="Garnier", given_names="Odile")
    holder.bank_accounts.update(number="12345671984")
    assert found("garnier 1984") == ["Odile"]
    assert found("lefevre 1984") == ["Anne"]
    holder.bank_accounts.update(number="12345678901")
    assert found("garnier 8901") == ["Odile"]
    assert found("martin 8901") == found("8901") == []


@pytest.mark.parametrize(
    "said",
    ["code client {0}", "Mon code client est {0}.", "client n°{0}", "{0} Garnier", "code client : {1}", "Garnier, {1}"],
)
def test_code_client_is_found_inside_what_is_said(advisor, said):
    client = makers.make_new_client(advisor, family_name="Garnier", given_names="Odile")
    number = client.client_code
    assert found(said.format(number, f"{number[:4]} {number[4:7]} {number[7:]}")) == ["Odile"]


def test_number_with_somebody_elses_name_finds_nobody(advisor, town):
    client = makers.make_new_client(advisor, family_name="Garnier", given_names="Odile")
    assert found(f"{client.client_code} Martin") == []


def test_contract_and_account_are_found_by_their_numbers(advisor, person):
    contract = open_service_contract(person, kind="card", by=SYSTEM)
    assert found(contract.number) == found(f"contrat n° {ibans.display_number(contract.number)}") == ["Inès Léa"]
    account = makers.make_new_client(advisor, given_names="Odile").bank_accounts.get()
    assert found(f"iban {ibans.display(account.iban)}") == found(f"compte {account.number}") == ["Odile"]


def test_common_name_shows_a_page_and_says_that_there_are_more(advisor):
    for number in range(SHOWN + 1):
        makers.make_person(advisor, given_names=f"Ana{'abcdefghijklmnopqrstuvwxyz'[number]}")
    answer = find(Client.objects.all(), "martin")
    assert (len(answer.clients), answer.are_all) == (SHOWN, False)
    assert find(Client.objects.all(), "martin anab").are_all


def test_mistyped_code_client_is_explained_also_within_a_sentence():
    assert look_up.why_nobody("code client 5724 816 390") == look_up.MISTYPED


@pytest.mark.parametrize("text", ["nantes 44000", "44000", "1984", "mars 1984", "8901", "ab 44000", "ab 1984"])
def test_what_says_where_or_when_alone_is_refused_with_what_to_add(text):
    assert look_up.why_nobody(text) in (look_up.NAME_NEEDED, look_up.TOO_SHORT, None)
    assert look_up.is_too_short(text) == (text != "nantes 44000")


@pytest.mark.parametrize("text", ["1 " * 5000, "12 " * 5000, "a " * 5000, "é" * 10_000, "+(" * 3000])
def test_long_text_costs_no_more_than_its_beginning(db, text):
    assert found(text) == []


ABROAD = {
    "Alice": {"postcode": "SW1A 1AA", "city": "London", "country": "GB"},
    "Bob": {"postcode": "SW1A2AA", "city": "London", "country": "GB"},
    "Clara": {"postcode": "1012 AB", "city": "Amsterdam", "country": "NL"},
    "Dirk": {"postcode": "1000", "city": "Bruxelles", "country": "BE"},
    "Elin": {"postcode": "113 34", "city": "Stockholm", "country": "SE"},
    "Fumi": {"postcode": "100-0001", "city": "Tokyo", "country": "JP"},
    "Gil": {"postcode": "01310-100", "city": "São Paulo", "country": "BR"},
    "Hari": {"postcode": "560034", "city": "Bengaluru", "country": "IN"},
    "Ivars": {"postcode": "LV-1073", "city": "Riga", "country": "LV"},
    "Jón": {"postcode": "101", "city": "Reykjavik", "country": "IS"},
    "Kim": {"postcode": "10001-1234", "city": "New York", "country": "US"},
    "Liam": {"postcode": "D02 X285", "city": "Dublin", "country": "IE"},
    "Max": {"postcode": "", "city": "Abidjan", "country": "CI"},
    "Noor": {"postcode": "1984 LE", "city": "Amsterdam", "country": "NL"},
}


@made_once
def neighbours(advisor):
    """People of one name who live abroad, by their first names."""
    for place, (given, home) in enumerate(ABROAD.items()):
        makers.make_person(advisor, family_name="Kowalska", given_names=given, email=f"{place}@example.org", **home)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("SW1A 1AA", "Alice"), ("SW1A1AA", "Alice"), ("sw1a 1aa", "Alice"), ("SW1A 2AA", "Bob"), ("SW1A2AA", "Bob"),
        ("1012 AB", "Clara"), ("1012AB", "Clara"), ("1000", "Dirk"), ("1000 Bruxelles", "Dirk"), ("113 34", "Elin"),
        ("11334", "Elin"), ("100-0001", "Fumi"), ("1000001", "Fumi"), ("01310-100", "Gil"), ("01310 100", "Gil"),
        ("560034", "Hari"), ("LV-1073", "Ivars"), ("LV1073", "Ivars"), ("101", "Jón"), ("10001-1234", "Kim"),
        ("D02 X285", "Liam"), ("d02x285", "Liam"), ("Abidjan", "Max"), ("1984 LE", "Noor"), ("1984LE", "Noor"),
    ],
)  # fmt: skip
def test_postcode_abroad_is_found_as_it_is_written_and_closed_up(neighbours, said, name):
    assert found(f"Kowalska {said}") == found(f"{said} kowalska") == [name]


@pytest.mark.parametrize("said", ["SW1A 1AA", "SW1A1AA", "1012 AB", "113 34", "560034", "Ko 1000", "10001-1234"])
def test_postcode_abroad_alone_finds_nobody(neighbours, said):
    assert found(said) == []


def test_four_digits_stay_the_end_of_an_account_where_somebody_has_one(advisor, neighbours):
    holder = makers.make_new_client(advisor, family_name="Kowalska", given_names="Zoé")
    holder.bank_accounts.update(number="12345671000")
    assert found("Kowalska 1000") == ["Zoé"]
