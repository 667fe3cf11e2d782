"""What a client answers to what he was told of his connections, and his known devices."""

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import FormView, TemplateView, View

from auth_codes import browser
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.devices import advice, known_devices, last_connection, lifting
from auth_codes.devices.advice import Card
from auth_codes.models import SecurityEvent
from auth_codes.pages.confirming import ConfirmedByCodeView
from auth_codes.pages.forms import ClosingForm, DeviceRemovalForm
from auth_codes.pages.visitor import is_client, open_to_codes_alone
from auth_codes.renewals import closing
from auth_codes.renewals.closing import Opens
from auth_codes.sessions import limits

CONNECTIONS_SHOWN = 5
PAGES_WITH_REPORT = {"overview", "profile"}

LIFTED = _("C’est noté. La connexion reprend sur tous vos appareils.")
NOTED = _("C’est noté. Vous n’avez rien d’autre à faire.")
UNKNOWN_DEVICE = _("« C’était moi » ne se choisit que depuis un appareil connu. Rien n’a changé.")
STILL_PAUSED = _(
    "C’est noté. La connexion reste en pause sur les appareils inconnus : seule une réponse donnée depuis un appareil "
    "connu lève la pause, et celui-ci n’en est pas un."
)
REMOVED = _("« {} » est retiré de vos appareils connus. Votre espace est fermé partout ailleurs qu’ici.")
REMOVED_HERE = _(" La prochaine connexion d’ici comptera comme celle d’un nouvel appareil.")
NOT_THE_CODE = _("Ce n’est pas votre code secret.")
NOT_MINE = _("C’est noté. Après 2\u00a0minutes sans activité, votre espace se fermera ici de lui-même.")
NO_LONGER_KNOWN = _(" Cet appareil n’est plus connu, et votre espace est fermé partout ailleurs qu’ici.")
ENDS = {
    Opens.BY_LETTER: closing.close_with_letter,
    Opens.BY_ADVISOR: closing.close,
}


class ForClients:
    """Pages of clients: staff find nothing here."""

    def dispatch(self, request, *args, **kwargs):
        if not is_client(request):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


@method_decorator(open_to_codes_alone, name="dispatch")
class ItWasMeView(ForClients, View):
    """« C’était moi », from a known device alone: whoever guesses must not lift the block that stops him."""

    def post(self, request):
        try:
            lifted = lifting.own_up(request)
        except lifting.UnknownDevice:
            messages.error(request, UNKNOWN_DEVICE)
        else:
            messages.success(request, LIFTED if lifted else NOTED)
        return back(request)


@method_decorator(open_to_codes_alone, name="dispatch")
class OnlyTriedView(ForClients, View):
    """Somebody tried and did not get in: nothing to close; from a known device the pause ends as well."""

    def post(self, request):
        try:
            lifted = lifting.only_tried(request)
        except lifting.UnknownDevice:
            messages.info(request, STILL_PAUSED)
        else:
            messages.success(request, LIFTED if lifted else NOTED)
        return redirect("overview")


# A code is hashed before the act's own transaction: none may be open around this view.
@method_decorator(open_to_codes_alone, name="dispatch")
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ItWasNotMeView(ForClients, FormView):
    """« Ce n’était pas moi »: tells trying from getting in, and closes the access on the spot.

    The current code is not asked for: whoever is frightened must be fast.
    """

    template_name = "auth_codes/devices/it_was_not_me.html"
    form_class = ClosingForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"owner": self.request.user}

    def get_context_data(self, **kwargs):
        latest = last_connection.latest(self.request, CONNECTIONS_SHOWN)
        report = last_connection.report(self.request)
        return super().get_context_data(connections=latest, report=report, **kwargs)

    def form_valid(self, form):
        opens = ENDS[form.cleaned_data["opens"]](self.request.user, by=Actor.of(self.request))
        logout(self.request)
        return redirect(f"{reverse('access_closed')}?{opens}")


@method_decorator(login_not_required, name="dispatch")
class AccessClosedView(TemplateView):
    """What has happened and what comes next, for somebody who has no session any more."""

    template_name = "auth_codes/renewals/access_closed.html"

    def get(self, request, *args, **kwargs):
        if is_client(request):
            return redirect("overview")
        # Whoever merely types the address has closed nothing.
        return super().get(request, *args, **kwargs) if set(request.GET) & set(Opens.values) else redirect("login")

    def get_context_data(self, **kwargs):
        asked = self.request.GET
        by_letter, not_by_letter = Opens.BY_LETTER in asked, Opens.NOT_BY_LETTER in asked
        return super().get_context_data(by_letter=by_letter, not_by_letter=not_by_letter, **kwargs)


class RemoveDeviceView(ForClients, ConfirmedByCodeView):
    """« Retirer », after the code: also closes what is open there; the session that asks goes on."""

    template_name = "auth_codes/devices/remove_device.html"
    form_class = DeviceRemovalForm
    code_field = "password"
    code_failure = SecurityEvent.Kind.DEVICE_REMOVAL_FAILED

    def dispatch(self, request, *args, **kwargs):
        if is_client(request):
            self.device = own_device(request)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def is_here(self):
        return self.device == known_devices.recognise(self.request, self.request.user.username)

    def get_context_data(self, **kwargs):
        return super().get_context_data(device=self.device, is_here=self.is_here, **kwargs)

    @sensitive_variables()
    def confirmed(self, form):
        said = REMOVED.format(browser.in_words(self.device.label)) + (REMOVED_HERE if self.is_here else "")
        take_off(self.request, self.device)
        messages.success(self.request, said)
        return redirect("profile")

    def not_the_code(self):
        return NOT_THE_CODE

    def code_changed(self):
        return redirect("profile")  # which leads to the login where the session has ended


class NotMyDeviceView(ForClients, View):
    """« Cet appareil n’est pas à moi », said on the page after the login: from now on as if the box had been ticked."""

    def post(self, request):
        device = known_devices.recognise(request, request.user.username)
        try:
            if device:
                take_off(request, device)
        except owners.SessionEnded:
            return redirect("overview")  # which leads to the login
        limits.turn_public(request.session)
        advice.keep(request, Card.PUBLIC_COMPUTER)
        messages.success(request, NOT_MINE + (NO_LONGER_KNOWN if device else ""))
        return redirect("overview")


def take_off(request, device):
    """Removes a device of who is logged in and keeps this session; raises owners.SessionEnded."""
    device.owner = request.user
    known_devices.remove(device, by=Actor.of(request))
    update_session_auth_hash(request, request.user)


def own_device(request):
    """The device that the form, or the link to it, names among those of who is logged in."""
    named = request.POST if request.method == "POST" else request.GET
    try:
        return get_object_or_404(request.user.known_devices, pk=named.get("device", ""))
    except ValidationError:  # no identifier of anything
        raise Http404 from None


def back(request):
    page = request.POST.get("page")
    return redirect(page if page in PAGES_WITH_REPORT else "profile")
