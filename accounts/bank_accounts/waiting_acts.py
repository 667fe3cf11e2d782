"""What waits for a second advisor about somebody whose sheet is joined with another: it comes to nothing.

It was asked for about one sheet as it was. Once its accounts are another's, nobody can say what he approves.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import (
    AccessRequest,
    Client,
    IdentityChange,
    Joining,
    RepresentationRequest,
    ServiceContract,
    StaffRequest,
    Undoing,
)
from accounts.models.representations import on_either_side
from auth_codes import dual_control
from auth_codes.models import DualControlAct, FactorsEnding, Renewal, TicketRequest, Unblocking, Unlocking

Sheets = Collection[Client]
JOINED = "la fiche client que cela concernait a été réunie avec une autre fiche de la même personne"
PARTED = "la fiche client que cela concernait avait été réunie par erreur avec une autre, et ne l’est plus"


def _held_by(sheets: Sheets) -> Q:
    return Q(account__holdings__client__in=sheets)


def _named_by(sheets: Sheets) -> Q:
    """Of an account or contract each of its people may have asked; it is named by its number."""
    accounts = Client.objects.filter(pk__in=[sheet.pk for sheet in sheets]).values("bank_accounts__number")
    contracts = ServiceContract.objects.filter(client__in=sheets).values("number")
    return Q(client__in=sheets) | Q(number__in=accounts) | Q(number__in=contracts)


# Of each kind, which ones are about some of these sheets; a kind that is not here cannot be asked for about a client.
ABOUT: Mapping[type[DualControlAct], Callable[[Sheets], Q]] = {
    AccessRequest: lambda sheets: Q(person__in=sheets) | _held_by(sheets),
    FactorsEnding: lambda sheets: Q(owner__client__in=sheets),
    TicketRequest: lambda sheets: Q(owner__client__in=sheets),
    IdentityChange: lambda sheets: Q(client__in=sheets),
    Joining: lambda sheets: Q(kept__in=sheets) | Q(closed__in=sheets),
    RepresentationRequest: lambda sheets: on_either_side(*sheets),
    Renewal: lambda sheets: Q(owner__client__in=sheets),
    StaffRequest: lambda sheets: Q(own_client__in=sheets),
    Unblocking: lambda sheets: Q(owner__client__in=sheets),
    Unlocking: lambda sheets: Q(owner__client__in=sheets),
    Undoing: _named_by,
}


def about(sheets: Sheets, now: datetime) -> list[DualControlAct]:
    """All that waits about one of these sheets, the oldest first."""
    return sorted(_about(sheets, now), key=lambda act: act.started_at)


def lapse(sheets: Sheets, now: datetime, why: str = JOINED) -> None:
    """Ends all of it; who asked, and whom it is about, are told, and why."""
    for act in about(sheets, now):
        dual_control.lapse_early(act, now, why=why)


def _about(sheets: Sheets, now: datetime) -> Iterator[DualControlAct]:
    for kind, which in ABOUT.items():
        # By ids: an act about a joint account is found by each of its holders.
        found: QuerySet[DualControlAct] = kind._default_manager.filter(which(sheets), decision="")
        waiting = kind.objects.open_at(now).filter(pk__in=found.order_by().values("pk"))
        yield from waiting.select_related("started_by")
