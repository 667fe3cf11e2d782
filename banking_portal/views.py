"""The pages that belong to no app: health, errors, the choice of a language."""

import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from django.views.generic import View

from auth_codes import readiness
from auth_codes.pages.visitor import is_client, open_with_default_code
from banking_portal import health, languages
from banking_portal.database_errors import is_out_of_reach

RETRY_AFTER = "30"  # seconds


@login_not_required
@require_safe
def healthz(request):
    """For the load balancer: 200 while the database answers, else 503. It tells nothing more to whoever asks."""
    try:
        health.ask_database()
    except DatabaseError:
        return HttpResponse("database unavailable", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request):
    """For the load balancer: 503 while this server should be sent nobody. What is missing, the log says."""
    if readiness.missing():
        return HttpResponse("not ready", status=503, content_type="text/plain")
    return HttpResponse("ready", content_type="text/plain")


def bad_request(request, exception=None):
    """Without a request for the template: this one could not be read, and reading it again would fail once more."""
    return HttpResponse(render_to_string("400.html"), status=400)


def server_error(request):
    """As for `bad_request`: the page asks nothing of what has just failed, which Django is handling as it calls us."""
    if is_out_of_reach(sys.exception()):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": RETRY_AFTER})
    return HttpResponse(render_to_string("500.html"), status=500)


@login_not_required
def csrf_failure(request, reason=""):
    """After a login the form of a second tab, or of a double click, carries an old token: say so, and where to go."""
    return render(request, "403_csrf.html", status=403)


@method_decorator([login_not_required, open_with_default_code], name="dispatch")
class ChooseLanguageView(View):
    """The form in the footer of each page; the page opens again in the other language."""

    def get(self, request):
        """Whose session ended on the way comes back here, and has nothing to read."""
        return redirect("home")

    def post(self, request):
        language = request.POST.get("language", "")
        response = redirect(languages.page_to_open(request))
        if language not in dict(settings.LANGUAGES):
            return response
        languages.keep_in_browser(response, language)
        if is_client(request):
            languages.remember(request.user, language)
        return response
