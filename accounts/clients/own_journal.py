"""The journal as the client it is about reads it, in his own words: what happened, by whom, from where."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.clients import client_journal
from accounts.kinds import Event
from accounts.models import Client
from auth_codes import browser, kinds
from auth_codes.kinds import Told
from auth_codes.models import SecurityEvent

# Of every kind.
DETAILS = ("fields", "number", "occasion", "identity_check", "reason", "answer", "page", "document", "requested_at")

# A look so long after the one before, by the same person, is another visit.
VISIT_ENDS_AFTER = timedelta(minutes=30)


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
    return client_journal.lines_about(client).filter(kind__in=kinds.told())


def in_words(lines: Iterable[SecurityEvent], client: Client) -> list[Line]:
    """Lines of his own journal, the newest first: one for all looks of a visit, where it began, and one for each act.

    Advisors are not named, nor is the desk that they worked at.
    """
    return [_said(together, client) for together in _by_visit(lines)]


def _by_visit(lines: Iterable[SecurityEvent]) -> list[list[SecurityEvent]]:
    told: list[list[SecurityEvent]] = []
    visits: dict[int | None, list[SecurityEvent]] = {}  # the last one of each person
    for line in reversed(list(lines)):
        is_look, visit = line.kind == Event.CLIENT_CONSULTED, visits.get(line.by_id, [])
        if is_look and visit and line.at <= visit[-1].at + VISIT_ENDS_AFTER:
            visit.append(line)
            continue
        told.append([line])
        if is_look:
            visits[line.by_id] = told[-1]
    return told[::-1]


def _said(together: Sequence[SecurityEvent], client: Client) -> Line:
    line = together[0]
    is_advisor = line.by_id is not None and line.by_id != client.user_id
    told = kinds.told()[line.kind]
    shown = DETAILS + told.details
    address = "" if is_advisor else line.address or line.details.get("network", "")
    details = ({name: each.details[name] for name in shown if name in each.details} for each in together)
    return Line(
        at=line.at,
        event=str(told.words),
        details=client_journal.in_words(*details),
        by=_who(line, told, is_advisor),
        device=browser.in_words(browser.describe(line.user_agent)) if line.address and not is_advisor else "",
        address=address,
    )


def _who(line: SecurityEvent, told: Told, is_advisor: bool) -> str:
    if line.kind == Event.TRANSFER_BY_ANOTHER:
        return _("Un cotitulaire ou un mandataire")  # the account tells who
    if is_advisor:
        return _("Un conseiller de la banque")
    if line.by_id is not None:
        return _("Vous")
    return _("Une personne non identifiée") if told.by_a_stranger else _("La banque")
