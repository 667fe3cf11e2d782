"""« Retrouver un client »: who is found, and what a search is refused for. What is typed stands in no address."""

import re
from typing import NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.clients import finding, look_up, questions
from accounts.clients.finding import Found
from accounts.desk import bulk_acts, kept_searches, sheets
from accounts.notation import names
from auth_codes.actor import Actor
from auth_codes.codes import owners

SEARCHED_TOO_MUCH = (
    "Vos recherches ont montré beaucoup de personnes en peu de temps, et les contrôleurs en sont avertis. Retrouvez ce "
    "client par son code client, un numéro de compte ou de téléphone, ou par son nom et sa date de naissance."
)
KEPT_NO_MORE = "Cette recherche n’est plus gardée : retapez-la."
NOT_BY_ADDRESS = "Une adresse ne cherche personne : tapez votre recherche dans la case du haut."
SEALED, OLD = "recherche", "q"
PARTS_OF_NAMES = re.compile(r"([\s’'.\-]+)")


class Piece(NamedTuple):
    """A part of a name, and whether it is what was typed."""

    text: str
    is_said: bool


class ClientSearch(admin.ModelAdmin):
    """Each search is a line of the journal; what may show too many shows nobody, and is one as well."""

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return _kept(request)
        if request.GET.get(OLD, "").strip("\x00 "):
            messages.warning(request, NOT_BY_ADDRESS)
            return redirect(request.path)
        if request.GET.keys() - {SEALED, OLD}:
            raise DisallowedModelAdminLookup
        text = self._text(request)
        found = self._search(request, text) if text else None
        said = questions.read(text).words if found else ()
        context = self.admin_site.each_context(request) | {
            "title": "Retrouver un client",
            "opts": self.opts,
            "said": text,
            "found": found,
            "shown": [self._row(client, said) for client in found.clients] if found else [],
            "most": finding.SHOWN,
            "has_add_permission": self.has_add_permission(request),
        }
        return render(request, "admin/accounts/client/search.html", context | (extra_context or {}))

    def _text(self, request) -> str:
        token = request.GET.get(SEALED, "")
        text = kept_searches.opened(token, request.user) if token else ""
        if text is None:
            messages.warning(request, KEPT_NO_MORE)
        return text or ""

    def _search(self, request, text) -> Found:
        by, ways = Actor.of(request), look_up.ways(text)
        with transaction.atomic():
            owners.lock(by.person)  # of two tabs the later one knows whom the first has shown
            if look_up.is_vague(text) and bulk_acts.has_searched_too_much(by):
                messages.error(request, SEARCHED_TOO_MUCH)
                sheets.refuse_search(request, ways)
                return Found([])
            explanation = look_up.why_nobody(text)
            if explanation:
                messages.warning(request, explanation)
            if look_up.is_too_short(text):
                sheets.refuse_search(request, ways)
                return Found([])
            found = finding.find(self.get_queryset(request).prefetch_related("former_names", "joined_sheets"), text)
            sheets.search(request, ways, found.clients)
        return found

    def _row(self, client, said) -> dict:
        return {
            "client": client,
            "sheet": reverse("admin:accounts_client_change", args=[client.pk]),
            "former": ", ".join(map(str, client.former_names.all())),
            "joined": client.joined_sheets.all(),
            "name": [Piece(part, _is_said(part, said)) for part in PARTS_OF_NAMES.split(str(client)) if part],
            "code": self.shown_client_code(client),
            "space": self.online_space(client),
        }


def _kept(request):
    """To an address that tells nothing, which a browser goes back to without asking."""
    text = request.POST.get("said", "").replace("\x00", "").strip()[: questions.MOST_SIGNS]
    return redirect(f"{request.path}?{SEALED}={kept_searches.sealed(text, request.user)}" if text else request.path)


def _is_said(part: str, said: tuple[str, ...]) -> bool:
    key = names.key(part)
    return any(key.startswith(word) for word in said) if key else False
