"""« Une dernière étape »: the moyen, after right codes, where the login asks for one."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from auth_codes.devices import known_devices
from auth_codes.factors import levels
from auth_codes.login import second, steps
from auth_codes.models import Factor
from auth_codes.pages import after_login, proofs
from auth_codes.pages.moyen_view import MoyenView
from auth_codes.pages.refusals import factor_blocked
from auth_codes.pages.visitor import has_default_code, is_client, open_with_default_code

BACKEND = "auth_codes.login.backends.ClientBackend"
OVER = _(
    "Le temps prévu pour la seconde étape est passé, ou votre accès a changé entre-temps. Rien n’a été compté. "
    "Saisissez de nouveau vos deux codes."
)
NOT_THIS_PAGE = _("Cette page était celle d’une connexion précédente. Rien n’a été compté\u00a0: voici la bonne.")


class AtSecondStep:
    """A page of somebody whose codes, or password, were right, and who is not logged in yet.

    A page names where it is begun (`page`), where a login leads (`home`), where it begins anew (`door`, with
    `over_words`) and the module that holds what waits (`waiting`); it says whether somebody is in (`is_in`).
    """

    over_words: str | Promise = OVER

    def dispatch(self, request, *args, **kwargs):
        if not self.waiting.waits(request):
            return self.nothing_waits()
        try:
            self.step = self.waiting.of(request, timezone.now()).of_kind(proofs.chosen(request))
        except steps.StepOver:
            return self.over()
        return super().dispatch(request, *args, **kwargs)

    def nothing_waits(self):
        """Also of the second click of a double one, which comes after the first has logged in."""
        return redirect(self.home if self.is_in() else self.door)

    def over(self):
        return begin_anew(self.request, self.waiting, self.over_words, self.door)

    def is_of_this_login(self):
        """Two people who share a browser: the page of one is not answered by the number of the other."""
        return self.request.POST.get("challenge") == str(self.step.challenge.pk)

    def post(self, request, *args, **kwargs):
        if not self.is_of_this_login():
            messages.info(request, NOT_THIS_PAGE)
            return redirect(self.page)
        return super().post(request, *args, **kwargs)


class ShownSecondView(AtSecondStep, MoyenView):
    """A moyen after right codes, or a right password; a page also says which code was typed before (`beside`)."""

    @property
    def kind(self):
        return Factor.Kind(self.step.factor.kind)

    @property
    def factors(self):
        return self.step.factors

    @sensitive_variables("shown")
    def check(self, factor, shown):
        """Counts and verifies; raises what `second.check` does."""
        self.step = self.step.about(factor)
        second.check(self.request, self.step.challenge, factor, shown, beside=self.beside)

    def already_proved(self, form):
        return redirect(self.home)

    def paused(self, refusal):
        return factor_blocked(
            self.request, refusal, kind=self.kind, other_ways=self.other_ways, page=reverse(self.page)
        )

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        step = self.step
        shown = proofs.context(self.request, self.alike, step.factors, step.challenge)
        return super().get_context_data(factor=step.factor, until=step.until, **shown, **kwargs)


class AtClientsSecondStep(AtSecondStep):
    page, home, door = "second_step", "overview", "login"
    waiting = steps

    def is_in(self):
        return is_client(self.request)


# Attempts commit before anything is verified: no transaction may be open around this view.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator([login_not_required, open_with_default_code], name="dispatch")
class SecondStepView(AtClientsSecondStep, ShownSecondView):
    template_name = "auth_codes/factors/second.html"

    @property
    def beside(self):
        return self.step.code

    def shown(self, factor):
        request, step = self.request, self.step
        if not steps.complete(request, step):
            return self.over()
        response, known = logged_in(request, step)
        levels.note(request.session, factor)  # after the login, which forgets what was shown before
        if known:
            known_devices.note_proof(known, timezone.now())
        return response


def over(request):
    """A client's login begins anew."""
    return begin_anew(request, steps, OVER, "login")


def begin_anew(request, waiting, words, door):
    """The answer where nothing waits any more, which says why."""
    waiting.give_up(request)
    messages.warning(request, words)
    return redirect(door)


def logged_in(request, step):
    """Logs in whose second step is complete: the answer, and the device that the browser is from now on."""
    login(request, step.owner, backend=BACKEND)
    leads_to = reverse("secret_code") if has_default_code(request) else step.wish.leads_to or reverse("overview")
    response = HttpResponseRedirect(leads_to)
    return response, after_login.begin(request, response, step.owner, step.wish)
