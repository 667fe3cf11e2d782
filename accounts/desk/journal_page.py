"""« Journal »: what auditors read of what everybody did at the desk and in his space; they change nothing.

Each page of it is a line itself; one that asks for a client is a look at him, with its reason, which he reads. Other
clients have a number there and no name: their history tells who they are, and is a look of its own.
"""

from collections.abc import Collection, Iterable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.desk import bulk_acts, journal_lines, roles, sheets
from accounts.desk.journal_forms import LinesForm
from accounts.desk.journal_lines import LinesAsked
from accounts.kinds import Event
from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent

LINES_ON_A_PAGE = 50


def page(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    """The newest lines of those asked for; `context` is the desk's own."""
    by = Actor.of(request)
    if not roles.has_role(by.person, roles.AUDITORS):
        raise PermissionDenied
    form = LinesForm(request.GET)
    lines = _read(request, form.asked(), by) if form.is_valid() else []
    some = lines[:LINES_ON_A_PAGE]
    context |= {
        "title": "Journal",
        "form": form,
        "lines": _shown(some),
        "asked_for": form.cleaned_data.get("client") if form.is_valid() else None,
        "older": _address(request, before=some[-1].pk) if len(lines) > LINES_ON_A_PAGE else "",
        "newest": _address(request) if "before" in request.GET else "",
    }
    return render(request, "admin/journal.html", context)


def _read(request: HttpRequest, asked: LinesAsked, by: Actor) -> list[SecurityEvent]:
    """One line more than a page holds. That they were read is a line, written after them."""
    if asked.client:
        sheets.find(request, asked.client.pk, page="journal")
    lines = list(journal_lines.find(asked, reader=by.person)[: LINES_ON_A_PAGE + 1])
    if not asked.client:
        said = {
            "read_kind": asked.kind,
            "read_actor": asked.actor.get_username() if asked.actor else "",
            "read_since": str(asked.since or ""),
            "read_until": str(asked.until or ""),
        }
        journal.record(Event.JOURNAL_READ, by=by, details={name: value for name, value in said.items() if value})
        bulk_acts.ring_if_many(Event.JOURNAL_READ, by=by)
    return lines


def _shown(lines: Collection[SecurityEvent]) -> list[dict[str, object]]:
    return [
        {
            **journal_lines.shown(line, journal_lines.masked),
            "by": _who(line),
            "clients": _numbers(line),
            "member": line.owner if line.owner and line.owner.is_staff and line.owner_id != line.by_id else None,
        }
        for line in lines
    ]


def _numbers(line: SecurityEvent) -> list[int]:
    """Whom a line is about: one client, or those whom a search has shown."""
    row = getattr(line, "subject_row", None)
    found: Iterable[str] = str(line.details.get("shown", "")).split()
    return [*([row.subject] if row and row.subject else []), *(int(number) for number in found if number.isdecimal())]


def _who(line: SecurityEvent) -> str:
    """Of clients no code client."""
    if line.by is None:
        return journal_lines.NOBODY
    return str(line.by) if line.by.is_staff else "un client"


def _address(request: HttpRequest, **changed: int) -> str:
    """This page's own address, with another place to begin from."""
    query = request.GET.copy()
    query.pop("before", None)
    query.update({name: str(value) for name, value in changed.items()})
    return f"?{query.urlencode()}"
