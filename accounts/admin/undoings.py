"""Acts that are to be taken back: asked for on the client's sheet, answered by the second advisor."""

from django.contrib import admin, messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone

from accounts.admin.acts import ClientActs, posted, sheet_of
from accounts.bank_accounts import parting, undoing
from accounts.clients import confirmation, living
from accounts.desk import drafts
from accounts.desk.dual_control import Answers, DualControlAdmin, why_not
from accounts.desk.end_forms import UndoingForm
from accounts.models import Undoing
from auth_codes import dual_control
from auth_codes.actor import Actor

WHY_NOT = {
    living.ClientEnded: "Revenez d’abord sur la fin de la relation avec cette personne.",
    parting.JoinedLater: "Une autre fiche a été réunie depuis avec celle-ci : revenez d’abord sur cette réunion-là.",
    parting.AccountClosedSince: (
        "Un compte qui était passé sur cette fiche a été clôturé depuis : revenez d’abord sur sa clôture."
    ),
    parting.ContractEndedSince: (
        "Un contrat qui était passé sur cette fiche a pris fin depuis : revenez d’abord sur sa fin."
    ),
    parting.MandateGivenSince: (
        "Une procuration a été donnée depuis sur l’un des comptes réunis, ou à cette personne : révoquez-la d’abord."
    ),
    parting.RepresentedSince: (
        "Une représentation est en cours depuis pour cette personne, ou par elle : mettez-y fin d’abord, puis "
        "enregistrez-la pour qui elle est."
    ),
    undoing.NothingToUndo: "Il n’y a plus rien à annuler ici : c’est déjà fait, ou l’acte a plus de 30 jours.",
    dual_control.AlreadyStarted: "Une demande attend déjà l’approbation d’un second conseiller.",
    dual_control.AlreadyDecided: (
        "Cette demande a déjà reçu une réponse, ou elle est restée sans réponse plus de trois jours ouvrés."
    ),
}
WILL_BE_PARTED = (
    "Si ces deux fiches sont bien celles de deux personnes, dans les 30 jours. Un second conseiller relit et "
    "approuve ; tout ce qui était passé retourne sur l’autre fiche, et chacun en est averti. L’autre espace en ligne "
    "reste fermé jusqu’à un renouvellement de son code."
)
WILL_BE_UNDONE = (
    "Pour une erreur de la banque, dans les 30 jours. Un second conseiller relit et approuve ; le client en est "
    "averti. Procurations, cartes et codes qui avaient pris fin ne reviennent pas d’eux-mêmes."
)
STARTED = "Demande enregistrée. Rien ne change avant qu’un second conseiller l’approuve, sous trois jours ouvrés."


class UndoingActs(ClientActs):
    """The first of two advisors."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/revenir/<str:act>/<int:done_to>/", view, name="client_undo"), *super().get_urls()]

    def undo_view(self, request, pk, act, done_to):
        """`done_to` is the key of the account, contract, client or joining: addresses are logged, a number is data."""
        client = self._client(request, pk)
        if act not in Undoing.Act:
            raise Http404
        number = _number(client, act, done_to)
        form = UndoingForm(posted(request), initial=drafts.initial(request))
        # What is posted is judged where it is stored: a second click finds what the first one has asked for.
        refusal = "" if form.is_bound else _why_not(act, client, number)
        if refusal or not form.is_valid():
            explanation = WILL_BE_PARTED if act == Undoing.Act.SHEETS_JOINED else WILL_BE_UNDONE
            note = {"explanation": explanation, "address_label": "Adresse postale", "refusal": refusal}
            title = Undoing(act=act).title
            return self._act_page(request, client, title, submit="Demander", form=form, **note)
        try:
            undoing.start(client, act=act, number=number, by=Actor.of(request), **form.cleaned_data)
        except tuple(WHY_NOT) as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            messages.success(request, STARTED)
        return sheet_of(client)


def _number(client, act, done_to) -> str:
    if act == Undoing.Act.CLIENT_ENDED:
        if done_to != client.pk:
            raise Http404
        return client.client_code or ""
    if act == Undoing.Act.SHEETS_JOINED:
        return str(get_object_or_404(client.joinings, pk=done_to).pk)
    owned = client.bank_accounts if act == Undoing.Act.ACCOUNT_CLOSED else client.service_contracts
    return get_object_or_404(owned, pk=done_to).number


def _why_not(act, client, number) -> str:
    try:
        undoing.judge(act, client, number, timezone.localdate())
    except tuple(WHY_NOT) as why:
        return WHY_NOT[type(why)]
    return ""


@admin.register(Undoing)
class UndoingAdmin(DualControlAdmin):
    list_display = ["title", "client", "started_by", "started_at", "state"]
    list_select_related = ["client__user"]
    answers = Answers(
        approve=undoing.approve,
        refuse=undoing.refuse,
        approved="Retour approuvé : l’acte est annulé.",
        refused="Demande refusée : rien ne change.",
        withdrawn="Demande retirée : rien ne change.",
        why_not=WHY_NOT | why_not(Undoing),
    )

    @admin.display(description="Demande")
    def title(self, asked):
        return asked.title

    def clients_shown(self, asked):
        others = [client for client in asked.people() if client != asked.client]
        return [*others, asked.client]

    def facts(self, asked):
        done = asked.joining if asked.act == Undoing.Act.SHEETS_JOINED else None
        since = {"done": done, "since": parting.since(done)} if done else {}
        return {"phones": confirmation.phones_to_ring(asked.client), **since}
