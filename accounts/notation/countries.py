"""The countries of an address by their codes of ISO 3166: their names, their lines, the form of their postcodes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from accounts.notation import names

LIST = Path(__file__).with_name("countries.txt")
FRANCE = "FR"
# Served by La Poste or by posts with its codes: five digits, of which the first say which place it is.
OVERSEAS = {"BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "WF", "YT"}
REGION, POSTCODE = "%S", "%Z"


class Country(NamedTuple):
    """`lines` are those of an envelope below the name, « %Z %C »; an empty `pattern` takes any postcode, or none is."""

    code: str
    name: str
    lines: tuple[str, ...] = ("%A", "%Z %C")
    needs_region: bool = False
    pattern: str = ""
    example: str = ""
    known_as: tuple[str, ...] = ()

    @property
    def has_postcodes(self) -> bool:
        return any(POSTCODE in line for line in self.lines)

    @property
    def has_regions(self) -> bool:
        return any(REGION in line for line in self.lines)

    @property
    def is_french(self) -> bool:
        return self.code == FRANCE or self.code in OVERSEAS

    def takes(self, postcode: str) -> bool:
        """Whether a postcode of this country may be written so."""
        return not self.pattern or bool(re.fullmatch(self.pattern, postcode.upper(), re.ASCII))


def _read() -> Iterator[Country]:
    for line in LIST.read_text().splitlines():
        code, name, lines, region, pattern, example, known_as = line.split("\t")
        yield Country(code, name, tuple(lines.split("|")), bool(region), pattern, example, tuple(known_as.split("|")))


BY_CODE = {country.code: country for country in _read()}
BY_KEY = {
    key: code
    for code, country in BY_CODE.items()
    for key in (code.lower(), names.key(country.name), *country.known_as)
    if key
}
# As a list offers them: France, then the others by their names.
OFFERED = [
    (code, name)
    for code, name, *_ in sorted(BY_CODE.values(), key=lambda one: (one.code != FRANCE, names.key(one.name)))
]


def of(text: str) -> Country:
    """Of a code or a name as people write it; one of its own name where nobody knows it."""
    return BY_CODE.get(BY_KEY.get(names.key(text), "")) or Country("", text)


def as_kept(text: str) -> str:
    """The code of what was written, or the text itself where it names no country that is known."""
    return of(text).code or text
