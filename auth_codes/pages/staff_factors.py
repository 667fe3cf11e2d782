"""« Mes seconds moyens », of a member of staff: a ticket from another administrator, then an app or a passkey."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView, TemplateView, View

from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import enrolling, passkey_enrolling, passkeys, staff, tickets
from auth_codes.factors.passkey_proofs import Assertion
from auth_codes.login import staff_steps
from auth_codes.models import Factor
from auth_codes.pages import passkey_place
from auth_codes.pages import passkeys as clients_passkeys
from auth_codes.pages.factor_forms import AssertionForm, TwoNumbersForm
from auth_codes.pages.factors import BEGIN_AGAIN, WRONG_NUMBERS, key_shown
from auth_codes.pages.passkey_words import WHY_NOT_ADDED
from auth_codes.pages.proofs import CHOICE
from auth_codes.pages.staff_second import OVER, log_in
from auth_codes.pages.ticket_form import TicketForm
from auth_codes.pages.visitor import is_client, is_staff
from auth_codes.sessions import desk_mark

NO_TICKET = (
    "Aucun ticket ne vous attend, ou il ne vaut plus rien : un ticket sert une fois, dans les 24 heures, et se perd "
    "après cinq essais. Demandez-en un nouveau à un administrateur, en personne."
)
WRONG_TICKET = (
    "Ce n’est pas le ticket fait pour vous. Relisez-le sur le papier : il a douze signes, et n’est à personne d’autre. "
    "Essais restants : {}."
)
TICKET_ENDED = "C’était le cinquième essai : ce ticket ne vaut plus rien. Demandez-en un autre à un administrateur."
ENDED_MEANWHILE = (
    "Votre ticket a été remplacé ou retiré entre-temps : rien n’est ajouté. Supprimez la ligne de votre application, "
    "puis demandez un nouveau ticket."
)
PASSKEY_ENDED_MEANWHILE = (
    "Votre ticket a été remplacé ou retiré entre-temps : rien n’est ajouté. Si votre appareil a gardé la clé d’accès, "
    "supprimez-la, puis demandez un nouveau ticket."
)
PASSKEY_BEGIN_AGAIN = (
    "Cette page n’était plus valable : elle dure 15 minutes, et une seule fois. Votre ticket sert encore s’il a moins "
    "de 24 heures : recommencez avec lui."
)
ADDED = "C’est fait : « {} » servira à chaque connexion au poste."
CANCELLED = "Rien n’est ajouté, et votre ticket sert encore. Supprimez la ligne que votre application montre déjà."
PASSKEY_CANCELLED = (
    "Rien n’est ajouté, et votre ticket sert encore. Si votre appareil a gardé une clé d’accès, supprimez-la."
)
CHANGED = "Votre mot de passe a changé entre-temps. Connectez-vous avec le nouveau."
# Where a ticket leads, and what its page is called, by the kind that it adds.
LEADS_TO = {Factor.Kind.TOTP: "admin:own_app", Factor.Kind.PASSKEY: "admin:own_passkey"}
TITLES = {Factor.Kind.TOTP: "Ajouter une application", Factor.Kind.PASSKEY: "Ajouter une clé d’accès"}


class ForStaff:
    """A page of who works at the desk, be it open to him yet or not."""

    def dispatch(self, request, *args, **kwargs):
        if is_client(request):
            raise Http404  # a client does not learn that there is a desk
        return super().dispatch(request, *args, **kwargs) if is_staff(request) else redirect("admin:login")


class StaffFactorsView(ForStaff, TemplateView):
    template_name = "admin/factors/own.html"

    def get_context_data(self, **kwargs):
        request, now = self.request, timezone.now()
        return super().get_context_data(
            title="Mes seconds moyens",
            factors=staff.factors_of(request.user),
            opens=staff_steps.opens_desk(request.session, now),
            required_from=settings.STAFF_SECOND_FACTOR_FROM,
            **kwargs,
        )


@method_decorator([csrf_protect, sensitive_post_parameters()], name="dispatch")
class TicketView(FormView):
    """For who is logged in, and for who has shown his password and has lost the moyen that is asked for."""

    template_name = "admin/factors/ticket.html"
    form_class = TicketForm

    @property
    def kind(self):
        """Of what the address says; an app, which needs no script, where it says nothing of ours."""
        return next((each for each in LEADS_TO if each == self.request.GET.get(CHOICE)), Factor.Kind.TOTP)

    @property
    def may_keep(self):
        """Whether those that he has may stay: he has shown one in this session."""
        return self.step is None and desk_mark.shown_at(self.request.session) is not None

    def dispatch(self, request, *args, **kwargs):
        if is_client(request):
            raise Http404
        self.step = None
        if not is_staff(request):
            try:
                self.step = staff_steps.of(request, timezone.now())
            except staff_steps.StepOver:
                return self.over()
        self.owner = self.step.owner if self.step else request.user
        self.before = staff.factors_of(self.owner)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        asked = {"kind": self.kind, "asks_to_keep": self.may_keep and bool(self.before)}
        return super().get_form_kwargs() | asked

    def over(self):
        if staff_steps.waits(self.request):
            staff_steps.give_up(self.request)
            messages.warning(self.request, OVER)
        return redirect("admin:login")

    @sensitive_variables()
    def form_valid(self, form):
        by, now = Actor.at(self.request, self.owner), timezone.now()
        try:
            ticket = tickets.check(self.owner, form.cleaned_data["ticket"], by=by, now=now)
        except tickets.NoTicket:
            return self.refuse(form, NO_TICKET)
        except tickets.WrongTicket as wrong:
            return self.refuse(form, WRONG_TICKET.format(wrong.left) if wrong.left else TICKET_ENDED)
        return self.begin(form, ticket, now)

    def begin(self, form, ticket, now):
        request, typed, page = self.request, form.cleaned_data, LEADS_TO[self.kind]
        drawn = {"kind": self.kind, "keeps": typed.get("others") == TicketForm.KEEPS, "now": now}
        response = redirect(page)
        if self.step:
            response = log_in(request, self.step, reverse(page), desk_mark.withhold)
        try:
            staff.begin(self.owner, typed["name"], ticket, session=request.session, **drawn)
        except enrolling.OneAlready:
            return self.refuse(form, str(clients_passkeys.FULL))
        except owners.SessionEnded:
            messages.info(request, CHANGED)
            return redirect("admin:login")
        return response

    def refuse(self, form, why):
        form.add_error("ticket", why)
        return self.form_invalid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            title=TITLES[self.kind],
            kind=self.kind,
            ends_all=self.before and not self.may_keep,
            at_login=self.step,
            **kwargs,
        )


class StaffEnrolView(ForStaff, FormView):
    """What waits to be proved, in the session that drew it; a page says of which kind, and in which words it ends."""

    adds: Factor.Kind
    begin_again: str | Promise
    ended_meanwhile: str

    def get(self, request, *args, **kwargs):
        return self.with_key(super().get, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        return self.with_key(super().post, *args, **kwargs)

    def with_key(self, answer, *args, **kwargs):
        request = self.request
        try:
            self.waiting = enrolling.waiting(request.user, request.session, timezone.now(), self.adds)
            return answer(request, *args, **kwargs)
        except enrolling.NothingPending:
            return self.nothing_waits(str(self.begin_again).format(settings.BANK_NAME))
        except tickets.NoTicket:
            return self.nothing_waits(self.ended_meanwhile)
        except owners.SessionEnded:
            messages.info(request, CHANGED)
        return redirect("admin:own_factor")

    def nothing_waits(self, why):
        """Back, and why; but who has just added it is not told to take it off his device."""
        if enrolling.has_been_added(self.request.user, self.request.session):
            return redirect("admin:index")
        messages.warning(self.request, why)
        return redirect("admin:own_factor")

    def added(self, factor, now):
        """The answer once it is in service: it has just been shown."""
        self.request.session.cycle_key()  # what it opens has changed
        desk_mark.put(self.request.session, now)
        messages.success(self.request, ADDED.format(factor.name))
        return redirect("admin:index")


@method_decorator([csrf_protect, sensitive_post_parameters()], name="dispatch")
class StaffAppView(StaffEnrolView):
    """The square and the key, until two numbers prove that the app has it."""

    template_name = "admin/factors/app.html"
    form_class = TwoNumbersForm
    adds = Factor.Kind.TOTP
    begin_again, ended_meanwhile = BEGIN_AGAIN, ENDED_MEANWHILE

    @sensitive_variables()
    def form_valid(self, form):
        typed, now = form.cleaned_data, timezone.now()
        numbers, session, by = (typed["code"], typed["code2"]), self.request.session, Actor.of(self.request)
        try:
            factor = staff.confirm(self.waiting, *numbers, session=session, by=by, now=now)
        except enrolling.WrongNumbers:
            form.add_error("code", WRONG_NUMBERS)
            return self.form_invalid(form)
        return self.added(factor, now)

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        shown = key_shown(self.waiting, account=f"{self.request.user.get_username()}, poste")
        return super().get_context_data(title="Relier l’application", **shown, **kwargs)


@method_decorator([csrf_protect, sensitive_post_parameters()], name="dispatch")
class StaffPasskeyView(StaffEnrolView):
    """The passkey is made by the browser, for the handle and the challenge of the session that drew them."""

    template_name = "admin/factors/passkey.html"
    form_class = AssertionForm
    adds = Factor.Kind.PASSKEY
    begin_again, ended_meanwhile = PASSKEY_BEGIN_AGAIN, PASSKEY_ENDED_MEANWHILE

    @sensitive_variables()
    def form_valid(self, form):
        request, now = self.request, timezone.now()
        shown = Assertion(form.cleaned_data["assertion"], passkey_place.origin(request))
        try:
            factor = staff.confirm_passkey(self.waiting, shown, session=request.session, by=Actor.of(request), now=now)
        except passkeys.Refused as refused:
            form.add_error(None, WHY_NOT_ADDED[refused.why])
            return self.form_invalid(form)
        return self.added(factor, now)

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        account = f"{self.request.user.get_username()}, poste"
        beside = staff.passkeys_beside(self.waiting, self.request.session)
        return super().get_context_data(
            title="Créer la clé d’accès",
            factor=self.waiting.factor,
            options=passkey_enrolling.options(self.waiting, account, beside),
            until=self.waiting.challenge.expires_at,
            **passkey_place.told(self.request),
            **kwargs,
        )


@method_decorator(csrf_protect, name="dispatch")
class GiveUpStaffAppView(ForStaff, View):
    """« Annuler » beside the key: nothing was added, and the ticket serves again."""

    http_method_names = ["post", "options"]
    words = CANCELLED

    def post(self, request):
        staff.give_up(request.user, request.session)
        messages.info(request, self.words)
        return redirect("admin:own_factor")


class GiveUpStaffPasskeyView(GiveUpStaffAppView):
    """The same before a passkey was made."""

    words = PASSKEY_CANCELLED
