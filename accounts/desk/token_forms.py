"""What an advisor types to lend a token, and ticks once it comes back."""

from django import forms
from django.core.exceptions import ValidationError

from auth_codes.factors import tokens
from auth_codes.factors.tokens import Back

NOT_A_SERIAL = "Ce n’est pas un numéro de boîtier : il a de 1 à 32 lettres et chiffres. Recopiez celui qui est au dos."


class LendingForm(forms.Form):
    """Which token the client takes with him."""

    serial = forms.CharField(
        label="Numéro au dos du boîtier",
        max_length=64,
        help_text="Les espaces et les tirets n’ont pas d’importance.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Recopiez le numéro qui est au dos du boîtier."},
    )

    def clean_serial(self) -> str:
        serial = tokens.normalise(self.cleaned_data["serial"])
        if not tokens.is_serial(serial):
            raise ValidationError(NOT_A_SERIAL, code="invalid")
        return serial


class TakingBackForm(forms.Form):
    """In which state it comes back, if it does."""

    how = forms.ChoiceField(
        label="Qu’est devenu ce boîtier ?",
        choices=[
            (Back.RETURNED.value, "Rendu, en bon état : il pourra être prêté de nouveau"),
            (Back.LOST.value, "Perdu ou volé : il ne servira plus jamais"),
            (Back.BROKEN.value, "Cassé ou usé : il ne servira plus jamais"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites ce qu’est devenu le boîtier."},
    )

    def back(self) -> Back:
        """The answer of a valid form."""
        return Back(self.cleaned_data["how"])
