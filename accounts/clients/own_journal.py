"""The journal as the client it is about reads it, in his own words: what happened, by whom, from where."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from accounts.clients import client_journal
from accounts.models import Client
from auth_codes import browser
from auth_codes.models import SecurityEvent

Kind = SecurityEvent.Kind

EVENTS = {
    Kind.CLIENT_REGISTERED: "Votre fiche client a été créée",
    Kind.CLIENT_CHANGED: "Votre fiche client a été modifiée",
    Kind.CLIENT_CONSULTED: "Votre fiche client a été consultée",
    Kind.CLIENT_CODE_ISSUED: "Votre code client vous a été attribué",
    Kind.ACCOUNT_OPENED: "Un compte a été ouvert à votre nom",
    Kind.CONTRACT_OPENED: "Un contrat a été souscrit à votre nom",
    Kind.ACCOUNT_CLOSED: "Un compte à votre nom a été clôturé",
    Kind.ACCESS_ASKED: "Un accès à un compte a été demandé ; un second conseiller doit l’approuver",
    Kind.ACCESS_DECLINED: "Un accès demandé à un compte n’a pas été donné",
    Kind.HOLDER_ADDED: "Un compte à votre nom a un nouveau cotitulaire",
    Kind.MANDATE_GRANTED: "Une procuration a été enregistrée",
    Kind.MANDATE_ENDED: "Une procuration a été révoquée",
    Kind.LETTER_WRITTEN: "Un courrier vous a été écrit",
    Kind.BOOKING_CORRECTED: "Une opération a été rectifiée",
    Kind.TRANSFER_MADE: "Virement confirmé",
    Kind.TRANSFER_BY_ANOTHER: "Virement sur l’un de vos comptes, confirmé par une autre personne qui y a accès",
    Kind.TRANSFER_CODE_FAILED: "Code secret erroné, pour confirmer un virement",
    Kind.ONLINE_SPACE_CREATED: "Votre Espace Client a été créé",
    Kind.DEFAULT_CODE_ISSUED: "Un code secret provisoire a été préparé pour vous",
    Kind.DEFAULT_CODE_USED: "Votre code secret provisoire a servi pour la première fois",
    Kind.DEFAULT_CODE_EXPIRED: "Votre code secret provisoire a expiré sans avoir servi",
    Kind.DEFAULT_CODE_VOIDED: "Votre code secret provisoire a été annulé",
    Kind.LETTER_EXPORTED: "Le courrier de votre code secret est parti à l’impression",
    Kind.LETTER_DELIVERED: "Le courrier de votre code secret a été posté",
    Kind.RENEWAL_REQUESTED: "Un nouveau code secret a été demandé en ligne",
    Kind.RENEWAL_DECLINED: "Aucun courrier n’est parti après une demande de nouveau code secret",
    Kind.RENEWAL_HELD: "Une demande de nouveau code secret attend : votre adresse a changé récemment",
    Kind.RENEWAL_STARTED: "Un nouveau code secret a été demandé pour vous",
    Kind.RENEWAL_APPROVED: "L’envoi d’un nouveau code secret a été approuvé",
    Kind.RENEWAL_REFUSED: "L’envoi d’un nouveau code secret a été refusé",
    Kind.CODE_RENEWED: "Votre code secret a été remplacé par celui d’un courrier",
    Kind.CODE_VOIDED: "Votre code secret a été annulé",
    Kind.ACCESS_CLOSED: "L’accès à votre Espace Client a été fermé",
    Kind.ADDRESS_CONFIRMED: "Votre adresse postale a été confirmée",
    Kind.REMINDER_ANSWERED: "Réponse au rappel de changer de code secret",
    Kind.LOGGED_IN: "Connexion à votre Espace Client",
    Kind.LOGIN_FAILED: "Connexion refusée",
    Kind.LOGIN_BLOCKED: "Connexion en pause sur les appareils inconnus, après des codes erronés",
    Kind.BLOCK_LIFTED: "Vous avez répondu à des codes erronés",
    Kind.LOGGED_OUT: "Déconnexion",
    Kind.SESSIONS_ENDED: "Déconnexion de tous les appareils",
    Kind.DEVICE_KNOWN: "L’appareil de cette connexion nous était inconnu",
    Kind.DEVICE_REMOVED: "Un appareil connu a été retiré",
    Kind.DEVICES_REMOVED: "Des appareils connus ont été oubliés",
    Kind.CLOSED_BY_OWNER: "Accès fermé à votre demande : « Ce n’était pas moi »",
    Kind.CODE_CHANGED: "Votre code secret a été modifié",
    Kind.CODE_CHANGE_FAILED: "Code secret actuel erroné, pendant une modification",
}
# These concern no client in particular and are nobody's line: the work of the timers, the alarms of the operators.
INTERNAL = {
    Kind.LETTERS_EXPORTED,
    Kind.LETTERS_CONFIRMED,
    Kind.RENEWAL_CEILING,
    Kind.CODES_ROTATED,
    Kind.NETWORK_SPENT,
    Kind.FAILURE_ALARM,
    Kind.COUNTERS_FULL,
    Kind.JOURNAL_PURGED,
}
# Nobody was logged in, and whoever it was acted himself; in all other lines that name nobody the bank did.
BY_A_STRANGER = {Kind.LOGIN_FAILED, Kind.RENEWAL_REQUESTED}
DETAILS = ("fields", "number", "occasion", "identity_check", "reason", "answer", "page", "document", "requested_at")
ACCESS = ("side", "right")
# Told of these kinds alone: elsewhere the same names hold what another column says.
DETAILS_OF = {
    Kind.LOGIN_FAILED: ("device",),
    Kind.CODE_CHANGE_FAILED: ("device",),
    Kind.TRANSFER_CODE_FAILED: ("device",),
    Kind.LOGIN_BLOCKED: ("failures",),
    **dict.fromkeys((Kind.ACCESS_ASKED, Kind.ACCESS_DECLINED, Kind.MANDATE_GRANTED, Kind.MANDATE_ENDED), ACCESS),
    Kind.HOLDER_ADDED: ("side",),
}


class Line(NamedTuple):
    """One line, ready to show; `device` and `address` are empty where they are the bank's own."""

    at: datetime
    event: str
    details: str
    by: str
    device: str
    address: str


def lines_of(client: Client) -> QuerySet[SecurityEvent]:
    """What the journal tells of this client, the newest first; of a kind without words for him, nothing."""
    return client_journal.lines_about(client).filter(kind__in=EVENTS)


def in_words(line: SecurityEvent, client: Client) -> Line:
    """A line of his own journal. Advisors are not named, nor is the desk that they worked at."""
    is_advisor = line.by_id is not None and line.by_id != client.user_id
    told = DETAILS + DETAILS_OF.get(line.kind, ())
    address = "" if is_advisor else line.address or line.details.get("network", "")
    return Line(
        at=line.at,
        event=EVENTS[line.kind],
        details=client_journal.in_words({name: line.details[name] for name in told if name in line.details}),
        by=_who(line, is_advisor),
        device=browser.describe(line.user_agent) if line.address and not is_advisor else "",
        address=address,
    )


def _who(line: SecurityEvent, is_advisor: bool) -> str:
    if line.kind == Kind.TRANSFER_BY_ANOTHER:
        return "Un cotitulaire ou un mandataire"  # the account tells who
    if is_advisor:
        return "Un conseiller de la banque"
    if line.by_id is not None:
        return "Vous"
    return "Une personne non identifiée" if line.kind in BY_A_STRANGER else "La banque"
