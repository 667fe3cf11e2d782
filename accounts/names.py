"""Names as keys: the same person is found whatever the accents, capitals and hyphens."""

import re
import unicodedata

KEY_LENGTH = 160
# Letters that Unicode does not take apart.
PLAIN = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def key(name: str) -> str:
    """`name` in lower case, without accents, words parted by one space: « Éloïse-Anne » is « eloise anne »."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in apart if not unicodedata.combining(c)).translate(PLAIN)
    return " ".join(re.findall(r"\w+", letters))[:KEY_LENGTH]
