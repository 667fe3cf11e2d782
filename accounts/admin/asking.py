"""Acts on an online space that one advisor asks for and a second one approves: the first’s page, the second’s list."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from django.contrib import admin, messages
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.admin.acts import NOT_ONLINE, ClientActs, posted, sheet_of
from accounts.clients import confirmation
from accounts.desk import drafts
from accounts.desk.dual_control import DualControlAdmin
from accounts.desk.forms import RenewalForm
from accounts.models import User
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.models import DualControlAct

ANSWERED = "Cette demande a déjà reçu une réponse, ou elle a attendu trop longtemps."


class Asking(NamedTuple):
    """One of these acts: `judge` and `start` are its own, and raise what `refusals` says in words."""

    title: str
    explanation: str
    kind: type[DualControlAct]
    judge: Callable[[User], object]
    start: Callable
    started: str
    waits: str
    refusals: Mapping[type[Exception], str]
    form: type[RenewalForm] = RenewalForm

    @property
    def why_not(self) -> dict[type[Exception], str]:
        """What may be said to either advisor instead."""
        own = {dual_control.AlreadyStarted: self.waits, dual_control.AlreadyDecided: ANSWERED}
        return {**self.refusals, **own}


class AskingActs(ClientActs):
    def asking_view(self, request, pk, asking: Asking):
        """The first of two advisors; what is posted is judged where it is stored, so that a second click is none."""
        client = self._client(request, pk)
        form = asking.form(confirmation.phones_to_ring(client), posted(request), initial=drafts.initial(request))
        refusal = "" if client.user_id else NOT_ONLINE
        refusal = refusal or ("" if form.is_bound else _why_not(client.user, asking))
        if refusal or not form.is_valid():
            note = {"explanation": asking.explanation, "address_label": "Adresse postale", "refusal": refusal}
            return self._act_page(request, client, asking.title, form=form, **note)
        try:
            asking.start(client.user, by=Actor.of(request), **form.cleaned_data)
        except tuple(asking.why_not) as why:
            messages.error(request, asking.why_not[type(why)])
        else:
            messages.success(request, asking.started)
        return sheet_of(client)


class OwnersActAdmin(DualControlAdmin):
    """Acts about the online space of one client, before the second advisor."""

    list_display = ["client", "started_by", "started_at", "identity_check", "state"]
    list_select_related = ["owner__client"]

    @admin.display(description="Client")
    def client(self, asked):
        return str(asked.owner.client)

    def clients_shown(self, asked):
        return [asked.owner.client]


def _why_not(owner: User, asking: Asking) -> str:
    waiting = asking.kind.objects.open_at(timezone.now()).filter(owner=owner).first()
    if waiting:
        page = reverse(f"admin:auth_codes_{asking.kind._meta.model_name}_change", args=[waiting.pk])
        return format_html('{} <a href="{}">Voir cette demande</a>', asking.waits, page)
    try:
        asking.judge(owner)
    except tuple(asking.refusals) as why:
        return asking.refusals[type(why)]
    return ""
