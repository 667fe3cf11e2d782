"""A client's sheet: finding, registering, changing, and what it tells."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import IntegrityError
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join

from accounts import client_codes
from accounts.admin import papers
from accounts.admin.account_acts import AccountActs
from accounts.admin.acts import sheet_of
from accounts.admin.client_search import ClientSearch
from accounts.admin.history import ClientHistory
from accounts.clients import client_journal, confirmation, contact_changes, doubtful_contacts, identity_changes
from accounts.clients.looks import Reason, Said
from accounts.desk import sheets
from accounts.desk.forms import ClientForm
from accounts.kinds import Event
from accounts.models import ADDRESS_FIELDS, Client, Holding, ServiceContract
from accounts.notation import ibans
from auth_codes import dual_control, wording
from auth_codes.actor import Actor
from auth_codes.models import SecretCode
from auth_codes.renewals import closing, online

CONTACTS_CHANGED = (
    "Coordonnées modifiées ({}) : elles servent au courrier ordinaire dès maintenant, mais aucun code n’y part avant "
    "qu’un autre conseiller, ou le client dans son espace, les ait confirmées. Le client en est averti aux adresses "
    "électroniques qu’il a eues jusqu’ici et, par courrier, à ses adresses postales des 90 derniers jours."
)
IDENTITY_ASKED = (
    "Nom ou date de naissance : un second conseiller doit approuver le changement, sous 7 jours ; d’ici là, la fiche "
    "reste comme elle est."
)
IDENTITY_WAITS = "Un changement d’identité attend déjà un second conseiller : il faut d’abord qu’il réponde."
CONTACTS_DOUBTFUL = (
    "À confirmer par un autre conseiller : {}. La fiche est enregistrée ; aucun code ne part avant sa réponse."
)
LETTERS_SHOWN = 5
NO_CODE = "sans code secret"


class OwnedInline(admin.TabularInline):
    """What a client owns, to be read here; it is opened by the buttons above."""

    extra = 0
    can_delete = False
    view_on_site = False  # an account's page is its owner's alone
    fields = readonly_fields = ["label", "shown_number", "opened_on"]

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("accounts.view_client")

    @admin.display(description="Nature")
    def label(self, owned):
        return owned.label

    @admin.display(description="Numéro")
    def shown_number(self, owned):
        return wording.spelled_number(ibans.display_number(owned.number))


class HoldingInline(OwnedInline):
    model = Holding
    verbose_name_plural = "comptes"
    fields = readonly_fields = ["label", "shown_number", "since", "others", "state", "acts"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("account").prefetch_related("account__holders")

    def get_fields(self, request, obj=None):
        may_act = request.user.has_perm("accounts.change_client")
        return self.fields if may_act else [name for name in self.fields if name != "acts"]

    @admin.display(description="Avec")
    def others(self, holding):
        others = [other for other in holding.account.holders.all() if other.pk != holding.client_id]
        links = [(reverse("admin:accounts_client_change", args=[other.pk]), other) for other in others]
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "seul titulaire"

    @admin.display(description="État")
    def state(self, holding):
        account = holding.account
        return f"clôturé le {wording.short_day(account.closed_on)}" if account.is_closed else "ouvert"

    @admin.display(description="Actes")
    def acts(self, holding):
        return render_to_string("admin/accounts/client/account_links.html", {"holding": holding})

    @admin.display(description="Nature")
    def label(self, holding):
        return holding.account.label

    @admin.display(description="Numéro")
    def shown_number(self, holding):
        return wording.spelled_number(ibans.display_number(holding.account.number))


class ServiceContractInline(OwnedInline):
    model = ServiceContract


@admin.register(Client)
class ClientAdmin(ClientSearch, papers.ClientPapers, AccountActs, ClientHistory):
    form = ClientForm
    list_display = ["full_name", "birth_date", "shown_client_code", "city", "online_space", "advisor"]
    readonly_fields = [
        "shown_client_code",
        "online_space",
        "registered_at",
        "letters",
        "contacts_state",
        "papers",
        "post",
        "mandates",
    ]
    change_form_template = "admin/accounts/client/change_form.html"

    def get_queryset(self, request):
        present = SecretCode.objects.present().select_related("letter__batch")
        # What is his own is shown to nobody, not even among those found by a search.
        clients = super().get_queryset(request).exclude(pk=request.user.own_client_id)
        # Not joined: see desk/lists.py.
        codes = Prefetch("user__secret_codes", present, to_attr="present_codes")
        return clients.prefetch_related("advisor", "user", codes)

    def get_inlines(self, request, obj):
        return [HoldingInline, ServiceContractInline] if obj else []

    def get_fieldsets(self, request, obj=None):
        identity = ["title", "given_names", "family_name", "birth_date", "is_another_person"]
        access = ["shown_client_code", "online_space", *(["letters"] if obj and obj.user_id else []), "registered_at"]
        codes = [("Accès", {"fields": access})] if obj else []
        state = ["contacts_state"] if obj and confirmation.waiting(obj) else []
        entrusted = [("Procurations", {"fields": ["mandates"]})] if obj else []
        return [
            *codes,
            ("Identité", {"fields": identity if obj else [*identity, "token"]}),
            ("Coordonnées", {"fields": [*state, "email", "mobile_phone", "home_phone"]}),
            ("Adresse postale", {"fields": [*ADDRESS_FIELDS, "large_print"]}),
            *([("Documents", {"fields": [*(["papers"] if obj.client_code else []), "post"]})] if obj else []),
            ("Suivi", {"fields": ["advisor", *(["seen"] if obj else [])]}),
            *entrusted,
        ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.acting = request.user
        return form

    def get_changeform_initial_data(self, request):
        return {"advisor": request.user.pk}

    @admin.display(description="Client", ordering="family_key")
    def full_name(self, client):
        return str(client)

    @admin.display(description="Code client")
    def shown_client_code(self, client):
        return wording.spelled_number(client_codes.display(client.client_code)) or "attribué à la première ouverture"

    @admin.display(description="Espace en ligne")
    def online_space(self, client):
        if not client.user_id:
            return "non créé"
        if not client.user.present_codes:
            return _without_code(client)
        [present] = client.user.present_codes
        if not present.is_default:
            return "ouvert, code personnel"
        if present.has_expired(timezone.now()):
            return "code provisoire expiré"
        if present.letter.first_used_at:
            return "code provisoire utilisé, code personnel pas encore choisi"
        return "code provisoire, pas encore utilisé"

    @admin.display(description="À confirmer")
    def contacts_state(self, client):
        return render_to_string("admin/accounts/client/contacts.html", {"waiting": confirmation.waiting(client)})

    @admin.display(description="Plis scellés")
    def letters(self, client):
        """The life of each code that a letter carried: dates, never the code."""
        now = timezone.now()
        sealed = client.user.sealed_letters.select_related("batch").order_by("-issued_at")[:LETTERS_SHOWN]
        context = {
            "letters": [_shown_letter(letter, now) for letter in sealed],
            "asked_online": online.held_request(client.client_code),
            "is_held": client.address_awaits_confirmation,
            "renewal": client.user.renewals.open_at(now).first(),
        }
        return render_to_string("admin/accounts/client/letters.html", context)

    @admin.display(description="Les plus récents")
    def papers(self, client):
        newest = papers.documents_of(client)[: papers.DOCUMENTS_SHOWN]
        context = {"client": client, "documents": papers.shown(newest), "count": client.documents.count()}
        return render_to_string("admin/accounts/client/papers.html", context)

    def has_delete_permission(self, request, obj=None):
        return False  # a client is never deleted: his number must not be issued again

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
        if self.has_view_or_change_permission(request):
            sheets.find(request, unquote(object_id))
        return super().change_view(request, object_id, form_url, {"title": "Fiche client", **(extra_context or {})})

    def _sheet_just_made(self, request):
        client = sheets.registered_by(request.POST.get("token", ""))
        if client is None:
            return None
        messages.info(request, "Cette fiche venait d’être enregistrée : la voici.")
        return sheet_of(client)

    def response_post_save_add(self, request, obj):
        sheets.keep(request, obj.pk, Said(Reason.REGISTRATION))
        return sheet_of(obj)  # where the first account is opened

    def response_post_save_change(self, request, obj):
        return sheet_of(obj)  # where what the change entails is said

    def save_model(self, request, obj, form, change):
        if not change:
            super().save_model(request, obj, form, change)
            client_journal.record(Event.CLIENT_REGISTERED, obj, by=Actor.of(request))
            held = doubtful_contacts.hold(obj, by=Actor.of(request))
            if held:
                said = " ; ".join(f"{one.get_contact_display()}, {one.why}" for one in held)
                messages.warning(request, CONTACTS_DOUBTFUL.format(said))
        elif form.changed_data:
            self._ask_for_identity(request, obj, form)
            if form.changed_at_once():
                self._change(request, obj, form)

    def _ask_for_identity(self, request, obj, form):
        """Names and birth date stay as they are until a second advisor approves."""
        asked_for = form.take_back_identity()
        if not asked_for:
            return
        try:
            identity_changes.start(obj, asked_for, by=Actor.of(request))
        except dual_control.AlreadyStarted:
            messages.error(request, IDENTITY_WAITS)
        else:
            messages.warning(request, IDENTITY_ASKED)

    def _change(self, request, obj, form):
        changed = form.changed_at_once()
        changes = contact_changes.note(obj, changed, by=Actor.of(request))
        # Only what was typed: the code client or the online space may be given at another desk at this moment.
        obj.save(update_fields=changed)
        appointed = {"advisor": obj.advisor.username} if "advisor" in changed else {}
        by = Actor.of(request)
        client_journal.record(Event.CLIENT_CHANGED, obj, by=by, fields=" ".join(changed), **appointed)
        if changes:
            said = ", ".join(change.get_contact_display() for change in changes)
            messages.warning(request, CONTACTS_CHANGED.format(said))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        twins = context["adminform"].form.twins
        if twins:
            sheets.search(request, ["name", "birth_date"], twins)
        context["may_confirm_contacts"] = bool(obj) and bool(confirmation.may_confirm(obj, request.user))
        return super().render_change_form(request, context, add, change, form_url, obj)


def _without_code(client) -> str:
    closed = closing.last_closing(client.user)
    return f"{closed.get_kind_display()} ({wording.moment(closed.at)})" if closed else NO_CODE


def _shown_letter(letter, now) -> dict:
    life, valid_until = letter.life(now), letter.expires_at() if letter.is_alive(now) else None
    return {"occasion": letter.get_occasion_display(), "life": life, "valid_until": valid_until}
