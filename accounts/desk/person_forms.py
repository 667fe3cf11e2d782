"""What an advisor types to name another client, whom a second step then shows before anything is asked for."""

from django import forms

from accounts.desk.forms import ActToken
from accounts.desk.one_person import OnePersonField


class PersonForm(forms.Form):
    """Whom it is about. The person found is shown before anything is asked for."""

    said = OnePersonField(
        label="Code client de cette personne",
        help_text="Elle n’en a pas encore ? Ses prénoms, son nom et sa date de naissance.",
    )
    # Whom the page of the second step showed: another person typed meanwhile is shown again.
    reviewed = forms.IntegerField(widget=forms.HiddenInput, required=False)
    token = ActToken()

    @property
    def is_reviewed(self) -> bool:
        return self.cleaned_data["reviewed"] == self.cleaned_data["said"].pk
