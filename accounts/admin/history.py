"""« Historique » of a client: the journal, since Django's own log knows nothing of an advisor's acts."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import render

from accounts.clients import client_journal
from accounts.desk import journal_lines, sheets
from accounts.desk.journal_forms import AddressesForm
from accounts.desk.roles import AUDITORS, has_role
from accounts.kinds import Event
from auth_codes.actor import Actor

LINES_ON_A_PAGE = 50
# What the page asks for instead of what is about the client: the searches among whose results he was.
SEARCHES = "recherches"


class ClientHistory(admin.ModelAdmin):
    """The journal of one client, to be read."""

    def history_view(self, request, object_id, extra_context=None):
        is_auditor = has_role(request.user, AUDITORS)
        if not (is_auditor or self.has_view_permission(request)):
            raise PermissionDenied
        client = sheets.find(request, unquote(object_id), page="history")
        form = AddressesForm(request.POST) if request.method == "POST" else AddressesForm()
        address = _addresses_for(request, client, form)
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
            "form": form if is_auditor and address is journal_lines.masked else None,
            "lines": [journal_lines.shown(line, address) | {"by": _who(line, client)} for line in page],
            **(extra_context or {}),
        }
        return render(request, "admin/accounts/client/history.html", context)


def _addresses_for(request, client, form):
    """How an address is shown: whole to an auditor who has just said why, which is told to the journal; else masked."""
    if not form.is_bound:
        return journal_lines.masked
    if not has_role(request.user, AUDITORS):
        raise PermissionDenied
    if not form.is_valid():
        return journal_lines.masked
    client_journal.record(Event.ADDRESSES_SHOWN, client, by=Actor.of(request), words=form.cleaned_data["words"])
    return journal_lines.whole


def _who(line, client) -> str:
    if line.by_id is None:
        return journal_lines.NOBODY
    if line.by_id == client.user_id:
        return "le client"
    # Of another client, as who orders from a joint account is, not his code client.
    return str(line.by) if line.by.is_staff else "un autre client"
