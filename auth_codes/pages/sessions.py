"""Staying logged in a little longer, and logging out on every device."""

from http import HTTPStatus

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import View

from auth_codes.actor import Actor
from auth_codes.pages.visitor import is_client, open_to_codes_alone, open_with_default_code
from auth_codes.sessions import limits


@method_decorator([login_not_required, open_with_default_code], name="dispatch")
class ProlongSessionView(View):
    """Asked for by static/js/session.js: like any request it begins idleness anew, and tells what is left."""

    def post(self, request):
        marks = limits.life(request.session)
        if not request.user.is_authenticated or marks is None:
            return HttpResponse(status=HTTPStatus.FORBIDDEN)
        return JsonResponse(limits.times(marks, timezone.now()))


@method_decorator(open_to_codes_alone, name="dispatch")
class LogoutEverywhereView(View):
    """« Me déconnecter partout »: ends every session of the client, this one included."""

    def post(self, request):
        if not is_client(request):
            raise Http404
        goodbye = limits.goodbye_url(request, "partout")
        limits.end_everywhere(request.user, by=Actor.of(request))
        logout(request)
        return redirect(goodbye)
