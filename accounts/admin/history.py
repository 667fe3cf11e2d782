"""« Historique » of a client: the journal, since Django's own log knows nothing of an advisor's acts."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import render

from accounts.clients import client_journal
from accounts.desk import sheets

LINES_ON_A_PAGE = 50


class ClientHistory(admin.ModelAdmin):
    """The journal of one client, to be read."""

    def history_view(self, request, object_id, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        client = sheets.find(request, unquote(object_id), page="history")
        page = Paginator(client_journal.lines_about(client), LINES_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Historique",
            "subtitle": client,
            "client": client,
            "page": page,
            "lines": [_shown(line, client) for line in page],
            **(extra_context or {}),
        }
        return render(request, "admin/accounts/client/history.html", context)


def _shown(line, client) -> dict:
    return {
        "at": line.at,
        "event": line.get_kind_display(),
        "by": _who(line, client),
        "address": line.address or "",
        "details": client_journal.details_in_words(line),
    }


def _who(line, client) -> str:
    if line.by_id is None:
        return "—"  # a timer, or whoever did not log in
    return "le client" if line.by_id == client.user_id else str(line.by)
