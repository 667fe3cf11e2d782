"""Who looks at a page, for the templates; and the marks that a view gives the middleware."""

from django.utils import timezone
from django.utils.functional import cached_property

from auth_codes.codes import known
from auth_codes.codes.known import PresentCode
from auth_codes.devices import advice
from auth_codes.factors import levels
from auth_codes.factors.levels import Level, SessionProof
from auth_codes.sessions import limits


def leaves_session_alone(view_func):
    """Marks a view that a page left open asks for by itself: nobody is active there."""
    view_func.leaves_session_alone = True
    return view_func


def open_with_default_code(view_func):
    """Marks a view that a client may use before he has chosen a code of his own."""
    view_func.open_with_default_code = True
    return view_func


def open_to_codes_alone(view_func):
    """Marks a view that two codes open by themselves once a moyen is required; see levels.py."""
    view_func.open_to_codes_alone = True
    return view_func


def is_client(request) -> bool:
    """Whether a client is logged in; also for an error page, made before anybody was looked for."""
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and not user.is_staff


def is_staff(request) -> bool:
    """Whether a member of staff is; the same for an error page."""
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and user.is_staff


class Visitor:
    """Who looks at the pages of one request. What they all ask is asked once, and not before one asks it."""

    def __init__(self, request):
        self._request = request

    @cached_property
    def default_code(self) -> PresentCode | None:
        """The code in use if it is yet to be replaced."""
        present = known.code_of(self._request.user)
        return present if present and present.is_default else None

    @cached_property
    def standing(self) -> SessionProof:
        """What his session has proved, and what he could prove."""
        return levels.standing(self._request.user, self._request.session, timezone.now())

    @cached_property
    def advice(self) -> str:
        """The card that waits, taken off as it is shown; for an error page after it, the same."""
        return advice.take(self._request)


def visitor_of(request) -> Visitor:
    if not hasattr(request, "visitor"):
        request.visitor = Visitor(request)
    return request.visitor


def has_default_code(request) -> bool:
    """Whether who is logged in has yet to choose a code of his own."""
    return is_client(request) and visitor_of(request).default_code is not None


def is_restricted(request) -> bool:
    """Whether a moyen is required by now, and his session has proved no strong one."""
    is_due = is_client(request) and levels.is_required(timezone.now())
    return is_due and visitor_of(request).standing.level < Level.STRONG


def may_be_advised(request) -> bool:
    """Whether a client is past his first task, to choose a code: cards beside it would only be in its way."""
    return is_client(request) and not has_default_code(request)


def visitor(request):
    """For the templates: whether this is staff or a client, one with a default code, when his session ends, advice."""
    return {
        "is_staff": is_staff(request),
        "is_client": is_client(request),
        "must_personalise": has_default_code(request),
        "session": limits.shown(request, timezone.now()) if is_client(request) else None,
        # Called by the layout where it stands: a page that does not show it leaves it for the next one.
        "login_advice": (lambda: visitor_of(request).advice) if may_be_advised(request) else "",
    }
