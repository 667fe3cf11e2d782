"""Postal addresses as an envelope shows them: at most six lines of 38 signs, the name among them (NF Z 10-011).

Abroad they stand in the order of their country, whose name in French ends them; nothing that was written is left out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Self

from accounts.notation import countries, names
from accounts.notation.countries import POSTCODE, REGION, Country

WIDTH, MOST_LINES = 38, 6
STREET, TOWN = "%A", "%C"
# Between the parts of the line of the town, where an address is kept as a text; no form takes it.
APART = "\t"


class PostalAddress(NamedTuple):
    """An address without the name; all but street and town may be empty, the country is a code or an unknown name."""

    street: str
    complement: str
    postcode: str
    city: str
    region: str
    country: str

    @classmethod
    def from_text(cls, text: str) -> Self:
        """What `as_text` wrote, or wrote when an address had no region and each part its line."""
        street, *between, town, country = text.split("\n") if text.count("\n") > 1 else [text, "", ""]
        if APART in town:
            postcode, city, region = (town + APART).split(APART)[:3]
            return cls(street, " ".join(between), postcode, city, region, countries.as_kept(country))
        # Of what is left between street and town, what has a digit last is the postcode.
        has_postcode = bool(between) and any(sign.isdigit() for sign in between[-1])
        postcode = between.pop() if has_postcode else ""
        return cls(street, " ".join(between), postcode, town, "", countries.as_kept(country))

    def as_text(self) -> str:
        """Street, complement, town with its postcode and region, country; a line each, without empty ones."""
        town = APART.join((self.postcode, self.city, self.region))
        country = countries.of(self.country).name
        return "\n".join(part for part in (self.street, self.complement, town, country) if part)

    def on_envelope(self, name: str) -> tuple[str, ...]:
        """The lines in the window of an envelope, the name first."""
        country = countries.of(self.country)
        ending = "" if country.code == countries.FRANCE else country.name.upper()
        street = [line for line in (self.complement, self.street) if line]
        places = self._places(country)
        own = _laid_out(country.lines, places, street)
        if 1 + len(own) + bool(ending) > MOST_LINES or any(len(line) > WIDTH for line in own):
            own = [*street, *_in_few_lines(country, places)]
        return tuple(line[:WIDTH] for line in (name, *own, ending) if line)

    @property
    def town(self) -> str:
        """« 69003 Lyon », « London SW1A 1AA, Royaume-Uni »"""
        country = countries.of(self.country)
        places = {TOWN: self.city, REGION: self.region, POSTCODE: self.postcode}
        lines = _laid_out(country.lines, places, [])
        return ", ".join((" ".join(lines), *([] if country.code == countries.FRANCE else [country.name])))

    def _places(self, country: Country) -> Mapping[str, str]:
        postcode = self.postcode if country.is_french else self.postcode.upper()
        return {TOWN: self.city.upper(), REGION: self.region.upper(), POSTCODE: postcode}


def spellings(postcode: str) -> list[str]:
    """The same one closed up, and with a blank at any place: « SW1A1AA » and « SW1A 1AA »."""
    whole = "".join(postcode.split())
    parted = [f"{whole[:place]} {whole[place:]}" for place in range(1, len(whole))]
    return [*dict.fromkeys((postcode, whole, *parted))]


def is_same_home(one: PostalAddress, other: PostalAddress) -> bool:
    """Whether both name one street of one town, however they are spaced; where there is no postcode, by its name."""
    return _home(one) == _home(other)


def _home(address: PostalAddress) -> tuple[str, ...]:
    street = " ".join(address.street.casefold().replace(",", " ").split())
    place = "".join(address.postcode.casefold().split())
    return (place, street) if place else (names.key(address.city), countries.as_kept(address.country), street)


def _laid_out(lines: tuple[str, ...], places: Mapping[str, str], street: list[str]) -> list[str]:
    """The lines of a country, without what is empty; what it has no place for stands below them."""
    laid_out: list[str] = []
    for line in (*lines, *(field for field in places if field not in "".join(lines))):
        laid_out += street if line == STREET else [_line(line, places)]
    return [line for line in laid_out if line]


def _line(line: str, places: Mapping[str, str]) -> str:
    _, *parts = re.split("(%[CSZ])", line)
    filled = ""
    for between, field in zip(("", *parts[1::2]), parts[::2], strict=False):
        filled += f"{between if filled else ''}{places[field]}" if places[field] else ""
    return filled


def _in_few_lines(country: Country, places: Mapping[str, str]) -> Iterator[str]:
    """Town and postcode by themselves in the order of the country; two lines that hold the longest of each."""
    if places[REGION]:
        yield from (places[TOWN], f"{places[REGION]} {places[POSTCODE]}".strip())
        return
    order = "".join(country.lines)
    yield from (places[field] for field in sorted((TOWN, POSTCODE), key=order.find))
