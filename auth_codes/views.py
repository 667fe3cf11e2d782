"""Logging in and out, changing one's code, and the reminder to do so."""

import math
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView, View

from auth_codes import (
    backends,
    browser,
    budgets,
    confirming,
    connections,
    devices,
    gate,
    lockout,
    login_advice,
    online_requests,
    reminders,
    secret_codes,
    sessions,
    slots,
)
from auth_codes.forms import BUSY, ClientLoginForm, ForgottenCodeForm, SecretCodeForm
from auth_codes.middleware import has_default_code, is_client, leaves_session_alone, open_with_default_code
from auth_codes.models import SecurityEvent
from auth_codes.reminders import Answer

NOT_THE_CURRENT_CODE = "Ce n’est pas votre code secret actuel."
NOT_THE_DEFAULT_CODE = "Ce n’est pas le code provisoire imprimé sur votre lettre."
CODE_CHOSEN = "Votre code secret est enregistré. Utilisez-le dès votre prochaine connexion."
DEVICES_FORGOTTEN = "Vos autres appareils sont oubliés."
REFUSED = {True: "Votre code secret n’est pas encore enregistré", False: "Votre code secret n’a pas été modifié"}
CODE_OF_THE_LETTER = "C’est le code de votre lettre, ou l’un de vos codes précédents. Choisissez-en un autre."
CODE_IN_USE = "Vous utilisez ce code, ou l’avez utilisé il y a peu. Choisissez-en un autre."

CHANGED_MEANWHILE = "Votre code secret vient déjà d’être modifié, par un double clic ou dans une autre fenêtre."

ANSWERED = {
    Answer.LATER: "Entendu. Nous n’en parlerons plus pendant 30 jours.",
    Answer.NEVER: "Entendu. Nous ne vous le rappellerons plus ; « Mon profil » permet de changer d’avis.",
    Answer.AGAIN: "C’est noté. Nous vous le rappellerons quand votre code aura plus de six mois.",
}
# Addresses of forms alone: after a login, nothing would be there.
NOT_PAGES = (
    "login",
    "logout",
    "logout_everywhere",
    "prolong_session",
    "code_reminder",
    "it_was_me",
    "only_tried",
    "remove_device",
    "not_my_device",
)
PAGES_WITH_REMINDER = {"overview", "profile"}


class WaitingPage(NamedTuple):
    """What answers while no code is verified, after how many seconds to come again, and why, as the staff is told."""

    template: str
    status: int
    seconds: int
    at_desk: str


WAITING_PAGES = {
    budgets.Spent: WaitingPage(
        "auth_codes/network_spent.html",
        429,
        int(budgets.WINDOW.total_seconds()),
        "Trop d’essais ont échoué depuis cette connexion Internet. Elle reprend dans une heure au plus.",
    ),
    gate.TooManyNumbers: WaitingPage(
        "auth_codes/unknown_devices_wait.html",
        503,
        15 * 60,
        "La banque reçoit un très grand nombre d’essais de connexion. Réessayez dans un quart d’heure.",
    ),
}
# A letter takes some days: nothing before is worth a machine's try.
UNTIL_RENEWAL_SECONDS = 24 * 60 * 60
BUSY_SECONDS = 5


def login_refused(request, response=None, credentials=None):
    """The answer to an attempt that was not made: the same for every number."""
    if isinstance(request.refusal, slots.Busy):
        return busy(response)
    return refused(request, request.refusal)


def refused(request, refusal):
    """The page that says why no code is verified now, and from when on again."""
    if isinstance(refusal, lockout.Blocked):
        return blocked(request, refusal.until)
    page = WAITING_PAGES[type(refusal)]
    return waiting(request, page, {})


def waiting(request, page, shown):
    """The page of clients, or at the desk's door that of the staff: nothing of theirs is a client's."""
    at_desk = getattr(request, "login_door", None) == backends.STAFF_DOOR
    template = "auth_codes/desk_waits.html" if at_desk else page.template
    response = render(request, template, {"why": page.at_desk, **shown}, status=page.status)
    response["Retry-After"] = str(page.seconds)
    return response


def busy(response):
    """The form again, with the sentence that says so: nothing was counted, and a moment later there is room."""
    response.status_code = 503
    response["Retry-After"] = str(BUSY_SECONDS)
    return response


def blocked(request, until):
    """`until`: None for a block that ends with the renewal of the code."""
    seconds = max(1, math.ceil((until - timezone.now()).total_seconds())) if until else UNTIL_RENEWAL_SECONDS
    shown = {"until": connections.to_the_minute(until), "minutes": math.ceil(seconds / 60)} if until else {}
    page = WaitingPage("auth_codes/blocked.html", 429, seconds, "Il y a eu trop de mots de passe erronés sous ce nom.")
    return waiting(request, page, shown)


# Attempts commit before the hash is computed: no transaction may be open around these views.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class LoginView(auth_views.LoginView):
    template_name = "auth_codes/login.html"
    authentication_form = ClientLoginForm

    @method_decorator([login_not_required, leaves_session_alone])
    @method_decorator(sensitive_post_parameters())
    def dispatch(self, request, *args, **kwargs):
        request.login_door = backends.CLIENT_DOOR
        if is_client(request) and self.says("fin"):
            # Led on by itself, a page left open in one tab would prolong for ever what another tab prolongs.
            return render(request, "auth_codes/still_open.html", {"leads_on": self.get_success_url()})
        self.redirect_authenticated_user = not request.user.is_staff
        return super().dispatch(request, *args, **kwargs)

    def says(self, word):
        """Whether whoever led here asked for a sentence: `au-revoir`, `partout`, `public` or `fin`."""
        return self.request.method == "GET" and word in self.request.GET

    def get_success_url(self):
        return reverse("secret_code") if has_default_code(self.request) else super().get_success_url()

    def get_redirect_url(self):
        """Where `next` leads; not back here, nor to an act that a session which had just ended did not reach."""
        asked = super().get_redirect_url()
        return "" if urlsplit(asked).path in {reverse(name) for name in NOT_PAGES} else asked

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        if self.request.method != "GET" or self.request.GET:
            # The focus goes to what the page has to say first.
            form.fields["username"].widget.attrs.pop("autofocus")
        return form

    def form_valid(self, form):
        response = super().form_valid(form)
        is_public, owner, device = form.cleaned_data["public"], form.get_user(), self.request.known_device
        sessions.begin(self.request, is_public=is_public)
        if not is_public:
            devices.remember(self.request, response, owner, device)
        elif device is None:
            devices.note_new(owner, self.request)
        login_advice.after_login(self.request, is_public=is_public, is_known=device is not None)
        return response

    def form_invalid(self, form):
        refusal = getattr(self.request, "refusal", None)
        if refusal and not isinstance(refusal, slots.Busy):
            return HttpResponse()  # axes' middleware puts `login_refused` in its place
        response = super().form_invalid(form)
        if form.has_error("__all__", "invalid_login"):
            browser.keep_mark(self.request, response)
        return response

    def get_context_data(self, **kwargs):
        leads_on = self.get_redirect_url() if self.request.method == "GET" else ""
        return super().get_context_data(
            leads_on=leads_on,
            leads_to_closing=leads_on == reverse("it_was_not_me"),
            leads_to_code_page=leads_on in {reverse("secret_code"), reverse("proposed_code")},
            logged_out=self.says("au-revoir"),
            logged_out_everywhere=self.says("partout"),
            was_public=self.says("public"),
            has_ended=self.says("fin"),
            **kwargs,
        )


@method_decorator([login_not_required, open_with_default_code], name="dispatch")
class LogoutView(auth_views.LogoutView):
    """Ends the session; whoever has none any more (a second tab) is answered like the others."""

    def post(self, request, *args, **kwargs):
        self.goodbye = sessions.goodbye_url(request, "au-revoir")  # the session, once ended, no longer tells
        return super().post(request, *args, **kwargs)

    def get_default_redirect_url(self):
        return self.goodbye


@method_decorator(login_not_required, name="dispatch")
class ForgottenSecretCodeView(FormView):
    """Asks for a new code by letter: the same answer for every number, held by somebody or not."""

    template_name = "auth_codes/forgotten_secret_code.html"
    form_class = ForgottenCodeForm

    def form_valid(self, form):
        try:
            online_requests.ask(form.cleaned_data["username"], self.request)
        except budgets.Spent:
            response = render(self.request, "auth_codes/too_many_requests.html", status=429)
            response["Retry-After"] = str(int(budgets.WINDOW.total_seconds()))
            return response
        return redirect(reverse("forgotten_secret_code") + "?demande")

    def get_context_data(self, **kwargs):
        return super().get_context_data(asked=self.request.GET.get("demande") is not None, **kwargs)


@method_decorator(transaction.non_atomic_requests, name="dispatch")
@method_decorator([sensitive_post_parameters(), open_with_default_code], name="dispatch")
class SecretCodeView(FormView):
    """« Modifier mon code secret », and the first choice of one."""

    template_name = "auth_codes/secret_code.html"
    form_class = SecretCodeForm

    def dispatch(self, request, *args, **kwargs):
        self.present = secret_codes.present_code(request.user)
        if self.present is None:
            raise Http404  # staff have none
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | self.get_form_options()

    def get_form_options(self):
        user = self.request.user
        is_known = devices.recognise(self.request, user.username) is not None
        return {"user": user, "is_default": self.present.is_default, "is_known": is_known}

    def get_initial(self):
        return {"replacing": self.present.id}

    def get_context_data(self, **kwargs):
        first_time = self.present.is_default
        return super().get_context_data(first_time=first_time, refusal_title=REFUSED[first_time], **kwargs)

    @sensitive_variables()
    def form_valid(self, form):
        try:
            change_code(self.request, self.present, **form.cleaned_data)
        except slots.Busy:
            form.add_error(None, BUSY)
            return busy(self.form_invalid(form))
        except gate.REFUSALS as refusal:
            return refused(self.request, refusal)
        except secret_codes.WrongCurrentCode:
            form.add_error("old_password", NOT_THE_DEFAULT_CODE if self.present.is_default else NOT_THE_CURRENT_CODE)
        except secret_codes.CodeInUse:
            form.add_error("new_password1", CODE_OF_THE_LETTER if self.present.is_default else CODE_IN_USE)
        except secret_codes.CodeChangedMeanwhile:
            messages.info(self.request, CHANGED_MEANWHILE)
            return redirect("overview")
        if form.errors:
            return self.form_invalid(form)
        forgotten = form.cleaned_data.get("forget_devices")
        messages.success(self.request, f"{CODE_CHOSEN} {DEVICES_FORGOTTEN}" if forgotten else CODE_CHOSEN)
        return redirect("overview")

    def form_invalid(self, form):
        response = super().form_invalid(form)
        if form.has_error("old_password"):
            browser.keep_mark(self.request, response)
        return response


class ProposedCodeView(SecretCodeView):
    """« Proposer un code »: the same page with a code drawn on request, shown this once and kept nowhere."""

    http_method_names = ["get", "post"]

    def get(self, request, *args, **kwargs):
        return redirect("secret_code")

    @sensitive_variables()
    def post(self, request, *args, **kwargs):
        empty = self.form_class(initial=self.get_initial(), **self.get_form_options())
        proposed = secret_codes.draw(request.user.personal_data())
        # Rendered here, not later like a TemplateResponse: an error report hides what happens within this call.
        return render(request, self.template_name, self.get_context_data(form=empty, proposed=proposed))


class CodeReminderView(View):
    """The answer to the reminder, from either of the two pages that show it."""

    def post(self, request):
        if reminders.code_age(request.user) is None:
            raise Http404  # staff
        if request.POST.get("answer") not in Answer:
            raise BadRequest("unknown answer")
        given = Answer(request.POST["answer"])
        reminders.answer(request.user, given, today=timezone.localdate(), request=request)
        messages.success(request, ANSWERED[given])
        page = request.POST.get("page")
        return redirect(page if page in PAGES_WITH_REMINDER else "profile")


@sensitive_variables()
def change_code(request, present, *, old_password, new_password1, new_password2, replacing, forget_devices=False):
    """Counts and checks the current code like a login, then replaces it and keeps this session alone.

    A second click, or a tab opened before a change, names a row that is no longer the present one: nothing is
    counted. Raises one of gate.REFUSALS, WrongCurrentCode, CodeInUse or CodeChangedMeanwhile.
    """
    user = request.user
    if replacing and str(present.id) != replacing:
        raise secret_codes.CodeChangedMeanwhile
    confirming.check(request, present, old_password, failure=SecurityEvent.Kind.CODE_CHANGE_FAILED)
    forget = partial(devices.remove_others, user, request) if forget_devices else None
    secret_codes.personalise(user, new_password1, replacing=present, request=request, alongside=forget)
    update_session_auth_hash(request, user)
