"""« Modifier mes coordonnées »: typed, read again, confirmed by code and strong moyen; a new e-mail answered."""

import time
from copy import copy

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import FormView, View

from accounts.clients import as_seen, own_contacts
from accounts.clients.contact_changes import CONTACTS
from accounts.kinds import Event
from accounts.models import Client
from accounts.pages.client import ClientMixin
from accounts.pages.own_contact_forms import ConfirmOwnContactsForm, OwnContactsForm
from auth_codes.actor import Actor
from auth_codes.factors import strength
from auth_codes.login.confirming import PATIENCE_SECONDS, PAUSE_SECONDS
from auth_codes.pages.both import BoundByBothView

# In the session: what was typed and is not confirmed yet.
TYPED = "own_contacts"
DONE = _("C’est fait : vos coordonnées sont modifiées. Nous le disons aussi à vos anciennes adresses.")
NOTHING_CHANGED = _("Vous n’avez rien changé. Corrigez ce qui ne va plus, ou annulez.")
NOTHING_WAITS = _("Il n’y a plus rien à confirmer : voici vos coordonnées.")
CHANGED = _("Vos coordonnées viennent de changer, ici ou à la banque. Relisez ce qui suit : rien n’est encore modifié.")
TOO_MANY = _(
    "Vous avez déjà modifié vos coordonnées trois fois en un jour. Recommencez demain, ou appelez votre conseiller."
)
NOT_THE_CODE = _("Ce n’est pas votre code secret. Rien n’est modifié.")
RECEIVED = _("Merci : cette adresse électronique est confirmée.")
NOTHING_TO_SAY = _("Cette adresse est déjà confirmée, ou vient de changer de nouveau.")


class ForOwnContacts(ClientMixin):
    """Only of age, and with a strong moyen that has rested: else a page says how it is done instead."""

    @cached_property
    def strong(self):
        return strength.strong(self.request.user.factors.active())

    @cached_property
    def shown(self):
        now = timezone.now()
        return [factor for factor in strength.rested(self.strong, now) if factor.asked_from <= now]

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return super().dispatch(request, *args, **kwargs)
        is_minor = self.client.is_minor(timezone.localdate())
        if is_minor or not self.shown:
            return render(request, "accounts/profile/contacts_elsewhere.html", self.elsewhere(is_minor))
        return super().dispatch(request, *args, **kwargs)

    def elsewhere(self, is_minor):
        """Why not here; from when a moyen that rests will do."""
        serves_from = min((max(each.asked_from, each.payments_from) for each in self.strong), default=None)
        return {"is_minor": is_minor, "serves_from": serves_from}


class OwnContactsView(ForOwnContacts, FormView):
    template_name = "accounts/profile/own_contacts.html"
    form_class = OwnContactsForm

    def get_form_kwargs(self):
        # A copy: what is typed and refused is not what the rest of the page says of him.
        return super().get_form_kwargs() | {"instance": copy(self.client)}

    def get_initial(self):
        """What he typed before, when he comes back to it; what he sends is compared with the sheet."""
        return {} if self.request.method == "POST" else self.request.session.get(TYPED, {})

    def form_valid(self, form):
        typed = form.typed()
        try:
            own_contacts.judge(self.client, typed, timezone.now())
        except own_contacts.NothingChanges:  # but for spaces, perhaps
            form.add_error(None, NOTHING_CHANGED)
            return self.form_invalid(form)
        except own_contacts.TooMany:
            form.add_error(None, TOO_MANY)
            return self.form_invalid(form)
        self.request.session[TYPED] = typed
        return redirect("confirm_own_contacts")


class ConfirmOwnContactsView(ForOwnContacts, BoundByBothView):
    """What changes, old beside new, until both proofs are right; a second click finds it done."""

    template_name = "accounts/profile/confirm_own_contacts.html"
    form_class = ConfirmOwnContactsForm
    code_field = "password"
    code_failure = Event.OWN_CONTACTS_FAILED

    @property
    def factors(self):
        for factor in self.shown:
            factor.owner = self.request.user
        return self.shown

    @property
    def typed(self):
        return self.request.session.get(TYPED)

    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs) if self.has_changes() else self.nothing_waits()

    def post(self, request, *args, **kwargs):
        if not self.has_changes():
            return self.nothing_waits()
        if request.POST.get("seen", "") != self.get_initial()["seen"]:
            return self.changed()
        return super().post(request, *args, **kwargs)

    def has_changes(self):
        """What was typed by a release before this one may lack a field."""
        typed = self.typed
        return bool(typed and typed.keys() == set(CONTACTS) and own_contacts.differences(self.client, typed))

    def nothing_waits(self):
        self.request.session.pop(TYPED, None)
        messages.info(self.request, NOTHING_WAITS)
        return redirect("profile")

    def facts(self):
        return own_contacts.facts(self.client, self.typed)

    def get_initial(self):
        return {"seen": own_contacts.fingerprint(self.client, self.typed)}

    def get_context_data(self, **kwargs):
        return super().get_context_data(changes=own_contacts.differences(self.client, self.typed), **kwargs)

    @sensitive_variables()
    def form_valid(self, form):
        try:
            own_contacts.judge(self.client, self.typed, timezone.now())  # what cannot be done counts nothing
            return super().form_valid(form)
        except own_contacts.NothingChanges:
            return self.nothing_waits()
        except own_contacts.TooMany:
            form.add_error(None, TOO_MANY)
            return self.form_invalid(form)
        except as_seen.NotAsSeen:
            return self.changed()

    @sensitive_variables()
    def confirmed(self, form):
        by, now = Actor.of(self.request), timezone.now()
        own_contacts.change(self.client, self.typed, seen=form.cleaned_data["seen"], by=by, now=now)
        self.request.session.pop(TYPED)
        messages.success(self.request, DONE)
        return redirect("profile")

    def already_proved(self, form):
        is_done = self.was_proved() and self.is_done_by_now()
        return redirect("profile") if is_done else super().already_proved(form)

    def is_done_by_now(self):
        """Whether another click, with the same proof, writes it or has: it is waited for while it does."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while own_contacts.differences(Client.objects.get(pk=self.client.pk), self.typed):
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_SECONDS)
        return True

    def changed(self) -> HttpResponseRedirect:
        messages.warning(self.request, CHANGED)
        return redirect("confirm_own_contacts")

    def not_the_code(self):
        return str(NOT_THE_CODE)

    def code_changed(self):
        return redirect("profile")  # which leads to the login where the session has ended


class EmailReceivedView(ClientMixin, View):
    """« Oui, j’y reçois vos messages »: asks no code, which whoever has changed the address has shown."""

    http_method_names = ["post", "options"]

    def post(self, request):
        email, by = request.POST.get("email", ""), Actor.of(request)
        said = own_contacts.note_email_received(self.client, email, by=by, now=timezone.now())
        messages.success(request, RECEIVED) if said else messages.info(request, NOTHING_TO_SAY)
        return redirect("profile")
