"""Forms about moyens: what is typed is judged before anything is counted."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes import signs
from auth_codes.factors.totp import DIGITS
from auth_codes.models.factors import NAME_LENGTH
from auth_codes.pages.fields import GROUPED, ListCodeField, SecretCodeField

# A name stands in our mails: nothing that a mail program makes a link of, nor a number that somebody would call.
BETWEEN_WORDS = "-' \u2019"
DIGITS_IN_NAME = 4
DEFAULT_NAME = _("Mon téléphone")
DEFAULT_PASSKEY_NAME = _("Ma clé d’accès")
DEFAULT_TOKEN_NAME = _("Mon boîtier")
NAMED_TO_BE_KNOWN = _("Pour le reconnaître dans vos listes et vos courriels, par exemple « Mon téléphone ».")
TOKEN_NAMED_TO_BE_KNOWN = _("Pour le reconnaître dans vos listes et vos courriels, par exemple « Mon boîtier ».")
NOTHING_SHOWN = _(
    "Votre clé d’accès n’a rien montré. Elle demande JavaScript, que ce navigateur n’exécute pas ici, ou un navigateur "
    "plus récent. Rien n’est fait, et cet essai ne compte pas\u00a0: réessayez, ou prenez un autre moyen."
)


class ProofField(forms.CharField):
    """The six digits that an app shows, in groups or not."""

    widget = forms.TextInput(attrs=GROUPED)

    @sensitive_variables("value", "typed")
    def to_python(self, value):
        typed = "".join(super().to_python(value).split())
        if typed and not (typed.isascii() and typed.isdecimal()):
            raise ValidationError(_("Recopiez seulement les six chiffres que montre votre application, de 0 à 9."))
        if typed and len(typed) != DIGITS:
            raise ValidationError(_("Le nombre de votre application a six chiffres. Recopiez-les tous."))
        return typed

    def bound_data(self, data, initial):
        return None  # a number that was refused serves no more: typed anew, never shown again


class ProofForm(forms.Form):
    """What the app shows now."""

    code = ProofField(
        label=_("Nombre à six chiffres"),
        help_text=_("Votre application en montre un nouveau toutes les 30\u00a0secondes. L’espace est facultatif."),
        error_messages={"required": _("Recopiez les six chiffres que montre votre application.")},
    )


class TokenField(forms.CharField):
    """The six digits that a lent token shows."""

    widget = forms.TextInput(attrs=GROUPED)

    @sensitive_variables("value", "typed")
    def to_python(self, value):
        typed = "".join(super().to_python(value).split())
        if typed and not (typed.isascii() and typed.isdecimal()):
            raise ValidationError(_("Recopiez seulement les six chiffres que montre le boîtier, de 0 à 9."))
        if typed and len(typed) != DIGITS:
            raise ValidationError(_("Le nombre du boîtier a six chiffres. Recopiez-les tous."))
        return typed

    def bound_data(self, data, initial):
        return None  # as above


def token_code():
    return TokenField(
        label=_("Nombre du boîtier"),
        help_text=_("Les six chiffres que montre le boîtier maintenant."),
        error_messages={"required": _("Recopiez les six chiffres que montre le boîtier.")},
    )


def next_token_code(*, required=True):
    return TokenField(
        label=_("Nombre suivant"),
        help_text=_("Attendez qu’ils changent, 30\u00a0secondes au plus, puis recopiez les nouveaux."),
        error_messages={"required": _("Attendez le nombre suivant, puis recopiez-le ici.")},
        required=required,
    )


class TokenProofForm(forms.Form):
    """What the token shows now and, where its clock has gone wrong, what it shows next."""

    token_code = token_code()
    token_code2 = next_token_code(required=False)


class NameField(forms.CharField):
    def __init__(self, help_text=NAMED_TO_BE_KNOWN, **kwargs):
        super().__init__(
            label=_("Nom de ce moyen"),
            help_text=help_text,
            max_length=NAME_LENGTH,
            error_messages={"required": _("Donnez un nom à ce moyen, par exemple « Mon téléphone ».")},
            **kwargs,
        )

    def clean(self, value):
        name = " ".join(super().clean(value).split())
        if not _is_plain(name):
            said = _("Un nom n’a que des lettres, des espaces, des tirets, et quatre chiffres au plus.")
            raise ValidationError(said, code="invalid")
        return name


def _is_plain(name):
    """Whether a mail and a letter may show it."""
    is_worded = all(sign.isalnum() or sign in BETWEEN_WORDS or unicodedata.combining(sign) for sign in name)
    return is_worded and sum(map(str.isnumeric, name)) <= DIGITS_IN_NAME and signs.unprinted_in(name) is None


class AssertionField(forms.CharField):
    """What a passkey shows, which a script puts here: JSON, judged as a whole where it is verified."""

    widget = forms.HiddenInput

    def __init__(self):
        super().__init__(required=False, strip=False)
        self.validators.clear()  # it is refused as a whole, in words of its own, whatever signs it holds

    def bound_data(self, data, initial):
        return None  # it serves once


class AssertionForm(forms.Form):
    """What a passkey shows now."""

    assertion = AssertionField()

    def clean(self):
        if not self.errors and not self.cleaned_data["assertion"]:
            raise ValidationError(NOTHING_SHOWN)
        return super().clean()


class ConfirmedForm(forms.Form):
    """The code secret and, where `shows` names its fields, what a moyen shows beside it."""

    PROOFS = ("code", "list_code", "token_code", "token_code2", "assertion")

    password = SecretCodeField(
        label=_("Code secret"),
        help_text=_("6 chiffres."),
        autocomplete="current-password",
        error_messages={"required": _("Saisissez votre code secret pour ajouter un moyen.")},
    )
    code = ProofField(
        label=_("Nombre à six chiffres"),
        help_text=_("Celui que votre application montre maintenant."),
        error_messages={"required": _("Recopiez les six chiffres que montre votre application.")},
    )
    list_code = ListCodeField()
    token_code = token_code()
    token_code2 = next_token_code(required=False)
    assertion = AssertionField()

    def __init__(self, *args, shows=(), **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.PROOFS:
            if name not in shows:
                del self.fields[name]

    def clean(self):
        # A wrong code is said first: what the passkey showed would be asked for anew anyway.
        if not self.errors and not self.cleaned_data.get("assertion", "none is asked for"):
            raise ValidationError(NOTHING_SHOWN)
        return super().clean()


class EnrolForm(ConfirmedForm):
    """The code secret, before a key is drawn."""

    name = NameField(initial=DEFAULT_NAME)
    field_order = ("name", "password")


class EnrolPasskeyForm(EnrolForm):
    name = NameField(initial=DEFAULT_PASSKEY_NAME)


class EnrolTokenForm(EnrolForm):
    name = NameField(TOKEN_NAMED_TO_BE_KNOWN, initial=DEFAULT_TOKEN_NAME)


class TwoTokenNumbersForm(forms.Form):
    """Two numbers that follow each other: it is the device that was lent, and in the right hands."""

    token_code = token_code()
    token_code2 = next_token_code()


class SetTokenForm(ConfirmedForm):
    """The code secret and two numbers of the token whose clock has gone wrong."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].error_messages["required"] = _("Saisissez votre code secret pour recaler le boîtier.")
        self.fields["token_code2"].required = True


class TwoNumbersForm(forms.Form):
    """Two numbers that follow each other: the app holds the key, and the telephone is on time."""

    code = ProofField(
        label=_("Premier nombre"),
        help_text=_("Les six chiffres que l’application montre maintenant."),
        error_messages={"required": _("Recopiez les six chiffres que montre votre application.")},
    )
    code2 = ProofField(
        label=_("Nombre suivant"),
        help_text=_("Attendez qu’ils changent, 30\u00a0secondes au plus, puis recopiez les nouveaux."),
        error_messages={"required": _("Attendez le nombre suivant, puis recopiez-le ici.")},
    )


class RemovalForm(ConfirmedForm):
    """The code secret and, of a moyen that a login asks for, what one of them shows."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].error_messages["required"] = _("Saisissez votre code secret pour retirer ce moyen.")


class RenamingForm(forms.Form):
    name = NameField()
