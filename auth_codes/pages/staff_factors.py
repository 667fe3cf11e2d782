"""« Mon second moyen », of a member of staff: a ticket from another administrator, a key, two numbers of it."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView, TemplateView, View

from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import enrolling, staff, tickets
from auth_codes.login import staff_steps
from auth_codes.pages.factor_forms import TwoNumbersForm
from auth_codes.pages.factors import BEGIN_AGAIN, WRONG_NUMBERS, key_shown
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
ADDED = "C’est fait : « {} » sera demandé à chaque connexion au poste."
CANCELLED = "Rien n’est ajouté, et votre ticket sert encore. Supprimez la ligne que votre application montre déjà."
CHANGED = "Votre mot de passe a changé entre-temps. Connectez-vous avec le nouveau."


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
            title="Mon second moyen",
            factor=staff.factor_of(request.user),
            opens=staff_steps.opens_desk(request.session, now),
            required_from=settings.STAFF_SECOND_FACTOR_FROM,
            **kwargs,
        )


@method_decorator([csrf_protect, sensitive_post_parameters()], name="dispatch")
class TicketView(FormView):
    """For who is logged in, and for who has shown his password and has lost the moyen that is asked for."""

    template_name = "admin/factors/ticket.html"
    form_class = TicketForm

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
        return super().dispatch(request, *args, **kwargs)

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
        return self.begin(form.cleaned_data["name"], ticket, now)

    def begin(self, name, ticket, now):
        response = redirect("admin:own_app")
        if self.step:
            response = log_in(self.request, self.step, reverse("admin:own_app"), desk_mark.withhold)
        try:
            staff.begin(self.owner, name, ticket, session=self.request.session, now=now)
        except owners.SessionEnded:
            messages.info(self.request, CHANGED)
            return redirect("admin:login")
        return response

    def refuse(self, form, why):
        form.add_error("ticket", why)
        return self.form_invalid(form)

    def get_context_data(self, **kwargs):
        has_one = staff.factor_of(self.owner) is not None
        return super().get_context_data(title="Ajouter un second moyen", has_one=has_one, at_login=self.step, **kwargs)


@method_decorator([csrf_protect, sensitive_post_parameters()], name="dispatch")
class StaffAppView(ForStaff, FormView):
    """The square and the key, shown in the session that drew them, until two numbers prove that the app has it."""

    template_name = "admin/factors/app.html"
    form_class = TwoNumbersForm

    def get(self, request, *args, **kwargs):
        return self.with_key(super().get, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        return self.with_key(super().post, *args, **kwargs)

    def with_key(self, answer, *args, **kwargs):
        try:
            self.waiting = enrolling.waiting(self.request.user, self.request.session, timezone.now())
            return answer(self.request, *args, **kwargs)
        except enrolling.NothingPending:
            messages.warning(self.request, str(BEGIN_AGAIN).format(settings.BANK_NAME))
        except tickets.NoTicket:
            messages.warning(self.request, ENDED_MEANWHILE)
        except owners.SessionEnded:
            messages.info(self.request, CHANGED)
        return redirect("admin:own_factor")

    @sensitive_variables()
    def form_valid(self, form):
        request, typed, now = self.request, form.cleaned_data, timezone.now()
        numbers, session, by = (typed["code"], typed["code2"]), self.request.session, Actor.of(self.request)
        try:
            factor = staff.confirm(self.waiting, *numbers, session=session, by=by, now=now)
        except enrolling.WrongNumbers:
            form.add_error("code", WRONG_NUMBERS)
            return self.form_invalid(form)
        session.cycle_key()  # what it opens has changed
        desk_mark.put(session, now)
        messages.success(request, ADDED.format(factor.name))
        return redirect("admin:index")

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        shown = key_shown(self.waiting, account=f"{self.request.user.get_username()}, poste")
        return super().get_context_data(title="Relier l’application", **shown, **kwargs)


@method_decorator(csrf_protect, name="dispatch")
class GiveUpStaffAppView(ForStaff, View):
    """« Annuler » beside the key: nothing was added, and the ticket serves again."""

    http_method_names = ["post", "options"]

    def post(self, request):
        enrolling.give_up(request.user, request.session)
        request.session.pop(staff.TICKET, None)
        messages.info(request, CANCELLED)
        return redirect("admin:own_factor")
