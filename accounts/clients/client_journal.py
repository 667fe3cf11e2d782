"""The journal of one client, in words: what was done, by whom, from where. It holds no code, nor does this."""

from collections.abc import Iterator, Mapping

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import client_codes
from accounts.models import (
    AccessRequest,
    Capacity,
    Client,
    ClosingAgreement,
    ClosingRequest,
    Representation,
    ServiceContract,
    StaffRequest,
    Undoing,
)
from accounts.notation import ibans
from accounts.notation.lists import enumerated
from auth_codes import journal, kinds
from auth_codes.actor import Actor
from auth_codes.kinds import InWords, LineKind, among
from auth_codes.models import SecurityEvent
from auth_codes.prepared import Blank

# The box of the sheet that is no column of the model: ticked with a name that somebody else has too.
ANOTHER_PERSON = {"is_another_person": _("c’est une autre personne : garder deux fiches")}


def record(kind: LineKind, client: Client, *, by: Actor, **details: str | int) -> None:
    """The line of something that was done about a client, who is perhaps no user yet."""
    about = {"client": client.pk, **details}
    journal.record(kind, owner=client.user, by=by, subject=client.pk, details=about)


def lines_about(client: Client) -> QuerySet[SecurityEvent]:
    """The newest first, by one index, whatever else the journal holds; also those from before he had a user."""
    return lines_about_id(client.pk)


def lines_about_id(client: int | Blank) -> QuerySet[SecurityEvent]:
    """The lines of the journal about the client of this key, the latest first."""
    lines = SecurityEvent.objects.filter(Q(subject_row__subject=client))
    return lines.select_related("by").order_by("-subject_row__at", "-subject_row__event_id")


def searches_showing(client: Client) -> QuerySet[SecurityEvent]:
    """The searches whose results have shown this client, the newest first, by one index as well."""
    lines = SecurityEvent.objects.filter(mentions__subject=client.pk)
    return lines.select_related("by").order_by("-mentions__at", "-mentions__event_id")


def in_words(*details: Mapping[str, str | int]) -> str:
    """What was changed, how identity was checked, why a letter was issued…, on one line; empty when nothing was.

    Of some details of a line, or of several lines together: what they have in common is said once.
    """
    parts = dict.fromkeys(part for some in details for part in _parts(some))
    return capfirst(", ".join(filter(None, parts)))


def _parts(details: Mapping[str, str | int]) -> Iterator[str]:
    for name, value in details.items():
        if name != "client":
            yield kinds.detail_in_words(name, value)


def _fields(names: str | int) -> str:
    return ", ".join(map(_label, str(names).split()))


def _label(field: str) -> str:
    """What the sheet calls a field; an earlier line may name one that the model no longer has."""
    try:
        return str(Client._meta.get_field(field).verbose_name).lower()  # type: ignore[union-attr]  # a column
    except FieldDoesNotExist:
        return str(ANOTHER_PERSON.get(field, field))


def _numbers(said: str | int) -> str:
    """Those of accounts and contracts grouped as on every page; a transfer has a reference. Kept with « et »."""
    numbers = [word for word in str(said).split() if word != "et"]
    grouped = (ibans.display_number(word) if ibans.number_in(word) else word for word in numbers)
    return gettext("n°\u00a0{}").format(enumerated(grouped))


# How the details of this package's lines read.
DETAILS_IN_WORDS: dict[str, InWords] = {
    "fields": _fields,
    "number": _numbers,
    "advisor": "« {} » nommé".format,
    "staff_act": among(dict(StaffRequest.Kind.choices)),
    "staff_name": "« {} »".format,
    "staff_groups": "groupes : {}".format,
    "staff_client": lambda code: f"fiche client {client_codes.display(str(code)) or 'retirée'}",
    "staff_branch": "agence : {}".format,
    "substitute": "remplacé par « {} »".format,
    "days_away": str,
    "read_kind": lambda kind: f"événement « {dict(kinds.line_choices()).get(str(kind), kind)} »",
    "read_actor": "actes de « {} »".format,
    "read_since": "depuis le {}".format,
    "read_until": "jusqu’au {}".format,
    "undone": among(dict(Undoing.Act.choices)),
    "contract_end": among(dict(ServiceContract.End.choices)),
    "client_end": among(dict(Client.End.choices)),
    "sheet": among({"kept": _("fiche gardée"), "closed": _("fiche fermée")}),
    "other_sheet": lambda ending: gettext("avec la fiche du code client se terminant par {}").format(ending),
    "document": lambda title: gettext("« {} »").format(title),
    "papers": lambda number: ngettext("{} document", "{} documents", int(number)).format(number),
    "page": among(
        {
            "history": _("historique"),
            "journal": _("journal du poste"),
            "documents": _("liste des documents"),
            "document": _("document ouvert"),
        }
    ),
    "side": among(
        {
            "given": _("comme titulaire du compte"),
            "received": _("comme bénéficiaire"),
            "joined": _("comme nouveau titulaire"),
        }
    ),
    "right": among(dict(AccessRequest.Right.choices)),
    "acting": among(
        {"represented": _("comme personne représentée"), "representative": _("comme représentant")},
    ),
    "capacity": among(dict(Capacity.choices)),
    "closing_agreement": among({"paper": _("accord signé sur papier"), "online": _("accord donné en ligne")}),
    "closing_answer": among(dict(ClosingAgreement.Answer.choices)),
    "closing_end": among(dict(ClosingRequest.Outcome.choices)),
    "representation_end": among(dict(Representation.End.choices)),
}
