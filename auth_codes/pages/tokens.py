"""The token that the bank lent: put into use by the code secret and two numbers, set right when its clock is not."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.crypto.sealing import SealError
from auth_codes.factors import enrolling, tokens
from auth_codes.models import Factor, SecurityEvent
from auth_codes.pages.both import ConfirmedByBothView
from auth_codes.pages.connections import NOT_THE_CODE, ForClients
from auth_codes.pages.factor_forms import EnrolTokenForm, SetTokenForm, TwoTokenNumbersForm
from auth_codes.pages.factors import AddFactorView, GiveUpAppView, OfFactor, added, nothing_waits
from auth_codes.pages.visitor import open_to_codes_alone

ONE_ALREADY = _("Votre boîtier est déjà activé.")
NOTHING_LENT = _("La banque ne vous a pas prêté de boîtier, ou vous l’avez rendu. Demandez-en un à votre conseiller.")
BEGIN_AGAIN = _(
    "Cette page n’était plus valable\u00a0: elle dure 15\u00a0minutes, et une seule fois. Recommencez, c’est sans "
    "conséquence."
)
WRONG_NUMBERS = _(
    "Ces deux nombres ne se suivent pas, ou ne viennent pas de ce boîtier. Comparez le numéro au dos avec celui de "
    "cette page, recopiez le nombre affiché, attendez qu’il change, recopiez le suivant."
)
GIVEN_UP = _("Rien n’est activé. Vous pouvez recommencer quand vous voulez.")
SET = _("C’est fait\u00a0: « {} » est de nouveau à l’heure.")


class AddTokenView(AddFactorView):
    template_name = "auth_codes/factors/add_token.html"
    form_class = EnrolTokenForm
    adds = Factor.Kind.TOKEN
    one_already = ONE_ALREADY
    leads_to = "confirm_token"

    @cached_property
    def token(self):
        """The one that waits to be put into use; None where none does."""
        try:
            return tokens.to_activate(self.request.user)
        except tokens.NothingLent:
            return None

    def post(self, request, *args, **kwargs):
        if self.token is None and not enrolling.is_full(request.user, self.adds):
            messages.info(request, NOTHING_LENT)
            return redirect("factors")
        return super().post(request, *args, **kwargs)

    @sensitive_variables()
    def confirmed(self, form):
        try:
            return super().confirmed(form)
        except SealError:  # somebody has written into the database
            messages.info(self.request, NOTHING_LENT)
            return redirect("factors")

    def get_context_data(self, **kwargs):
        return super().get_context_data(token=self.token, **kwargs)


@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator(open_to_codes_alone, name="dispatch")
class ConfirmTokenView(ForClients, FormView):
    """Two numbers in a row prove that the device is in the hands of whoever it was lent to.

    They are not counted: whoever guesses them, once in 10^10 tries, has added what he cannot show again.
    """

    template_name = "auth_codes/factors/confirm_token.html"
    form_class = TwoTokenNumbersForm

    def get(self, request, *args, **kwargs):
        return self.with_key(super().get, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        return self.with_key(super().post, *args, **kwargs)

    @sensitive_variables()
    def with_key(self, answer, *args, **kwargs):
        request = self.request
        try:
            self.waiting = enrolling.waiting(request.user, request.session, timezone.now(), Factor.Kind.TOKEN)
            return answer(request, *args, **kwargs)
        except enrolling.NothingPending:
            return nothing_waits(request, BEGIN_AGAIN)

    @sensitive_variables()
    def form_valid(self, form):
        request, typed, now = self.request, form.cleaned_data, timezone.now()
        numbers = typed["token_code"], typed["token_code2"]
        try:
            factor = enrolling.confirm(self.waiting, *numbers, by=Actor.of(request), now=now)
        except enrolling.WrongNumbers:
            form.add_error("token_code", WRONG_NUMBERS)
            return self.form_invalid(form)
        except owners.SessionEnded:
            return redirect("factors")
        return added(request, factor, now)

    def get_context_data(self, **kwargs):
        waiting = self.waiting
        return super().get_context_data(token=waiting.factor.token, until=waiting.challenge.expires_at, **kwargs)


class GiveUpTokenView(GiveUpAppView):
    """« Annuler » before the two numbers."""

    words = GIVEN_UP


@method_decorator(open_to_codes_alone, name="dispatch")
class SetTokenView(OfFactor, ConfirmedByBothView):
    """« Recaler »: two numbers in a row, counted like one, say how far the clock of the device has gone wrong."""

    template_name = "auth_codes/factors/set_token.html"
    form_class = SetTokenForm
    code_field = "password"
    code_failure = SecurityEvent.Kind.FACTOR_REMOVAL_FAILED

    @cached_property
    def factors(self):
        """It alone: another moyen says nothing about its clock."""
        if self.factor.kind != Factor.Kind.TOKEN:
            raise Http404
        return [self.factor]

    def facts(self):
        return {"set": str(self.factor.pk)}

    def confirmed(self, form):
        details = {"serial": self.factor.token.serial}
        by = Actor.of(self.request)
        journal.record(SecurityEvent.Kind.TOKEN_SET, owner=self.request.user, by=by, details=details)
        messages.success(self.request, SET.format(self.factor.name))
        return redirect("factors")

    def not_the_code(self):
        return NOT_THE_CODE

    def code_changed(self):
        return redirect("factors")
