"""The advisors' desk: all its ModelAdmins."""

import uuid
from collections.abc import Callable
from typing import NamedTuple

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from accounts import contact_changes, look_up
from accounts.forms import ClientForm, OpeningForm
from accounts.models import BankAccount, Client, ServiceContract, User
from accounts.online_space import AlreadyCreated, NoClientCode, create_online_space
from accounts.opening import open_account, open_service_contract
from auth_codes import journal
from auth_codes.models import SecretCode, SecurityEvent


class Opening(NamedTuple):
    """One of the acts that give a client something more."""

    title: str
    choices: list[tuple[str, str]]
    act: Callable
    done: str


NO_CODE_CLIENT = "Ouvrez d’abord un compte ou un contrat : il n’y a pas encore de code client."
ALREADY_ONLINE = "L’espace en ligne de cette personne existe déjà."

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
    readonly_fields = ["shown_client_code", "online_space", "registered_at"]
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
        codes = [("Accès", {"fields": ["shown_client_code", "online_space", "registered_at"]})] if obj else []
        return [
            *codes,
            ("Identité", {"fields": identity if obj else [*identity, "token"]}),
            ("Coordonnées", {"fields": ["email", "mobile_phone", "home_phone"]}),
            ("Adresse postale", {"fields": ["street", "address_complement", "postcode", "city", "country"]}),
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
        return "code provisoire, pas encore utilisé"

    def has_delete_permission(self, request, obj=None):
        return False  # a client is never deleted: his number must not be issued again

    def get_urls(self):
        own = [
            path("<int:pk>/ouvrir/<str:what>/", self.admin_site.admin_view(self.open_view), name="client_open"),
            path("<int:pk>/espace-en-ligne/", self.admin_site.admin_view(self.online_space_view), name="client_online"),
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

    def save_model(self, request, obj, form, change):
        if not change:
            super().save_model(request, obj, form, change)
            self._record(request, SecurityEvent.Kind.CLIENT_REGISTERED, obj)
        elif form.changed_data:
            contact_changes.tell_old_address(obj, form.changed_data)
            # Only what was typed: the code client or the online space may be given at another desk at this moment.
            obj.save(update_fields=form.written_fields())
            self._record(request, SecurityEvent.Kind.CLIENT_CHANGED, obj, fields=" ".join(form.changed_data))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if change and request.method == "GET":
            self._record(request, SecurityEvent.Kind.CLIENT_CONSULTED, obj)
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
            return self._act_page(request, client, "Créer l’espace en ligne", refusal=_why_not_online(client))
        try:
            create_online_space(client, by=request.user, request=request)
        except NoClientCode:
            messages.error(request, NO_CODE_CLIENT)
        except AlreadyCreated:
            messages.info(request, ALREADY_ONLINE)
        else:
            messages.success(request, "Espace en ligne créé. Le code secret provisoire partira par pli scellé.")
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
    return ALREADY_ONLINE if client.user_id else ""


def _sheet_of(client):
    return redirect("admin:accounts_client_change", client.pk)


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Staff alone; clients' users are made by their online space and shown nowhere here."""

    def get_queryset(self, request):
        return super().get_queryset(request).filter(client__isnull=True)

    def save_model(self, request, obj, form, change):
        obj.is_staff = obj.is_staff or not change  # nobody else is made here
        super().save_model(request, obj, form, change)
