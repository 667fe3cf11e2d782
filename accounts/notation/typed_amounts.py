"""Amounts of money as people type or paste them."""

import re
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

SPACES = " \u00a0\u2009\u202f"
THOUSANDS_BY_SPACES = rf"[0-9]{{1,3}}(?:[{SPACES}][0-9]{{3}})+"
WHOLE = re.compile(rf"(?:[0-9]+|{THOUSANDS_BY_SPACES})(?:[.,](?P<cents>[0-9]{{1,2}}))?")
# Both signs: the last one is the decimal one, whichever it is.
TWO_SIGNS = re.compile(
    r"[0-9]{1,3}(?:\.[0-9]{3})+,(?P<comma_cents>[0-9]{1,2})|[0-9]{1,3}(?:,[0-9]{3})+\.(?P<point_cents>[0-9]{1,2})"
)
EURO = re.compile(rf"[{SPACES}]*(?:€|EUR|euros?)[{SPACES}]*\Z|\A€[{SPACES}]*", re.IGNORECASE)
# « 1.234 » is 1 234 to some and 1,23 with a slip of the finger to others.
AMBIGUOUS = re.compile(r"[0-9]+[.,][0-9]{3,}")
LONGEST = 40

NOT_AN_AMOUNT = _("Écrivez le montant en chiffres, par exemple 150 ou 1 234,56.")
NOT_POSITIVE = _("Le montant doit être supérieur à zéro.")


class NotAnAmount(Exception):
    """What was typed is no amount, or might be two; `sentence` says how to write it."""

    def __init__(self, sentence: str | Promise):
        super().__init__(sentence)
        self.sentence = sentence


def read(typed: str) -> Decimal:
    """The euros, above zero and in whole cents. Raises NotAnAmount, also for what can be read in two ways."""
    text = EURO.sub("", typed.strip(), count=1)
    if text.startswith(("-", "\u2212")):
        raise NotAnAmount(NOT_POSITIVE)
    if AMBIGUOUS.fullmatch(text) and len(text) <= LONGEST:
        raise NotAnAmount(_two_readings(text))
    whole = WHOLE.fullmatch(text) or TWO_SIGNS.fullmatch(text)
    if whole is None or len(text) > LONGEST:
        raise NotAnAmount(NOT_AN_AMOUNT)
    cents = next(filter(None, whole.groups()), "")
    digits = re.sub(r"[^0-9]", "", text[: len(text) - len(cents)])
    amount = Decimal(f"{digits}.{cents or '0'}")
    if not amount:
        raise NotAnAmount(NOT_POSITIVE)
    return amount


def _two_readings(text: str) -> str:
    before, after = re.split(r"[.,]", text)
    if len(after) == 3 and len(before) <= 3 and before != "0":
        told = gettext("Voulez-vous dire {before} {after} ou {before},{cents} ? Écrivez l’un ou l’autre.")
        return told.format(before=before, after=after, cents=after[:2])
    return gettext("Écrivez deux chiffres au plus après la virgule : un euro a cent centimes.")
