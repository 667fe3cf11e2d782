"""The filters of every template: what is kept plain, a number or a sentence, is shown as people read it."""

import re
from datetime import date
from decimal import Decimal

from django import template
from django.template import defaultfilters
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts import client_codes
from accounts.notation import ibans, lists, masks, phones
from auth_codes import browser, wording

register = template.Library()
register.filter("day", wording.day)
register.filter("said_day", wording.said_day)
register.filter("hour", wording.hour)
register.filter("iso", wording.iso)
register.filter("signed", wording.signed_euros)
register.filter("spelled", wording.spelled)
register.filter("device", browser.in_words)
register.filter("enumerated", lists.enumerated)
register.filter("masked_code", masks.client_code)
MAY_BREAK_HERE = mark_safe("<wbr>")


@register.filter("date", expects_localtime=True, is_safe=False)
def written(when: date | str | None, form: str = "") -> str:
    """Django's own, but that a day in a form is written once; of a moment, it is written each time."""
    return wording.written(when, form) if type(when) is date and form else defaultfilters.date(when, form or None)


@register.filter
def euros(amount: Decimal) -> SafeString:
    """« 1 234,56 € »: nothing in it is a sign of HTML."""
    return SafeString(wording.euros(amount))


@register.filter
def client_code(number: str | None) -> SafeString:
    """« 1234 567 890 », heard digit by digit as what the filters below show."""
    return wording.spelled_number(client_codes.display(number))


@register.filter
def account_number(number: str) -> SafeString:
    """« 123 4567 8901 »"""
    return wording.spelled_number(ibans.display_number(number))


@register.filter
def iban(whole: str) -> SafeString:
    """« FR76 9999… », by fours."""
    return wording.spelled_number(ibans.display(whole))


@register.filter
def rib(parts: ibans.RibParts) -> SafeString:
    """« 99999 00001 12345678901 52 », bank, branch, number and key."""
    return wording.spelled_number(" ".join(parts))


@register.filter
def phone(number: str) -> SafeString:
    """« 06 12 34 56 78 »"""
    return wording.spelled_number(phones.display(number))


@register.filter(is_safe=True)
def french(text: object) -> str:
    """No line begins with a sign."""
    return wording.french(str(text))


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address that breaks, where its line is too short, after « @ » or a dot rather than at any letter."""
    return format_html_join(MAY_BREAK_HERE, "{}", ([part] for part in re.split(r"(?<=[@.])", address)))
