"""What the pages of the Espace Client share: whose they are, and what they say about codes and mandates."""

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from accounts.models import Client, Mandate, Representation
from accounts.pages import history_limit
from auth_codes.codes import reminders
from auth_codes.devices import known_devices, last_connection
from auth_codes.prepared import DAY, KEY, Blank, Prepared


@method_decorator(login_not_required, name="dispatch")
class PublicPage(TemplateView):
    pass


class ClientMixin:
    """Everything is reached through the client who is logged in; whoever is none (staff) finds nothing here."""

    request: HttpRequest

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except history_limit.AsksProof as asked:
            return history_limit.to_prove(request, asked)

    @cached_property
    def seen_from(self) -> date | None:
        """The first day of which he sees operations; None where he sees all."""
        return history_limit.first_day(self.request)

    @property
    def client(self) -> Client:
        client = getattr(self.request.user, "client", None)
        if client is None:
            raise Http404
        return client

    @cached_property
    def acting(self) -> list[Representation]:
        """For whom he acts, today."""
        return Representation.objects.acting(self.client, timezone.localdate())


def about_mandates(client):
    """Those in force: what others may do with his accounts, and he with theirs."""
    today = timezone.localdate()
    received = MANDATES_RECEIVED.ask(proxy=client.pk, today=today)
    prefetch_related_objects(received, Prefetch("account__holders", Client.objects.order_by("holdings__id")))
    return {"mandates_given": MANDATES_GIVEN.ask(holder=client.pk, today=today), "mandates_received": received}


def _mandates_given(holder: Blank, today: Blank) -> QuerySet[Mandate]:
    return Mandate.objects.in_force(today).given_by(holder).select_related("account", "proxy")


def _mandates_received(proxy: Blank, today: Blank) -> QuerySet[Mandate]:
    return Mandate.objects.held_by(proxy, today).select_related("account", "proxy")


MANDATES_GIVEN = Prepared(_mandates_given, holder=KEY, today=DAY)
MANDATES_RECEIVED = Prepared(_mandates_received, proxy=KEY, today=DAY)


def about_representations(client, acting):
    """Who acts for him, and for whom he does."""
    return {"protected_by": Representation.objects.protecting(client, timezone.localdate()), "acting": acting}


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
