"""« Historique » of a client: the journal, since Django's own log knows nothing of an advisor's acts."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import render

from accounts.clients import client_journal
from accounts.desk import sheets
from accounts.desk.roles import AUDITORS, has_role
from accounts.kinds import Event
from auth_codes import browser
from auth_codes.actor import Actor

LINES_ON_A_PAGE = 50
# What the page asks for instead of what is about the client: the searches among whose results he was.
SEARCHES = "recherches"


class ClientHistory(admin.ModelAdmin):
    """The journal of one client, to be read."""

    def history_view(self, request, object_id, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        client = sheets.find(request, unquote(object_id), page="history")
        shown_address = _addresses_for(request, client)
        are_searches = SEARCHES in request.GET
        lines = client_journal.searches_showing(client) if are_searches else client_journal.lines_about(client)
        page = Paginator(lines, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Recherches qui l’ont montré" if are_searches else "Historique",
            "kept": f"{SEARCHES}&" if are_searches else "",
            "other": "" if are_searches else SEARCHES,
            "subtitle": client,
            "client": client,
            "page": page,
            "may_ask_addresses": has_role(request.user, AUDITORS) and shown_address is browser.masked,
            "lines": [_shown(line, client, shown_address) for line in page],
            **(extra_context or {}),
        }
        return render(request, "admin/accounts/client/history.html", context)


def _addresses_for(request, client):
    """How an address is shown: whole to an auditor who has just asked, which is told to the journal; else masked."""
    if request.method != "POST":
        return browser.masked
    if not has_role(request.user, AUDITORS):
        raise PermissionDenied
    client_journal.record(Event.ADDRESSES_SHOWN, client, by=Actor.of(request))
    return _whole


def _whole(address) -> str:
    return address or ""


def _shown(line, client, shown_address) -> dict:
    details = dict(line.details)
    if "network" in details:
        details["network"] = shown_address(details["network"])
    return {
        "at": line.at,
        "event": line.get_kind_display(),
        "by": _who(line, client),
        "address": shown_address(line.address),
        "details": client_journal.in_words(details),
    }


def _who(line, client) -> str:
    if line.by_id is None:
        return "—"  # a timer, or whoever did not log in
    return "le client" if line.by_id == client.user_id else str(line.by)
