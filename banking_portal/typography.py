"""French typography at the moment of showing: messages are written with plain spaces, pages show the right ones."""

import re

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from auth_codes import wording

register = template.Library()
MAY_BREAK_HERE = mark_safe("<wbr>")


@register.filter(is_safe=True)
def french(text):
    """No line begins with a sign."""
    return wording.french(str(text))


@register.filter(expects_localtime=True)
def day(moment):
    """« 23 novembre 2026 », and « 1er » for the first of the month, which Django's `date` does not know."""
    return wording.day(moment)


@register.filter(expects_localtime=True)
def hour(moment):
    """« 08 h 05 », never broken over two lines."""
    return wording.hour(moment)


@register.filter
def breakable(address):
    """An e-mail address that breaks, where its line is too short, after « @ » or a dot rather than at any letter."""
    return format_html_join(MAY_BREAK_HERE, "{}", ([part] for part in re.split(r"(?<=[@.])", address)))
