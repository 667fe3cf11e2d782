"""Names as keys: the same person is found whatever the accents, capitals and hyphens, and whatever looks alike."""

import re
import unicodedata
from functools import lru_cache

from auth_codes import signs

KEY_LENGTH = 160
WORDS = re.compile(r"\w+")
# Letters that Unicode does not take apart.
PLAIN = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
APOSTROPHES_AND_DOTS = "'’‘`´.·・"
# What is printed alike, or nearly, in small or capital letters: Cyrillic, Greek, then figures and l, of a `key`.
# Source: the confusables of Unicode UTS 39, those of Latin letters.
LOOK_ALIKE = str.maketrans(
    "авеһнікморԛсѕтуԝхјԁαβεηικμνορτυχζ01l",
    "abehhikmopqcstywxjdabehikmnoptyxzoii",
)
# Japanese and Korean names are written in several scripts at once.
EAST_ASIAN = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "IDEOGRAPHIC"}


def is_written_like_one(name: str) -> bool:
    """Whether `name` has letters, of any script, and beside them only figures, spaces, hyphens, apostrophes, dots."""
    return any(c.isalpha() for c in name) and all(c in APOSTROPHES_AND_DOTS or _stands_in_names(c) for c in name)


def _stands_in_names(sign: str) -> bool:
    # L, M and N are letters, their marks and figures (« Charles 3 »); Zs spaces, no line ends; Pd hyphens.
    category = unicodedata.category(sign)
    return category[0] in "LMN" or category in {"Zs", "Pd"}


def unseen_in(text: str) -> str | None:
    """The first sign of `text` that shows nothing or turns the direction of reading, None when there is none."""
    return next((c for c in text if unicodedata.category(c) == "Cf" or signs.INVISIBLE.match(c)), None)


def is_of_several_scripts(name: str) -> bool:
    """Whether the letters of `name` are of more than one script, as « Mоreau » with a Cyrillic « о » is."""
    letters = (c for c in unicodedata.normalize("NFKD", name) if c.isalpha() and unicodedata.category(c) != "Lm")
    return len({_script(letter) for letter in letters}) > 1


def _script(letter: str) -> str:
    """The first word of its name in Unicode; nothing in the standard library says more."""
    script = unicodedata.name(letter, "").partition(" ")[0]
    return "CJK" if script in EAST_ASIAN else script


def in_full(*, title: str = "", given_names: str, family_name: str) -> str:
    """« Mme Inès MARTIN »; « Mme SUKARNO » of somebody who has one name alone."""
    return " ".join(part for part in (title, given_names, family_name.upper()) if part)


def looks(key: str) -> str:
    """The same for two keys that can be taken for each other when read."""
    return key.translate(LOOK_ALIKE)


@lru_cache(maxsize=2**15)  # names repeat, and all of the clientele may be read at once
def key(name: str) -> str:
    """`name` in lower case, without accents, words parted by one space: « Éloïse-Anne » is « eloise anne »."""
    return " ".join(WORDS.findall(_plain(name.casefold())))[:KEY_LENGTH]


def _plain(name: str) -> str:
    if name.isascii():
        return name
    apart = unicodedata.normalize("NFKD", name)
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(PLAIN)
