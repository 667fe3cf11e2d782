"""Fields for codes and the numbers of letters: each refuses in words what it cannot read."""

import re

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes.letters import letter_numbers, list_codes
from auth_codes.letters.list_codes import DIGITS
from auth_codes.weakness import CODE_LENGTH, is_six_digits

TYPED_LENGTH = 200
GROUPED = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "off", "spellcheck": "false"}
# As people group what they copy.
BETWEEN_GROUPS = re.compile("[\\s.\u2010-\u2015-]")
EXAMPLE = "1234\u00a05678"


class SecretCodeField(forms.CharField):
    """Six ASCII digits; what is not is refused with the reason, and never shown again."""

    widget = forms.PasswordInput

    def __init__(self, *, autocomplete: str, attrs: dict[str, str] | None = None, **kwargs):
        super().__init__(strip=True, **kwargs)
        # No maxlength: a browser would cut a pasted code without a word.
        own = {"autocomplete": autocomplete, "inputmode": "numeric", "data-secret-code": ""}
        self.widget.attrs |= own | (attrs or {})

    @sensitive_variables("value", "code")
    def to_python(self, value):
        code = super().to_python(value)
        if not code or is_six_digits(code):
            return code
        if re.fullmatch(r"[0-9]{10}", "".join(code.split())):
            raise ValidationError(_("Vous avez peut-être saisi ici votre code client. Le code secret a six chiffres."))
        if re.search(r"\s", code):
            raise ValidationError(_("Le code secret s’écrit sans espace : six chiffres à la suite."))
        if code.isdecimal() and code.isascii():
            typed = _("un seul") if len(code) == 1 else len(code) if len(code) <= TYPED_LENGTH else _("bien plus")
            raise ValidationError(_("Le code secret a {} chiffres ; vous en avez saisi {}.").format(CODE_LENGTH, typed))
        if len(code) == CODE_LENGTH and code.isdecimal():
            raise ValidationError(_("Saisissez le code secret avec les chiffres 0 à 9 du clavier ordinaire."))
        raise ValidationError(_("Le code secret se compose de six chiffres de 0 à 9, sans lettre ni autre signe."))


class ClientCodeInput(forms.TextInput):
    def format_value(self, value):
        """What was typed, so that it can be corrected; not six digits, which are a code secret in the wrong field."""
        return None if looks_like_secret_code(value) else super().format_value(value)


class ClientCodeField(forms.CharField):
    """A code client as people type or paste it; the user model knows what a well-formed one is."""

    widget = ClientCodeInput

    def to_python(self, value):
        typed = super().to_python(value)
        if looks_like_secret_code(typed):
            raise ValidationError(
                _(
                    "Vous avez peut-être saisi votre code secret ici. Le code client a 10 chiffres ; il figure sur vos "
                    "relevés et contrats."
                )
            )
        return get_user_model().read_client_code(typed) if typed else typed


def looks_like_secret_code(typed: str | None) -> bool:
    return is_six_digits("".join((typed or "").split()))


class LetterNumberField(forms.CharField):
    def to_python(self, value):
        typed = super().to_python(value)
        number = letter_numbers.normalise(typed)
        if typed and not letter_numbers.is_well_formed(number):
            raise ValidationError(
                _(
                    "Ce numéro de courrier comporte une erreur de saisie. Il a 12 caractères, imprimés sur la lettre "
                    "sous le titre « Numéro du courrier »."
                )
            )
        return number


class ListCodeField(forms.CharField):
    """The code of one number; `of` says which, once the list is known."""

    widget = forms.TextInput(attrs=GROUPED)

    def __init__(self, **kwargs):
        super().__init__(
            help_text=_("Huit chiffres, par exemple {}. L’espace est facultatif.").format(EXAMPLE), **kwargs
        )
        self.of(0)

    def of(self, number):
        self.number = number
        self.label = _("Code n°\u00a0{}").format(number)
        self.error_messages["required"] = _("Recopiez le code qui suit le n°\u00a0{} sur votre liste.").format(number)

    @sensitive_variables("value", "typed")
    def to_python(self, value):
        typed = BETWEEN_GROUPS.sub("", super().to_python(value))
        if not typed:
            return typed
        if not (typed.isascii() and typed.isdecimal()):
            raise ValidationError(
                _("Recopiez seulement les huit chiffres du code n°\u00a0{}, de 0 à 9.").format(self.number)
            )
        if len(typed) != DIGITS:
            raise ValidationError(_("Un code de la liste a huit chiffres. Recopiez-les tous."))
        if not list_codes.is_well_formed(typed):
            said = _("Un chiffre est mal recopié : comparez avec la ligne n°\u00a0{}. Cet essai n’est pas compté.")
            raise ValidationError(said.format(self.number))
        return typed

    def bound_data(self, data, initial):
        return None  # never shown again


def asked_client_code() -> ClientCodeField:
    """As whoever has both codes is asked for it, without a login."""
    return ClientCodeField(
        label=_("Code client"),
        help_text=_("10 chiffres, par exemple 1234\u00a0567\u00a0890. Les espaces n’ont pas d’importance."),
        widget=ClientCodeInput(attrs={"autocomplete": "username", "inputmode": "numeric"}),
        error_messages={"required": _("Saisissez votre code client.")},
    )


def asked_secret_code() -> SecretCodeField:
    """The same of the code secret."""
    return SecretCodeField(
        label=_("Code secret"),
        help_text=_("6 chiffres."),
        autocomplete="current-password",
        error_messages={"required": _("Saisissez votre code secret.")},
    )
