"""What stands before every page: a flood is refused, a session at its limit ends, a default code opens one page."""

import time
from functools import cache

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_variables

from auth_codes import addresses
from auth_codes.devices import known_devices, remembered
from auth_codes.lockout import budgets
from auth_codes.lockout.flood import Flood, Share
from auth_codes.login import attempt as attempts
from auth_codes.login import gate
from auth_codes.measures import series
from auth_codes.measures.series import Door, Outcome
from auth_codes.pages import showing, step_up
from auth_codes.pages.fields import TYPED_LENGTH
from auth_codes.pages.visitor import has_default_code, is_restricted, is_staff
from auth_codes.sessions import limits, open_sessions, refused_objects

# Where whoever has no login may have codes verified.
FLOODED = ("login", "lock")


class SessionLimitsMiddleware:
    """Ends a session at its limit, notes each use of a living one, and clears a public computer after it.

    Tells a browser whose session a later login has ended, and one that has ended another's.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        is_public, has_ended = limits.is_public(request), limits.has_ended(request.session, timezone.now())
        was_open = SESSION_KEY in request.session
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if has_ended:
            request.session.flush()
        elif request.session.session_key is None and key:
            open_sessions.note_end(request.session, key)
        if has_ended and is_public:
            # No page yet: clearing would take away the cookie of the form that it brings.
            response = redirect(limits.end_url(request.get_full_path()))
        else:
            response = self.get_response(request)
        if was_open and SESSION_KEY not in request.session and response.has_header("Location"):
            response["Location"] = limits.told_of_end(response["Location"])
        is_left = is_public and response.has_header("Location") and SESSION_KEY not in request.session
        if is_left and not response.has_header("Clear-Site-Data"):
            limits.clear_browser(response)
        return response

    def process_view(self, request, view_func, view_args, view_kwargs):
        if not getattr(view_func, "leaves_session_alone", False):
            limits.note_use(request.session, timezone.now())
        news = open_sessions.take_news(request.session)
        if news:
            messages.warning(request, news)


class FloodMiddleware:
    """Answers a network that floods the login, before anything is asked of the database."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.flood = Flood()

    def __call__(self, request):
        if request.method != "POST" or request.path not in map(addresses.of, FLOODED):
            return self.get_response(request)
        shares = flood_shares(request)
        if self.flood.is_on(shares, time.monotonic()) and not is_from_known_device(request):
            return self.refuse()
        response = self.get_response(request)
        if not attempts.of(request).is_counted:
            self.flood.note(shares, time.monotonic())
        return response

    def refuse(self):
        series.logins.labels(Door.CLIENT, Outcome.FLOOD).inc()
        response = HttpResponse(refusal_page(get_language()), status=429)
        response._has_been_logged = True  # Django writes a line for each otherwise: a flood must not fill the disk
        response["Retry-After"] = str(self.flood.seconds_left(time.monotonic()))
        return response


@cache
def refusal_page(language: str) -> str:
    """The page for a flood, made once for each process and language: answering one must cost next to nothing."""
    with translation.override(language):
        return render_to_string("auth_codes/login/flood.html")


def flood_shares(request) -> list[Share]:
    """The networks that the visitor floods with, as wide and as many-headed as for the budget of failures."""
    line = budgets.line_of(request)
    if line is None:
        return []
    lines = gate.failures_allowed(request) / settings.NETWORK_FAILURES_PER_HOUR
    return [(network, times * lines) for network, times in line.networks]


@sensitive_variables()
def is_from_known_device(request) -> bool:
    """Whether the browser brings a cookie for the number typed, judged without asking the database."""
    typed = "".join(request.POST.get("username", "").strip()[:TYPED_LENGTH].split())
    if not typed:
        return remembered.has_cookie(request, request.POST.get("remembered", ""))
    return known_devices.has_cookie(request, typed)


class PersonaliseFirstMiddleware:
    """Leads a client whose code is still the default one to the code page (ASVS 5.0 6.4.1)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        is_public = not getattr(view_func, "login_required", True)
        is_desk = request.resolver_match.app_name == "admin"  # which answers 404 to every client
        if is_public or is_desk or getattr(view_func, "open_with_default_code", False):
            return None
        return redirect("secret_code") if has_default_code(request) else None


class StrongEnoughMiddleware:
    """From the day on which a moyen is required, leads whoever has proved no strong one to where he can; levels.py."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        is_public = not getattr(view_func, "login_required", True)
        is_desk = request.resolver_match.app_name == "admin"  # which answers 404 to every client
        if is_public or is_desk or getattr(view_func, "open_to_codes_alone", False):
            return None
        return showing.to_prove(request) if is_restricted(request) and not has_default_code(request) else None


class RefusedObjectsMiddleware:
    """Counts what a view refuses a customer as not found: another's, or nothing at all. See refused_objects.py."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        is_desk = request.resolver_match.app_name == "admin"  # which is no object
        if isinstance(exception, Http404) and not is_desk and _is_customer(request.user):
            refused_objects.count(request)


def _is_customer(user):
    return user.is_authenticated and not user.is_staff


class StepUpMiddleware:
    """Verifies what confirms an act of the desk, before the transaction of that act begins; see pages/step_up.py."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        is_desk = request.resolver_match.app_name == "admin"
        if request.method == "POST" and is_desk and step_up.is_sent(request) and is_staff(request):
            step_up.look(request)
