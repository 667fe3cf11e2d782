"""The login page stands without the decorators of Django's own view: which they are, and what does their work."""

import inspect
import re

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.urls import resolve

from auth_codes.pages import login


def test_nothing_else_was_put_around_djangos_view():
    """One more in a later Django, perhaps of a security release, has to be looked at."""
    said = inspect.getsource(auth_views.LoginView).partition("    def dispatch")[0]
    found = re.findall(r"@method_decorator\((\w+)", said)
    assert found == ["login_not_required", "sensitive_post_parameters", "csrf_protect", "never_cache"]
    assert not hasattr(login.DISPATCH, "__wrapped__")


def test_what_the_view_and_its_middleware_do_instead():
    view = resolve("/connexion/").func
    assert view.login_required is False
    assert view.leaves_session_alone is True
    assert view._non_atomic_requests == {"default"}
    assert not getattr(view, "csrf_exempt", False)
    for middleware in (
        "django.middleware.csrf.CsrfViewMiddleware",
        "banking_portal.middleware.SecurityHeadersMiddleware",
    ):
        assert middleware in settings.MIDDLEWARE
