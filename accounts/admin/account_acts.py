"""What an advisor does with an account of a client: letting somebody in, by two advisors, or ending a mandate."""

from typing import NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone

from accounts.admin.acts import CLIENT_ENDED
from accounts.bank_accounts import access_requests, holders, mandates
from accounts.clients import living, look_up
from accounts.clients.looks import Reason
from accounts.desk import drafts, sheets
from accounts.desk.access_forms import HolderForm, MandateForm
from accounts.ledger import books
from accounts.models import AccessRequest, BankAccount, Client, Mandate
from auth_codes import dual_control
from auth_codes.actor import Actor

WHY_NOT = {
    living.ClientEnded: CLIENT_ENDED,
    books.AccountClosed: "Ce compte est clôturé.",
    holders.AlreadyHolder: "Cette personne est déjà titulaire de ce compte.",
    mandates.IsHolder: "Cette personne est titulaire de ce compte : elle n’a pas besoin de procuration.",
    mandates.AlreadyGranted: (
        "Cette personne a déjà une procuration sur ce compte. Révoquez-la d’abord, depuis la fiche, pour en "
        "enregistrer une autre."
    ),
    mandates.EndsInThePast: "La date de fin est passée.",
    mandates.AlreadyEnded: "Cette procuration a déjà pris fin.",
    dual_control.AlreadyStarted: "Une demande pour cette personne attend déjà un second conseiller.",
    dual_control.AlreadyDecided: (
        "Cette demande a déjà reçu une réponse, ou elle est restée sans réponse plus de trois jours ouvrés."
    ),
}
STARTED = "Demande enregistrée. Rien ne change avant qu’un second conseiller l’approuve, sous trois jours ouvrés."
REVOKED = "Procuration révoquée : cette personne n’a plus accès au compte."
TWO_ADVISORS = (
    "Un appel ou un message ne suffit jamais : chaque titulaire signe. Un second conseiller relit l’accord signé et "
    "approuve ; les titulaires en sont alors avertis par courriel."
)
WILL_BE_REVOKED = (
    "La demande d’un seul titulaire suffit, ou celle du mandataire. L’accès prend fin aussitôt ; les titulaires en "
    "sont avertis par courriel. Une nouvelle procuration demandera deux conseillers."
)


class AccessAct(NamedTuple):
    """One of the two ways in which somebody more reaches an account."""

    title: str
    form: type
    ask: str


ACCESS_ACTS = {
    "cotitulaire": AccessAct("Ajouter un cotitulaire", HolderForm, "Demander l’ajout du cotitulaire"),
    "procuration": AccessAct("Enregistrer une procuration", MandateForm, "Demander la procuration"),
}


class AccountActs(admin.ModelAdmin):
    """The acts on the accounts of a client's sheet, each on a page of its own."""

    def get_urls(self):
        account, wrap = "<int:pk>/comptes/<int:account_pk>/", self.admin_site.admin_view
        own = [
            path(account + "acces/<str:what>/", wrap(self.access_view), name="account_access"),
            path("<int:pk>/procurations/<int:mandate_pk>/revoquer/", wrap(self.revoke_view), name="mandate_revoke"),
        ]
        return own + super().get_urls()

    def access_view(self, request, pk, account_pk, what):
        """Two steps: who and what, then the other person's name before one's eyes."""
        client, account, act = *self._account(request, pk, account_pk), ACCESS_ACTS.get(what)
        if act is None:
            raise Http404
        form = act.form(account, request.POST or None, initial=drafts.initial(request))
        page = {"account": account, "form": form, "explanation": TWO_ADVISORS, "submit": "Continuer"}
        if account.is_closed:
            return self._account_page(request, client, act.title, account=account, refusal=WHY_NOT[books.AccountClosed])
        if not form.is_valid() or "edit" in request.POST:
            if form.is_bound:
                sheets.search(request, look_up.ways(request.POST.get("said", "")), [])
            return self._account_page(request, client, act.title, **page)
        if not form.is_reviewed:
            sheets.show(request, form.cleaned_data["said"], because=Reason.ACCESS)
            return self._account_page(request, client, act.title, **page | {"review": form.review(), "submit": act.ask})
        try:
            access_requests.start(account, by=Actor.of(request), **form.asked())
        except tuple(WHY_NOT) as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            messages.success(request, STARTED)
        return redirect("admin:accounts_client_change", client.pk)

    def revoke_view(self, request, pk, mandate_pk):
        """From the sheet of a holder or of the proxy."""
        client = self._acting_for(request, pk)
        theirs = Q(proxy=client) | Q(account__in=client.bank_accounts.all())
        mandate = get_object_or_404(Mandate.objects.select_related("account", "proxy"), theirs, pk=mandate_pk)
        self._tell_holders(request, mandate, client)
        over = not Mandate.objects.in_force(timezone.localdate()).filter(pk=mandate.pk).exists()
        refusal = WHY_NOT[mandates.AlreadyEnded] if over else ""
        if request.method != "POST" or refusal:
            page = {"account": mandate.account, "mandate": mandate, "explanation": WILL_BE_REVOKED, "refusal": refusal}
            return self._account_page(request, client, "Révoquer la procuration", **page)
        try:
            mandates.revoke(mandate, by=Actor.of(request))
        except mandates.AlreadyEnded as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            messages.success(request, REVOKED)
        return redirect("admin:accounts_client_change", client.pk)

    @admin.display(description="Données et reçues")
    def mandates(self, client):
        """Given and received, those in force first, and what waits for a second advisor."""
        today = timezone.localdate()
        given = Mandate.objects.given_by(client).select_related("account", "proxy")
        received = client.mandates.select_related("account").prefetch_related("account__holders")
        waiting = AccessRequest.objects.open_at(timezone.now())
        asked = waiting.filter(Q(person=client) | Q(account__holdings__client=client))
        context = {
            "client": client,
            "given": [(mandate, mandate.is_in_force(today)) for mandate in given.order_by("-revoked_at", "-id")],
            "received": [(mandate, mandate.is_in_force(today)) for mandate in received.order_by("-revoked_at", "-id")],
            "asked": asked.select_related("account", "person").prefetch_related("started_by").distinct(),
        }
        return render_to_string("admin/accounts/client/mandates.html", context)

    def _tell_holders(self, request, mandate, client) -> None:
        """From the proxy's sheet their account is shown: they read that, as whoever is asked an access for does."""
        holders = mandate.account.holders.all()
        if client not in holders:
            for holder in holders:
                sheets.show(request, holder, because=Reason.MANDATE)

    def _acting_for(self, request, pk) -> Client:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return sheets.find_to_act(request, pk)

    def _account(self, request, pk, account_pk) -> tuple[Client, BankAccount]:
        client = self._acting_for(request, pk)
        return client, get_object_or_404(client.bank_accounts.with_holders(), pk=account_pk)

    def _account_page(self, request, client, title, **context):
        context |= {**self.admin_site.each_context(request), "title": title, "client": client}
        return render(request, "admin/accounts/client/account_act.html", context)
