"""Texts as HTML, for what is drawn by functions: escaped as Django's `format_html` does.

That function looks in every value for a lazy text, and takes as long as all else that a line of a page needs.
"""

import re
from html import escape

from django.utils.safestring import SafeString

# What HTML reads as its own.
SIGNS = re.compile("[&<>\"']")


def escaped(value: object) -> str:
    """A text as HTML; one that is HTML already stays as it is."""
    if type(value) is SafeString:
        return value
    text = value if isinstance(value, str) else str(value)
    return text if isinstance(text, SafeString) or not SIGNS.search(text) else escape(text)
