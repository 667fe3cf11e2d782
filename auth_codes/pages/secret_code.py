"""The page that changes the code secret, and the reminder to do so."""

from functools import partial

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import BadRequest
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import View

from auth_codes.actor import Actor
from auth_codes.codes import changing, reminders
from auth_codes.codes.reminders import Answer
from auth_codes.devices import known_devices
from auth_codes.models import SecurityEvent
from auth_codes.pages import showing
from auth_codes.pages.confirming import ConfirmedByCodeView
from auth_codes.pages.forms import SecretCodeForm
from auth_codes.pages.visitor import open_to_codes_alone, open_with_default_code, visitor_of
from auth_codes.sessions import first_login

NOT_THE_CURRENT_CODE = _("Ce n’est pas votre code secret actuel.")
NOT_THE_DEFAULT_CODE = _("Ce n’est pas le code provisoire imprimé sur votre lettre.")
CODE_CHOSEN = _("Votre code secret est enregistré. Utilisez-le dès votre prochaine connexion.")
DEVICES_FORGOTTEN = _("Vos autres appareils sont oubliés.")
REFUSED = {True: _("Votre code secret n’est pas encore enregistré"), False: _("Votre code secret n’a pas été modifié")}
CODE_OF_THE_LETTER = _("C’est le code de votre lettre, ou l’un de vos codes précédents. Choisissez-en un autre.")
CODE_IN_USE = _("Vous utilisez ce code, ou l’avez utilisé il y a peu. Choisissez-en un autre.")
CHANGED_MEANWHILE = _("Votre code secret vient déjà d’être modifié, par un double clic ou dans une autre fenêtre.")
ANSWERED = {
    Answer.LATER: _("Entendu. Nous n’en parlerons plus pendant 30 jours."),
    Answer.NEVER: _("Entendu. Nous ne vous le rappellerons plus ; « Mon profil » permet de changer d’avis."),
    Answer.AGAIN: _("C’est noté. Nous vous le rappellerons quand votre code aura plus de six mois."),
}
PAGES_WITH_REMINDER = {"overview", "profile"}


@method_decorator(open_with_default_code, name="dispatch")
class SecretCodeView(ConfirmedByCodeView):
    """« Modifier mon code secret », and the first choice of one.

    Whoever has a moyen shows it first, unless he did in the last ten minutes; not at the first choice, whose login has
    asked for it.
    """

    template_name = "auth_codes/codes/secret_code.html"
    form_class = SecretCodeForm
    code_field = "old_password"
    code_failure = SecurityEvent.Kind.CODE_CHANGE_FAILED

    def dispatch(self, request, *args, **kwargs):
        if self.present is None:
            raise Http404  # staff have none
        if self.awaits_moyen():
            return showing.before_code(request)
        return super().dispatch(request, *args, **kwargs)

    def awaits_moyen(self):
        asks = self.present.has_factor and not self.present.is_default
        return asks and visitor_of(self.request).standing.owes_recent_proof

    @cached_property
    def is_vouched_for(self):
        return first_login.vouches_for(self.request.session, self.present, timezone.now())

    def get_form_kwargs(self):
        return super().get_form_kwargs() | self.get_form_options()

    def get_form_options(self):
        user = self.request.user
        is_known = known_devices.recognise(self.request, user.username) is not None
        options = {"is_default": self.present.is_default, "is_vouched_for": self.is_vouched_for}
        return {"user": user, "is_known": is_known, **options}

    def get_initial(self):
        return {"replacing": self.present.id}

    def get_context_data(self, **kwargs):
        first_time = self.present.is_default
        return super().get_context_data(first_time=first_time, refusal_title=REFUSED[first_time], **kwargs)

    @sensitive_variables("typed")
    def check(self, typed):
        if typed or not self.is_vouched_for:
            super().check(typed)

    def post(self, request, *args, **kwargs):
        # A second click, or a tab opened before a change, names another row: nothing is counted, whatever else is sent.
        if request.POST.get("replacing", "").strip() not in {"", str(self.present.id)}:
            return self.code_changed()
        return super().post(request, *args, **kwargs)

    @sensitive_variables()
    def confirmed(self, form):
        """Replaces the code, and keeps this session alone."""
        user, forgets = self.request.user, form.cleaned_data.get("forget_devices")
        forget = partial(known_devices.remove_others, user, self.request) if forgets else None
        chosen = form.cleaned_data["new_password1"]
        try:
            changing.personalise(user, chosen, replacing=self.present, by=Actor.of(self.request), alongside=forget)
        except changing.CodeInUse:
            form.add_error("new_password1", CODE_OF_THE_LETTER if self.present.is_default else CODE_IN_USE)
            return self.form_invalid(form)
        update_session_auth_hash(self.request, user)
        first_login.end(self.request.session)
        messages.success(self.request, f"{CODE_CHOSEN} {DEVICES_FORGOTTEN}" if forgets else CODE_CHOSEN)
        return redirect("overview")

    def not_the_code(self):
        return NOT_THE_DEFAULT_CODE if self.present.is_default else NOT_THE_CURRENT_CODE

    def code_changed(self):
        messages.info(self.request, CHANGED_MEANWHILE)
        return redirect("overview")


class ProposedCodeView(SecretCodeView):
    """« Proposer un code »: the same page with a code drawn on request, shown this once and kept nowhere."""

    http_method_names = ["get", "post"]

    def get(self, request, *args, **kwargs):
        return redirect("secret_code")

    @sensitive_variables()
    def post(self, request, *args, **kwargs):
        empty = self.form_class(initial=self.get_initial(), **self.get_form_options())
        proposed = changing.draw(request.user.personal_data())
        # Rendered here, not later like a TemplateResponse: an error report hides what happens within this call.
        return render(request, self.template_name, self.get_context_data(form=empty, proposed=proposed))


@method_decorator(open_to_codes_alone, name="dispatch")
class CodeReminderView(View):
    """The answer to the reminder, from either of the two pages that show it."""

    def post(self, request):
        if reminders.code_age(request.user) is None:
            raise Http404  # staff
        if request.POST.get("answer") not in Answer:
            raise BadRequest("unknown answer")
        given = Answer(request.POST["answer"])
        reminders.answer(request.user, given, today=timezone.localdate(), by=Actor.of(request))
        messages.success(request, ANSWERED[given])
        page = request.POST.get("page")
        return redirect(page if page in PAGES_WITH_REMINDER else "profile")
