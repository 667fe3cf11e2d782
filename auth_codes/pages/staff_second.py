"""The staff's login: the password, then « Encore une étape », the moyen. The desk says who may reach it."""

from functools import partial
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView

from auth_codes import browser
from auth_codes.devices import known_devices
from auth_codes.factors import staff
from auth_codes.login import attempt as attempts
from auth_codes.login import gate, second, staff_steps, steps
from auth_codes.measures.series import Door
from auth_codes.pages.factor_forms import ProofForm
from auth_codes.pages.refusals import desk_factor_refused
from auth_codes.pages.visitor import is_client, is_staff
from auth_codes.sessions import desk_mark

BACKEND = "auth_codes.login.backends.StaffBackend"
OVER = (
    "Le temps prévu pour la seconde étape est passé, ou votre accès a changé entre-temps. Rien n’a été compté : "
    "saisissez de nouveau votre mot de passe."
)
NOT_THIS_PAGE = "Cette page était celle d’une connexion précédente. Rien n’a été compté : voici la bonne."
WRONG = (
    "Ce n’est pas le nombre attendu. Attendez que votre application en montre un nouveau, puis recopiez celui-là. Le "
    "téléphone doit être à l’heure : laissez-le la régler lui-même."
)
ONE_LEFT = "Il vous reste un essai avant une pause."


class StaffLoginView(LoginView):
    """The password; who has a moyen is not logged in by it alone."""

    next_page = "admin:index"

    def get_redirect_url(self):
        """Where `next` leads: to no word that is no address of ours, as at the clients' door."""
        asked = super().get_redirect_url()
        return asked if urlsplit(asked).path.startswith("/") else ""

    def form_valid(self, form):
        request, owner = self.request, form.get_user()
        factor = staff.factor_of(owner)
        if factor:
            staff_steps.begin(request, factor, self.get_success_url(), timezone.now())
            return redirect("admin:second")
        if staff.lacks_it(owner):
            logout(request)  # of whoever was logged in: what follows is his own session
            desk_mark.withhold(request.session)
        response = super().form_valid(form)
        known_devices.remember(request, response, owner, attempts.of(request).device)
        return response


@method_decorator([csrf_protect, sensitive_post_parameters()], name="dispatch")
class StaffSecondView(FormView):
    template_name = "admin/second.html"
    form_class = ProofForm

    def dispatch(self, request, *args, **kwargs):
        if is_client(request):
            raise Http404  # a client does not learn that there is a desk
        attempts.begin(request, Door.STAFF)  # who is refused reads the desk's page
        if not staff_steps.waits(request):
            # The second click of a double one comes after the first has logged in.
            return redirect("admin:index" if is_staff(request) else "admin:login")
        try:
            self.step = staff_steps.of(request, timezone.now())
        except staff_steps.StepOver:
            return self.over()
        return super().dispatch(request, *args, **kwargs)

    def over(self):
        staff_steps.give_up(self.request)
        messages.warning(self.request, OVER)
        return redirect("admin:login")

    def post(self, request, *args, **kwargs):
        # Two people who share a workstation: the page of one is not answered by the number of the other.
        if request.POST.get("challenge") != str(self.step.challenge.pk):
            messages.info(request, NOT_THIS_PAGE)
            return redirect("admin:second")
        return super().post(request, *args, **kwargs)

    @sensitive_variables()
    def form_valid(self, form):
        try:
            second.check(self.request, self.step.challenge, self.step.factor, form.cleaned_data["code"], beside=None)
        except second.AlreadyProved:
            return redirect("admin:index")
        except second.WrongProof as wrong:
            return self.wrong(form, wrong.aftermath)
        except gate.REFUSALS as refusal:
            return desk_factor_refused(self.request, refusal)
        steps.note_passed(self.request, self.step.factor, self.step.device)
        return log_in(self.request, self.step, self.step.leads_to, partial(desk_mark.put, now=timezone.now()))

    def wrong(self, form, aftermath):
        if aftermath.block:
            return desk_factor_refused(self.request, aftermath.block)
        form.add_error("code", " ".join([WRONG, *([ONE_LEFT] if aftermath.next_block else [])]))
        response = self.form_invalid(form)
        browser.keep_mark(self.request, response)
        return response

    def get_context_data(self, **kwargs):
        step = self.step
        shown = {"factor": step.factor, "challenge": step.challenge, "until": step.until, "title": "Encore une étape"}
        return super().get_context_data(**kwargs, **shown)


def log_in(request, step, leads_to, mark):
    """The answer to who has shown what was waited for, and is logged in by it in a session that `mark` marks."""
    staff_steps.go_on(request, step)
    if request.user.is_authenticated:
        logout(request)  # a colleague, in another tab meanwhile
    mark(request.session)  # before it is first written: without a mark it may open the desk
    login(request, step.owner, backend=BACKEND)
    response = HttpResponseRedirect(leads_to)
    known_devices.remember(request, response, step.owner, step.device)
    return response
