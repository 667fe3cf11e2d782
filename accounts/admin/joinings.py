"""« Réunir avec une autre fiche »: asked for on either sheet, answered by the second advisor."""

from django.contrib import admin, messages
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import client_codes
from accounts.admin.acts import ClientActs, posted, sheet_of
from accounts.bank_accounts import joining, joining_plan
from accounts.bank_accounts.undoing import WITHIN
from accounts.clients import comparing, look_up
from accounts.clients.looks import Reason
from accounts.desk import drafts, sheets
from accounts.desk.dual_control import Answers, DualControlAdmin, why_not
from accounts.desk.joining_forms import WHY_NOT as NOT_JOINED
from accounts.desk.joining_forms import JoiningForm, OtherSheetForm, why_never
from accounts.models import Joining
from auth_codes import dual_control
from auth_codes.actor import Actor

TITLE = "Réunir avec une autre fiche"
WAITS = "Une demande attend déjà l’approbation d’un second conseiller pour l’une de ces deux fiches."
WHY_NOT = NOT_JOINED | {
    dual_control.AlreadyStarted: WAITS,
    dual_control.AlreadyDecided: (
        "Cette demande a déjà reçu une réponse, ou elle est restée sans réponse plus de trois jours ouvrés."
    ),
}
TWO_SHEETS = (
    "Pour une personne qui a deux fiches : elle n’en garde qu’une. Un second conseiller compare et approuve ; la "
    "personne en est avertie à toutes ses adresses. Deux conseillers peuvent revenir sur une erreur pendant 30 jours."
)
STARTED = "Demande enregistrée. Rien ne change avant qu’un second conseiller l’approuve, sous trois jours ouvrés."
COMPARE_FIRST = (
    "Les deux fiches ne portent pas le même nom. Comparez les pièces, puis cochez la case avant d’approuver."
)
COMPARED = "compared"


class JoiningActs(ClientActs):
    """The first of two advisors."""

    def get_urls(self):
        return [
            path("<int:pk>/reunir/", self.admin_site.admin_view(self.join_view), name="client_join"),
            *super().get_urls(),
        ]

    def join_view(self, request, pk):
        """Two steps: the other sheet, then both beside each other and what is asked for."""
        client = self._client(request, pk)
        kept_back = drafts.initial(request)
        who = OtherSheetForm(client, posted(request), initial=kept_back)
        if not who.is_valid() or "edit" in request.POST:
            if who.is_bound:
                sheets.search(request, look_up.ways(request.POST.get("said", "")), [])
            return self._join_page(request, client, who=who)
        other = who.cleaned_data["said"]
        form = JoiningForm(client, other, request.POST if who.is_reviewed else None, initial=kept_back)
        if not form.is_valid():
            sheets.show(request, other, because=Reason.JOINING)
            return self._join_page(request, client, who=who, other=other, form=form)
        try:
            joining.start(by=Actor.of(request), **form.asked())
        except tuple(WHY_NOT) as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            messages.success(request, STARTED)
        return sheet_of(client)

    def _join_page(self, request, client, *, who, other=None, form=None):
        context = {**self.admin_site.each_context(request), "title": TITLE, "client": client, "who": who, "form": form}
        context["explanation"] = TWO_SHEETS
        if other:
            context |= beside(client, other) | {"refusal": why_never(client, other) or _why_waits(client, other)}
        return render(request, "admin/accounts/client/join.html", context)


def beside(one, other) -> dict:
    """For `beside.html`: what each of two sheets says and has."""
    pair = [one, other]
    # On a telephone columns become lines: each says whose it is.
    columns = [client_codes.ending(sheet.client_code) or "sans code" for sheet in pair]
    owned = [[*map(str, sheet.bank_accounts.all()), *map(str, sheet.service_contracts.all())] for sheet in pair]
    return {
        "pair": pair,
        "columns": columns,
        "compared": comparing.compare(one, other),
        "states": comparing.states(one, other, timezone.now()),
        "owned": list(zip(columns, owned, strict=True)),
    }


def joined_with(client) -> list[dict]:
    """The sheets that were joined to this one, and which joinings may still be taken back."""
    done = Joining.objects.filter(closed__joined_into=client, decision=Joining.Decision.APPROVED)
    latest = {one.closed_id: one for one in done.select_related("closed").order_by("decided_at")}
    since = timezone.now() - WITHIN
    return [
        {"sheet": one.closed, "joining": one, "is_recent": one.kept_id == client.pk and one.decided_at > since}
        for one in latest.values()
    ]


def waiting_for(client, now) -> Joining | None:
    """The request that waits for a second advisor and in which this sheet stands."""
    asked = Joining.objects.open_at(now).select_related("kept", "closed").prefetch_related("started_by")
    return (asked.filter(kept=client) | asked.filter(closed=client)).first()


def _why_waits(client, other) -> str:
    waiting = waiting_for(client, timezone.now()) or waiting_for(other, timezone.now())
    if waiting is None:
        return ""
    page = reverse("admin:accounts_joining_change", args=[waiting.pk])
    return format_html('{} <a href="{}">Voir cette demande</a>', WAITS, page)


@admin.register(Joining)
class JoiningAdmin(DualControlAdmin):
    list_display = ["closed", "kept", "started_by", "started_at", "state"]
    list_select_related = ["closed__user", "kept__user"]
    answers = Answers(
        approve=joining.approve,
        refuse=joining.refuse,
        approved="Réunion approuvée : la personne n’a plus qu’une fiche, et elle en est avertie.",
        refused="Demande refusée : les deux fiches restent comme elles étaient.",
        withdrawn="Demande retirée : les deux fiches restent comme elles étaient.",
        why_not=WHY_NOT | why_not(Joining),
    )

    def clients_shown(self, asked):
        return asked.people()

    def shown(self, asked):
        """All that is compared and all that moves."""
        told = beside(asked.kept, asked.closed)
        rows = [*told["compared"], *told["states"], *told["owned"], *joining_plan.of(asked, timezone.now())]
        return map(repr, rows)

    def facts(self, asked):
        is_open = asked.is_open_at(timezone.now())
        return beside(asked.kept, asked.closed) | {
            "consequences": joining_plan.of(asked, timezone.now()) if is_open else [],
            "warnings": joining_plan.warnings(asked.kept, asked.closed) if is_open else [],
            "differs": bool(comparing.differing_names(asked.kept, asked.closed)),
            "advisor": asked.advisor,
        }

    def _approve(self, request, asked):
        """Where the names differ the second advisor says that he has compared the papers."""
        if comparing.differing_names(asked.kept, asked.closed) and COMPARED not in request.POST:
            messages.error(request, COMPARE_FIRST)
            return self._page(request, asked)
        return super()._approve(request, asked)
