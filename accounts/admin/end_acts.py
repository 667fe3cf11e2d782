"""What an advisor notes at once when something ends: a contract, or the client himself."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import path

from accounts.admin.acts import ClientActs, posted, sheet_of
from accounts.bank_accounts import client_ends, contract_ends
from accounts.clients import living
from accounts.desk import bulk_acts, drafts
from accounts.desk.end_forms import ClientEndForm, ContractEndForm
from accounts.kinds import Event
from accounts.models import Client, ServiceContract
from auth_codes.actor import Actor

WHY_NOT = {
    living.ClientEnded: "Cette personne n’est plus cliente : il n’y a plus rien à terminer.",
    contract_ends.ContractOver: "Ce contrat est déjà terminé.",
    client_ends.StillHolds: (
        "Cette personne a encore un compte ouvert ou un contrat en cours : clôturez-les et terminez-les d’abord."
    ),
}
CONTRACT_WILL_END = (
    "Le contrat prend fin aujourd’hui ; son document reste parmi ceux du client. Le client en est averti, avec la "
    "raison. Deux conseillers peuvent revenir sur une erreur."
)
CONTRACT_ENDED = "Contrat terminé."
CLIENT_WILL_END = (
    "L’Espace Client se ferme aussitôt : codes, sessions, appareils et plis scellés en route ne servent plus. Les "
    "procurations données et reçues et les cartes prennent fin. Après un décès ou au début d’une tutelle, les comptes "
    "et les autres contrats restent. Le code client n’est jamais donné à quelqu’un d’autre. L’adresse du client reçoit "
    "un courriel et une lettre. Deux conseillers peuvent revenir sur une erreur."
)
CLIENT_ENDED = "Fin de la relation notée. L’accès, les procurations et les cartes ont pris fin."


class EndActs(ClientActs):
    """Each on a page of its own, done by one advisor, because it gives nothing to anybody."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        contract = "<int:pk>/contrats/<int:contract_pk>/terminer/"
        own = [
            path("<int:pk>/fin-de-la-relation/", wrap(self.end_view), name="client_end"),
            path(contract, wrap(self.end_contract_view), name="contract_end"),
        ]
        return own + super().get_urls()

    def end_view(self, request, pk):
        client = self._client(request, pk)
        form = ClientEndForm(client, posted(request), initial=drafts.initial(request))
        refusal = WHY_NOT[living.ClientEnded] if client.ended_on and not client.is_ward else ""
        if refusal or not form.is_valid():
            note = {"explanation": CLIENT_WILL_END, "address_label": "Adresse postale", "refusal": refusal}
            return self._act_page(request, client, "Noter la fin de la relation", form=form, **note)
        try:
            client_ends.end_client(client, why=Client.End(form.cleaned_data["why"]), by=Actor.of(request))
        except tuple(WHY_NOT) as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            bulk_acts.ring_if_many(Event.CLIENT_ENDED, by=Actor.of(request))
            messages.success(request, CLIENT_ENDED)
        return sheet_of(client)

    def end_contract_view(self, request, pk, contract_pk):
        client = self._client(request, pk)
        contract = get_object_or_404(client.service_contracts, pk=contract_pk)
        form = ContractEndForm(posted(request), initial=drafts.initial(request))
        refusal = WHY_NOT[contract_ends.ContractOver] if contract.ended_on else ""
        if refusal or not form.is_valid():
            note = {"explanation": CONTRACT_WILL_END, "address_label": "Adresse postale", "refusal": refusal}
            return self._act_page(request, client, f"Terminer : {contract}", submit="Terminer", form=form, **note)
        try:
            contract_ends.end_contract(
                contract, why=ServiceContract.End(form.cleaned_data["why"]), by=Actor.of(request)
            )
        except tuple(WHY_NOT) as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            messages.success(request, CONTRACT_ENDED)
        return sheet_of(client)
