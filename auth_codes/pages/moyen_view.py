"""A form by which a moyen is shown, counted and verified: at the second step of a login, and in a session."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import FormView

from auth_codes import browser
from auth_codes.crypto import slots
from auth_codes.factors.passkeys import PasskeyFault
from auth_codes.login import gate, second
from auth_codes.models import Factor
from auth_codes.pages import proofs
from auth_codes.pages.both import ANOTHER_ASKED
from auth_codes.pages.forms import BUSY
from auth_codes.pages.passkey_words import WHY_NOT_SHOWN
from auth_codes.pages.refusals import busy

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


class MoyenView(FormView):
    """One kind of moyen on its page, which names the others.

    A page says which moyens serve (`factors`) and which kind it is about (`kind`), verifies (`check`), and answers: to
    what is right (`shown`), was proved by another click (`already_proved`) or is not verified now (`paused`).
    """

    @property
    def alike(self):
        """Those of the kind that the page is about: any of somebody's passkeys answers."""
        return [factor for factor in self.factors if factor.kind == self.kind]

    @property
    def other_ways(self):
        """The other kinds that serve, each with its name."""
        return [(each.value, each.label) for each in proofs.kinds_of(self.factors) if each != self.kind]

    def get_form_class(self):
        return proofs.WAYS[self.kind].form

    def get_form(self, form_class=None):
        return proofs.named(super().get_form(form_class), self.alike)

    def post(self, request, *args, **kwargs):
        if proofs.is_stale(request, self.alike):
            return self.another_asked()
        return super().post(request, *args, **kwargs)

    def again(self):
        """The address of this page, about the same kind."""
        return f"{self.request.path}?{proofs.CHOICE}={self.kind}"

    def another_asked(self):
        """The page again, with the number of the list that is asked now."""
        messages.info(self.request, ANOTHER_ASKED)
        return redirect(self.again())

    @sensitive_variables()
    def form_valid(self, form):
        typed, kind = form.cleaned_data, self.kind
        factor, shown = proofs.meant(self.alike, kind, typed), proofs.shown(self.request, kind, typed)
        try:
            self.check(factor, shown)
        except second.AlreadyProved:
            return self.already_proved(form)
        except second.AnotherIsAsked:
            return self.another_asked()
        except second.WrongProof as wrong:
            return self.wrong(form, factor, wrong)
        except slots.Busy:
            form.add_error(None, BUSY)
            return busy(self.form_invalid(form))
        except gate.REFUSALS as refusal:
            return self.paused(refusal)
        return self.shown(factor)

    def wrong(self, form, factor, wrong):
        """The form again, counting aloud; the pause, where this attempt has begun it."""
        if wrong.aftermath.block:
            return self.paused(wrong.aftermath.block)
        form.add_error(error_field(self.kind), why_wrong(factor, wrong))
        response = self.form_invalid(form)
        browser.keep_mark(self.request, response)
        return response


def error_field(kind):
    """Where a wrong one is said: beside its field, or above the form of a passkey, which shows none."""
    return None if kind == Factor.Kind.PASSKEY else proofs.WAYS[kind].field


def why_wrong(factor, wrong):
    """The sentence of a WrongProof, which counts aloud."""
    said = WHY_NOT_SHOWN[wrong.why] if wrong.why else WRONG[Factor.Kind(factor.kind)].format(factor.asked)
    return " ".join([str(said), *([str(ONE_LEFT)] if wrong.aftermath.next_block else [])])
