"""Lines of the journal as pages of the desk ask for them and show them."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.clients import client_journal
from accounts.models import Client, User
from auth_codes import browser
from auth_codes.models import SecurityEvent

NOBODY = "—"  # a timer, a command, or whoever did not log in
# Without a first day: a rare kind of line is not searched for through 13 months that nobody asked for.
UNASKED = timedelta(days=30)
# How an address is shown.
Address = Callable[[str | None], str]


class LinesAsked(NamedTuple):
    """Which lines; None and empty are of no matter. `before` is the number of a line, older ones are wanted."""

    kind: str
    actor: User | None
    client: Client | None
    since: date | None
    until: date | None
    before: int | None


def find(asked: LinesAsked, *, reader: User) -> QuerySet[SecurityEvent]:
    """The newest first; nothing of what is the reader's own as a client."""
    lines = SecurityEvent.objects.filter(at__gte=_midnight(asked.since or timezone.localdate() - UNASKED))
    if asked.until:
        lines = lines.filter(at__lt=_midnight(asked.until + timedelta(days=1)))
    if asked.kind:
        lines = lines.filter(kind=asked.kind)
    if asked.actor:
        lines = lines.filter(by=asked.actor)
    if asked.client:
        lines = lines.filter(subject_row__subject=asked.client.pk)
    if own := reader.own_sheets():
        lines = lines.exclude(subject_row__subject__in=own)
    return _before(lines, asked.before).select_related("by", "owner", "subject_row").order_by("-at", "-pk")


def _before(lines: QuerySet[SecurityEvent], number: int | None) -> QuerySet[SecurityEvent]:
    last = SecurityEvent.objects.filter(pk=number).first() if number else None
    return lines.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk)) if last else lines


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def masked(address: str | None) -> str:
    """Of the network enough to compare two lines."""
    return browser.masked(address)


def whole(address: str | None) -> str:
    """For an auditor who has just asked, which is a line itself."""
    return address or ""


def shown(line: SecurityEvent, address: Address) -> dict[str, object]:
    """When, what, from where and with which details; who acted is said by the page."""
    details = dict(line.details)
    if "network" in details:
        details["network"] = address(details["network"])
    return {
        "at": line.at,
        "event": line.get_kind_display(),
        "address": address(line.address),
        "details": client_journal.in_words(details),
    }
