"""French typography at the moment of showing: messages are written with plain spaces, pages show the right ones."""

import re

from django import template
from django.utils.dates import MONTHS

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"

register = template.Library()


@register.filter(is_safe=True)
def french(text):
    """Puts the right apostrophe, and no-break spaces before ; : ! ? and inside « »: no line begins with a sign."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", str(text))
    text = re.sub(r" ([;!?])", NARROW_SPACE + r"\1", text)
    return re.sub(r" ([:»])", NO_BREAK_SPACE + r"\1", text).replace("« ", f"«{NO_BREAK_SPACE}")


@register.filter(expects_localtime=True)
def day(moment):
    """« 23 novembre 2026 », and « 1er » for the first of the month, which Django's `date` does not know."""
    number = "1er" if moment.day == 1 else moment.day
    return f"{number} {MONTHS[moment.month]} {moment.year}".replace(" ", NO_BREAK_SPACE)


@register.filter(expects_localtime=True)
def hour(moment):
    """« 08 h 05 », never broken over two lines."""
    return f"{moment:%H h %M}".replace(" ", NARROW_SPACE)
