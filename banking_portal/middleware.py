"""What holds for every answer: its language, headers of constant value, and the demo kept to its own machine."""

import ipaddress
import logging
from http import HTTPStatus
from threading import Lock
from time import monotonic
from urllib.parse import quote

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions import middleware as sessions
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import BadRequest, MiddlewareNotUsed
from django.db import DatabaseError, connection
from django.http import HttpResponse, HttpResponseForbidden
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, resolve_url
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_protect

from accounts.desk import drafts
from auth_codes.codes import known_keys
from auth_codes.crypto.fingerprints import WrongKeys
from auth_codes.sessions import limits
from banking_portal import languages, request_ids
from banking_portal.requests import PROBES, is_in_utf_8

log = logging.getLogger(__name__)

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
USUAL_LOOPBACKS = ("127.0.0.1", "::1")
SECONDS_BETWEEN_ASKING = 5
# As Django writes it.
NEVER_CACHED = "max-age=0, no-cache, no-store, must-revalidate, private"
UNSAID_PROXY = (
    "TRUSTED_PROXY_COUNT=0, mais une requête porte %s : derrière un serveur mandataire, tous les visiteurs partagent "
    "son adresse et son budget d’échecs. Donnez le nombre de mandataires. S’il n’y en a aucun, un visiteur a écrit cet "
    "en-tête, que personne ne croit."
)


class RequestIdMiddleware:
    """Names the request in its answer and in its lines of the log."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.request_id = request_ids.of(request)  # Django writes of a refusal when all middleware has been left
        with request_ids.named(request.request_id):
            response = self.get_response(request)
        response[request_ids.HEADER] = request.request_id
        return response


class LanguageMiddleware:
    """Answers each request in its language, and leaves none behind for the next one of the same thread."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = languages.wanted(request)
        with translation.override(language):
            response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


class SecurityHeadersMiddleware:
    """Keeps every page out of caches, the « back » button after a logout included."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            never_cache(response)
        return response


def never_cache(response):
    """As Django's own, which reads and writes anew even what it has just written for the view."""
    said = response.headers.get("Cache-Control")
    if said is None:
        response.headers["Cache-Control"] = NEVER_CACHED
    elif said != NEVER_CACHED:
        add_never_cache_headers(response)
    if "Expires" not in response.headers:
        response.headers["Expires"] = http_date()


class PolicyMiddleware(CSPMiddleware):
    """The policy of all pages, put together once: none of the portal's has one of its own, or a nonce."""

    def __init__(self, get_response):
        super().__init__(get_response)
        self.policy = build_policy()

    def process_response(self, request, response):
        is_asked_more = hasattr(request, "_csp_nonce") or "_csp" in " ".join(vars(response))
        if is_asked_more or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.policy)
        return response


class UnreadableRequestMiddleware:
    """Refuses, with the portal's own page, a request whose Content-Type names another coding than UTF-8."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_in_utf_8(request.META):
            raise BadRequest("Content-Type not in UTF-8")
        return self.get_response(request)


class FrenchRefusalMiddleware:
    """Gives a body to Django's empty « method not allowed »: somebody may have typed the address of a form."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            response.content = render_to_string("405.html")
        return response


class FirstVisitMiddleware(GZipMiddleware):
    """Compresses the page of whoever brings no cookie.

    All others stay as long as they are: from the length of compressed pages, somebody on the line who makes a browser
    ask for them could guess what they hold (BREACH). In a page for nobody in particular there is nothing to guess.
    """

    def process_response(self, request, response):
        return response if request.COOKIES else super().process_response(request, response)


class SessionMiddleware(sessions.SessionMiddleware):
    """Leads to his login who lost his session while a page was being made: a double click on a change of code."""

    def process_response(self, request, response):
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            match = request.resolver_match
            door = "admin:login" if match and match.app_name == "admin" else settings.LOGIN_URL
            return redirect(f"{resolve_url(door)}?next={quote(request.path)}")


class DraftsMiddleware:
    """Keeps a form of the desk that was sent just after its session had ended; it is shown again after the login."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method == "POST" and drafts.page_of(request.path_info) and _has_just_ended(request.session):
            keep_draft(request)
        return self.get_response(request)


def _has_just_ended(session):
    """Whether a session of staff is at its limit; before anything takes it away."""
    marks = limits.life(session)
    return marks is not None and marks.kind == limits.STAFF and limits.has_ended(session, timezone.now())


@csrf_protect
def keep_draft(request):
    """What another site sends in somebody's name is not kept. Nothing is answered: the login page is."""
    sender = get_user(request)
    if sender.is_authenticated:
        drafts.keep(sender, request.path_info, request.POST)
    return HttpResponse()


class DemoGuardMiddleware:
    """Refuses whoever is not on this machine: the demo's codes are printed and its cookies travel in clear."""

    def __init__(self, get_response):
        if not settings.DEMO:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        if not is_loopback(request.META.get("REMOTE_ADDR", "")) or any(name in request.META for name in FORWARDED):
            return HttpResponseForbidden(
                "La démonstration ne répond qu’à la machine qui l’héberge.", content_type="text/plain; charset=utf-8"
            )
        return self.get_response(request)


class SameKeysMiddleware:
    """Serves nobody while this server's keys are not its database's: each right code would count as a wrong one.

    Told in the log once. Asked anew a few seconds later at the earliest, so that mended keys need no restart.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.turn_to_say = Lock()
        self.asked_again_at = 0.0
        self.is_refused = False

    def __call__(self, request):
        if known_keys.have_agreed() or self.is_asked_nothing(request) or self.agrees():
            return self.get_response(request)
        return HttpResponse("unavailable", status=HTTPStatus.SERVICE_UNAVAILABLE, content_type="text/plain")

    def is_asked_nothing(self, request):
        """A connection that is open was judged when it was made; a probe asks in its own way, until we were refused."""
        return connection.connection is not None or (request.path_info in PROBES and not self.is_refused)

    def agrees(self):
        """Whether the keys are the same, as far as a database that may be out of reach has said it."""
        if monotonic() < self.asked_again_at:
            return not self.is_refused
        self.asked_again_at = monotonic() + SECONDS_BETWEEN_ASKING
        try:
            connection.ensure_connection()
        except WrongKeys as refused:
            self.is_refused = True
            if self.turn_to_say.acquire(blocking=False):
                log.critical("%s", refused)
        except DatabaseError:
            pass  # the page that needs it says so
        else:
            self.is_refused = False
        return not self.is_refused


class UnsaidProxyMiddleware:
    """Says once, in the log of each process, that requests come by a proxy which TRUSTED_PROXY_COUNT does not count.

    All visitors would then share the proxy's address, and whoever guesses codes would shut out everybody else.
    """

    def __init__(self, get_response):
        if settings.TRUSTED_PROXY_COUNT:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.turn_to_say = Lock()

    def __call__(self, request):
        header = next((name for name in FORWARDED if name in request.META), None)
        if header and self.turn_to_say.acquire(blocking=False):
            log.error(UNSAID_PROXY, header.removeprefix("HTTP_").replace("_", "-").title())
        return self.get_response(request)


def is_loopback(address: str) -> bool:
    """Whether an address is the machine's own; what is no address is not."""
    try:
        return address in USUAL_LOOPBACKS or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
