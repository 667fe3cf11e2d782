"""The staff's login: the password, then « Encore une étape », a moyen. The desk says who may reach it."""

from functools import partial
from urllib.parse import urlsplit

from django.contrib.auth import login, logout
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from auth_codes.devices import known_devices
from auth_codes.factors import staff
from auth_codes.login import attempt as attempts
from auth_codes.login import staff_steps, steps
from auth_codes.measures.series import Door
from auth_codes.pages.refusals import desk_factor_refused
from auth_codes.pages.second import ShownSecondView
from auth_codes.pages.visitor import is_client, is_staff
from auth_codes.sessions import desk_mark

BACKEND = "auth_codes.login.backends.StaffBackend"
OVER = (
    "Le temps prévu pour la seconde étape est passé, ou votre accès a changé entre-temps. Rien n’a été compté : "
    "saisissez de nouveau votre mot de passe."
)


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
class StaffSecondView(ShownSecondView):
    template_name = "admin/second.html"
    page, home, door = "admin:second", "admin:index", "admin:login"
    waiting = staff_steps
    over_words = OVER
    beside = None

    def dispatch(self, request, *args, **kwargs):
        if is_client(request):
            raise Http404  # a client does not learn that there is a desk
        attempts.begin(request, Door.STAFF)  # who is refused reads the desk's page
        return super().dispatch(request, *args, **kwargs)

    def is_in(self):
        return is_staff(self.request)

    def paused(self, refusal):
        return desk_factor_refused(self.request, refusal, other_ways=self.other_ways)

    def shown(self, factor):
        request, step = self.request, self.step
        steps.note_passed(request, step.factor, step.device)
        return log_in(request, step, step.leads_to, partial(desk_mark.put, now=timezone.now()))

    def get_context_data(self, **kwargs):
        return super().get_context_data(title="Encore une étape", **kwargs)


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
