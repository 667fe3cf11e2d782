"""Showing a moyen once in a session: to look further back than 90 days and, once one is required, for all the rest.

And anew before the code secret is changed, by whoever has shown none in the last ten minutes.
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.codes import checking
from auth_codes.devices import known_devices
from auth_codes.factors import challenges, levels
from auth_codes.login import second
from auth_codes.models import Challenge, SecurityEvent
from auth_codes.pages import proofs
from auth_codes.pages.connections import ForClients
from auth_codes.pages.moyen_view import MoyenView
from auth_codes.pages.passkey_words import STALE
from auth_codes.pages.refusals import factor_blocked
from auth_codes.pages.visitor import open_to_codes_alone, visitor_of

# In the address: where the client was, and comes back to.
LEADS_TO = "suite"
FACTS = {"access": "session"}
BEFORE_CODE = _(
    "Votre code secret n’est pas modifié\u00a0: votre second moyen a été montré il y a plus de 10\u00a0minutes. "
    "Montrez-le de nouveau, puis choisissez votre code."
)


# Attempts commit before anything is verified: no transaction may be open around this view.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
@method_decorator([sensitive_post_parameters(), open_to_codes_alone], name="dispatch")
class ShowMoyenView(ForClients, MoyenView):
    """One of the strong moyens, counted as at a login; then back to where the client was."""

    template_name = "auth_codes/factors/show.html"
    # Whether it is asked for to look further back than 90 days.
    is_history = False
    # Whether before the code secret is changed.
    is_before_code = False

    def dispatch(self, request, *args, **kwargs):
        # The second click of a double one comes after the first has proved it.
        if request.user.is_authenticated and not request.user.is_staff and not self.is_owed:
            return redirect(self.leads_to)
        return super().dispatch(request, *args, **kwargs)

    @property
    def standing(self):
        return visitor_of(self.request).standing

    @property
    def is_owed(self):
        return self.standing.owes_proof

    @property
    def that_serve(self):
        return self.standing.strong

    @cached_property
    def factors(self):
        for factor in self.that_serve:
            factor.owner = self.request.user
        return list(self.that_serve)

    @cached_property
    def kind(self):
        kinds, wished = proofs.kinds_of(self.factors), proofs.chosen(self.request)
        return next((each for each in kinds if each == wished), kinds[0])

    @cached_property
    def leads_to(self):
        wished = self.request.GET.get(LEADS_TO, "")
        is_ours = wished.startswith("/") and url_has_allowed_host_and_scheme(wished, allowed_hosts=None)
        return wished if is_ours else reverse("overview")

    def again(self):
        return f"{self.request.path}?{urlencode({proofs.CHOICE: self.kind, LEADS_TO: self.leads_to})}"

    @sensitive_variables("shown")
    def check(self, factor, shown):
        """Counts and verifies; raises what `second.check` does."""
        request = self.request
        self.challenge = challenges.find(request.POST.get("challenge", ""), request.user, FACTS, request.session)
        second.check(request, self.challenge, factor, shown, beside=checking.present_code(request.user))

    def already_proved(self, form):
        """Of a second click the first has proved it; a page that was left open too long is made anew."""
        if "challenge" in vars(self) and challenges.is_spent(self.challenge):
            return redirect(self.leads_to)
        form.add_error(None, STALE)
        return self.form_invalid(form)

    def paused(self, refusal):
        back = {"page": self.request.path, "leads_to": self.leads_to}
        return factor_blocked(self.request, refusal, kind=self.kind, other_ways=self.other_ways, **back)

    def shown(self, factor):
        request = self.request
        device = known_devices.recognise(request, request.user.username)
        details = {"factor": factor.kind} | journal.device_of(device)
        journal.record(SecurityEvent.Kind.FACTOR_SHOWN, owner=request.user, by=Actor.of(request), details=details)
        levels.note(request.session, factor)
        return redirect(self.leads_to)

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        request = self.request
        asked = challenges.ask(request.user, Challenge.Purpose.ACCESS, FACTS, request.session, timezone.now())
        shown = proofs.context(request, self.alike, self.factors, asked)
        names = {"factor": self.alike[0], "page": request.path, "leads_to": self.leads_to, "until": asked.expires_at}
        why = {"is_history": self.is_history, "is_before_code": self.is_before_code}
        return super().get_context_data(**why, **names, **shown, **kwargs)


class ShowBeforeCodeView(ShowMoyenView):
    """Any of the moyens, before « Modifier mon code secret »: whoever has taken the two codes must not change them."""

    is_before_code = True

    @property
    def is_owed(self):
        return self.standing.owes_recent_proof

    @property
    def that_serve(self):
        return self.standing.factors

    @property
    def leads_to(self):
        return reverse("secret_code")


def before_code(request):
    """Leads to the page that takes a moyen, and from there to the choice of a code; what was typed is not kept."""
    if request.method == "POST":
        messages.warning(request, BEFORE_CODE)
    return redirect("show_before_code")


def to_prove(request, *, back_to="", is_history=False):
    """Leads whoever lacks a proof to the page that takes it, or that offers a moyen; and from there back to where he
    was, `back_to`."""
    if not visitor_of(request).standing.owes_proof:
        return redirect("choose_factor")
    # What was sent by a form is not sent again by an address.
    address = back_to or (request.get_full_path() if request.method == "GET" else "")
    page = reverse("further_back" if is_history else "show_factor")
    return redirect(f"{page}?{urlencode({LEADS_TO: address})}" if address else page)
