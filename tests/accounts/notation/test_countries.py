"""The countries of an address: their names, as people write them too, and what their posts ask."""

import re

import pytest

from accounts.notation import addresses, countries
from auth_codes import signs
from docs import list_countries


@pytest.mark.slow
def test_list_is_that_of_the_sources():
    assert countries.LIST.read_text() == list_countries.listed(), "list them again: python -m docs.list_countries"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("FR", "FR"), ("fr", "FR"), (" france ", "FR"), ("FRANCE", "FR"), ("République française", "FR"),
        ("Côte d'Ivoire", "CI"), ("COTE D’IVOIRE", "CI"), ("Cote d Ivoire", "CI"), ("Ivory Coast", "CI"),
        ("Royaume Uni", "GB"), ("UK", "GB"), ("Angleterre", "GB"), ("United Kingdom", "GB"), ("USA", "US"),
        ("U.S.A.", "US"), ("Etats-Unis", "US"), ("Belgique", "BE"), ("België", "BE"), ("Deutschland", "DE"),
        ("Suisse", "CH"), ("Pays-Bas", "NL"), ("La Réunion", "RE"), ("Réunion", "RE"), ("Hong Kong", "HK"),
    ],
)  # fmt: skip
def test_country_is_known_by_its_code_and_by_the_names_that_people_write(written, code):
    assert countries.as_kept(written) == code


@pytest.mark.parametrize(
    "written", ["", "Angleterre et Galles", "Congo", "Guinée espagnole", "ZZ", "AC", "\u0000", "٣"]
)
def test_what_names_no_country_or_two_stays_as_it_is(written):
    assert countries.as_kept(written) == written


def test_france_stands_first_and_the_others_as_a_french_reader_looks_for_them():
    offered = [name for _, name in countries.OFFERED]
    assert offered[0] == "France"
    assert offered.index("Égypte") < offered.index("Espagne") < offered.index("États-Unis") < offered.index("Zambie")
    assert len(offered) == len(set(offered)) > 240


def test_each_name_fits_on_a_line_that_papers_can_print():
    capitals = [country.name.upper() for country in countries.BY_CODE.values()]
    assert all(len(name) <= addresses.WIDTH and set(name) <= signs.SHOWN for name in capitals)


def test_each_country_has_a_street_and_a_town_and_takes_its_own_example():
    for country in countries.BY_CODE.values():
        layout = "|".join(country.lines)
        assert layout.count("%A") == layout.count("%C") == 1
        assert country.takes(country.example)
        re.compile(country.pattern)


@pytest.mark.parametrize(
    ("code", "postcode", "is_taken"),
    [
        ("GB", "SW1A 1AA", True), ("GB", "sw1a1aa", True), ("GB", "75001", False), ("NL", "1012 AB", True),
        ("DE", "10115", True), ("DE", "1011", False), ("DE", "١٠١١٥", False), ("LU", "L-1234", True),
        ("LU", "1234", True), ("CH", "CH-1204", True), ("US", "10001-1234", True), ("SN", "X", False),
        ("RE", "97400", True), ("RE", "69003", False),
    ],
)  # fmt: skip
def test_postcode_is_judged_by_its_country(code, postcode, is_taken):
    assert countries.BY_CODE[code].takes(postcode) == is_taken


@pytest.mark.parametrize(("code", "has_them"), [("CI", False), ("GB", True), ("FR", True), ("HK", False)])
def test_which_countries_have_postcodes(code, has_them):
    assert countries.BY_CODE[code].has_postcodes == has_them
