"""« Choisir un second moyen »: where whoever has none is led once one is required, and the invitation before."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from auth_codes.factors import levels
from auth_codes.models import CodeReminder
from auth_codes.pages.connections import ForClients
from auth_codes.pages.factors import FactorsView
from auth_codes.pages.showing import to_prove
from auth_codes.pages.visitor import is_restricted, open_to_codes_alone, visitor_of

SILENCE = timedelta(days=30)
LATER = _("C’est noté\u00a0: cette page ne vous en parlera plus pendant 30\u00a0jours. Vous pouvez choisir avant.")


@method_decorator(open_to_codes_alone, name="dispatch")
class ChooseFactorView(FactorsView):
    """What a moyen is for, which there are, and what stays open meanwhile."""

    template_name = "auth_codes/factors/choose.html"

    def get(self, request, *args, **kwargs):
        if not is_restricted(request):
            return redirect("factors")
        if visitor_of(request).standing.owes_proof:
            return to_prove(request, back_to=request.path)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(since=settings.SECOND_FACTOR_REQUIRED_FROM, **kwargs)


@method_decorator(open_to_codes_alone, name="dispatch")
class FactorLaterView(ForClients, View):
    """« Plus tard »: the overview invites again in 30 days."""

    http_method_names = ["post", "options"]

    def post(self, request):
        until = timezone.localdate() + SILENCE
        CodeReminder.objects.update_or_create(owner=request.user, defaults={"moyen_silent_until": until})
        messages.info(request, LATER)
        return redirect("overview")


def invitation(request):
    """What the overview says of a moyen: from when on it is required, to whom it still invites; or that it is."""
    begins, today = settings.SECOND_FACTOR_REQUIRED_FROM, timezone.localdate()
    if begins is None or visitor_of(request).standing.strong:
        return {}
    if levels.is_required(timezone.now()):
        return {"moyen_required_since": begins}
    silent = CodeReminder.objects.filter(owner=request.user, moyen_silent_until__gt=today).exists()
    return {} if silent else {"moyen_required_from": begins}
