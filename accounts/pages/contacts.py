"""« Mes coordonnées »: the client says himself, by his code, that what the bank has changed is right."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.clients import confirmation
from accounts.kinds import Event
from accounts.pages.client import ClientMixin
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.pages.confirming import ConfirmedByCodeView
from auth_codes.pages.fields import SecretCodeField

CONFIRMED = _("Merci : vos coordonnées sont confirmées.")
CHANGED = _("Vos coordonnées viennent de changer de nouveau, ou sont déjà confirmées. Relisez-les.")
NOT_THE_CODE = _("Ce n’est pas votre code secret. Rien n’est confirmé.")


class ContactsForm(forms.Form):
    """The code; `seen` is what the page has shown."""

    password = SecretCodeField(
        label=_("Code secret"),
        help_text=_("6 chiffres. Vérifiez d’abord chaque coordonnée."),
        autocomplete="current-password",
        error_messages={"required": _("Saisissez votre code secret pour confirmer vos coordonnées.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class ConfirmContactsView(ClientMixin, ConfirmedByCodeView):
    template_name = "accounts/profile/confirm_contacts.html"
    form_class = ContactsForm
    code_field = "password"
    code_failure = Event.CONTACTS_CODE_FAILED

    def dispatch(self, request, *args, **kwargs):
        if not self.waiting():
            return redirect("profile")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        return {"seen": confirmation.fingerprint(self.waiting())}

    def get_context_data(self, **kwargs):
        return super().get_context_data(waiting=self.waiting(), **kwargs)

    def waiting(self):
        """What others have changed: his own changes are not his to confirm."""
        return confirmation.may_confirm(self.client, self.request.user)

    @sensitive_variables()
    def form_valid(self, form):
        # Judged before the code is counted.
        if form.cleaned_data["seen"] != self.get_initial()["seen"]:
            return self.changed()
        return super().form_valid(form)

    @sensitive_variables()
    def confirmed(self, form):
        try:
            with transaction.atomic():
                owners.lock_in_session(self.request.user)
                confirmation.confirm(self.client, seen=form.cleaned_data["seen"], by=Actor.of(self.request))
        except (confirmation.NothingToConfirm, dual_control.SameAdvisor):
            return self.changed()
        messages.success(self.request, CONFIRMED)
        return redirect("profile")

    def changed(self):
        messages.error(self.request, CHANGED)
        return redirect("confirm_contacts")

    def not_the_code(self):
        return str(NOT_THE_CODE)

    def code_changed(self):
        return redirect("profile")  # which leads to the login where the session has ended
