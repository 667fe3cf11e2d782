"""In which language each page is answered: the one chosen on a page, else the browser's own, else French.

The desk is French whatever a browser asks for, and so is what outlives the answer: papers, sealed letters, the journal
(`auth_codes.wording.in_french`). Mails leave in the language that their reader chose last, kept on his row.
"""

from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import TemplateView

from accounts.models import User
from auth_codes import addresses

FRENCH = settings.LANGUAGE_CODE
LANGUAGES = dict(settings.LANGUAGES)


def wanted(request: HttpRequest) -> str:
    """The language of the answer, one of settings.LANGUAGES whatever the browser sends."""
    if request.path.startswith(addresses.of("admin:index")):
        return FRENCH
    language = translation.get_language_from_request(request)
    return language if language in LANGUAGES else FRENCH  # a cookie may hold « EN »


def chosen(request: HttpRequest) -> str:
    """The language that somebody has chosen in this browser; empty for who has chosen none."""
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return language if language in LANGUAGES else ""


def remember_at_login(*, request: HttpRequest, user: User, **kwargs: object) -> None:
    """A choice made before the login is his who logs in: his mails follow it."""
    remember(user, chosen(request))


def remember(user: User, language: str) -> None:
    """Keeps a client's choice, for what leaves when he asks for no page; the desk and its mails are French."""
    if language and language != user.language and not user.is_staff:
        user.language = language
        user.save(update_fields=["language"])


def keep_in_browser(response: HttpResponse, language: str) -> None:
    """A year, and no secret: scripts need not read it all the same."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def page_to_open(request: HttpRequest) -> str:
    """The page that the form stood on, when it can be asked for; else the first page of all.

    The browser itself names it: a page that wrote its own address into the form would tell one refused object from
    another. Our policy sends the whole of it to ourselves alone.
    """
    came_from = _parts(request.headers.get("Referer", ""))
    page = urlunsplit(("", "", came_from.path, came_from.query, ""))
    is_ours = came_from.netloc == request.get_host() and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return page if is_ours and can_be_asked_for(came_from.path) else reverse("home")


def can_be_asked_for(path: str) -> bool:
    """Whether a page stands at `path`: some take a form alone, and show what they refuse at the same address."""
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    view_class = getattr(view, "view_class", TemplateView)
    return "get" in view_class.http_method_names and hasattr(view_class, "get")


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # as « http://[ »
        return urlsplit("")
