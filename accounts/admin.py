"""The advisors' desk: all its ModelAdmins."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone

from accounts import client_codes, look_up
from accounts.forms import OPENINGS, ClientForm, OpeningForm
from accounts.models import BankAccount, Client, ServiceContract, User
from accounts.online_space import AlreadyCreated, NoClientCode, create_online_space
from accounts.opening import open_account, open_service_contract
from auth_codes import journal
from auth_codes.models import SecretCode, SecurityEvent

OPEN = {"compte": open_account, "contrat": open_service_contract}
ADDRESS_FIELDS = {"street", "address_complement", "postcode", "city", "country"}


class OwnedInline(admin.TabularInline):
    """What a client owns, to be read here; it is opened by the buttons above."""

    extra = 0
    can_delete = False
    show_change_link = False
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


class ServiceContractInline(OwnedInline):
    model = ServiceContract


@admin.register(Client)
class ClientAdmin(admin.ModelAdmin):
    form = ClientForm
    inlines = [BankAccountInline, ServiceContractInline]
    list_display = ["full_name", "birth_date", "shown_client_code", "city", "online_space", "advisor"]
    list_select_related = ["advisor"]
    list_per_page = 25
    show_full_result_count = False
    search_fields = ["family_key"]  # what is typed is read by look_up.search
    search_help_text = (
        "Code client, numéro de compte, IBAN ou téléphone ; ou nom et prénom, avec la date de naissance JJ/MM/AAAA."
    )
    readonly_fields = ["shown_client_code", "online_space", "registered_at"]
    change_form_template = "admin/accounts/client/change_form.html"

    def get_fieldsets(self, request, obj=None):
        identity = ["title", "given_names", "family_name", "birth_date"]
        if obj is None:
            identity += ["is_another_person", "registration"]
        codes = [("Accès", {"fields": ["shown_client_code", "online_space", "registered_at"]})] if obj else []
        return [
            *codes,
            ("Identité", {"fields": identity}),
            ("Coordonnées", {"fields": ["email", "mobile_phone", "home_phone"]}),
            ("Adresse postale", {"fields": ["street", "address_complement", "postcode", "city", "country"]}),
            ("Suivi", {"fields": ["advisor"]}),
        ]

    def get_changeform_initial_data(self, request):
        return {"advisor": request.user.pk}

    def get_search_results(self, request, queryset, search_term):
        return look_up.search(queryset, search_term) if search_term.strip() else queryset, False

    @admin.display(description="Client", ordering="family_key")
    def full_name(self, client):
        return str(client)

    @admin.display(description="Code client")
    def shown_client_code(self, client):
        return client_codes.display(client.client_code or "") or "attribué à la première ouverture"

    @admin.display(description="Espace en ligne")
    def online_space(self, client):
        if not client.user_id:
            return "non créé"
        present = client.user.secret_codes.select_related("letter__batch").present().first()
        if present is None:
            return "sans code secret"
        if present.kind == SecretCode.Kind.PERSONAL:
            return "ouvert, code personnel"
        return "code provisoire expiré" if present.has_expired(timezone.now()) else "code provisoire, pas encore utilisé"

    def has_delete_permission(self, request, obj=None):
        return False  # a client is never deleted: his number must not be issued again

    def get_urls(self):
        own = [
            path("<int:pk>/ouvrir/<str:what>/", self.admin_site.admin_view(self.open_view), name="client_open"),
            path("<int:pk>/espace-en-ligne/", self.admin_site.admin_view(self.online_space_view), name="client_online"),
        ]
        return own + super().get_urls()

    def save_form(self, request, form, change):
        client = super().save_form(request, form, change)
        if not change and form.cleaned_data.get("registration"):
            client.registration = form.cleaned_data["registration"]
        if change and ADDRESS_FIELDS & set(form.changed_data):
            client.address_changed_on = timezone.localdate()
        return client

    def add_view(self, request, form_url="", extra_context=None):
        twice = self._already_registered(request)
        if twice:
            messages.info(request, "Cette fiche venait d’être enregistrée : la voici.")
            return redirect("admin:accounts_client_change", twice.pk)
        return super().add_view(request, form_url, extra_context)

    def _already_registered(self, request):
        form = ClientForm(request.POST) if request.method == "POST" else None
        token = form and form.fields["registration"].widget.value_from_datadict(request.POST, {}, "registration")
        try:
            return Client.objects.filter(registration=token).first() if token else None
        except ValueError:
            return None

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        kind = SecurityEvent.Kind.CLIENT_CHANGED if change else SecurityEvent.Kind.CLIENT_REGISTERED
        details = {"client": obj.pk, "fields": " ".join(form.changed_data)}
        journal.record(kind, owner=obj.user, by=request.user, request=request, details=details)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        client = self.get_object(request, object_id)
        if client and request.method == "GET":
            consulted = SecurityEvent.Kind.CLIENT_CONSULTED
            journal.record(consulted, owner=client.user, by=request.user, request=request, details={"client": client.pk})
        return super().change_view(request, object_id, form_url, extra_context)

    def open_view(self, request, pk, what):
        """A page of its own for each opening: a deliberate act, with the person's name before one's eyes."""
        client = self._client(request, pk)
        title, choices = OPENINGS.get(what) or ("", [])
        form = OpeningForm(choices, request.POST or None)
        if request.method == "POST" and form.is_valid():
            opened = OPEN[what](client, kind=form.cleaned_data["kind"], by=request.user, token=form.cleaned_data["token"])
            client.refresh_from_db()
            messages.success(request, f"{opened} : ouvert. Code client : {client.client_code_display}.")
            return self._back_to(client)
        return self._act_page(request, client, title, form=form)

    def online_space_view(self, request, pk):
        client = self._client(request, pk)
        if request.method != "POST":
            return self._act_page(request, client, "Créer l’espace en ligne")
        try:
            create_online_space(client, by=request.user, request=request)
        except NoClientCode:
            messages.error(request, "Ouvrez d’abord un compte ou un contrat : il n’y a pas encore de code client.")
        except AlreadyCreated:
            messages.info(request, "L’espace en ligne de cette personne existe déjà.")
        else:
            messages.success(request, "Espace en ligne créé. Le code secret provisoire partira par pli scellé.")
        return self._back_to(client)

    def _client(self, request, pk) -> Client:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Client, pk=pk)

    def _act_page(self, request, client, title, form=None):
        context = {**self.admin_site.each_context(request), "title": title, "client": client, "form": form}
        return render(request, "admin/accounts/client/act.html", context)

    def _back_to(self, client):
        return HttpResponseRedirect(reverse("admin:accounts_client_change", args=[client.pk]))


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Staff alone; clients' users are made by their online space and shown nowhere here."""

    def get_queryset(self, request):
        return super().get_queryset(request).filter(client__isnull=True)
