"""A telephone number as people type it, at the desk or in their own space."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.notation import phones

NOT_A_PHONE = _(
    "Ce numéro de téléphone n’est pas reconnu. Exemple : 06\u00a012\u00a034\u00a056\u00a078, ou "
    "+32\u00a0470\u00a012\u00a034\u00a056 à l’étranger."
)


class PhoneField(forms.CharField):
    """Kept in international form whatever the country, and shown as it is dialled."""

    # The number on the sheet already: one from before plans were asked may stay as it is, whatever else is changed.
    kept = ""

    def to_python(self, value):
        typed = super().to_python(value)
        if not typed or typed in {self.kept, self.prepare_value(self.kept)}:
            return self.kept if typed else typed
        try:
            return phones.normalise(typed)
        except phones.NotAPhoneNumber:
            raise ValidationError(NOT_A_PHONE, code="invalid") from None

    def prepare_value(self, value):
        return phones.display(value) if value and value.startswith("+") else value
