"""The printed list: ordered by the code secret, activated once the letter has come, called off, lost."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import View

from auth_codes import wording
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.crypto.sealing import SealError
from auth_codes.devices import known_devices
from auth_codes.factors import enrolling, levels, lists, lists_activating, removing
from auth_codes.login import second
from auth_codes.models import Factor, SecurityEvent
from auth_codes.pages import proofs
from auth_codes.pages.both import ANOTHER_ASKED, ConfirmedByBothView, not_both
from auth_codes.pages.confirming import REFUSALS, ConfirmedByCodeView
from auth_codes.pages.connections import NOT_THE_CODE, ForClients
from auth_codes.pages.list_forms import ActivateListForm, OrderListForm
from auth_codes.pages.visitor import open_to_codes_alone

ON_ITS_WAY = _("Une liste est déjà commandée. Quand le courrier est là, choisissez « Activer ma liste ».")
LATELY = _(
    "Une liste a été commandée il y a moins de 14\u00a0jours. Vous pourrez en commander une autre à partir du {}."
)
ADDRESS_HELD = _(
    "Votre adresse postale a changé, et ce changement n’est pas encore confirmé. Aucune liste n’y part d’ici là\u00a0: "
    "confirmez-le avec votre conseiller."
)
ADDRESS_RESTS = _(
    "Votre adresse postale a changé il y a moins de 30\u00a0jours. Par sécurité, une liste ne peut partir qu’à partir "
    "du {}\u00a0: personne ne peut ainsi détourner votre courrier."
)
ORDERED = _(
    "C’est commandé. La liste part par courrier à votre adresse et arrive en quelques jours. À son arrivée, revenez "
    "ici et choisissez « Activer ma liste »."
)
NOT_ITS_LETTER = _(
    "Ce n’est pas le numéro du courrier de cette liste. Si vous avez reçu plusieurs listes, prenez la plus récente."
)
NOTHING_WAITS = _("Il n’y a pas de liste à activer.")
ACTIVATED = _("C’est fait\u00a0: la connexion demandera un code de votre liste. Gardez la feuille loin de vos codes.")
ACTIVATED_LATER = _(
    "C’est fait\u00a0: la connexion demandera un code de votre liste à partir du {}. Jusque-là, vous pouvez l’annuler "
    "d’un appareil connu."
)
CALLED_OFF = _(
    "La liste commandée est annulée. Si la lettre arrive tout de même, détruisez-la\u00a0: elle ne sert à rien. Vous "
    "pourrez en commander une autre à partir du {}."
)


@method_decorator(open_to_codes_alone, name="dispatch")
class OrderListView(ForClients, ConfirmedByBothView):
    """What a list is, and the code secret, before one is ordered; with a moyen, of whoever has a better one."""

    template_name = "auth_codes/factors/order_list.html"
    form_class = OrderListForm
    code_field = "password"
    code_failure = SecurityEvent.Kind.FACTOR_REMOVAL_FAILED

    def get_context_data(self, **kwargs):
        return super().get_context_data(why_not=self.why_not(), **kwargs)

    @cached_property
    def factors(self):
        """None where he has lists alone: who has lost his orders another, which goes to the same letter-box.

        Whoever has stolen the codes must not add by the post what would take a passkey or an app off.
        """
        found = super().factors
        return found if any(factor.kind != Factor.Kind.LIST for factor in found) else []

    def facts(self):
        return {"order": Factor.Kind.LIST}

    def why_not(self):
        """The sentence that says why none may be ordered now; empty where one may."""
        try:
            lists.judge(self.request.user, timezone.now())
        except lists.ListOnItsWay:
            return ON_ITS_WAY
        except lists.ListLately as lately:
            return LATELY.format(wording.day(lately.again_from))
        except lists.AddressTooRecent as recent:
            return ADDRESS_RESTS.format(wording.day(recent.again_from)) if recent.again_from else ADDRESS_HELD
        return ""

    @sensitive_variables()
    def form_valid(self, form):
        if self.why_not():
            return self.render_to_response(self.get_context_data(form=form))  # before the code is counted
        return super().form_valid(form)

    def confirmed(self, form):
        by, now = Actor.of(self.request), timezone.now()
        try:
            lists.order(self.request.user, is_shown=bool(self.kind), by=by, now=now)
        except (lists.ListOnItsWay, lists.ListLately, lists.AddressTooRecent, enrolling.NotShown):
            return redirect("order_list")  # a second click; the page says what has come in between, or asks for it
        messages.success(self.request, ORDERED)
        return redirect("factors")

    def not_the_code(self):
        return NOT_THE_CODE

    def code_changed(self):
        return redirect("factors")


@method_decorator(open_to_codes_alone, name="dispatch")
class ActivateListView(ForClients, ConfirmedByCodeView):
    """« Activer ma liste »: code secret, letter's number and the code asked for, in one form."""

    template_name = "auth_codes/factors/activate_list.html"
    form_class = ActivateListForm
    code_field = "password"
    code_failure = SecurityEvent.Kind.FACTOR_REMOVAL_FAILED

    def get(self, request, *args, **kwargs):
        return self.with_list(super().get, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        return self.with_list(super().post, *args, **kwargs)

    def with_list(self, answer, *args, **kwargs):
        try:
            self.factor = lists_activating.to_activate(self.request.user, timezone.now())
        except lists_activating.NothingToActivate:
            return self.nothing_waits()
        if self.request.method == "POST" and proofs.is_stale(self.request, [self.factor]):
            return self.another_asked()
        return answer(self.request, *args, **kwargs)

    def nothing_waits(self):
        """Also of the second click of a double one: its list is in service, and the page shows it."""
        if not lists.of(self.request.user).active().exists():
            messages.info(self.request, NOTHING_WAITS)
        return redirect("factors")

    def another_asked(self):
        messages.info(self.request, ANOTHER_ASKED)
        return redirect("activate_list")

    def get_form(self, form_class=None):
        return proofs.named(super().get_form(form_class), [self.factor])

    def get_context_data(self, **kwargs):
        return super().get_context_data(factor=self.factor, **kwargs)

    @sensitive_variables()
    def form_valid(self, form):
        typed = form.cleaned_data
        if not lists_activating.is_its_letter(self.factor, typed["letter"]):
            form.add_error("letter", NOT_ITS_LETTER)
            return self.form_invalid(form)
        try:
            self.check_both(typed)
            return self.confirmed(form)
        except second.AnotherIsAsked:
            return self.another_asked()
        except second.WrongProof as wrong:
            return not_both(self, form, wrong.aftermath, Factor.Kind.LIST)
        except REFUSALS as refusal:
            return self.answer_to(refusal, form)

    @sensitive_variables("typed")
    def check_both(self, typed):
        if self.present is None:
            raise owners.SessionEnded
        code, listed, failure = typed["password"], typed["list_code"], self.code_failure
        second.check_both(self.request, self.present, code, self.factor, listed, failure=failure)

    def confirmed(self, form):
        request, now = self.request, timezone.now()
        device = known_devices.recognise(request, request.user.username)
        try:
            factor = lists_activating.activate(self.factor, device=device, by=Actor.of(request), now=now)
        except (lists_activating.NothingToActivate, SealError):
            return self.nothing_waits()
        if device:
            known_devices.note_proof(device, now)
        levels.note(request.session, factor)
        later = factor.asked_from > now
        messages.success(request, ACTIVATED_LATER.format(wording.day(factor.asked_from)) if later else ACTIVATED)
        return redirect("factors")

    def code_changed(self):
        return redirect("factors")


@method_decorator(open_to_codes_alone, name="dispatch")
class CallOffListView(ForClients, View):
    """« Annuler la commande »: gives nothing to anybody, so nothing is asked."""

    http_method_names = ["post", "options"]

    def post(self, request):
        try:
            removing.call_off_list(request.user, by=Actor.of(request), now=timezone.now())
        except owners.SessionEnded:
            return redirect("factors")
        latest = lists.latest_order(request.user)
        if latest:
            messages.info(request, CALLED_OFF.format(wording.day(latest + lists.ONE_LIST_IN)))
        return redirect("factors")
