"""What an auditor types: which lines of the journal she reads, and why she asks for whole addresses."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from accounts.desk.journal_lines import LinesAsked
from accounts.desk.reasons import WordsField
from accounts.models import Client, User
from auth_codes import kinds

NOT_STAFF = "Personne au poste de travail n’a ce nom d’utilisateur."
NOBODYS = "Aucun client n’a ce code client."
NOT_A_DAY = "Écrivez la date ainsi : 31/12/2026."
TURNED = "Le dernier jour est avant le premier."
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
LARGEST_NUMBER = 10**18


def _kinds():
    return [("", "Tous"), *sorted(kinds.line_choices(), key=lambda choice: choice[1])]


class DayField(forms.DateField):
    """A day, as it is typed; empty for no bound."""

    def __init__(self, **kwargs):
        super().__init__(
            required=False,
            widget=forms.DateInput({"placeholder": "JJ/MM/AAAA", "autocomplete": "off"}),
            validators=[MinValueValidator(FIRST_DAY, NOT_A_DAY), MaxValueValidator(LAST_DAY, NOT_A_DAY)],
            error_messages={"invalid": NOT_A_DAY},
            **kwargs,
        )


class LinesForm(forms.Form):
    """Which lines; each part is left empty when it is of no matter."""

    kind = forms.ChoiceField(label="Événement", required=False, choices=_kinds)
    actor = forms.CharField(label="Nom d’utilisateur de qui a agi", max_length=150, required=False)
    client = forms.CharField(label="Code client", max_length=40, required=False)
    since = DayField(label="Du", help_text="Vide : depuis 30 jours.")
    until = DayField(label="Au")
    # Beside which line an older page begins.
    before = forms.IntegerField(
        required=False,
        widget=forms.HiddenInput,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_NUMBER)],
    )

    def clean_actor(self):
        typed = self.cleaned_data["actor"]
        found = User.objects.filter(is_staff=True, username__iexact=typed).first() if typed else None
        if typed and found is None:
            raise ValidationError(NOT_STAFF)
        return found

    def clean_client(self):
        typed = self.cleaned_data["client"]
        found = Client.objects.filter(client_code=User.read_client_code(typed)).first() if typed else None
        if typed and found is None:
            raise ValidationError(NOBODYS)
        return found

    def clean(self):
        typed = super().clean()
        if typed.get("since") and typed.get("until") and typed["until"] < typed["since"]:
            self.add_error("until", TURNED)
        return typed

    def asked(self) -> LinesAsked:
        """For `journal_lines.find`."""
        return LinesAsked(**{name: self.cleaned_data[name] for name in LinesAsked._fields})


class AddressesForm(forms.Form):
    """Why whole addresses are asked for."""

    words = WordsField(label="Pourquoi vous faut-il les adresses entières ?")
