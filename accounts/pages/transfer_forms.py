"""What a client types to order a transfer, and to confirm it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.notation import printed_text, typed_amounts
from auth_codes import signs
from auth_codes.pages.factor_forms import ConfirmedForm

LABEL_LENGTH = 60


class AmountField(forms.CharField):
    """Euros, typed in any usual way."""

    def __init__(self, **kwargs):
        super().__init__(template_name="partials/_amount_field.html", **kwargs)

    def to_python(self, value):
        typed = super().to_python(value)
        if not typed:
            return typed
        try:
            return typed_amounts.read(typed)
        except typed_amounts.NotAnAmount as refused:
            raise ValidationError(refused.sentence, code="invalid") from None


class TransferLabelField(forms.CharField):
    """One line of text, as it will stand on two statements: invisible signs are left out."""

    default_validators = [printed_text.check]

    def to_python(self, value):
        typed = super().to_python(value)
        return " ".join("".join(sign for sign in typed if not signs.is_invisible(sign)).split())


class AccountField(forms.ChoiceField):
    """One of the accounts that the client may use; those not offered are understood, but not shown."""

    widget = forms.RadioSelect
    # Of the account that is credited it would only be taken for what it holds.
    tells_available = False

    def __init__(self, **kwargs):
        super().__init__(template_name="partials/_account_field.html", **kwargs)

    def offer(self, usable):
        self.accounts = {str(each.account.pk): each.account for each in usable}
        self.choices = [(str(each.account.pk), each) for each in usable if each.is_offered]

    def valid_value(self, value):
        return value in self.accounts

    def clean(self, value):
        return self.accounts[super().clean(value)]


class DebitedAccountField(AccountField):
    """The one that the money leaves: what is available there bounds the amount."""

    tells_available = True


class TransferForm(forms.Form):
    """From where to where, how much. Whether there is enough is judged by the operation."""

    source = DebitedAccountField(
        label=_("Compte à débiter"),
        error_messages={
            "required": _("Choisissez le compte à débiter."),
            "invalid_choice": _("Choisissez le compte à débiter dans cette liste."),
        },
    )
    destination = AccountField(
        label=_("Compte à créditer"),
        error_messages={
            "required": _("Choisissez le compte à créditer."),
            "invalid_choice": _("Choisissez le compte à créditer dans cette liste."),
        },
    )
    amount = AmountField(
        label=_("Montant en euros"),
        help_text=_("Par exemple 150 ou 1 234,56."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"required": _("Écrivez le montant du virement.")},
    )
    label = TransferLabelField(
        label=_("Motif"),
        help_text=_("Visible sur les relevés des deux comptes. 60 signes au plus."),
        max_length=LABEL_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("Le motif a 60 signes au plus ; le vôtre en a %(show_value)d.")},
        required=False,
    )

    def __init__(self, usable, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("source", "destination"):
            self.fields[name].offer(usable)
        # A browser would cut a longer one without a word.
        self.fields["label"].widget.attrs.pop("maxlength", None)


class ConfirmationForm(ConfirmedForm):
    """The code, what a moyen shows where it is asked, and the fingerprint of what was read; the view judges them."""

    seal = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        code = self.fields["password"]
        code.help_text = _("6 chiffres. Vérifiez d’abord le montant et les comptes.")
        code.error_messages["required"] = _("Saisissez votre code secret pour confirmer le virement.")
