"""What the environment says of the bank itself: whom customers call, and where they find the portal."""

import os
import re

from auth_codes.signs import unprinted_in
from banking_portal.environment import BadEnvironment

# Of the numbers that the regulator keeps for works of fiction: nobody answers. `check --deploy` warns of them.
DEMO_PHONE = "01 99 00 12 34"
DEMO_CARD_STOP_PHONE = "01 99 00 56 78"
DEMO_PORTAL = "127.0.0.1:8000"
USUAL_HOURS = "du lundi au samedi, de 8 h à 20 h"
USUAL_HOURS_EN = "Monday to Saturday, 8 am to 8 pm"
LONGEST_HOURS = 80
ADDRESS = re.compile(r"(?=.{1,45}\Z)[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?")  # as long as a line of a letter


def phone(name: str, default: str) -> str:
    """A telephone number as people write it, short ones such as « 36 39 » too. Raises BadEnvironment."""
    typed = _typed(name) or default
    if not re.fullmatch(r"\+?[0-9](?: ?[0-9]){2,14}", typed):
        raise BadEnvironment(name, "n’est pas un numéro de téléphone (des chiffres et des espaces, 01 99 00 12 34)")
    return typed


def hours(name: str, default: str = USUAL_HOURS) -> str:
    """When somebody answers, as it ends a sentence. Raises BadEnvironment for what would not fit on a letter."""
    typed = _typed(name) or default
    if len(typed) > LONGEST_HOURS or not typed.isprintable() or unprinted_in(typed):
        raise BadEnvironment(name, f"doit tenir en {LONGEST_HOURS} signes, par exemple « {USUAL_HOURS} »")
    return _unbroken(typed)


def hours_in_english(name: str, in_french: str) -> str:
    """The same for English pages; those of the environment in French, when it says them in French alone."""
    says_french_alone = not _typed(name) and in_french != _unbroken(USUAL_HOURS)
    return in_french if says_french_alone else hours(name, USUAL_HOURS_EN)


def portal(name: str, hosts: list[str], *, demo: bool) -> str:
    """The address that customers type, without https://: the first of `hosts` that is one name; empty when none is.

    Raises BadEnvironment.
    """
    first = next((host for host in hosts if re.search(r"[a-z]", host) and ADDRESS.fullmatch(host)), "")
    typed = _typed(name) or (DEMO_PORTAL if demo else first)
    if typed and not ADDRESS.fullmatch(typed):
        sample = "de 45 signes au plus, sans https:// ni barre, comme espace.banque.example"
        raise BadEnvironment(name, f"n’est pas une adresse {sample}")
    return typed


def _unbroken(hours: str) -> str:
    return re.sub(r"(?<=[0-9]) (?=(?:h|am|pm)\b)", "\u202f", hours)


def _typed(name: str) -> str:
    return os.environ.get(name, "").strip()
