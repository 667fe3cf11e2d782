"""Looking clients up at the desk: for which reasons, and the lines of the journal that tell of it."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.clients import client_journal
from accounts.kinds import Event
from accounts.models import Client
from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.kinds import InWords, among


class Reason(models.TextChoices):
    """Why a sheet is opened, in the journal and in the words that the client reads there."""

    PHONE = "phone", _("appel du client")
    BRANCH = "branch", _("visite du client en agence")
    MESSAGE = "message", _("courrier ou message du client")
    FILE = "file", _("suivi d’un dossier")
    CONTROL = "control", _("contrôle interne")
    # Of who controls alone: an advisor who looks into something for it is an advisor.
    AUDIT = "audit", _("contrôle interne")
    # Asked of nobody: these follow from who he is, or from the page.
    OWN_ADVISOR = "own_advisor", _("son conseiller")
    SUBSTITUTE = "substitute", _("remplaçant de son conseiller")
    REGISTRATION = "registration", _("fiche créée à l’instant")
    SECOND_ADVISOR = "second_advisor", _("second conseiller")
    ACCESS = "access", _("accès à un compte demandé pour lui")
    JOINING = "joining", _("réunion de deux fiches demandée")
    MANDATE = "mandate", _("procuration donnée sur son compte")


# By what somebody is searched, see look_up.py.
WAYS_IN_WORDS = {
    "account": "numéro de compte ou de contrat",
    "birth_date": "date de naissance",
    "client_code": "code client",
    "email": "adresse électronique",
    "last_four": "quatre derniers chiffres",
    "name": "nom",
    "nothing": "rien qui se cherche",
    "phone": "téléphone",
    "postcode": "code postal",
}


class Said(NamedTuple):
    """The reason given for one sheet; `words` only where more of them were opened than is usual."""

    reason: Reason
    words: str = ""


def note(client: Client, said: Said, *, by: Actor, **page: str) -> None:
    """The line of a sheet, or of a page below it, that `by` has before his eyes."""
    words = {"words": said.words} if said.words else {}
    client_journal.record(Event.CLIENT_CONSULTED, client, by=by, **page, look=said.reason.value, **words)


def note_search(ways: Iterable[str], shown: Iterable[Client], *, by: Actor) -> None:
    """The one line of a search: by which ways, never what was typed, and whom the page has shown."""
    details = {"ways": " ".join(ways), "shown": " ".join(str(client.pk) for client in shown)}
    journal.record(Event.CLIENTS_SEARCHED, by=by, details=details)


def note_refused_search(ways: Iterable[str], *, by: Actor) -> None:
    """The line of a search that has shown nobody, since it would have shown too many."""
    journal.record(Event.SEARCH_REFUSED, by=by, details={"ways": " ".join(ways)})


def _ways(names: str | int) -> str:
    return "par " + ", ".join(WAYS_IN_WORDS.get(way, way) for way in str(names).split())


def _shown(numbers: str | int) -> str:
    """How many, not who: whoever reads the journal of one of them need not learn of the others."""
    count = len(str(numbers).split())
    return ngettext("{} personne affichée", "{} personnes affichées", count).format(count)


# How the details of these lines read.
DETAILS_IN_WORDS: dict[str, InWords] = {
    "ways": _ways,
    "shown": _shown,
    "look": among(dict(Reason.choices)),
    "words": "« {} »".format,
}
