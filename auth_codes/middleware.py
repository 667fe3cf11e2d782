"""What stands before every page: a flood is refused, a session at its limit ends, a default code opens one page."""

import time
from functools import cache, partial

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import browser, budgets, devices, gate, login_advice, sessions
from auth_codes.flood import Flood, Share
from auth_codes.forms import TYPED_LENGTH
from auth_codes.models import SecretCode


def leaves_session_alone(view_func):
    """Marks a view that a page left open asks for by itself: nobody is active there."""
    view_func.leaves_session_alone = True
    return view_func


class SessionLimitsMiddleware:
    """Ends a session at its limit, notes each use of a living one, and clears a public computer after it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        is_public, has_ended = sessions.is_public(request), sessions.has_ended(request.session, timezone.now())
        if has_ended:
            request.session.flush()
        if has_ended and is_public:
            # No page yet: clearing would take away the cookie of the form that it brings.
            response = redirect(sessions.end_url(request.get_full_path()))
        else:
            response = self.get_response(request)
        if is_public and response.has_header("Location") and SESSION_KEY not in request.session:
            sessions.clear_browser(response)
        return response

    def process_view(self, request, view_func, view_args, view_kwargs):
        if not getattr(view_func, "leaves_session_alone", False):
            sessions.note_use(request.session, timezone.now())


def open_with_default_code(view_func):
    """Marks a view that a client may use before he has chosen a code of his own."""
    view_func.open_with_default_code = True
    return view_func


class FloodMiddleware:
    """Answers a network that floods the login, before anything is asked of the database."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.flood = Flood()

    def __call__(self, request):
        if request.method != "POST" or request.path != reverse("login"):
            return self.get_response(request)
        shares = flood_shares(request)
        if self.flood.is_on(shares, time.monotonic()) and not is_from_known_device(request):
            return self.refuse()
        response = self.get_response(request)
        if not hasattr(request, "attempted_user"):
            self.flood.note(shares, time.monotonic())
        return response

    def refuse(self):
        response = HttpResponse(refusal_page(), status=429)
        response._has_been_logged = True  # Django writes a line for each otherwise: a flood must not fill the disk
        response["Retry-After"] = str(self.flood.seconds_left(time.monotonic()))
        return response


@cache
def refusal_page() -> str:
    return render_to_string("auth_codes/flood.html")


def flood_shares(request) -> list[Share]:
    """The networks that the visitor floods with, as wide and as many-headed as for the budget of failures."""
    address = browser.address(request)
    if address is None:
        return []
    lines = gate.failures_allowed(request) / settings.NETWORK_FAILURES_PER_HOUR
    return [(network, times * lines) for network, times in budgets.widths(address)]


@sensitive_variables()
def is_from_known_device(request) -> bool:
    typed = "".join(request.POST.get("username", "")[:TYPED_LENGTH].split())
    return devices.has_cookie(request, typed)


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


def is_client(request) -> bool:
    """Whether a client is logged in; also for an error page, made before anybody was looked for."""
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and not user.is_staff


def is_staff(request) -> bool:
    """Whether a member of staff is; the same for an error page."""
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and user.is_staff


def has_default_code(request) -> bool:
    """Whether who is logged in has yet to choose a code of his own."""
    if not is_client(request):
        return False
    if not hasattr(request, "has_default_code"):
        default = SecretCode.Kind.DEFAULT
        request.has_default_code = request.user.secret_codes.present().filter(kind=default).exists()
    return request.has_default_code


def may_be_advised(request) -> bool:
    """Whether a client is past his first task, to choose a code: cards beside it would only be in its way."""
    return is_client(request) and not has_default_code(request)


def visitor(request):
    """For the templates: whether this is staff or a client, one with a default code, when his session ends, advice."""
    return {
        "is_staff": is_staff(request),
        "is_client": is_client(request),
        "must_personalise": has_default_code(request),
        "session": sessions.shown(request, timezone.now()) if is_client(request) else None,
        # Called by the layout where it stands: a page that does not show it leaves it for the next one.
        "login_advice": partial(login_advice.take, request) if may_be_advised(request) else "",
    }
