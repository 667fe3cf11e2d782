"""Fields for codes and the numbers of letters: each refuses in words what it cannot read."""

import re

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes.letters import letter_numbers
from auth_codes.weakness import CODE_LENGTH, is_six_digits

TYPED_LENGTH = 200


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
