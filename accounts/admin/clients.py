"""A client's sheet: finding, registering, changing, and what it tells."""

from django.contrib import admin, messages
from django.db import IntegrityError
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.admin import papers
from accounts.admin.access_acts import AccessActs
from accounts.admin.acts import sheet_of
from accounts.admin.client_search import ClientSearch
from accounts.admin.client_sheet import ClientSheet
from accounts.admin.closing_acts import ClosingActs
from accounts.admin.code_client import CodeClientBack
from accounts.admin.end_acts import EndActs
from accounts.admin.factor_acts import FactorActs
from accounts.admin.history import ClientHistory
from accounts.admin.joinings import JoiningActs
from accounts.admin.lock_acts import LockActs
from accounts.admin.representation_acts import RepresentationActs
from accounts.admin.token_acts import TokenActs
from accounts.admin.undoings import UndoingActs
from accounts.clients import client_journal, contact_changes, doubtful_contacts, identity_changes, space_state
from accounts.clients.contact_changes import CONTACTS
from accounts.clients.looks import Reason, Said
from accounts.desk import drafts, sheets, step_up
from accounts.desk.forms import ClientForm
from accounts.kinds import Event
from accounts.models import IDENTITY_FIELDS, Client
from accounts.notation import masks
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.models import SecretCode

CONTACTS_CHANGED = (
    "Coordonnées modifiées ({}) : elles servent au courrier ordinaire dès maintenant, mais aucun code n’y part avant "
    "qu’un autre conseiller, ou le client dans son espace, les ait confirmées. Le client en est averti aux adresses "
    "électroniques qu’il a eues jusqu’ici et, par courrier, à ses adresses postales des 90 derniers jours."
)
SAVED = "La fiche est enregistrée."
IDENTITY_ASKED = (
    "Nom ou date de naissance : un second conseiller doit approuver le changement, sous trois jours ouvrés ; d’ici là, "
    "la fiche reste comme elle est."
)
IDENTITY_WAITS = "Un changement d’identité attend déjà un second conseiller : il faut d’abord qu’il réponde."
CONTACTS_DOUBTFUL = (
    "À confirmer par un autre conseiller : {}. La fiche est enregistrée ; aucun code ne part avant sa réponse."
)


# What a thief changes first: an advisor who has a second moyen has shown it a moment ago.
IDENTIFYING = {*CONTACTS, *IDENTITY_FIELDS}
# The country first: the others are judged as it writes them.
ADDRESS = ["country", "street", "address_complement", "postcode", "city", "region", "keeps_address", "large_print"]


@admin.register(Client)
class ClientAdmin(
    ClientSearch,
    ClientSheet,
    CodeClientBack,
    papers.ClientPapers,
    AccessActs,
    FactorActs,
    TokenActs,
    LockActs,
    EndActs,
    UndoingActs,
    JoiningActs,
    ClosingActs,
    RepresentationActs,
    ClientHistory,
):
    form = ClientForm
    change_form_template = "admin/accounts/client/edit_form.html"

    def get_queryset(self, request):
        present = SecretCode.objects.present().select_related("letter__batch")
        # What is his own is shown to nobody, not even among those found by a search.
        clients = super().get_queryset(request).exclude(pk__in=request.user.own_sheets())
        # Not joined: see desk/lists.py.
        codes = Prefetch("user__secret_codes", present, to_attr="present_codes")
        return clients.prefetch_related("advisor", "user", codes)

    def get_fieldsets(self, request, obj=None):
        called = ["title", "given_names", "has_one_name", "family_name", "birth_name"]
        identity = [*called, "birth_date", "birth_year", "is_another_person"]
        return [
            ("Identité", {"fields": identity if obj else [*identity, "token"]}),
            ("Coordonnées", {"fields": ["email", "has_no_email", "mobile_phone", "home_phone", "has_no_phone"]}),
            ("Adresse postale", {"fields": ADDRESS}),
            ("Suivi", {"fields": ["advisor", *(["seen"] if obj else [])]}),
        ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.acting = request.user
        form.draft = getattr(request, "draft", None)
        return form

    def get_changeform_initial_data(self, request):
        return {"advisor": request.user.pk} | drafts.initial(request)

    @admin.display(description="Code client")
    def shown_client_code(self, client):
        return masks.client_code(client.client_code) or "attribué à la première ouverture"

    @admin.display(description="Espace en ligne")
    def online_space(self, client):
        if not client.user_id:
            return space_state.NO_SPACE
        [present] = client.user.present_codes or [None]
        return space_state.in_words(client.user, present, timezone.now())

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

    def _sheet_just_made(self, request):
        client = sheets.registered_by(request.POST.get("token", ""))
        if client is None:
            return None
        messages.info(request, "Cette fiche venait d’être enregistrée : la voici.")
        return sheet_of(client)

    def response_add(self, request, obj, post_url_continue=None):
        page = reverse("admin:accounts_client_change", args=[obj.pk])
        messages.success(request, format_html('Fiche enregistrée : <a href="{}">{}</a>', page, obj))
        return self.response_post_save_add(request, obj)

    def response_change(self, request, obj):
        messages.success(request, SAVED)
        return self.response_post_save_change(request, obj)

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
            if IDENTIFYING & set(form.changed_data):
                step_up.require_recent(request)
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
        return super().render_change_form(request, context, add, change, form_url, obj)
