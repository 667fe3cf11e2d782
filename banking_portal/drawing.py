"""Putting values into HTML, for what is drawn by functions: each is escaped, as Django's `format_html` does.

That function looks in every value for a lazy text, and takes as long as all else that a line of a page needs.
"""

import re
from html import escape

from django.utils.safestring import SafeString

# What HTML reads as its own.
SIGNS = re.compile("[&<>\"']")


def put(form: str, *values: object, **named: object) -> SafeString:
    """`form` with these values in its braces."""
    return SafeString(form.format(*map(escaped, values), **{name: escaped(value) for name, value in named.items()}))


def escaped(value: object) -> str:
    """A text as HTML; one that is HTML already stays as it is."""
    if type(value) is SafeString:
        return value
    text = value if isinstance(value, str) else str(value)
    return text if isinstance(text, SafeString) or not SIGNS.search(text) else escape(text)
