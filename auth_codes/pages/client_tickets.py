"""« J’ai reçu un ticket en agence »: a client adds one moyen by it, in his own session or at the end of his login."""

import contextlib

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView

from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import challenges, client_tickets, enrolling
from auth_codes.factors.tickets import NoTicket, WrongTicket
from auth_codes.login import steps
from auth_codes.models import Factor, SecurityEvent
from auth_codes.pages.confirming import ConfirmedByCodeView
from auth_codes.pages.connections import NOT_THE_CODE, ForClients
from auth_codes.pages.factor_forms import DEFAULT_NAME, DEFAULT_PASSKEY_NAME
from auth_codes.pages.factors import AddAppView
from auth_codes.pages.passkeys import AddPasskeyView
from auth_codes.pages.second import AtClientsSecondStep, logged_in
from auth_codes.pages.ticket_form import OwnTicketForm, StepTicketForm
from auth_codes.pages.visitor import has_default_code, open_to_codes_alone, open_with_default_code

TEMPLATE = "auth_codes/factors/ticket.html"
WHY_NO_TICKET = {
    NoTicket: _(
        "Aucun ticket ne vous attend. Un ticket se demande à l’agence, une pièce d’identité à la main, et s’utilise "
        "aussitôt. Rien n’a été compté."
    ),
    client_tickets.TicketExpired: _(
        "Ce ticket ne vaut plus rien\u00a0: ses 15\u00a0minutes sont passées. Demandez-en un autre à l’agence, c’est "
        "sans conséquence."
    ),
    client_tickets.TicketUsed: _(
        "Ce ticket a déjà servi\u00a0: un moyen a été ajouté. Pour en ajouter un autre, demandez un autre ticket à "
        "l’agence."
    ),
    client_tickets.TicketVoid: _(
        "Ce ticket ne vaut plus rien\u00a0: il a été essayé cinq fois. Demandez-en un autre à l’agence, c’est sans "
        "conséquence."
    ),
    client_tickets.NotForLogin: _(
        "Ce ticket ajoute un moyen, il ne remplace pas les vôtres. Connectez-vous d’abord avec l’un d’eux. Si vous les "
        "avez tous perdus, dites-le à l’agence\u00a0: elle vous remet un autre ticket."
    ),
}
WRONG_TICKET = _(
    "Ce n’est pas le ticket fait pour vous. Relisez-le sur le papier\u00a0: il a douze signes, et n’est à personne "
    "d’autre. Essais restants\u00a0: {}."
)
TICKET_ENDED = _("C’était le cinquième essai\u00a0: ce ticket ne vaut plus rien. Demandez-en un autre à l’agence.")
# Which view adds this kind, and what the moyen is called until its owner calls it otherwise.
ADDING = {Factor.Kind.TOTP: AddAppView, Factor.Kind.PASSKEY: AddPasskeyView}
CALLED = {Factor.Kind.TOTP: DEFAULT_NAME, Factor.Kind.PASSKEY: DEFAULT_PASSKEY_NAME}


class ByTicket:
    """What both pages have in common; `owner` is who types, logged in or about to be."""

    at_login = False

    @sensitive_variables()
    def form_valid(self, form):
        """What can be said before anything is counted is said first."""
        kind = form.cleaned_data["factor"]
        try:
            waiting = client_tickets.judge(self.owner, timezone.now(), at_login=self.at_login)
        except NoTicket as why:
            return self.refuse(form, WHY_NO_TICKET[type(why)])
        if enrolling.is_full(self.owner, kind) and not waiting.replaces:
            return self.refuse(form, ADDING[kind].one_already, "factor")
        return self.go_on(form)

    def go_on(self, form):
        """The code secret, where the page asks for it, then the ticket."""
        raise NotImplementedError

    @sensitive_variables()
    def checked(self, form, then):
        """Counts and compares the ticket; the answer of `then` to the right one, or the form again."""
        by, now = Actor.at(self.request, self.owner), timezone.now()
        try:
            ticket = client_tickets.check(
                self.owner, form.cleaned_data["ticket"], by=by, now=now, at_login=self.at_login
            )
            return then(ticket, Factor.Kind(form.cleaned_data["factor"]), now)
        except NoTicket as why:
            return self.refuse(form, WHY_NO_TICKET[type(why)])
        except WrongTicket as wrong:
            return self.refuse(form, WRONG_TICKET.format(wrong.left) if wrong.left else TICKET_ENDED)
        except enrolling.OneAlready:
            return self.refuse(form, ADDING[form.cleaned_data["factor"]].one_already, "factor")

    def begin(self, ticket, kind, now):
        """Draws the key, which the next page shows in this session alone. Raises as `begin_by_ticket` does."""
        session = self.request.session
        enrolling.begin_by_ticket(self.owner, kind, str(CALLED[kind]), ticket, session=session, now=now)
        return redirect(ADDING[kind].leads_to)

    def refuse(self, form, why, field="ticket"):
        form.add_error(field, why)
        return self.form_invalid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(at_login=self.at_login, **kwargs)


@method_decorator(open_to_codes_alone, name="dispatch")
class OwnTicketView(ForClients, ByTicket, ConfirmedByCodeView):
    template_name = TEMPLATE
    form_class = OwnTicketForm
    code_field = "password"
    code_failure = SecurityEvent.Kind.FACTOR_REMOVAL_FAILED

    @property
    def owner(self):
        return self.request.user

    def go_on(self, form):
        return ConfirmedByCodeView.form_valid(self, form)

    def confirmed(self, form):
        return self.checked(form, self.begin)

    def not_the_code(self):
        return NOT_THE_CODE

    def code_changed(self):
        return redirect("factors")  # which leads to the login where the session has ended


# Tries commit before anything is compared: no transaction may be open around this view.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator([login_not_required, open_with_default_code], name="dispatch")
class StepTicketView(AtClientsSecondStep, ByTicket, FormView):
    """For who has lost all that the second step asks for: his two codes were right, and the ticket stands for it."""

    template_name = TEMPLATE
    form_class = StepTicketForm
    at_login = True

    @property
    def owner(self):
        return self.step.owner

    def go_on(self, form):
        return self.checked(form, self.log_in)

    def log_in(self, ticket, kind, now):
        request, step = self.request, self.step
        try:
            challenges.spend(step.challenge, now)
        except challenges.AlreadyProved:
            return redirect("overview")
        if not steps.complete(request, step, by_ticket=True):
            return self.over()
        response, _known = logged_in(request, step)
        if has_default_code(request):
            return response  # the ticket waits until he has chosen a code
        # Ended in this very second, it adds nothing: he is logged in, as he was told.
        with contextlib.suppress(NoTicket, owners.SessionEnded):
            response["Location"] = self.begin(ticket, kind, now).url
        return response

    def get_context_data(self, **kwargs):
        return super().get_context_data(challenge=self.step.challenge, until=self.step.until, **kwargs)
