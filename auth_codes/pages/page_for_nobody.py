"""The login page as whoever comes without a word sees it: made once for each language, and given the visitor's token.

It is made for a request that nobody has sent, so that nothing of a visitor can be left in it: no cookie, no session, no
address beyond its own. All that a visitor changes in it is the token of its forms.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.urls import get_script_prefix, resolve, reverse
from django.utils.translation import get_language

from auth_codes import csrf_tokens

TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+(?=")')
# What a request must have to be asked for its host and its scheme.
SENT_TO = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme")

_made: dict[tuple[str | None, str], list[str]] = {}


def of(request: HttpRequest, draw: Callable[[HttpRequest], str]) -> str:
    """The page for this visitor; `draw` makes it of a request for the login page."""
    key = get_language(), get_script_prefix()
    parts = _made.get(key)
    if parts is None:
        parts = TOKEN.split(draw(_nobodys(request)))
        if not settings.DEBUG:
            _made[key] = parts
    return csrf_tokens.of(request).join(parts)


def forget() -> None:
    """Has the page made anew: its settings have changed."""
    _made.clear()


def _nobodys(request: HttpRequest) -> HttpRequest:
    """A request for the login page by a visitor without any cookie."""
    blank = HttpRequest()
    blank.method, blank.path = "GET", reverse("login")
    blank.path_info = request.path_info
    blank.resolver_match = resolve(blank.path_info)
    blank.META = {name: request.META[name] for name in SENT_TO if name in request.META}
    blank.user, blank.session = AnonymousUser(), SessionBase()
    return blank
