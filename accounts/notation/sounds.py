"""How a French name sounds, as a key: « Lefebvre », « Lefèvre » and « Le Fèvre » have the same one.

A name that is spelt by ear is written in many ways and said in one. The key keeps the order of the sounds: what is
written differently and said alike becomes one sign, what nobody says is left out. Capitals are sounds that French
writes by several letters: C as in « chat », N as in « agneau », U as in « loup »; 1, 2, 3 as in « pain, banc, pont ».
It is for names that nobody spells right, not for a dictionary: a wrong guess shows one person too many.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from operator import eq


def _rule(pattern: str, sound: str, *one_of: str) -> Callable[[str], str]:
    """Most rules are of a few letters as they are, which need no expression and are replaced much sooner.

    Nor is one tried where none of these one or two beginnings stands, without which it finds nothing: most names.
    """
    if pattern.isalpha():
        return lambda name: name.replace(pattern, sound)
    substitute = re.compile(pattern).sub
    if not one_of:
        return lambda name: substitute(sound, name)
    first, other = one_of[0], one_of[-1]
    return lambda name: substitute(sound, name) if first in name or other in name else name


def _at_end(pattern: str, sound: str, *ends: str) -> Callable[[str], str]:
    """A rule for what ends in one of these."""
    substitute = re.compile(f"(?:{pattern})$").sub
    return lambda name: substitute(sound, name) if name.endswith(ends) else name


def _once(pattern: str, sound: str) -> Callable[[str], str]:
    """What is written twice in a row is said once."""
    substitute = re.compile(pattern).sub
    return lambda name: substitute(sound, name) if any(map(eq, name, name[1:])) else name


# In this order: each rule reads what those before it have written.
RULES = [
    _rule(r"[^a-z]", ""),
    # Consonants of several letters, and those that change by the vowel that follows.
    _rule("ph", "f"), _rule("chr", "kr"), _rule(r"sch|sh|ch", "C", "h"), _rule("th", "t"), _rule("gn", "N"),
    _rule("bv", "v"), _rule("w", "v"), _rule(r"cqu?|qu?|ck", "k", "q", "ck"), _rule(r"sc(?=[eiy])", "s", "sc"),
    _rule(r"c(?=[eiy])", "s", "c"), _at_end("(?<=n)c", "", "nc"), _rule("c", "k"), _rule("x", "ks"),
    _rule(r"ge(?=[aou])", "j", "ge"), _rule(r"gu(?=[eiy])", "G", "gu"), _rule(r"g(?=[eiy])", "j", "g"),
    _rule("G", "g"), _rule("z", "s"), _rule("h", ""), _once(r"([a-z])\1+", r"\1"),
    # Vowels that are said through the nose, before a consonant or at the end.
    _rule(r"(?:ai|ei|[iy]|u|(?<=i)e)[nm](?![aeiouynm])", "1", "n", "m"),
    _rule(r"(?:ea|a|e)[nm](?![aeiouynm])", "2", "n", "m"), _rule(r"o[nm](?![aeiouynm])", "3", "on", "om"),
    # What nobody says at the end of a name.
    _at_end("(?<=au)l[dt]", "", "d", "t"), _at_end("(?<=.)e[rs]", "e", "er", "es"),
    _at_end("(?<=..)(?:[dtsp]|ks)+", "", "d", "t", "s", "p"), _at_end("(?<=..)e", "", "e"),
    _rule(r"eau|au|o(?![iuy])", "o", "au", "o"), _rule(r"o[iy]", "ua", "oi", "oy"), _rule("ou", "U"),
    _rule(r"ai|ay|ei|ey|oe|eu", "e"), _rule("y", "i"), _once(r"(.)\1+", r"\1"),
]  # fmt: skip
LENGTH = 20


@lru_cache(maxsize=2**16)  # names repeat, and all of the clientele may be read at once
def key(name: str) -> str:
    """The sound of one word in lower case without accents; empty for what is written in another alphabet."""
    for rule in RULES:
        name = rule(name)
    return name[:LENGTH]
