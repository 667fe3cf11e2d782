"""Telephone numbers: kept as +33612345678, shown as 06 12 34 56 78."""

import re

FRANCE = "+33"


def normalise(text: str) -> str:
    """The number in international form (E.164). Raises ValueError for what is no telephone number."""
    digits = re.sub(r"[\s.\-/()]", "", text)
    digits = re.sub(r"^00", "+", digits)
    digits = re.sub(r"^0(?=[1-9][0-9]{8}$)", FRANCE, digits)
    digits = re.sub(r"^\+330", FRANCE, digits)
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", digits) or not re.fullmatch(r"\+33[1-9][0-9]{8}|\+(?!33).*", digits):
        raise ValueError(text)
    return digits


def national(number: str) -> str:
    """The ten digits dialled in France, or the number as it is when it is foreign."""
    return "0" + number.removeprefix(FRANCE) if number.startswith(FRANCE) else number


def display(number: str) -> str:
    shown = national(number)
    return "\u00a0".join(re.findall("..", shown)) if shown.startswith("0") else shown
