"""Names as keys: the same person is found whatever the accents, capitals and hyphens."""

import re
import unicodedata

KEY_LENGTH = 160
# Letters that Unicode does not take apart.
PLAIN = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
APOSTROPHES_AND_DOTS = "'’‘`´.·・"


def is_written_like_one(name: str) -> bool:
    """Whether `name` has letters, of any script, and beside them only figures, spaces, hyphens, apostrophes, dots."""
    return any(c.isalpha() for c in name) and all(c in APOSTROPHES_AND_DOTS or _stands_in_names(c) for c in name)


def _stands_in_names(sign: str) -> bool:
    # L, M and N are letters, their marks and figures (« Charles 3 »); Zs spaces, no line ends; Pd hyphens; Cf the
    # joiners without width of some scripts.
    category = unicodedata.category(sign)
    return category[0] in "LMN" or category in {"Zs", "Pd", "Cf"}


def key(name: str) -> str:
    """`name` in lower case, without accents, words parted by one space: « Éloïse-Anne » is « eloise anne »."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in apart if not unicodedata.combining(c)).translate(PLAIN)
    return " ".join(re.findall(r"\w+", letters))[:KEY_LENGTH]
