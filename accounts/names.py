"""Names as keys: the same person is found whatever the accents, capitals and hyphens."""

import re
import unicodedata


def key(name: str) -> str:
    """`name` in lower case, without accents, words parted by one space: « Éloïse-Anne » is « eloise anne »."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", letters.replace("œ", "oe").replace("æ", "ae")))
