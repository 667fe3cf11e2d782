"""Postal addresses as an envelope shows them: at most six lines of 38 signs, the name among them (NF Z 10-011)."""

from typing import NamedTuple, Self

from accounts.notation import names

WIDTH = 38


def is_france(country: str) -> bool:
    """Whether an address with this country, as somebody typed it, is a French one."""
    return names.key(country) == "france"


class PostalAddress(NamedTuple):
    """An address without the name, in the order of the sheet; a complement or a postcode may be empty."""

    street: str
    complement: str
    postcode: str
    city: str
    country: str

    @classmethod
    def from_text(cls, text: str) -> Self:
        """What `as_text` wrote. Of what is left between street and town, what has a digit last is the postcode."""
        street, *between, city, country = text.split("\n") if text.count("\n") > 1 else [text, "", ""]
        has_postcode = bool(between) and any(sign.isdigit() for sign in between[-1])
        postcode = between.pop() if has_postcode else ""
        return cls(street, " ".join(between), postcode, city, country)

    def as_text(self) -> str:
        """Its parts that are not empty, one a line."""
        return "\n".join(part for part in self if part)

    def on_envelope(self, name: str) -> tuple[str, ...]:
        """The lines in the window of an envelope, below the name."""
        country = "" if is_france(self.country) else self.country.upper()
        town = f"{self.postcode} {self.city.upper()}".strip()
        return tuple(line[:WIDTH] for line in (name, self.complement, self.street, town, country) if line)
