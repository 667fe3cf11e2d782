"""What the pages of the Espace Client share: whose they are, and what they say about codes and mandates."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from accounts.models import Client, Mandate
from auth_codes.codes import reminders
from auth_codes.devices import known_devices, last_connection


@method_decorator(login_not_required, name="dispatch")
class PublicPage(TemplateView):
    pass


class ClientMixin:
    """Everything is reached through the client who is logged in; whoever is none (staff) finds nothing here."""

    request: HttpRequest

    @property
    def client(self) -> Client:
        client = getattr(self.request.user, "client", None)
        if client is None:
            raise Http404
        return client


def about_mandates(client):
    """Those in force: what others may do with his accounts, and he with theirs."""
    in_force = Mandate.objects.in_force(timezone.localdate()).select_related("account", "proxy")
    with_holders = Prefetch("account__holders", Client.objects.order_by("holdings__id"))
    return {
        "mandates_given": in_force.given_by(client),
        "mandates_received": in_force.filter(proxy=client).prefetch_related(with_holders),
    }


def about_code(user):
    """How old the code is and whether to suggest a change, ready to show."""
    age, today = reminders.code_age(user), timezone.localdate()
    if age is None:
        return {}
    return {
        "code_chosen_on": age.chosen_on,
        "code_age": age.in_words(today),
        "reminder_due": age.is_reminder_due(today),
        "reminder_is_off": age.never_again,
    }


def about_connections(request):
    """The last connection, the failures since, and whether « C’était moi » may be answered here, or elsewhere."""
    report = last_connection.report(request)
    may_own_up = report.wants_answer and known_devices.recognise(request, request.user.username) is not None
    has_devices = report.wants_answer and not may_own_up and request.user.known_devices.exists()
    return {"report": report, "may_own_up": may_own_up, "has_devices": has_devices}
