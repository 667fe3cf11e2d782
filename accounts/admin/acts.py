"""Each act of an advisor on a page of its own: opening, online space, renewal, confirming contacts."""

from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import client_codes
from accounts.bank_accounts.opening import open_account, open_service_contract
from accounts.client_codes import NoClientCode
from accounts.clients import confirmation, daily_number, living
from accounts.clients.online_space import (
    AlreadyCreated,
    ContactsUnconfirmed,
    TooYoung,
    create_online_space,
    is_too_young,
)
from accounts.desk import drafts, sheets, step_up
from accounts.desk.dual_control import NOT_SETTLED
from accounts.desk.forms import OpeningForm, RenewalForm
from accounts.models import BankAccount, Client, ServiceContract
from accounts.post import queue
from auth_codes import dual_control, wording
from auth_codes.actor import Actor
from auth_codes.renewals import by_advisors, issuing


class Opening(NamedTuple):
    """One of the acts that give a client something more."""

    title: str
    choices: list[tuple[str, str]]
    act: Callable
    done: str


NO_CODE_CLIENT = "Ouvrez d’abord un compte ou un contrat : il n’y a pas encore de code client."
WELCOME_LEAVES = (
    "C’est la première ouverture : la lettre de bienvenue, qui porte le code client, part par courrier d’elle-même."
)
STATEMENTS_LEAVE = (
    "Cette personne ne lit pas ses papiers en ligne : relevés et courriers partent d’eux-mêmes par la poste, imprimés "
    "par l’atelier."
)
READS_ONLINE = "Rien ne part par la poste : cette personne trouve ses papiers dans son espace."
LEAVES_LATER = "Le code secret part d’un pli scellé, à part, quand l’espace en ligne est créé."
WELCOME_LEFT = "La lettre de bienvenue part par courrier."
CLIENT_ENDED = "Cette personne n’est plus cliente : rien ne commence plus pour elle."
ALREADY_ONLINE = "L’espace en ligne de cette personne existe déjà."
NOT_ONLINE = "Cette personne n’a pas encore d’espace en ligne, donc pas de code secret."
TOO_YOUNG = (
    f"Pas d’espace avant {settings.MINORS_ONLINE_FROM} ans : les représentants de cette personne voient ses comptes, "
    "chacun par ses propres codes. Enregistrez-les depuis la fiche."
)
ADDRESS_HELD = (
    "L’adresse postale a été modifiée : aucun code n’y part avant qu’un second conseiller, ou le client dans son "
    "espace, l’ait confirmée."
)
CONTACTS_HELD = (
    "Des coordonnées ont été modifiées et ne sont pas confirmées : un second conseiller doit les confirmer avant la "
    "création de l’espace en ligne."
)
RENEWAL_WAITS = "Un renouvellement attend déjà l’approbation d’un second conseiller."
RENEWAL_STARTED = (
    "Renouvellement demandé. Le nouveau code part dès qu’un second conseiller l’approuve, sous trois jours ouvrés ; "
    "d’ici là, rien ne change pour le client."
)
CONFIRMED_BY_ANOTHER = "C’est vous qui avez modifié ces coordonnées : un autre conseiller doit les confirmer."
CONFIRMED_BY_MANAGER = (
    f"Plus de {daily_number.A_DAY} actes de la même personne, ou approuvés par vous, l’ont été en un jour : le "
    "directeur de l’agence de qui a modifié ces coordonnées les confirme, et lui seul."
)
NOTHING_TO_CONFIRM = (
    "Il n’y a pas de coordonnées à confirmer, ou l’une d’elles vient de changer de nouveau. Relisez la fiche."
)
WILL_BE_ATTRIBUTED = (
    "Un code secret provisoire sera attribué et imprimé par l’atelier. Personne à la banque ne le voit."
)
WILL_BE_RENEWED = (
    "Vérifiez d’abord l’identité, sans jamais demander l’ancien code. Un second conseiller approuve ; l’ancien code "
    "est alors annulé aussitôt, et le nouveau part par pli scellé. Personne à la banque ne le voit."
)
WILL_BE_CONFIRMED = (
    "Assurez-vous auprès du client, en rappelant le numéro connu avant ce changement, que ces coordonnées sont bien "
    "les siennes. Une fois confirmées, un code secret peut y partir. Au moindre doute, ne confirmez pas."
)
CONFIRMED = "Coordonnées confirmées : un code secret peut y partir."

OPENINGS = {
    "compte": Opening("Ouvrir un compte", BankAccount.Kind.choices, open_account, "Compte ouvert"),
    "contrat": Opening("Souscrire un contrat", ServiceContract.Kind.choices, open_service_contract, "Contrat souscrit"),
}


def posted(request):
    """What a form is bound to: nothing where the page is only opened."""
    return request.POST if request.method == "POST" else None


class ClientActs(admin.ModelAdmin):
    """What an advisor does from a client's sheet, beside changing it."""

    def get_urls(self):
        own = [
            path("<int:pk>/ouvrir/<str:what>/", self.admin_site.admin_view(self.open_view), name="client_open"),
            path("<int:pk>/espace-en-ligne/", self.admin_site.admin_view(self.online_space_view), name="client_online"),
            path("<int:pk>/renouveler/", self.admin_site.admin_view(self.renew_view), name="client_renew"),
            path("<int:pk>/adresse/", self.admin_site.admin_view(self.confirm_contacts_view), name="client_address"),
        ]
        return own + super().get_urls()

    def open_view(self, request, pk, what):
        """A page of its own for each opening: a deliberate act, with the person's name before one's eyes."""
        client, opening = self._client(request, pk), OPENINGS.get(what)
        if opening is None:
            raise Http404
        form = OpeningForm(opening.choices, request.POST or None, initial=drafts.initial(request))
        if not form.is_valid():
            note = {"explanation": _leaves_by_itself(client), "address_label": "Adresse postale"}
            return self._act_page(request, client, opening.title, form=form, **note)
        is_first, typed = not client.client_code, form.cleaned_data
        try:
            opened = opening.act(client, kind=typed["kind"], by=Actor.of(request), token=typed["token"])
        except living.ClientEnded:
            messages.error(request, CLIENT_ENDED)
            return sheet_of(client)
        client.refresh_from_db()
        said = f"{opening.done} : {opened}."
        if is_first:
            # The act that attributes it tells it; afterwards it is asked for, with a reason: see code_client.py.
            said += f" Code client : {client_codes.display(client.client_code)}. {WELCOME_LEFT}"
        messages.success(request, wording.spelled(said))
        return sheet_of(client)

    def online_space_view(self, request, pk):
        client = self._client(request, pk)
        if request.method != "POST":
            context = {"refusal": _why_not_online(client), "explanation": WILL_BE_ATTRIBUTED}
            return self._act_page(request, client, "Créer l’espace en ligne", **context)
        try:
            create_online_space(client, by=Actor.of(request))
        except NoClientCode:
            messages.error(request, NO_CODE_CLIENT)
        except AlreadyCreated:
            messages.info(request, ALREADY_ONLINE)
        except TooYoung:
            messages.error(request, TOO_YOUNG)
        except ContactsUnconfirmed:
            messages.error(request, CONTACTS_HELD)
        except living.ClientEnded:
            messages.error(request, CLIENT_ENDED)
        else:
            messages.success(request, "Espace en ligne créé. Le code secret provisoire partira par pli scellé.")
        return sheet_of(client)

    def renew_view(self, request, pk):
        """The first of two advisors asks for a new code; the second one finds it under « renouvellements »."""
        client, title = self._client(request, pk), "Demander un nouveau code secret"
        phones = confirmation.phones_to_ring(client)
        form = RenewalForm(phones, request.POST or None, initial=drafts.initial(request))
        # What is posted is judged where it is stored: a second click finds the renewal of the first one, not a refusal.
        refusal = _why_not_renewed(client) or ("" if form.is_bound else _why_not_again(client))
        if refusal or not form.is_valid():
            return self._act_page(request, client, title, form=form, refusal=refusal, explanation=WILL_BE_RENEWED)
        try:
            by_advisors.start(client.user, by=Actor.of(request), **form.cleaned_data)
        except dual_control.AlreadyStarted:
            messages.info(request, RENEWAL_WAITS)
        except issuing.AddressUnconfirmed:
            messages.error(request, ADDRESS_HELD)
        except issuing.OwnerEnded:
            messages.error(request, CLIENT_ENDED)
        else:
            messages.success(request, RENEWAL_STARTED)
        return sheet_of(client)

    def confirm_contacts_view(self, request, pk):
        """A second advisor vouches for the contacts that were changed, beside what they replace."""
        client = self._client(request, pk)
        if request.method != "POST":
            return self._confirmation_page(request, client)
        if not _why_not_confirmed(client, request.user):
            step_up.require(request)
        try:
            confirmation.confirm(client, seen=request.POST.get("seen", ""), by=Actor.of(request))
        except dual_control.SameAdvisor:
            messages.error(request, CONFIRMED_BY_ANOTHER)
        except dual_control.NotSettled:
            messages.error(request, NOT_SETTLED)
        except dual_control.AboveDailyNumber:
            messages.error(request, CONFIRMED_BY_MANAGER)
        except confirmation.NothingToConfirm:
            messages.error(request, NOTHING_TO_CONFIRM)
        else:
            messages.success(request, CONFIRMED)
        return sheet_of(client)

    def _confirmation_page(self, request, client):
        theirs = confirmation.may_confirm(client, request.user)
        context = {
            "refusal": _why_not_confirmed(client, request.user),
            "explanation": WILL_BE_CONFIRMED,
            "waiting": theirs,
            "phones": confirmation.phones_to_ring(client),
            "seen": confirmation.fingerprint(theirs),
        }
        return self._act_page(request, client, "Confirmer les coordonnées", **context)

    def _client(self, request, pk) -> Client:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return sheets.find_to_act(request, pk)

    def _act_page(self, request, client, title, **context):
        context |= {**self.admin_site.each_context(request), "title": title, "client": client}
        return render(request, "admin/accounts/client/act.html", context)


def _leaves_by_itself(client) -> str:
    """What the advisor need not post after an opening."""
    if not client.client_code:
        return f"{WELCOME_LEAVES} {LEAVES_LATER}"
    return READS_ONLINE if queue.reads_online(client) else STATEMENTS_LEAVE


def _why_not_online(client) -> str:
    if not client.client_code:
        return NO_CODE_CLIENT
    if client.user_id:
        return ALREADY_ONLINE
    if client.ended_on:
        return CLIENT_ENDED
    if is_too_young(client):
        return TOO_YOUNG
    return CONTACTS_HELD if client.contact_changes.unconfirmed().exists() else ""


def _why_not_renewed(client) -> str:
    if client.ended_on:
        return CLIENT_ENDED
    return _why_address_held(client) if client.user_id else NOT_ONLINE


def _why_not_again(client) -> str:
    renewal = client.user.renewals.open_at(timezone.now()).first()
    if renewal is None:
        return ""
    page = reverse("admin:auth_codes_renewal_change", args=[renewal.pk])
    return format_html('{} <a href="{}">Voir ce renouvellement</a>', RENEWAL_WAITS, page)


def _why_address_held(client) -> str:
    return ADDRESS_HELD if client.address_awaits_confirmation else ""


def _why_not_confirmed(client, advisor) -> str:
    if not confirmation.waiting(client):
        return NOTHING_TO_CONFIRM
    if not advisor.is_settled_at(timezone.now()):
        return NOT_SETTLED
    return "" if confirmation.may_confirm(client, advisor) else CONFIRMED_BY_ANOTHER


def sheet_of(client):
    return redirect("admin:accounts_client_change", client.pk)
