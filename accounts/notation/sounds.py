"""How a French name sounds, as a key: « Lefebvre », « Lefèvre » and « Le Fèvre » have the same one.

A name that is spelt by ear is written in many ways and said in one. The key keeps the order of the sounds: what is
written differently and said alike becomes one sign, what nobody says is left out. Capitals are sounds that French
writes by several letters: C as in « chat », N as in « agneau », U as in « loup »; 1, 2, 3 as in « pain, banc, pont ».
It is for names that nobody spells right, not for a dictionary: a wrong guess shows one person too many.
"""

import re
from collections.abc import Callable
from functools import lru_cache


def _rule(pattern: str, sound: str) -> Callable[[str], str]:
    """Most rules are of a few letters as they are, which need no expression and are replaced much sooner."""
    if pattern.isalpha():
        return lambda name: name.replace(pattern, sound)
    expression = re.compile(pattern)
    return lambda name: expression.sub(sound, name)


# In this order: each rule reads what those before it have written.
RULES = [
    _rule(pattern, sound)
    for pattern, sound in [
        (r"[^a-z]", ""),
        # Consonants of several letters, and those that change by the vowel that follows.
        (r"ph", "f"), (r"chr", "kr"), (r"sch|sh|ch", "C"), (r"th", "t"), (r"gn", "N"), (r"bv", "v"), (r"w", "v"),
        (r"cqu?|qu?|ck", "k"), (r"sc(?=[eiy])", "s"), (r"c(?=[eiy])", "s"), (r"(?<=n)c$", ""), (r"c", "k"),
        (r"x", "ks"), (r"ge(?=[aou])", "j"), (r"gu(?=[eiy])", "G"), (r"g(?=[eiy])", "j"), (r"G", "g"), (r"z", "s"),
        (r"h", ""), (r"([a-z])\1+", r"\1"),
        # Vowels that are said through the nose, before a consonant or at the end.
        (r"(?:ai|ei|[iy]|u|(?<=i)e)[nm](?![aeiouynm])", "1"), (r"(?:ea|a|e)[nm](?![aeiouynm])", "2"),
        (r"o[nm](?![aeiouynm])", "3"),
        # What nobody says at the end of a name.
        (r"(?<=au)l[dt]$", ""), (r"(?<=.)e[rs]$", "e"), (r"(?<=..)(?:[dtsp]|ks)+$", ""), (r"(?<=..)e$", ""),
        (r"eau|au|o(?![iuy])", "o"), (r"o[iy]", "ua"), (r"ou", "U"), (r"ai|ay|ei|ey|oe|eu", "e"), (r"y", "i"),
        (r"(.)\1+", r"\1"),
    ]
]  # fmt: skip
LENGTH = 20


@lru_cache(maxsize=2**16)  # names repeat, and all of the clientele may be read at once
def key(name: str) -> str:
    """The sound of one word in lower case without accents; empty for what is written in another alphabet."""
    for rule in RULES:
        name = rule(name)
    return name[:LENGTH]
