"""Logging in and out, and asking for a new code."""

import inspect
from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView, View

from auth_codes.devices import remembered
from auth_codes.lockout import budgets
from auth_codes.login import attempt as attempts
from auth_codes.login import steps
from auth_codes.measures.series import Door
from auth_codes.pages import after_login, locking, page_for_nobody, second
from auth_codes.pages.forms import ClientLoginForm, ForgottenCodeForm
from auth_codes.pages.refusals import to_attempt
from auth_codes.pages.visitor import (
    has_default_code,
    is_client,
    leaves_session_alone,
    open_with_default_code,
)
from auth_codes.renewals import online
from auth_codes.sessions import limits

# What whoever leads to the login may ask it to say, before anything else.
SENTENCES = ("au-revoir", "partout", "fin")
# Addresses of forms alone: after a login, nothing would be there.
NOT_PAGES = (
    "login",
    "logout",
    "forget_client_code",
    "logout_everywhere",
    "prolong_session",
    "code_reminder",
    "it_was_me",
    "only_tried",
    "remove_device",
    "not_my_device",
)

# Django's own, without what the middleware does for every page: the token of forms asked for, no page kept by a cache.
DISPATCH = inspect.unwrap(auth_views.LoginView.dispatch)


class LoginView(auth_views.LoginView):
    template_name = "auth_codes/login/login.html"
    authentication_form = ClientLoginForm

    @classmethod
    def as_view(cls, **initkwargs: object) -> Callable[..., HttpResponseBase]:
        """Decorated once: what Django puts around `dispatch` is made anew for each visit, seven times.

        Attempts commit before the hash is computed: no transaction may be open around this view.
        """
        view = sensitive_post_parameters()(super().as_view(**initkwargs))
        return transaction.non_atomic_requests(login_not_required(leaves_session_alone(view)))

    def dispatch(self, request, *args, **kwargs):
        attempts.begin(request, Door.CLIENT)
        if is_client(request) and self.says("fin"):
            # Led on by itself, a page left open in one tab would prolong for ever what another tab prolongs.
            return render(request, "auth_codes/sessions/still_open.html", {"leads_on": self.get_success_url()})
        self.redirect_authenticated_user = not request.user.is_staff
        return DISPATCH(self, request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        if self.has_a_word() or self.remembered or self.has_something_to_say():
            return super().get(request, *args, **kwargs)
        return HttpResponse(page_for_nobody.of(request, draw))

    def has_a_word(self):
        """Whether the address or the session says anything: who asks without is shown what everybody is."""
        return bool(self.request.META.get("QUERY_STRING")) or self.request.user.is_authenticated

    def says(self, word):
        """Whether whoever led here asked for a sentence, one of SENTENCES, or for the empty form: `autre`."""
        return self.request.method == "GET" and word in self.request.GET

    def get_success_url(self):
        return reverse("secret_code") if has_default_code(self.request) else super().get_success_url()

    def get_redirect_url(self):
        """Where `next` leads; not back here, nor to an act that a session which had just ended did not reach."""
        if not any(said.get(self.redirect_field_name) for said in (self.request.POST, self.request.GET)):
            return ""
        asked = super().get_redirect_url()
        path = urlsplit(asked).path
        # What does not begin at the root leads elsewhere from each page, and is no address that we ever wrote.
        return asked if path.startswith("/") and path not in {reverse(name) for name in NOT_PAGES} else ""

    @cached_property
    def remembered(self):
        """The code client that this browser remembers; one that is sent wins."""
        if self.request.method == "GET":
            return None if self.says("autre") else remembered.by_cookie(self.request)
        sent = self.request.POST
        return (
            None if sent.get("username", "").strip() else remembered.by_form(self.request, sent.get("remembered", ""))
        )

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"remembered": self.remembered}

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        if self.request.method == "GET" and not self.has_something_to_say():
            form.fields["password" if self.remembered else "username"].widget.attrs["autofocus"] = True
        return form

    def has_something_to_say(self):
        """Whether a sentence takes the focus: of a session that ended, of what waits, of what the code's page needs."""
        waits = any(self.says(word) for word in SENTENCES) or len(messages.get_messages(self.request))
        leads_on = self.get_redirect_url()
        return waits or bool(leads_on and leads_on in told_of())

    @sensitive_variables("said")
    def form_valid(self, form):
        said, attempt = form.cleaned_data, attempts.of(self.request)
        wish = steps.Wish(said["public"], bool(said.get("keep")), self.get_redirect_url())
        attempt.is_public = wish.is_public
        if attempt.awaiting:
            return self.second_step(wish)
        response = super().form_valid(form)
        after_login.begin(self.request, response, form.get_user(), wish)
        return response

    def second_step(self, wish):
        try:
            steps.begin(self.request, wish, timezone.now())
        except steps.StepOver:
            return second.over(self.request)
        return redirect("second_step")

    def form_invalid(self, form):
        attempt = attempts.of(self.request)
        if attempt.found_locked:
            return locking.found_locked(self.request, attempt.awaiting)
        return to_attempt(self.request, form, lambda: super(LoginView, self).form_invalid(form))

    def get_context_data(self, **kwargs):
        leads_on = self.get_redirect_url() if self.request.method == "GET" else ""
        return super().get_context_data(
            leads_on=leads_on,
            leads_to_closing=leads_on == reverse("it_was_not_me"),
            leads_to_code_page=leads_on in code_pages(),
            logged_out=self.says("au-revoir"),
            logged_out_everywhere=self.says("partout"),
            was_public=self.says("public"),
            has_ended=self.says("fin"),
            has_forgotten=self.says("oublie"),
            **kwargs,
        )


def draw(request):
    """The login page that this request asks for."""
    view = LoginView()
    view.setup(request)
    return FormView.get(view, request).rendered_content


def code_pages():
    return {reverse("secret_code"), reverse("proposed_code")}


def told_of():
    """The pages of which the login has something to say."""
    return code_pages() | {reverse("it_was_not_me")}


@method_decorator([login_not_required, open_with_default_code], name="dispatch")
class ForgetClientCodeView(View):
    """« Oublier »: this browser remembers no code client any more; the same answer where it remembered none."""

    http_method_names = ["post", "options"]

    def post(self, request):
        response = redirect(reverse("login") + "?oublie")
        remembered.forget(request, response)
        return response


@method_decorator([login_not_required, open_with_default_code], name="dispatch")
class LogoutView(auth_views.LogoutView):
    """Ends the session; whoever has none any more (a second tab) is answered like the others."""

    def post(self, request, *args, **kwargs):
        self.goodbye = limits.goodbye_url(request, "au-revoir")  # the session, once ended, no longer tells
        return super().post(request, *args, **kwargs)

    def get_default_redirect_url(self):
        return self.goodbye


@method_decorator(login_not_required, name="dispatch")
class ForgottenSecretCodeView(FormView):
    """Asks for a new code by letter: the same answer for every number, held by somebody or not."""

    template_name = "auth_codes/renewals/forgotten_secret_code.html"
    form_class = ForgottenCodeForm

    def form_valid(self, form):
        try:
            online.ask(form.cleaned_data["username"], self.request)
        except budgets.Spent:
            response = render(self.request, "auth_codes/login/too_many_requests.html", status=429)
            response["Retry-After"] = str(int(budgets.WINDOW.total_seconds()))
            return response
        return redirect(reverse("forgotten_secret_code") + "?demande")

    def get_context_data(self, **kwargs):
        return super().get_context_data(asked=self.request.GET.get("demande") is not None, **kwargs)
