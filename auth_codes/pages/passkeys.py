"""« Ajouter une clé d’accès »: the code secret, then what the browser and its authenticator agree on."""

from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView

from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import enrolling, passkey_enrolling
from auth_codes.factors.passkey_proofs import Assertion
from auth_codes.factors.passkeys import Refused
from auth_codes.models import Factor
from auth_codes.pages import passkey_place
from auth_codes.pages.connections import ForClients
from auth_codes.pages.factor_forms import AssertionForm, EnrolPasskeyForm
from auth_codes.pages.factors import AddFactorView, GiveUpAppView, added, nothing_waits
from auth_codes.pages.passkey_words import WHY_NOT_ADDED
from auth_codes.pages.visitor import open_to_codes_alone

FULL = _("Vous avez déjà cinq clés d’accès, le plus qu’on puisse avoir. Retirez d’abord celle qui ne sert plus.")
BEGIN_AGAIN = _(
    "Cette page n’était plus valable\u00a0: elle dure 15\u00a0minutes, et une seule fois. Recommencez, c’est sans "
    "conséquence. Si votre appareil a gardé une clé d’accès pour votre banque, vous pouvez l’y supprimer."
)
GIVEN_UP = _(
    "Rien n’est ajouté. Si votre appareil a gardé une clé d’accès pour votre banque, vous pouvez l’y supprimer."
)


class AddPasskeyView(AddFactorView):
    template_name = "auth_codes/factors/add_passkey.html"
    form_class = EnrolPasskeyForm
    adds = Factor.Kind.PASSKEY
    one_already = FULL
    leads_to = "confirm_passkey"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | passkey_place.told(self.request)


@method_decorator(open_to_codes_alone, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class ConfirmPasskeyView(ForClients, FormView):
    """The passkey is made by the browser, for the handle and the challenge of the session that drew them."""

    template_name = "auth_codes/factors/confirm_passkey.html"
    form_class = AssertionForm

    def get(self, request, *args, **kwargs):
        return self.with_handle(super().get, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        return self.with_handle(super().post, *args, **kwargs)

    def with_handle(self, answer, *args, **kwargs):
        request = self.request
        try:
            self.waiting = enrolling.waiting(request.user, request.session, timezone.now(), Factor.Kind.PASSKEY)
            return answer(request, *args, **kwargs)
        except enrolling.NothingPending:
            return nothing_waits(request, BEGIN_AGAIN)

    @sensitive_variables()
    def form_valid(self, form):
        request, now = self.request, timezone.now()
        shown = Assertion(form.cleaned_data["assertion"], passkey_place.origin(request))
        try:
            factor = passkey_enrolling.confirm(self.waiting, shown, by=Actor.of(request), now=now)
        except Refused as refused:
            form.add_error(None, WHY_NOT_ADDED[refused.why])
            return self.form_invalid(form)
        except owners.SessionEnded:
            return redirect("factors")
        return added(request, factor, now)

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        return super().get_context_data(
            factor=self.waiting.factor,
            options=passkey_enrolling.options(self.waiting),
            until=self.waiting.challenge.expires_at,
            **passkey_place.told(self.request),
            **kwargs,
        )


class GiveUpPasskeyView(GiveUpAppView):
    """« Annuler » before it was made."""

    words = GIVEN_UP
