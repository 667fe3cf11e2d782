"""Addresses of any country on an envelope, as a text and beside each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.notation import addresses, countries
from accounts.notation.addresses import PostalAddress

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12)
COUNTRIES = st.sampled_from(sorted(countries.BY_CODE))


def address(**parts) -> PostalAddress:
    given_parts = {"street": "10 Main Street", "complement": "Flat 2", "postcode": "", "city": "Town", "region": ""}
    return PostalAddress(**{**given_parts, "country": "FR", **parts})


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ({"postcode": "69003", "city": "Lyon"}, ["69003 LYON"]),
        ({"postcode": "SW1A 1AA", "city": "London", "country": "GB"}, ["LONDON", "SW1A 1AA", "ROYAUME-UNI"]),
        ({"city": "Abidjan", "country": "CI"}, ["ABIDJAN", "CÔTE D’IVOIRE"]),
        ({"postcode": "1000", "city": "Bruxelles", "country": "BE"}, ["1000 BRUXELLES", "BELGIQUE"]),
        ({"postcode": "L-1234", "city": "Luxembourg", "country": "LU"}, ["L-1234 LUXEMBOURG", "LUXEMBOURG"]),
        ({"postcode": "10001", "city": "New York", "region": "NY", "country": "US"},
         ["NEW YORK, NY 10001", "ÉTATS-UNIS"]),
        ({"postcode": "10001", "city": "New York", "country": "US"}, ["NEW YORK 10001", "ÉTATS-UNIS"]),
        ({"postcode": "00144", "city": "Roma", "region": "RM", "country": "IT"}, ["00144 ROMA RM", "ITALIE"]),
        ({"postcode": "97400", "city": "Saint-Denis", "country": "RE"}, ["97400 SAINT-DENIS", "LA RÉUNION"]),
        ({"postcode": "238823", "city": "Singapore", "country": "SG"}, ["SINGAPORE 238823", "SINGAPOUR"]),
        ({"postcode": "X 3", "city": "Ailleurs", "country": "Pays inconnu"}, ["X 3 AILLEURS", "PAYS INCONNU"]),
        # What a country has no place for is kept.
        ({"postcode": "225", "city": "Abidjan", "country": "CI"}, ["ABIDJAN", "225", "CÔTE D’IVOIRE"]),
    ],
)  # fmt: skip
def test_town_stands_as_its_country_writes_it(parts, lines):
    assert address(**parts).on_envelope("M. X") == ("M. X", "Flat 2", "10 Main Street", *lines)


def test_town_that_its_country_writes_first_stands_first():
    hungarian = address(postcode="1011", city="Budapest", country="HU")
    assert hungarian.on_envelope("M. X") == ("M. X", "BUDAPEST", "Flat 2", "10 Main Street", "1011", "HONGRIE")


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        # Seven lines in Ireland; too long for one in the United States and in Germany.
        ({"postcode": "D02 X285", "city": "Dublin", "region": "Co. Dublin", "country": "IE"},
         ["DUBLIN", "CO. DUBLIN D02 X285", "IRLANDE"]),
        ({"postcode": "10001-1234", "city": "X" * 32, "region": "Y" * 27, "country": "US"},
         ["X" * 32, "Y" * 27 + " 10001-1234", "ÉTATS-UNIS"]),
        ({"postcode": "1" * 10, "city": "X" * 32, "country": "DE"}, ["1" * 10, "X" * 32, "ALLEMAGNE"]),
    ],
)  # fmt: skip
def test_what_has_no_room_is_set_in_two_lines_and_nothing_is_lost(parts, lines):
    assert address(**parts).on_envelope("M. X")[3:] == tuple(lines)


@given(TEXT, TEXT, TEXT, TEXT, COUNTRIES)
def test_every_part_stands_in_the_window_whatever_the_country(complement, postcode, city, region, country):
    whole = address(complement=complement, postcode=postcode[:10], city=city, region=region, country=country)
    lines = whole.on_envelope("M. X")
    assert len(lines) <= addresses.MOST_LINES
    together = "\n".join(lines)
    for part in (complement, city.upper(), region.upper()):
        assert part[: addresses.WIDTH] in together


@given(TEXT.filter(bool), TEXT, TEXT, TEXT.filter(bool), TEXT, COUNTRIES)
def test_text_that_is_kept_of_an_address_reads_back_as_it(street, complement, postcode, city, region, country):
    whole = PostalAddress(street, complement, postcode, city, region, country)
    assert PostalAddress.from_text(whole.as_text()) == whole


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("10 Main Street\nFlat 2\n69003\nTown\nFrance", {"postcode": "69003"}),
        ("10 Main Street\nFlat 2\n1012AB\nTown\nPays-Bas", {"postcode": "1012AB", "country": "NL"}),
        ("10 Main Street\nFlat\nTown\nAilleurs", {"complement": "Flat", "country": "Ailleurs"}),
    ],
)
def test_text_from_before_the_list_of_countries_is_read(text, parts):
    assert PostalAddress.from_text(text) == address(**parts)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"postcode": "SW1A 1AA"}, {"postcode": "sw1a1aa"}, True),
        (
            {"postcode": "69003", "street": "12, rue des Lilas"},
            {"postcode": "69003", "street": "12 RUE des lilas"},
            True,
        ),
        ({"postcode": "69003"}, {"postcode": "69008"}, False),
        ({"city": "Abidjan", "country": "CI"}, {"city": "ABIDJAN", "country": "Côte d’Ivoire"}, True),
        ({"city": "Abidjan", "country": "CI"}, {"city": "Dakar", "country": "SN"}, False),
    ],
)
def test_one_home_is_told_however_it_is_spaced_and_by_its_town_without_a_postcode(one, other, is_same):
    assert addresses.is_same_home(address(**one), address(**other)) == is_same
