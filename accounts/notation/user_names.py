"""User names of the staff as they are read: whose name looks like a colleague's may be the same person once more."""

import re
from collections.abc import Iterable, Sequence
from itertools import permutations

from accounts.notation import names

# Of a first name, a last name, and what else stands between dots: more would have too many orders.
MOST_PARTS = 4
# Figures that stand for letters, beside those that `names.looks` knows; then two letters that are read as one.
LEET = str.maketrans("34578", "eastb")
READ_AS_ONE = {"rn": "m", "vv": "w", "ci": "d"}


def readings(name: str) -> frozenset[str]:
    """What `name` may be taken for; two names look alike that have one of these in common.

    Dots, hyphens, accents, capitals, doubled letters, a figure behind a name and the order of the parts make no
    difference; nor do signs that are printed alike: « c1aire.moreau », « Moreau-Claire2 » and « claire.rnoreau ».
    """
    parts = names.key(name).replace("_", " ").split()
    plain = [part.rstrip("0123456789") or part for part in parts]
    return frozenset(_folded("".join(order)) for kept in (parts, plain) for order in _orders(kept) if order)


def _orders(parts: list[str]) -> Iterable[Sequence[str]]:
    return permutations(parts) if len(parts) <= MOST_PARTS else (parts, sorted(parts))


def _folded(letters: str) -> str:
    read = names.looks(letters).translate(LEET)
    for two, one in READ_AS_ONE.items():
        read = read.replace(two, one)
    return re.sub(r"(.)\1+", r"\1", read)
