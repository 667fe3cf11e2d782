"""French typography at the moment of showing: messages are written with plain spaces, pages show the right ones."""

import re

from django import template
from django.utils.dates import MONTHS
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from accounts.notation import typography
from accounts.notation.typography import NARROW_SPACE, NO_BREAK_SPACE

register = template.Library()
MAY_BREAK_HERE = mark_safe("<wbr>")


@register.filter(is_safe=True)
def french(text):
    """No line begins with a sign."""
    return typography.french(str(text))


@register.filter(expects_localtime=True)
def day(moment):
    """« 23 novembre 2026 », and « 1er » for the first of the month, which Django's `date` does not know."""
    number = "1er" if moment.day == 1 else moment.day
    return f"{number} {MONTHS[moment.month]} {moment.year}".replace(" ", NO_BREAK_SPACE)


@register.filter(expects_localtime=True)
def hour(moment):
    """« 08 h 05 », never broken over two lines."""
    return f"{moment:%H h %M}".replace(" ", NARROW_SPACE)


@register.filter
def breakable(address):
    """An e-mail address that breaks, where its line is too short, after « @ » or a dot rather than at any letter."""
    return format_html_join(MAY_BREAK_HERE, "{}", ([part] for part in re.split(r"(?<=[@.])", address)))
