"""A client's sheet as it is read, with all that waits about him; « Modifier » leads to its form."""

from django.contrib import admin
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from accounts.admin import joinings, papers
from accounts.clients import code_reveals, confirmation, contact_changes, space_state
from accounts.clients.code_reveals import Occasion
from accounts.desk import sheets
from accounts.models import ContactChange
from auth_codes.factors import tokens
from auth_codes.locking import locks
from auth_codes.renewals import online

LETTERS_SHOWN = 5
SHEET = "Fiche client"
Contact = ContactChange.Contact


class ClientSheet(admin.ModelAdmin):
    """Read first, changed on demand."""

    def get_urls(self):
        edit = path("<int:pk>/modifier/", self.admin_site.admin_view(self.edit_view), name="client_edit")
        return [edit, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Read; a form that is sent here is taken as before."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if TO_FIELD_VAR in request.GET:
            raise Http404  # a sheet is found by its number alone
        find = sheets.find_to_act if request.method == "POST" else sheets.find
        client = find(request, unquote(object_id))
        if request.method == "POST":
            return super().change_view(request, object_id, form_url, {"title": SHEET} | (extra_context or {}))
        return render(request, "admin/accounts/client/sheet.html", self._facts(request, client))

    def edit_view(self, request, pk):
        if not self.has_change_permission(request):
            raise PermissionDenied
        sheets.find_to_act(request, pk)
        return super().change_view(request, str(pk), "", {"title": "Modifier la fiche"})

    def _facts(self, request, client) -> dict:
        now = timezone.now()
        return {
            **self.admin_site.each_context(request),
            "title": SHEET,
            "subtitle": client,
            "opts": self.opts,
            "original": client,
            "client": client,
            "change": True,
            "has_change_permission": self.has_change_permission(request),
            "may_act": self.has_change_permission(request) and not client.joined_into_id,
            "may_end": client.client_code and (client.is_ward or not client.ended_on),
            "has_view_permission": True,
            "may_confirm_contacts": bool(confirmation.may_confirm(client, request.user)),
            "contacts": _contacts(client),
            "former": ", ".join(map(str, client.former_names.all())),
            "waiting": confirmation.waiting(client),
            "joined_sheets": joinings.joined_with(client),
            "joining": joinings.waiting_for(client, now),
            "identity_change": client.identity_changes.open_at(now).prefetch_related("started_by").first(),
            "state": space_state.state_of(client, now),
            "holdings": _holdings(client),
            "contracts": client.service_contracts.all(),
            "caller": code_reveals.checklist(Occasion.PHONE, confirmation.phones_to_ring(client)),
            "documents": papers.shown(papers.documents_of(client)[: papers.DOCUMENTS_SHOWN]),
            "post": self.post(client),
            "mandates": self.mandates(client),
            "representations": self.representations(client),
            "is_minor": client.is_minor(timezone.localdate(now)),
            "age": client.age(timezone.localdate(now)),
            **_codes(client, now),
        }


def _holdings(client) -> list[dict]:
    """His accounts, each with the others who hold it."""
    held = client.holdings.select_related("account").prefetch_related("account__holders")
    return [
        {"holding": one, "others": [who for who in one.account.holders.all() if who.pk != client.pk]} for one in held
    ]


def _contacts(client) -> dict:
    """Since when each is known; of one that waits, nothing: nobody has confirmed it."""
    values = contact_changes.values(client)
    waiting = {one.contact for one in confirmation.waiting(client)}
    known = confirmation.known_since(client, values)
    return {contact: None if contact in waiting else since for contact, since in known.items()}


def _codes(client, now) -> dict:
    """The life of each code that a letter carried, and what waits: dates, never the code."""
    if client.user is None:
        return {}
    sealed = client.user.sealed_letters.select_related("batch").order_by("-issued_at")[:LETTERS_SHOWN]
    return {
        "letters": [_shown_letter(letter, now) for letter in sealed],
        "asked_online": online.held_request(client.client_code),
        "is_held": client.address_awaits_confirmation,
        "lock": locks.standing(client.user),
        "lent_token": tokens.of(client.user),
        "unlocking": client.user.unlockings.open_at(now).prefetch_related("started_by").first(),
        "unblocking": client.user.unblockings.open_at(now).prefetch_related("started_by").first(),
        "ticket_request": client.user.ticket_requests.open_at(now).prefetch_related("started_by").first(),
        "factors_ending": client.user.factors_endings.open_at(now).prefetch_related("started_by").first(),
        "renewal": client.user.renewals.open_at(now).prefetch_related("started_by").first(),
    }


def _shown_letter(letter, now) -> dict:
    life, valid_until = letter.life(now), letter.expires_at() if letter.is_alive(now) else None
    return {"occasion": letter.get_occasion_display(), "life": life, "valid_until": valid_until}
