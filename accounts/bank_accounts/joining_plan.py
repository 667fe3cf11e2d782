"""What a joining would do, in words, for the second advisor; as it stands now, and judged again when he approves."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from accounts.bank_accounts import waiting_acts
from accounts.models import BankAccount, Client, Joining, Mandate, ServiceContract

NO_SPACE_LEFT = (
    "La fiche gardée n’a pas d’espace en ligne, et celui de l’autre se ferme : créez-en un ensuite, si la personne le "
    "souhaite."
)


class Consequence(NamedTuple):
    """One kind of thing, and each of them in words."""

    what: str
    each: Sequence[str]


def of(asked: Joining, now: datetime) -> list[Consequence]:
    """What moves, what ends and what comes to nothing; without what there is none of."""
    return [one for one in _all(asked.kept, asked.closed, now) if one.each]


def warnings(kept: Client, closed: Client) -> list[str]:
    """What is to be done afterwards."""
    return [NO_SPACE_LEFT] if closed.user_id and not kept.user_id else []


def _all(kept: Client, closed: Client, now: datetime) -> Iterator[Consequence]:
    today = timezone.localdate(now)
    moved, shared = closed.bank_accounts.exclude(holders=kept), closed.bank_accounts.filter(holders=kept)
    held = BankAccount.objects.filter(holders__in=[kept, closed])
    received = Mandate.objects.in_force(today).filter(proxy__in=[kept, closed]).select_related("account", "proxy")
    yield Consequence("Comptes qui passent sur la fiche gardée", _texts(moved.distinct()))
    yield Consequence("Comptes que les deux fiches tiennent, et qu’une seule tiendra", _texts(shared.distinct()))
    yield Consequence("Contrats qui passent", _texts(closed.service_contracts.all()))
    yield Consequence("Procurations reçues qui passent", _on(received.filter(proxy=closed).exclude(account__in=held)))
    yield Consequence("Procurations qui disparaissent", _on(received.filter(account__in=held)))
    yield Consequence("Fiches réunies auparavant qui suivent", _texts(closed.joined_sheets.all()))
    yield Consequence("Se ferme aussitôt", _closing(closed))
    acts = [act for act in waiting_acts.about([kept, closed], now) if not isinstance(act, Joining)]
    yield Consequence("Demandes en attente qui tombent", [f"{act.title}, demandé par {act.started_by}" for act in acts])


def _texts(rows: Iterable[BankAccount | ServiceContract | Client]) -> list[str]:
    return [str(row) for row in rows]


def _on(received: QuerySet[Mandate]) -> list[str]:
    return [f"{mandate.proxy}, sur {mandate.account}" for mandate in received.distinct()]


def _closing(closed: Client) -> list[str]:
    if not closed.user_id:
        return []
    return ["espace en ligne de la fiche fermée : code, appareils, sessions, plis scellés en route"]
