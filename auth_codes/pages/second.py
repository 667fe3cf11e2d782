"""« Une dernière étape »: the moyen, after right codes, where the login asks for one."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView

from auth_codes import browser
from auth_codes.crypto import slots
from auth_codes.devices import known_devices
from auth_codes.factors import levels
from auth_codes.factors.passkeys import PasskeyFault
from auth_codes.login import gate, second, steps
from auth_codes.models import Factor
from auth_codes.pages import after_login, proofs
from auth_codes.pages.both import ANOTHER_ASKED
from auth_codes.pages.forms import BUSY
from auth_codes.pages.passkey_words import WHY_NOT_SHOWN
from auth_codes.pages.refusals import busy, factor_blocked
from auth_codes.pages.visitor import has_default_code, is_client, open_with_default_code

BACKEND = "auth_codes.login.backends.ClientBackend"
OVER = _(
    "Le temps prévu pour la seconde étape est passé, ou votre accès a changé entre-temps. Rien n’a été compté. "
    "Saisissez de nouveau vos deux codes."
)
NOT_THIS_PAGE = _("Cette page était celle d’une connexion précédente. Rien n’a été compté\u00a0: voici la bonne.")
WRONG = {
    Factor.Kind.TOTP: _(
        "Ce n’est pas le nombre attendu. Attendez que votre application en montre un nouveau, puis recopiez celui-là. "
        "Le téléphone doit être à l’heure\u00a0: laissez-le la régler lui-même."
    ),
    Factor.Kind.TOKEN: _(
        "Ce n’est pas le nombre attendu. Attendez que le boîtier en montre un nouveau, puis recopiez celui-là. S’il "
        "est encore refusé, recopiez aussi le suivant dans « Nombre suivant »\u00a0: cela remet son horloge à l’heure."
    ),
    Factor.Kind.PASSKEY: WHY_NOT_SHOWN[PasskeyFault.WRONG],
    Factor.Kind.LIST: _(
        "Ce n’est pas le code n°\u00a0{}. Cherchez ce numéro sur votre liste, recopiez le code qui le suit, et "
        "vérifiez que la feuille est la plus récente."
    ),
}
ONE_LEFT = _("Il vous reste un essai avant une pause.")


class AtSecondStep:
    """A page of somebody whose codes, or password, were right, and who is not logged in yet.

    A page names where it is begun (`page`), where a login leads (`home`), where it begins anew (`door`, with
    `over_words`) and the module that holds what waits (`waiting`); it says whether somebody is in (`is_in`).
    """

    over_words: str | Promise = OVER

    def dispatch(self, request, *args, **kwargs):
        if not self.waiting.waits(request):
            return self.nothing_waits()
        try:
            self.step = self.waiting.of(request, timezone.now()).of_kind(proofs.chosen(request))
        except steps.StepOver:
            return self.over()
        return super().dispatch(request, *args, **kwargs)

    def nothing_waits(self):
        """Also of the second click of a double one, which comes after the first has logged in."""
        return redirect(self.home if self.is_in() else self.door)

    def over(self):
        return begin_anew(self.request, self.waiting, self.over_words, self.door)

    def is_of_this_login(self):
        """Two people who share a browser: the page of one is not answered by the number of the other."""
        return self.request.POST.get("challenge") == str(self.step.challenge.pk)

    def post(self, request, *args, **kwargs):
        if not self.is_of_this_login():
            messages.info(request, NOT_THIS_PAGE)
            return redirect(self.page)
        return super().post(request, *args, **kwargs)


class ShownSecondView(AtSecondStep, FormView):
    """A moyen after right codes, or a right password: one page for each kind, which names the others.

    A page also says which code was typed before (`beside`), why nothing is verified now (`paused`), and what is done
    then (`shown`).
    """

    @property
    def kind(self):
        return Factor.Kind(self.step.factor.kind)

    def get_form_class(self):
        return proofs.WAYS[self.kind].form

    def get_form(self, form_class=None):
        return proofs.named(super().get_form(form_class), self.step.alike)

    def post(self, request, *args, **kwargs):
        if self.is_of_this_login() and proofs.is_stale(request, self.step.alike):
            return self.another_asked()
        return super().post(request, *args, **kwargs)

    def another_asked(self):
        messages.info(self.request, ANOTHER_ASKED)
        return redirect(f"{self.request.path}?{proofs.CHOICE}={self.kind}")

    @sensitive_variables()
    def form_valid(self, form):
        typed, kind = form.cleaned_data, self.kind
        self.step = self.step.about(proofs.meant(self.step.alike, kind, typed))
        shown = proofs.shown(self.request, kind, typed)
        try:
            second.check(self.request, self.step.challenge, self.step.factor, shown, beside=self.beside)
        except second.AlreadyProved:
            return redirect(self.home)
        except second.AnotherIsAsked:
            return self.another_asked()
        except second.WrongProof as wrong:
            return self.wrong(form, wrong)
        except slots.Busy:
            form.add_error(None, BUSY)
            return busy(self.form_invalid(form))
        except gate.REFUSALS as refusal:
            return self.paused(refusal)
        return self.shown()

    def wrong(self, form, wrong):
        if wrong.aftermath.block:
            return self.paused(wrong.aftermath.block)
        form.add_error(error_field(self.kind), why_wrong(self.step.factor, wrong))
        response = self.form_invalid(form)
        browser.keep_mark(self.request, response)
        return response

    @property
    def other_ways(self):
        """The other kinds that serve, each with its name."""
        return [(each.value, each.label) for each in proofs.kinds_of(self.step.factors) if each != self.kind]

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        step = self.step
        shown = proofs.context(self.request, step.alike, step.factors, step.challenge)
        return super().get_context_data(factor=step.factor, until=step.until, **shown, **kwargs)


class AtClientsSecondStep(AtSecondStep):
    page, home, door = "second_step", "overview", "login"
    waiting = steps

    def is_in(self):
        return is_client(self.request)


# Attempts commit before anything is verified: no transaction may be open around this view.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator([login_not_required, open_with_default_code], name="dispatch")
class SecondStepView(AtClientsSecondStep, ShownSecondView):
    template_name = "auth_codes/factors/second.html"

    @property
    def beside(self):
        return self.step.code

    def paused(self, refusal):
        return factor_blocked(
            self.request, refusal, kind=self.kind, other_ways=self.other_ways, page=reverse(self.page)
        )

    def shown(self):
        request, step = self.request, self.step
        if not steps.complete(request, step):
            return self.over()
        response, known = logged_in(request, step)
        levels.note(request.session, step.factor)  # after the login, which forgets what was shown before
        if known:
            known_devices.note_proof(known, timezone.now())
        return response


def over(request):
    """A client's login begins anew."""
    return begin_anew(request, steps, OVER, "login")


def begin_anew(request, waiting, words, door):
    """The answer where nothing waits any more, which says why."""
    waiting.give_up(request)
    messages.warning(request, words)
    return redirect(door)


def error_field(kind):
    """Where a wrong one is said: beside its field, or above the form of a passkey, which shows none."""
    return None if kind == Factor.Kind.PASSKEY else proofs.WAYS[kind].field


def why_wrong(factor, wrong):
    """The sentence of a WrongProof, which counts aloud."""
    said = WHY_NOT_SHOWN[wrong.why] if wrong.why else WRONG[Factor.Kind(factor.kind)].format(factor.asked)
    return " ".join([str(said), *([str(ONE_LEFT)] if wrong.aftermath.next_block else [])])


def logged_in(request, step):
    """Logs in whose second step is complete: the answer, and the device that the browser is from now on."""
    login(request, step.owner, backend=BACKEND)
    leads_to = reverse("secret_code") if has_default_code(request) else step.wish.leads_to or reverse("overview")
    response = HttpResponseRedirect(leads_to)
    return response, after_login.begin(request, response, step.owner, step.wish)
