"""The code secret and, where a login asks for one, a moyen, in one form: for whatever changes the moyens themselves."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes import browser
from auth_codes.codes import owners
from auth_codes.factors import asking, challenges, levels
from auth_codes.login import second
from auth_codes.models import Challenge, Factor
from auth_codes.pages import proofs
from auth_codes.pages.confirming import REFUSALS, ConfirmedByCodeView
from auth_codes.pages.passkey_words import STALE
from auth_codes.pages.refusals import refused

ANOTHER_ASKED = _("Ce code a servi entre-temps. Rien n’a été compté\u00a0: voici le numéro demandé maintenant.")
NOT_BOTH = {
    Factor.Kind.TOTP: _(
        "Code secret ou nombre incorrect. Vérifiez les deux\u00a0; pour le nombre, attendez le suivant."
    ),
    Factor.Kind.PASSKEY: _(
        "Code secret incorrect, ou clé d’accès refusée. Vérifiez le code, puis recommencez avec une de vos clés."
    ),
    Factor.Kind.TOKEN: _(
        "Code secret ou nombre du boîtier incorrect. Vérifiez les deux\u00a0; pour le boîtier, attendez le nombre "
        "suivant. S’il est toujours refusé, son horloge a dérivé\u00a0: recopiez deux nombres qui se suivent."
    ),
    Factor.Kind.LIST: _(
        "Code secret ou code de la liste incorrect. Vérifiez les deux\u00a0; pour la liste, prenez la feuille la plus "
        "récente, et recopiez le code qui suit le numéro demandé."
    ),
}


class ConfirmedByBothView(ConfirmedByCodeView):
    """A page names its form, a ConfirmedForm, and says by which facts its challenge is bound (`facts`)."""

    purpose = Challenge.Purpose.CHANGE

    @cached_property
    def factors(self):
        """The moyens of which one is to be shown, the first by default; none where the code is enough."""
        return asking.ASKED.ask(owner=self.request.user.pk, now=timezone.now())

    @cached_property
    def kind(self):
        """Of which kind; empty where the code is enough."""
        kinds = proofs.kinds_of(self.factors)
        wished = proofs.chosen(self.request)
        return next((each for each in kinds if each == wished), next(iter(kinds), ""))

    @property
    def alike(self):
        return [factor for factor in self.factors if factor.kind == self.kind]

    def facts(self):
        raise NotImplementedError

    def post(self, request, *args, **kwargs):
        if proofs.is_stale(request, self.alike):
            return self.another_asked()
        return super().post(request, *args, **kwargs)

    def another_asked(self):
        """The page again, with the number of the list that is asked now."""
        messages.info(self.request, ANOTHER_ASKED)
        return redirect(f"{self.request.path}?{proofs.CHOICE}={self.kind}")

    def get_form(self, form_class=None):
        return proofs.named(super().get_form(form_class), self.alike)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"shows": proofs.WAYS[self.kind].fields if self.kind else ()}

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        shown = super().get_context_data(**kwargs)
        return shown | (proofs.context(self.request, self.alike, self.factors, self.asked()) if self.kind else {})

    def asked(self):
        """A challenge for a passkey to sign, which a typed number does without."""
        return self.ask() if self.kind == Factor.Kind.PASSKEY else None

    def ask(self):
        request = self.request
        return challenges.ask(request.user, self.purpose, self.facts(), request.session, timezone.now())

    @sensitive_variables()
    def form_valid(self, form):
        if not self.kind:
            return super().form_valid(form)
        try:
            self.check_both(form.cleaned_data)
            levels.note(self.request.session, proofs.meant(self.alike, self.kind, form.cleaned_data))
            return self.confirmed(form)
        except second.WrongProof as wrong:
            return self.not_both(form, wrong.aftermath)
        except second.AlreadyProved:
            return self.already_proved(form)
        except second.AnotherIsAsked:
            return self.another_asked()
        except REFUSALS as refusal:
            return self.answer_to(refusal, form)

    @sensitive_variables("typed")
    def check_both(self, typed):
        """Counts and verifies both; raises what `second.check_both` does, or SessionEnded."""
        if self.present is None:
            raise owners.SessionEnded
        request, challenge = self.request, self.found()
        second.check_both(
            request,
            self.present,
            typed["password"],
            proofs.meant(self.alike, self.kind, typed),
            proofs.shown(request, self.kind, typed),
            failure=self.code_failure,
            challenge=challenge,
        )

    def found(self):
        """The challenge that the page asked. Raises AlreadyProved where it was another page's."""
        return self.find() if self.kind == Factor.Kind.PASSKEY else None

    def find(self):
        request = self.request
        return challenges.find(request.POST.get("challenge", ""), request.user, self.facts(), request.session)

    def already_proved(self, form):
        """The page again, with a challenge of its own: the one it was sent with is over."""
        form.add_error(None, STALE)
        return self.form_invalid(form)

    def not_both(self, form, aftermath):
        return not_both(self, form, aftermath, self.kind)


class BoundByBothView(ConfirmedByBothView):
    """The same of what its page shows: whichever moyen is shown, its challenge is about that alone, once.

    So a second click with the same number finds it proved, and counts nothing. Source: RTS 2018/389 art. 5.
    """

    def asked(self):
        return self.ask()

    def found(self):
        self.challenge = self.find()
        return self.challenge

    def was_proved(self):
        """Whether another click has proved what this one was sent with: only then there is something to wait for."""
        return "challenge" in vars(self) and challenges.is_spent(self.challenge)


def not_both(view, form, aftermath, kind):
    """The form again, which tells of neither whether it was wrong; the pause, where this attempt has begun it."""
    if aftermath.block:
        return refused(view.request, aftermath.block)
    form.add_error(None, NOT_BOTH[kind])
    response = view.form_invalid(form)
    browser.keep_mark(view.request, response)
    return response
