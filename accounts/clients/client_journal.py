"""The journal of one client, in words: what was done, by whom, from where. It holds no code, nor does this."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import ngettext_lazy

from accounts.models import AccessRequest, Client
from auth_codes import wording
from auth_codes.codes.reminders import Answer
from auth_codes.models import Renewal, RenewalRequest, SealedLetter, SecurityEvent

DEVICES = ngettext_lazy("{} appareil", "{} appareils")
# What a line's detail holds, in words; those that are not named here are shown as they are.
WORDS = {
    "identity_check": dict(Renewal.IdentityCheck.choices),
    "occasion": dict(SealedLetter.Occasion.choices),
    # Which may be the client himself: « Ce n’était pas moi ».
    "reason": {**dict(RenewalRequest.Outcome.choices), RenewalRequest.Outcome.CLOSED.value: "accès fermé"},
    "answer": {
        **{value: f"« {label} »" for value, label in Answer.choices},
        "it_was_me": "« C’était moi »",
        "only_tried": "« Personne n’est entré »",
    },
    "device": {"known": "appareil connu", "unknown": "appareil inconnu"},
    "letter": {"number": "sous le numéro d’un courrier"},
    "page": {"history": "historique", "documents": "liste des documents", "document": "document ouvert"},
    "side": {
        "given": "comme titulaire du compte",
        "received": "comme bénéficiaire",
        "joined": "comme nouveau titulaire",
    },
    "right": dict(AccessRequest.Right.choices),
}
NAMES = {
    "number": "n° {}",
    "document": "« {} »",
    "batch": "lot {}",
    "network": "réseau {}",
    "failures": "{} codes erronés",
}


def lines_about(client: Client) -> QuerySet[SecurityEvent]:
    """The newest first. Before the online space exists a line has no owner, and names the client in its details."""
    about = Q(owner=None, details__client=client.pk)
    if client.user_id:
        about |= Q(owner=client.user_id)
    return SecurityEvent.objects.filter(about).select_related("by").order_by("-at", "-id")


def details_in_words(line: SecurityEvent) -> str:
    """What was changed, how identity was checked, why a letter was issued…, on one line; empty when nothing was."""
    return in_words(line.details)


def in_words(details: Mapping[str, str | int]) -> str:
    """The same of some of a line's details."""
    return capfirst(", ".join(filter(None, _parts(details))))


def _parts(details: Mapping[str, str | int]) -> Iterator[str]:
    for name, value in details.items():
        if name == "client":
            continue
        if name == "fields":
            yield from map(_label, value.split())
        elif name == "count":
            yield DEVICES.format(value)
        elif name == "requested_at":
            yield f"demandé le {wording.moment(datetime.fromisoformat(value))}"
        else:
            shown = WORDS.get(name, {}).get(value, value)
            yield NAMES.get(name, "{}" if name in WORDS else f"{name} : {{}}").format(shown)


def _label(field: str) -> str:
    """What the sheet calls a field; an earlier line may name one that the model no longer has."""
    try:
        return str(Client._meta.get_field(field).verbose_name).lower()
    except FieldDoesNotExist:
        return field
