"""Random texts: keys of sessions, tokens of forms.

As Django draws them, each sign as likely as any other and from the system's own source; but at once, where Django asks
that source anew for every sign, three hundred calls of Python for a key.
"""

import os
from functools import cache

from django.utils.crypto import RANDOM_STRING_CHARS

BYTES = 256


def drawn(length: int, allowed_chars: str = RANDOM_STRING_CHARS) -> str:
    """`length` signs of `allowed_chars`, at most 256 of one byte each; raises ValueError for others."""
    table, unfair = _translation(allowed_chars)
    text = b""
    while len(text) < length:
        # More than are needed: some bytes are refused, and a second drawing is rare.
        text += os.urandom(2 * length).translate(table, unfair)
    return text[:length].decode("latin-1")


@cache
def _translation(signs: str) -> tuple[bytes, bytes]:
    """Which sign each byte stands for, and those refused: with them the first signs would come more often."""
    if not 0 < len(signs) <= BYTES or len(set(signs)) != len(signs):
        raise ValueError("signs to draw from are between one and 256, each once")
    fair = BYTES - BYTES % len(signs)
    table = "".join(signs[byte % len(signs)] for byte in range(BYTES))
    return table.encode("latin-1"), bytes(range(fair, BYTES))
