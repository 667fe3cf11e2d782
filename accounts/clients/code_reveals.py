"""« J’ai perdu mon code client »: on which occasions the desk gives it back, and what it makes sure of before.

Nothing that is checked opens the space: neither a code secret nor a letter's number is ever asked for.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.clients import client_journal
from accounts.clients.confirmation import KnownPhone
from accounts.kinds import Event
from accounts.models import Client
from auth_codes.actor import Actor
from auth_codes.kinds import InWords, among


class Occasion(models.TextChoices):
    """Where the client is who asks for his number."""

    PHONE = "phone", _("au téléphone")
    BRANCH = "branch", _("en agence")
    MAIL = "mail", _("par courrier")


class Check(models.TextChoices):
    """By what the advisor made sure of who asks."""

    IDENTITY = "identity", _("nom, prénoms et date de naissance, dits sans aide")
    ADDRESS = "address", _("adresse postale, dite sans aide")
    OWNED = "owned", _("un compte, un contrat ou une opération récente, dits sans aide")
    RUNG_BACK = "rung_back", _("rappel à un numéro connu")
    DOCUMENT = "document", _("pièce d’identité en cours de validité")
    FACE = "face", _("photo et signature comparées")
    SIGNATURE = "signature", _("signature comparée à celle du dossier")
    SENDER = "sender", _("adresse de l’expéditeur, la même que sur la fiche")


class Checklist(NamedTuple):
    """What is to be checked, and what more may be."""

    needed: tuple[Check, ...]
    more: tuple[Check, ...] = ()


CHECKS: Mapping[Occasion, Checklist] = {
    Occasion.PHONE: Checklist((Check.IDENTITY, Check.ADDRESS, Check.OWNED), (Check.RUNG_BACK,)),
    Occasion.BRANCH: Checklist((Check.DOCUMENT, Check.FACE)),
    Occasion.MAIL: Checklist((Check.SIGNATURE, Check.SENDER), (Check.RUNG_BACK,)),
}


def checklist(occasion: Occasion, phones: Sequence[KnownPhone]) -> Checklist:
    """That of the occasion, as far as it can be done: nobody is rung back who has no telephone known before."""
    asked = CHECKS[occasion]
    return asked if phones else asked._replace(more=tuple(check for check in asked.more if check != Check.RUNG_BACK))


def note(client: Client, occasion: Occasion, checks: Collection[Check], *, by: Actor) -> None:
    """The line of a number about to be shown to `by`, once for each time."""
    # In the order in which they are asked.
    said = " ".join(check.value for check in Check if check in checks)
    client_journal.record(Event.CODE_SHOWN, client, by=by, occasion_of_code=occasion.value, checks=said)


def _checks(names: str | int) -> str:
    return ", ".join(str(dict(Check.choices).get(name, name)) for name in str(names).split())


# How the details of these lines read.
DETAILS_IN_WORDS: dict[str, InWords] = {
    "occasion_of_code": among(dict(Occasion.choices)),
    "checks": _checks,
}
