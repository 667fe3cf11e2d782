"""A client's sheet: finding, registering, and each act of an advisor on a page of its own."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import addresses, contact_changes, look_up
from accounts.forms import ClientForm, OpeningForm, RenewalForm
from accounts.models import ADDRESS_FIELDS, BankAccount, Client, ServiceContract
from accounts.online_space import AlreadyCreated, NoClientCode, create_online_space
from accounts.opening import open_account, open_service_contract
from auth_codes import issuing, journal, online_requests, renewal
from auth_codes.models import SecretCode, SecurityEvent


class Opening(NamedTuple):
    """One of the acts that give a client something more."""

    title: str
    choices: list[tuple[str, str]]
    act: Callable
    done: str


NO_CODE_CLIENT = "Ouvrez d’abord un compte ou un contrat : il n’y a pas encore de code client."
ALREADY_ONLINE = "L’espace en ligne de cette personne existe déjà."
NOT_ONLINE = "Cette personne n’a pas encore d’espace en ligne, donc pas de code secret."
ADDRESS_HELD = (
    "L’adresse postale a été modifiée récemment : aucun code n’y part avant le {:%d/%m/%Y}, "
    "sauf si un second conseiller la confirme."
)
ADDRESS_CHANGED = (
    "Adresse postale modifiée : aucun code n’y part avant le {:%d/%m/%Y}, sauf si un autre conseiller la confirme. Le "
    "client en est averti à l’adresse électronique qu’il avait jusqu’ici."
)
ADDRESS_STATE = (
    "Modifiée le {:%d/%m/%Y}{} : aucun code n’y part avant le {:%d/%m/%Y}, sauf si un autre conseiller la confirme."
)
RENEWAL_WAITS = "Un renouvellement attend déjà l’approbation d’un second conseiller."
RENEWAL_STARTED = (
    "Renouvellement demandé. Le nouveau code part dès qu’un second conseiller l’approuve, sous 7 jours ; "
    "d’ici là, rien ne change pour le client."
)
ADDRESS_BY_ANOTHER = "C’est vous qui avez modifié cette adresse : un autre conseiller doit la confirmer."
NO_ADDRESS_TO_CONFIRM = "Il n’y a pas d’adresse à confirmer, ou elle vient de changer de nouveau. Relisez la fiche."
WILL_BE_ATTRIBUTED = (
    "Un code secret provisoire sera attribué et imprimé par l’atelier. Personne à la banque ne le voit."
)
WILL_BE_RENEWED = (
    "Vérifiez d’abord l’identité, sans jamais demander l’ancien code. Un second conseiller approuve ; l’ancien code "
    "est alors annulé aussitôt, et le nouveau part par pli scellé. Personne à la banque ne le voit."
)
WILL_BE_CONFIRMED = (
    "Assurez-vous auprès du client, en rappelant un numéro connu avant ce changement, que cette adresse est bien la "
    "sienne. Une fois confirmée, un code secret peut y partir."
)
LETTERS_SHOWN = 5

OPENINGS = {
    "compte": Opening("Ouvrir un compte", BankAccount.Kind.choices, open_account, "Compte ouvert"),
    "contrat": Opening("Souscrire un contrat", ServiceContract.Kind.choices, open_service_contract, "Contrat souscrit"),
}


class OwnedInline(admin.TabularInline):
    """What a client owns, to be read here; it is opened by the buttons above."""

    extra = 0
    can_delete = False
    view_on_site = False  # an account's page is its owner's alone
    fields = readonly_fields = ["label", "number", "opened_on"]

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("accounts.view_client")

    @admin.display(description="Nature")
    def label(self, owned):
        return owned.label


class BankAccountInline(OwnedInline):
    model = BankAccount
    verbose_name_plural = "comptes"
    fields = readonly_fields = ["label", "shown_number", "opened_on"]

    @admin.display(description="Numéro")
    def shown_number(self, account):
        return account.number_display


class ServiceContractInline(OwnedInline):
    model = ServiceContract


@admin.register(Client)
class ClientAdmin(admin.ModelAdmin):
    form = ClientForm
    list_display = ["full_name", "birth_date", "shown_client_code", "city", "online_space", "advisor"]
    list_per_page = 25
    show_full_result_count = False
    search_fields = ["family_key"]  # what is typed is read by look_up.search
    search_help_text = (
        "Code client, numéro de compte, IBAN ou téléphone ; ou nom et prénom, avec la date de naissance JJ/MM/AAAA."
    )
    readonly_fields = ["shown_client_code", "online_space", "registered_at", "letters", "address_state"]
    change_form_template = "admin/accounts/client/change_form.html"

    def get_queryset(self, request):
        present = SecretCode.objects.present().select_related("letter__batch")
        clients = super().get_queryset(request).select_related("advisor", "user")
        return clients.prefetch_related(Prefetch("user__secret_codes", present, to_attr="present_codes"))

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        explanation = look_up.why_nobody(search_term)
        if explanation:
            messages.warning(request, explanation)
        return look_up.search(queryset, search_term), False

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Retrouver un client", **(extra_context or {})})

    def get_inlines(self, request, obj):
        return [BankAccountInline, ServiceContractInline] if obj else []

    def get_fieldsets(self, request, obj=None):
        identity = ["title", "given_names", "family_name", "birth_date", "is_another_person"]
        access = ["shown_client_code", "online_space", *(["letters"] if obj and obj.user_id else []), "registered_at"]
        codes = [("Accès", {"fields": access})] if obj else []
        state = ["address_state"] if obj and obj.address_awaits_confirmation else []
        return [
            *codes,
            ("Identité", {"fields": identity if obj else [*identity, "token"]}),
            ("Coordonnées", {"fields": ["email", "mobile_phone", "home_phone"]}),
            ("Adresse postale", {"fields": [*state, *ADDRESS_FIELDS]}),
            ("Suivi", {"fields": ["advisor"]}),
        ]

    def get_changeform_initial_data(self, request):
        return {"advisor": request.user.pk}

    @admin.display(description="Client", ordering="family_key")
    def full_name(self, client):
        return str(client)

    @admin.display(description="Code client")
    def shown_client_code(self, client):
        return client.client_code_display or "attribué à la première ouverture"

    @admin.display(description="Espace en ligne")
    def online_space(self, client):
        if not client.user_id:
            return "non créé"
        if not client.user.present_codes:
            return "sans code secret"
        [present] = client.user.present_codes
        if not present.is_default:
            return "ouvert, code personnel"
        if present.has_expired(timezone.now()):
            return "code provisoire expiré"
        if present.letter.first_used_at:
            return "code provisoire utilisé, code personnel pas encore choisi"
        return "code provisoire, pas encore utilisé"

    @admin.display(description="En attente")
    def address_state(self, client):
        by = f" par {client.address_changed_by}" if client.address_changed_by_id else ""
        return ADDRESS_STATE.format(client.address_changed_on, by, _held_until(client))

    @admin.display(description="Plis scellés")
    def letters(self, client):
        """The life of each code that a letter carried: dates, never the code."""
        now = timezone.now()
        sealed = client.user.sealed_letters.select_related("batch").order_by("-issued_at")[:LETTERS_SHOWN]
        context = {
            "letters": [_shown_letter(letter, now) for letter in sealed],
            "asked_online": online_requests.held_request(client.client_code),
            "is_held": client.address_awaits_confirmation,
            "renewal": renewal.open_for(client.user, now),
        }
        return render_to_string("admin/accounts/client/letters.html", context)

    def has_delete_permission(self, request, obj=None):
        return False  # a client is never deleted: his number must not be issued again

    def get_urls(self):
        own = [
            path("<int:pk>/ouvrir/<str:what>/", self.admin_site.admin_view(self.open_view), name="client_open"),
            path("<int:pk>/espace-en-ligne/", self.admin_site.admin_view(self.online_space_view), name="client_online"),
            path("<int:pk>/renouveler/", self.admin_site.admin_view(self.renew_view), name="client_renew"),
            path("<int:pk>/adresse/", self.admin_site.admin_view(self.confirm_address_view), name="client_address"),
        ]
        return own + super().get_urls()

    def add_view(self, request, form_url="", extra_context=None):
        """A second click sends the same token: while the first is at work, the database refuses it."""
        context = {"title": "Enregistrer une personne", **(extra_context or {})}
        try:
            return self._sheet_just_made(request) or super().add_view(request, form_url, context)
        except IntegrityError:
            made = self._sheet_just_made(request)
            if made is None:
                raise
            return made

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return super().change_view(request, object_id, form_url, {"title": "Fiche client", **(extra_context or {})})

    def _sheet_just_made(self, request):
        try:
            token = uuid.UUID(request.POST.get("token", ""))
        except ValueError:
            return None
        client = Client.objects.filter(registration=token).first()
        if client is None:
            return None
        messages.info(request, "Cette fiche venait d’être enregistrée : la voici.")
        return _sheet_of(client)

    def response_post_save_add(self, request, obj):
        return _sheet_of(obj)  # where the first account is opened

    def response_post_save_change(self, request, obj):
        return _sheet_of(obj)  # where what the change entails is said

    def save_model(self, request, obj, form, change):
        if not change:
            super().save_model(request, obj, form, change)
            self._record(request, SecurityEvent.Kind.CLIENT_REGISTERED, obj)
        elif form.changed_data:
            if form.has_new_address:
                obj.address_changed_by = request.user
            contact_changes.tell_old_address(obj, form.changed_data)
            # Only what was typed: the code client or the online space may be given at another desk at this moment.
            obj.save(update_fields=form.written_fields())
            self._record(request, SecurityEvent.Kind.CLIENT_CHANGED, obj, fields=" ".join(form.changed_data))
            if form.has_new_address:
                messages.warning(request, ADDRESS_CHANGED.format(_held_until(obj)))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if change and request.method == "GET":
            self._record(request, SecurityEvent.Kind.CLIENT_CONSULTED, obj)
        context["may_confirm_address"] = bool(obj) and not _why_not_confirmed(obj, request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _record(self, request, kind, client, **details):
        details = {"client": client.pk, **details}
        journal.record(kind, owner=client.user, by=request.user, request=request, details=details)

    def open_view(self, request, pk, what):
        """A page of its own for each opening: a deliberate act, with the person's name before one's eyes."""
        client, opening = self._client(request, pk), OPENINGS.get(what)
        if opening is None:
            raise Http404
        form = OpeningForm(opening.choices, request.POST or None)
        if not form.is_valid():
            return self._act_page(request, client, opening.title, form=form)
        typed = form.cleaned_data
        opened = opening.act(client, kind=typed["kind"], by=request.user, token=typed["token"], request=request)
        client.refresh_from_db()
        messages.success(request, f"{opening.done} : {opened}. Code client : {client.client_code_display}.")
        return _sheet_of(client)

    def online_space_view(self, request, pk):
        client = self._client(request, pk)
        if request.method != "POST":
            context = {"refusal": _why_not_online(client), "explanation": WILL_BE_ATTRIBUTED}
            return self._act_page(request, client, "Créer l’espace en ligne", **context)
        try:
            create_online_space(client, by=request.user, request=request)
        except NoClientCode:
            messages.error(request, NO_CODE_CLIENT)
        except AlreadyCreated:
            messages.info(request, ALREADY_ONLINE)
        except issuing.AddressTooRecent as held:
            messages.error(request, ADDRESS_HELD.format(held.until))
        else:
            messages.success(request, "Espace en ligne créé. Le code secret provisoire partira par pli scellé.")
        return _sheet_of(client)

    def renew_view(self, request, pk):
        """The first of two advisors asks for a new code; the second one finds it under « renouvellements »."""
        client, title = self._client(request, pk), "Demander un nouveau code secret"
        form = RenewalForm(request.POST or None)
        # What is posted is judged where it is stored: a second click finds the renewal of the first one, not a refusal.
        refusal = _why_not_renewed(client) or ("" if form.is_bound else _why_not_again(client))
        if refusal or not form.is_valid():
            return self._act_page(request, client, title, form=form, refusal=refusal, explanation=WILL_BE_RENEWED)
        try:
            renewal.start(client.user, by=request.user, request=request, **form.cleaned_data)
        except renewal.AlreadyStarted:
            messages.info(request, RENEWAL_WAITS)
        except issuing.AddressTooRecent as held:
            messages.error(request, ADDRESS_HELD.format(held.until))
        else:
            messages.success(request, RENEWAL_STARTED)
        return _sheet_of(client)

    def confirm_address_view(self, request, pk):
        """A second advisor vouches for an address that was changed."""
        client = self._client(request, pk)
        if request.method != "POST":
            context = {
                "refusal": _why_not_confirmed(client, request.user),
                "explanation": WILL_BE_CONFIRMED,
                "address_label": "Adresse à confirmer" if client.address_awaits_confirmation else "Adresse postale",
                "address_change": client.address_changed_on,
                "seen": addresses.as_shown(client),
            }
            return self._act_page(request, client, "Confirmer l’adresse", **context)
        try:
            addresses.confirm_address(client, seen=request.POST.get("seen", ""), by=request.user, request=request)
        except addresses.SameAdvisor:
            messages.error(request, ADDRESS_BY_ANOTHER)
        except addresses.NothingToConfirm:
            messages.error(request, NO_ADDRESS_TO_CONFIRM)
        else:
            messages.success(request, "Adresse confirmée : un code secret peut y partir.")
        return _sheet_of(client)

    def _client(self, request, pk) -> Client:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Client, pk=pk)

    def _act_page(self, request, client, title, **context):
        context |= {**self.admin_site.each_context(request), "title": title, "client": client}
        return render(request, "admin/accounts/client/act.html", context)


def _why_not_online(client) -> str:
    if not client.client_code:
        return NO_CODE_CLIENT
    return ALREADY_ONLINE if client.user_id else _why_address_held(client)


def _why_not_renewed(client) -> str:
    return _why_address_held(client) if client.user_id else NOT_ONLINE


def _why_not_again(client) -> str:
    waiting = renewal.open_for(client.user, timezone.now())
    if waiting is None:
        return ""
    page = reverse("admin:auth_codes_renewal_change", args=[waiting.pk])
    return format_html('{} <a href="{}">Voir ce renouvellement</a>', RENEWAL_WAITS, page)


def _why_address_held(client) -> str:
    held_until = _held_until(client)
    return ADDRESS_HELD.format(held_until) if held_until else ""


def _held_until(client) -> date | None:
    return client.letter_address().held_until(timezone.localdate())


def _shown_letter(letter, now) -> dict:
    life, valid_until = letter.life(now), letter.expires_at() if letter.is_alive(now) else None
    return {"occasion": letter.get_occasion_display(), "life": life, "valid_until": valid_until}


def _why_not_confirmed(client, advisor) -> str:
    if not client.address_awaits_confirmation:
        return NO_ADDRESS_TO_CONFIRM
    return ADDRESS_BY_ANOTHER if client.address_changed_by_id == advisor.pk else ""


def _sheet_of(client):
    return redirect("admin:accounts_client_change", client.pk)
