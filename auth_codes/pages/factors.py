"""« Mes moyens »: what a client has beside his codes; adding an app, giving it a name, taking it off, losing it."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView, TemplateView, View

from auth_codes import wording
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.devices import known_devices
from auth_codes.factors import (
    asking,
    client_tickets,
    enrolling,
    levels,
    lists,
    passkeys,
    removing,
    square,
    tokens,
    totp,
)
from auth_codes.models import Factor, SecurityEvent
from auth_codes.pages.both import ConfirmedByBothView
from auth_codes.pages.connections import NOT_THE_CODE, ForClients
from auth_codes.pages.factor_forms import EnrolForm, RemovalForm, RenamingForm, TwoNumbersForm
from auth_codes.pages.visitor import open_to_codes_alone
from auth_codes.prepared import KEY, Prepared

ACTIVE = Prepared(lambda owner: Factor.objects.active().filter(owner=owner), owner=KEY)
ONE_ALREADY = _("Vous avez déjà une application. Pour en changer, retirez d’abord celle-ci.")
BEGIN_AGAIN = _(
    "Cette page n’était plus valable\u00a0: elle dure 15\u00a0minutes, et une seule fois. Recommencez, c’est sans "
    "conséquence. Si votre application montre déjà « {} », supprimez-y cette ligne."
)
WRONG_NUMBERS = _(
    "Ces deux nombres ne se suivent pas, ou ne viennent pas de cette clé. Recopiez le nombre affiché, attendez qu’il "
    "change, recopiez le suivant. Le téléphone doit être à l’heure\u00a0: laissez-le la régler lui-même."
)
ADDED = _("C’est fait\u00a0: la connexion vous demandera « {} », sur cet appareil une fois tous les 180\u00a0jours.")
ADDED_LATER = _(
    "C’est fait\u00a0: la connexion vous demandera « {} » à partir du {}. Jusque-là, vous pouvez l’annuler d’un "
    "appareil connu."
)
REMOVED = _("Le moyen « {} » est retiré. Vos deux codes suffisent de nouveau pour vous connecter.")
REMOVED_ONE = _("Le moyen « {} » est retiré. Vos autres moyens servent toujours à vous connecter.")
HAS_ENDED = _("Le moyen « {} » n’est plus en service.")
RENAMED = _("C’est noté\u00a0: ce moyen s’appelle « {} ».")
CANCELLED = _("Rien n’est ajouté. Si votre application montre déjà une ligne pour votre banque, supprimez-la.")


@method_decorator(open_to_codes_alone, name="dispatch")
class FactorsView(ForClients, TemplateView):
    template_name = "auth_codes/factors/factors.html"

    def get_context_data(self, **kwargs):
        now, owner = timezone.now(), self.request.user
        here = known_devices.recognise(self.request, owner.username)
        factors = ACTIVE.ask(owner=owner.pk)
        for factor in factors:
            factor.owner = owner
            factor.rests = enrolling.may_be_cancelled(factor, now)
            factor.left = lists.left_on(factor) if factor.kind == Factor.Kind.LIST else None
        return super().get_context_data(
            factors=factors,
            ticket_waits=client_tickets.waiting(owner, now),
            has_list=any(factor.kind == Factor.Kind.LIST for factor in factors),
            waiting_list=lists.waiting(owner),
            has_app=any(factor.kind == Factor.Kind.TOTP for factor in factors),
            has_token=any(factor.kind == Factor.Kind.TOKEN for factor in factors),
            token=tokens.of(owner),
            passkeys_left=passkeys.AT_MOST - sum(factor.kind == Factor.Kind.PASSKEY for factor in factors),
            asked_here_from=here.proved_at + asking.PROOF_LASTS if here and asking.is_proved(here, now) else None,
            **kwargs,
        )


@method_decorator(open_to_codes_alone, name="dispatch")
class LostView(ForClients, TemplateView):
    """« Je n’ai plus mon téléphone »."""

    template_name = "auth_codes/factors/lost.html"


@method_decorator(open_to_codes_alone, name="dispatch")
class AddFactorView(ForClients, ConfirmedByBothView):
    """What a kind of moyen is, and the code secret with a moyen that he has, before anything is drawn."""

    code_field = "password"
    code_failure = SecurityEvent.Kind.FACTOR_REMOVAL_FAILED
    adds: Factor.Kind
    one_already = ONE_ALREADY
    leads_to: str

    def facts(self):
        return {"add": self.adds}

    def post(self, request, *args, **kwargs):
        if enrolling.is_full(request.user, self.adds):
            return self.has_enough()
        return super().post(request, *args, **kwargs)

    def has_enough(self):
        messages.info(self.request, self.one_already)
        return redirect("factors")

    def get_context_data(self, **kwargs):
        now, device = timezone.now(), known_devices.recognise(self.request, self.request.user.username)
        at_once = enrolling.counts_at_once(self.kind, device, now)
        rests_until = None if at_once else now + enrolling.resting()
        is_full = enrolling.is_full(self.request.user, self.adds)
        return super().get_context_data(rests_until=rests_until, is_full=is_full, **kwargs)

    @sensitive_variables()
    def confirmed(self, form):
        request, now = self.request, timezone.now()
        device = known_devices.recognise(request, request.user.username)
        drawn = {"kind": self.adds, "by_kind": self.kind, "device": device, "session": request.session, "now": now}
        try:
            enrolling.begin(request.user, form.cleaned_data["name"], **drawn)
        except enrolling.OneAlready:
            return self.has_enough()
        except enrolling.NothingLent:  # taken back meanwhile
            return redirect("factors")
        except enrolling.NotShown:  # one was confirmed in another tab: the page now asks for it
            return redirect(request.get_full_path())
        return redirect(self.leads_to)

    def not_the_code(self):
        return NOT_THE_CODE

    def code_changed(self):
        return redirect("factors")  # which leads to the login where the session has ended


class AddAppView(AddFactorView):
    template_name = "auth_codes/factors/add_app.html"
    form_class = EnrolForm
    adds = Factor.Kind.TOTP
    one_already = ONE_ALREADY
    leads_to = "confirm_app"


@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator(open_to_codes_alone, name="dispatch")
class ConfirmAppView(ForClients, FormView):
    """The square and the key, shown in the session that drew them, until two numbers prove that the app has it."""

    template_name = "auth_codes/factors/confirm_app.html"
    form_class = TwoNumbersForm

    def get(self, request, *args, **kwargs):
        return self.with_key(super().get, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        return self.with_key(super().post, *args, **kwargs)

    @sensitive_variables()
    def with_key(self, answer, *args, **kwargs):
        try:
            self.waiting = enrolling.waiting(self.request.user, self.request.session, timezone.now())
            return answer(self.request, *args, **kwargs)
        except enrolling.NothingPending:
            return nothing_waits(self.request, BEGIN_AGAIN.format(settings.BANK_NAME))

    @sensitive_variables()
    def form_valid(self, form):
        request, typed, now = self.request, form.cleaned_data, timezone.now()
        try:
            factor = enrolling.confirm(self.waiting, typed["code"], typed["code2"], by=Actor.of(request), now=now)
        except enrolling.WrongNumbers:
            form.add_error("code", WRONG_NUMBERS)
            return self.form_invalid(form)
        except owners.SessionEnded:
            return redirect("factors")
        return added(request, factor, now)

    def render_to_response(self, context, **kwargs):
        """Drawn within `with_key`, not later like a TemplateResponse: the report of a failure must not show the key."""
        return render(self.request, self.template_name, context)

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        shown = key_shown(self.waiting, account=self.request.user.salutation())
        return super().get_context_data(**shown, **kwargs)


@sensitive_variables()
def key_shown(waiting, *, account):
    """What a page needs to hand the key that waits over to an app, which will call it so."""
    address = totp.address(waiting.secret, bank=settings.BANK_NAME, account=account)
    return {
        "factor": waiting.factor,
        "key": totp.written(waiting.secret),
        "address": address,
        "square": square.drawn(address),
        "until": waiting.challenge.expires_at,
    }


def added(request, factor, now):
    """The answer once a moyen is in service: this device has just seen it."""
    device = known_devices.recognise(request, request.user.username)
    if device:
        known_devices.note_proof(device, now)
    levels.note(request.session, factor)
    later = ADDED_LATER.format(factor.name, wording.day(factor.asked_from))
    messages.success(request, later if factor.asked_from > now else ADDED.format(factor.name))
    return redirect("factors")


def nothing_waits(request, why):
    """Back to the moyens, and why; but who has just added it is not told to take it off his telephone."""
    if not enrolling.has_been_added(request.user, request.session):
        messages.warning(request, why)
    return redirect("factors")


@method_decorator(open_to_codes_alone, name="dispatch")
class GiveUpAppView(ForClients, View):
    """« Annuler » beside the key: nothing was added."""

    http_method_names = ["post", "options"]
    words = CANCELLED

    def post(self, request):
        enrolling.give_up(request.user, request.session)
        messages.info(request, self.words)
        return redirect("factors")


@method_decorator(open_to_codes_alone, name="dispatch")
class OfFactor(ForClients):
    """A page about one of the owner's own, in service."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not request.user.is_staff:
            own = request.user.factors.exclude(state=Factor.State.PENDING)
            self.factor = get_object_or_404(own, pk=kwargs["pk"])
            self.factor.owner = request.user
            if self.factor.state == Factor.State.ENDED:  # a second click, or the page of before
                messages.info(request, HAS_ENDED.format(self.factor.name))
                return redirect("factors")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(factor=self.factor, **kwargs)


class RenameFactorView(OfFactor, FormView):
    template_name = "auth_codes/factors/rename.html"
    form_class = RenamingForm

    def get_initial(self):
        return {"name": self.factor.name}

    def form_valid(self, form):
        self.request.user.factors.active().filter(pk=self.factor.pk).update(name=form.cleaned_data["name"])
        messages.success(self.request, RENAMED.format(form.cleaned_data["name"]))
        return redirect("factors")


class RemoveFactorView(OfFactor, ConfirmedByBothView):
    """« Retirer » takes the code and a moyen in one form; « Annuler », while it rests, the code on a known device."""

    template_name = "auth_codes/factors/remove.html"
    form_class = RemovalForm
    code_field = "password"
    code_failure = SecurityEvent.Kind.FACTOR_REMOVAL_FAILED

    @property
    def rests(self):
        return enrolling.may_be_cancelled(self.factor, timezone.now())

    @property
    def is_known_here(self):
        return known_devices.recognise(self.request, self.request.user.username) is not None

    @cached_property
    def factors(self):
        """Itself first, so that its page asks for it; any other that a login asks for serves as well."""
        if self.rests and self.is_known_here:
            return []
        return [self.factor, *(each for each in super().factors if each.pk != self.factor.pk)]

    def facts(self):
        return {"remove": str(self.factor.pk)}

    def get_context_data(self, **kwargs):
        others = self.request.user.factors.active().exclude(pk=self.factor.pk)
        return super().get_context_data(
            rests=self.rests,
            is_known_here=self.is_known_here,
            is_last=not others.exists(),
            must_stay=self.must_stay,
            **kwargs,
        )

    @property
    def must_stay(self):
        return levels.is_last_strong(self.factor, timezone.now())

    def post(self, request, *args, **kwargs):
        if self.must_stay:
            return self.get(request, *args, **kwargs)  # which says why; nothing is counted
        return super().post(request, *args, **kwargs)

    def confirmed(self, form):
        why = Factor.Why.CANCELLED if self.rests else Factor.Why.REMOVED
        try:
            removing.remove(self.factor, why, by=Actor.of(self.request), now=timezone.now())
        except removing.LastStrong:  # the other one went meanwhile, in another window
            return redirect("remove_factor", self.factor.pk)
        except owners.SessionEnded:
            return self.code_changed()
        has_others = self.request.user.factors.asked_at(timezone.now()).exists()
        messages.success(self.request, (REMOVED_ONE if has_others else REMOVED).format(self.factor.name))
        return redirect("factors")

    def not_the_code(self):
        return NOT_THE_CODE

    def code_changed(self):
        return redirect("factors")
