"""Telephone numbers: kept as +33612345678, shown as 06 12 34 56 78."""

import re

FRANCE = "+33"


class NotAPhoneNumber(ValueError):
    """What was typed is no telephone number."""


def normalise(text: str) -> str:
    """The number in international form (E.164). Raises NotAPhoneNumber."""
    # The signs at the end have no width: they come along with a number copied from a list of contacts.
    digits = re.sub(r"[\s.\-/()\u2010\u2011\u200b-\u200f\u202a-\u202e\ufeff]", "", text)
    digits = re.sub(r"^00", "+", digits)
    digits = re.sub(r"^0(?=[1-9][0-9]{8}$)", FRANCE, digits)
    digits = re.sub(r"^\+330", FRANCE, digits)
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", digits) or not re.fullmatch(r"\+33[1-9][0-9]{8}|\+(?!33).*", digits):
        raise NotAPhoneNumber
    return digits


def national(number: str) -> str:
    """The ten digits dialled in France, or the number as it is when it is foreign."""
    return "0" + number.removeprefix(FRANCE) if number.startswith(FRANCE) else number


def display(number: str) -> str:
    """A number as it is read aloud in France, by two digits; a foreign one as it is kept."""
    shown = national(number)
    return "\u00a0".join(re.findall("..", shown)) if shown.startswith("0") else shown
