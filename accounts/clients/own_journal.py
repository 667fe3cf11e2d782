"""The journal as the client it is about reads it, in his own words: what happened, by whom, from where."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from accounts.clients import client_journal
from accounts.clients.looks import Reason
from accounts.kinds import Event
from accounts.models import Client
from auth_codes import browser, kinds
from auth_codes.kinds import Told
from auth_codes.models import SecurityEvent
from auth_codes.prepared import KEY, Blank, Prepared

LINES_PER_PAGE = 25
# Of every kind.
DETAILS = ("fields", "number", "occasion", "identity_check", "reason", "answer", "page", "document", "requested_at")

# What another client has done about his account.
BY_ANOTHER = (Event.TRANSFER_BY_ANOTHER, Event.CLOSING_BY_ANOTHER)

# A look so long after the one before, by the same person, is another visit.
VISIT_ENDS_AFTER = timedelta(minutes=30)
# Of how many looks; so many at one client no day allows.
LONGEST_VISIT = 250


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
    return _lines_of(client.pk)


def _lines_of(client: int | Blank) -> QuerySet[SecurityEvent]:
    return client_journal.lines_about_id(client).filter(kind__in=list(kinds.told()))


def _number_of(client: Blank) -> QuerySet[SecurityEvent, int]:
    by_client = _lines_of(client).order_by().values("subject_row__subject").annotate(number=Count("pk"))
    return by_client.values_list("number", flat=True)


FIRST_LINES = Prepared(lambda client: _lines_of(client)[: LINES_PER_PAGE + 1], client=KEY)
NUMBER_OF = Prepared(_number_of, client=KEY)


def number_of(client: Client) -> int:
    """How many lines that are; of one without any, the question finds no row."""
    return NUMBER_OF.first(client=client.pk) or 0


def in_words(lines: Iterable[SecurityEvent], client: Client) -> list[Line]:
    """Lines of his own journal, the newest first: one for all looks of a visit, where it began, and one for each act.

    `lines` are a page of it: a visit that began before them stands on the page of its beginning, and one that goes on
    after them is whole here. Advisors are not named, nor is the desk that they worked at.
    """
    page = list(lines)
    shown = [line.pk for line in page]
    if not any(line.kind == Event.CLIENT_CONSULTED for line in page):
        return [_said([line], client) for line in page]
    looks = lines_of(client).filter(kind=Event.CLIENT_CONSULTED).exclude(pk__in=shown)
    after = _going_on(page[0], looks.filter(subject_row__at__gte=page[0].at).reverse())
    before = _going_on(page[-1], looks.filter(subject_row__at__lte=page[-1].at))
    visits = _by_visit([*after[::-1], *page, *before])
    return [_said(together, client) for together in visits if together[0].pk in shown]


def _going_on(end: SecurityEvent, looks: QuerySet[SecurityEvent]) -> list[SecurityEvent]:
    """The looks beyond one end of a page, the nearest first, up to a pause in which every visit has ended."""
    found = [end]
    for line in looks[:LONGEST_VISIT]:
        if abs(line.at - found[-1].at) > VISIT_ENDS_AFTER:
            break
        found.append(line)
    return found[1:]


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
    if line.kind in BY_ANOTHER:
        return _("Un cotitulaire, un mandataire ou un représentant")  # the account tells who
    if is_advisor:
        is_control = line.details.get("look") == Reason.AUDIT
        return _("Le contrôle de la banque") if is_control else _("Un conseiller de la banque")
    if line.by_id is not None:
        return _("Vous")
    return _("Une personne non identifiée") if told.by_a_stranger else _("La banque")
