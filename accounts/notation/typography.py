"""French typography: of sentences that somebody typed with plain spaces, and of whole numbers."""

import re

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"


def grouped(number: int) -> str:
    """« 12 345 »"""
    return f"{number:,}".replace(",", NARROW_SPACE)


def french(text: str) -> str:
    """Puts the right apostrophe, and no-break spaces before ; : ! ? and inside « »: no line begins with a sign."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r" ([;!?])", NARROW_SPACE + r"\1", text)
    return re.sub(r" ([:»])", NO_BREAK_SPACE + r"\1", text).replace("« ", f"«{NO_BREAK_SPACE}")
