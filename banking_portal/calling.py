"""Whom to call, for every page and mail: from the settings alone, so that an error page can say it too."""

from functools import cache

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from accounts.notation import phones
from auth_codes import wording
from banking_portal import bank_facts

register = template.Library()


@register.simple_tag
def bank_name() -> str:
    """How the bank signs."""
    return settings.BANK_NAME if settings.BANK_NAME != bank_facts.DEMO_NAME else gettext("Votre banque")


@register.simple_tag
def bank_phone() -> str:
    """The bank's telephone number, on one line."""
    return _shown(settings.BANK_PHONE)


@register.simple_tag
def bank_hours() -> str:
    """When somebody answers there, as it ends a sentence."""
    return settings.BANK_HOURS_EN if get_language() == "en" else settings.BANK_HOURS


@register.simple_tag
def card_stop_phone() -> str:
    """The number, answered at any hour, that stops a card."""
    return _shown(settings.CARD_STOP_PHONE)


@register.simple_tag
def call_bank() -> SafeString:
    """The bank's number in a sentence, called by a touch."""
    return _link(settings.BANK_PHONE)


@register.simple_tag
def call_card_stop() -> SafeString:
    """The same of the number that stops a card."""
    return _link(settings.CARD_STOP_PHONE)


@register.simple_tag
def in_french_too() -> str:
    """Ends a mail in another language: whoever has chosen that may be a thief, whose victim reads French alone."""
    if get_language() == settings.LANGUAGE_CODE:
        return ""
    return (
        "Ce message n’est pas en français, parce qu’une autre langue a été choisie dans votre Espace Client. "
        f"Ce n’était pas vous ? Appelez le {bank_phone()}."
    )


@register.simple_tag
def bank_dialled() -> str:
    """What the telephone dials to call the bank, for a button."""
    return _dialled(settings.BANK_PHONE)


@cache  # of a setting, whose plan of telephone numbers takes long to be looked up
def _link(number: str) -> SafeString:
    return format_html(
        '<a class="phone" href="tel:{}">{}</a>', _dialled(number), wording.spelled_number(_shown(number))
    )


@cache
def _dialled(number: str) -> str:
    # A short number, as « 36 39 », is dialled as it is written (RFC 3966).
    return phones.as_kept(number) or number.replace(" ", "")


@cache
def _shown(number: str) -> str:
    kept = phones.as_kept(number)
    return phones.display(kept) if kept else number.replace(" ", phones.NO_BREAK_SPACE)
