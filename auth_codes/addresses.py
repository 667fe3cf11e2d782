"""Addresses of pages that are named by numbers alone, or by none: « /espace-client/comptes/{}/ », found once.

Django looks an address up anew each time, through all patterns; a page of operations has one for each.
"""

from functools import cache

from django.urls import get_script_prefix, reverse


def of(name: str, *keys: int | None) -> str:
    """As `reverse` gives it, for a pattern whose arguments are `<int:...>`, none negative.

    Raises NoReverseMatch for what is no such pattern, and ValueError for a key that it would not match.
    """
    for key in keys:
        if type(key) is not int or key < 0:
            raise ValueError(f"{name} is named by natural numbers, not by {keys}")
    return _pattern(name, len(keys), get_script_prefix()).format(*keys)


@cache
def _pattern(name: str, number: int, prefix: str) -> str:
    """`prefix`, where the portal is mounted, has a part in what `reverse` gives."""
    # Long enough to stand in no address by themselves, and none within another.
    marks = [10**30 + place for place in range(number)]
    address = reverse(name, args=marks).replace("{", "{{").replace("}", "}}")
    for mark in marks:
        address = address.replace(str(mark), "{}")
    return address
