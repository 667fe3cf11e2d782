"""The filters of every template: what is kept plain, a number or a sentence, is shown as people read it."""

import re

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts import client_codes
from accounts.notation import ibans, phones
from auth_codes import wording

register = template.Library()
register.filter("day", wording.day)
register.filter("said_day", wording.said_day)
register.filter("hour", wording.hour)
register.filter("euros", wording.euros)
register.filter("client_code", client_codes.display)
register.filter("account_number", ibans.display_number)
register.filter("iban", ibans.display)
register.filter("phone", phones.display)
MAY_BREAK_HERE = mark_safe("<wbr>")


@register.filter(is_safe=True)
def french(text: object) -> str:
    """No line begins with a sign."""
    return wording.french(str(text))


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address that breaks, where its line is too short, after « @ » or a dot rather than at any letter."""
    return format_html_join(MAY_BREAK_HERE, "{}", ([part] for part in re.split(r"(?<=[@.])", address)))
