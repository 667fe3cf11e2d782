"""What an advisor does about who acts for a client: registering him, by two advisors; ending it, alone."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone

from accounts.admin.acts import ClientActs, posted, sheet_of
from accounts.bank_accounts import representation_requests, representations
from accounts.clients import look_up
from accounts.clients.looks import Reason
from accounts.desk import drafts, sheets
from accounts.desk.representation_forms import WHY_NOT as WHY_NOT_BY_FIELD
from accounts.desk.representation_forms import RepresentationEndForm, RepresentationForm
from accounts.models import Representation, RepresentationRequest
from accounts.models.representations import on_either_side
from auth_codes import dual_control
from auth_codes.actor import Actor

WHY_NOT = {why: sentence for why, (_, sentence) in WHY_NOT_BY_FIELD.items()} | {
    representations.RepresentationOver: "Cette représentation a déjà pris fin.",
    dual_control.AlreadyStarted: "Une demande pour cette personne attend déjà un second conseiller.",
    dual_control.AlreadyDecided: (
        "Cette demande a déjà reçu une réponse, ou elle est restée sans réponse plus de trois jours ouvrés."
    ),
}
TITLE, ASK = "Enregistrer un représentant", "Demander l’enregistrement"
STARTED = "Demande enregistrée. Rien ne change avant qu’un second conseiller l’approuve, sous trois jours ouvrés."
TWO_ADVISORS = (
    "Le représentant verra tous les comptes et documents de la personne, ceux d’aujourd’hui et les suivants, par ses "
    "propres codes : personne n’a besoin du code d’un autre. Lisez l’original du papier ; un second conseiller le "
    "relit et approuve. Les deux personnes en sont averties par courriel et par courrier."
)
ENDED = "Représentation terminée : cette personne n’a plus accès aux comptes."
WILL_END = (
    "L’accès prend fin aussitôt ; les deux personnes en sont averties par courriel et par courrier, avec la raison. "
    "Une nouvelle représentation demandera deux conseillers."
)


class RepresentationActs(ClientActs):
    """Each on a page of its own."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        one = "<int:pk>/representants/<int:representation_pk>/terminer/"
        own = [
            path("<int:pk>/representants/ajouter/", wrap(self.represent_view), name="client_represent"),
            path(one, wrap(self.end_representation_view), name="representation_end"),
        ]
        return own + super().get_urls()

    def represent_view(self, request, pk):
        """Two steps: who and what, then the other person's name before one's eyes."""
        client = self._client(request, pk)
        form = RepresentationForm(client, request.POST or None, initial=drafts.initial(request))
        page = {"form": form, "explanation": TWO_ADVISORS, "submit": "Continuer"}
        if not form.is_valid() or "edit" in request.POST:
            if form.is_bound:
                self._note_who_was_said(request, form)
            return self._representation_page(request, client, TITLE, **page)
        if not form.is_reviewed:
            sheets.show(request, form.cleaned_data["said"], because=Reason.ACCESS)
            asked = page | {"review": form.review(), "submit": ASK}
            return self._representation_page(request, client, TITLE, **asked)
        try:
            representation_requests.start(client, by=Actor.of(request), **form.asked())
        except tuple(WHY_NOT) as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            messages.success(request, STARTED)
        return sheet_of(client)

    def _note_who_was_said(self, request, form):
        """What the form answers says something of whom it has found: he reads that he was looked at."""
        said = getattr(form, "cleaned_data", {}).get("said")
        if said:
            sheets.show(request, said, because=Reason.ACCESS)
        else:
            sheets.search(request, look_up.ways(request.POST.get("said", "")), [])

    def end_representation_view(self, request, pk, representation_pk):
        """From the sheet of either of the two."""
        client = self._client(request, pk)
        theirs = Representation.objects.filter(on_either_side(client))
        people = theirs.select_related("represented", "representative")
        representation = get_object_or_404(people, pk=representation_pk)
        form = RepresentationEndForm(posted(request))
        refusal = WHY_NOT[representations.RepresentationOver] if representation.ended_on else ""
        if refusal or not form.is_valid():
            page = {"form": form, "representation": representation, "explanation": WILL_END, "refusal": refusal}
            return self._representation_page(request, client, "Terminer la représentation", **page)
        try:
            why = Representation.End(form.cleaned_data["why"])
            representations.end(representation, why=why, by=Actor.of(request))
        except representations.RepresentationOver as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            messages.success(request, ENDED)
        return redirect("admin:accounts_client_change", client.pk)

    def representations(self, client):
        """Who acts for him and for whom he acts, the standing ones first, and what waits for a second advisor."""
        waiting = RepresentationRequest.objects.open_at(timezone.now()).filter(on_either_side(client))
        known = Representation.objects.filter(on_either_side(client)).select_related("represented", "representative")
        today = timezone.localdate()
        context = {
            "client": client,
            "today": today,
            "is_minor": client.is_minor(today),
            "asked": waiting.select_related("represented", "representative").prefetch_related("started_by"),
            "shown": [(one, one.is_in_force(today)) for one in known.order_by("-ended_on", "-id")],
        }
        return render_to_string("admin/accounts/client/representations.html", context)

    def _representation_page(self, request, client, title, **context):
        context |= {**self.admin_site.each_context(request), "title": title, "client": client}
        return render(request, "admin/accounts/client/representation_act.html", context)
