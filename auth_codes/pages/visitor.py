"""Who looks at a page, for the templates; and the marks that a view gives the middleware."""

from functools import partial

from django.utils import timezone

from auth_codes.devices import advice
from auth_codes.models import SecretCode
from auth_codes.sessions import limits


def leaves_session_alone(view_func):
    """Marks a view that a page left open asks for by itself: nobody is active there."""
    view_func.leaves_session_alone = True
    return view_func


def open_with_default_code(view_func):
    """Marks a view that a client may use before he has chosen a code of his own."""
    view_func.open_with_default_code = True
    return view_func


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
        "session": limits.shown(request, timezone.now()) if is_client(request) else None,
        # Called by the layout where it stands: a page that does not show it leaves it for the next one.
        "login_advice": partial(advice.take, request) if may_be_advised(request) else "",
    }
