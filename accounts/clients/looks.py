"""Looking clients up at the desk: for which reasons, and the lines of the journal that tell of it."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import models

from accounts.kinds import Event
from accounts.models import Client
from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.kinds import InWords, among


class Reason(models.TextChoices):
    """Why a sheet is opened, in the journal and in the words that the client reads there."""

    PHONE = "phone", "appel du client"
    BRANCH = "branch", "visite du client en agence"
    MESSAGE = "message", "courrier ou message du client"
    FILE = "file", "suivi d’un dossier"
    CONTROL = "control", "contrôle interne"
    # Asked of nobody: these follow from who he is, or from the page.
    OWN_ADVISOR = "own_advisor", "son conseiller"
    REGISTRATION = "registration", "fiche créée à l’instant"
    SECOND_ADVISOR = "second_advisor", "second conseiller"
    ACCESS = "access", "accès à un compte demandé pour lui"


class Said(NamedTuple):
    """The reason given for one sheet; `words` only where more of them were opened than is usual."""

    reason: Reason
    words: str = ""


def note(client: Client, said: Said, *, by: Actor, **page: str) -> None:
    """The line of a sheet, or of a page below it, that `by` has before his eyes."""
    details: dict[str, str | int] = {"client": client.pk, **page, "look": said.reason.value}
    if said.words:
        details["words"] = said.words
    journal.record(Event.CLIENT_CONSULTED, owner=client.user, by=by, subject=client.pk, details=details)


def note_search(ways: Iterable[str], shown: Iterable[Client], *, by: Actor) -> None:
    """The one line of a search: by which ways, never what was typed, and whom the page has shown."""
    details = {"ways": " ".join(ways), "shown": " ".join(str(client.pk) for client in shown)}
    journal.record(Event.CLIENTS_SEARCHED, by=by, details=details)


WAYS = {
    "account": "numéro de compte",
    "client_code": "code client",
    "phone": "téléphone",
    "name": "nom",
    "birth_date": "date de naissance",
    "nothing": "rien qui se cherche",
}

# How the details of these lines read.
DETAILS_IN_WORDS: dict[str, InWords] = {
    "look": among(dict(Reason.choices)),
    "words": "« {} »".format,
    "ways": lambda ways: f"par {', '.join(WAYS.get(way, way) for way in str(ways).split())}",
    "shown": lambda shown: f"fiches montrées : {len(str(shown).split()) or 'aucune'}",
}
