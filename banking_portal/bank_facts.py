"""What the environment says of the bank itself: its name and codes, whom customers call, where they log in."""

import re

from stdnum import bic as bics

from auth_codes.signs import unprinted_in
from banking_portal.variables import BadEnvironment, value

# Of the numbers that the regulator keeps for works of fiction: nobody answers. `check --deploy` warns of them.
DEMO_PHONE = "01 99 00 12 34"
DEMO_CARD_STOP_PHONE = "01 99 00 56 78"
DEMO_PORTAL = "127.0.0.1:8000"
DEMO_NAME = "Votre banque"
DEMO_LEGAL_FORM = "Société anonyme au capital de 1\u202f000\u202f000\u00a0€"
DEMO_ADDRESS = "1 place de la Banque, 75000 Paris"
DEMO_REGISTERED = "RCS Paris 999\u202f999\u202f999, TVA FR99999999999"
# Codes that no bank of France holds: the portal is delivered without a bank.
DEMO_BANK_CODE = "99999"
DEMO_BRANCH_CODE = "00001"
# A BIC that no bank has either: ISO 9362 keeps those whose eighth sign is 0 for tests, and none is live.
DEMO_BIC = "VOTRFRP0XXX"
USUAL_AUTHORISATION = (
    "Établissement de crédit agréé par l’Autorité de contrôle prudentiel et de résolution, "
    "4 place de Budapest, 75009 Paris"
)
USUAL_PUBLISHER = "La présidente du directoire"
LONGEST_NAME = 40  # beside the telephone at the head of a paper
LONGEST_FACT = 200
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


def fact(name: str, default: str, *, longest: int = LONGEST_FACT) -> str:
    """One line that papers and pages print as it is. Raises BadEnvironment for what no font shows, or is too long."""
    typed = _typed(name) or default
    if len(typed) > longest or not _shows(typed):
        raise BadEnvironment(name, f"doit tenir en {longest} signes que les papiers savent imprimer")
    return typed


def code(name: str, default: str) -> str:
    """The five digits of a bank or of a branch, as a RIB says them. Raises BadEnvironment."""
    typed = _typed(name) or default
    if not re.fullmatch(r"[0-9]{5}", typed):
        raise BadEnvironment(name, "n’est pas un code de cinq chiffres")
    return typed


def bic(name: str, default: str) -> str:
    """A BIC, in eight or eleven capitals and digits. Raises BadEnvironment."""
    typed = _typed(name) or default
    if not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", typed) or not bics.is_valid(typed):
        raise BadEnvironment(name, "n’est pas un BIC (8 ou 11 capitales et chiffres)")
    return typed


def hours(name: str, default: str = USUAL_HOURS) -> str:
    """When somebody answers, as it ends a sentence. Raises BadEnvironment for what would not fit on a letter."""
    typed = _typed(name) or default
    if len(typed) > LONGEST_HOURS or not _shows(typed):
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


def _shows(text: str) -> bool:
    """No-break spaces are shown, and `isprintable` does not know it."""
    return re.sub("[\u00a0\u202f]", " ", text).isprintable() and not unprinted_in(text)


def _unbroken(hours: str) -> str:
    return re.sub(r"(?<=[0-9]) (?=(?:h|am|pm)\b)", "\u202f", hours)


def _typed(name: str) -> str:
    return value(name)
