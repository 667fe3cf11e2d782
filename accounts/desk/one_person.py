"""A field in which an advisor says of whom he speaks, beside the client of the sheet: one person, or none."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.clients import finding, look_up
from accounts.models import Client

NOBODY = "Personne ne correspond. Enregistrez d’abord cette personne, avec sa pièce d’identité."
SEVERAL = "Plusieurs personnes correspondent. Ajoutez la date de naissance, ou donnez le code client."


class OnePersonField(forms.CharField):
    """A code client, or whatever finds one person alone; it gives him."""

    def __init__(self, *, label: str, help_text: str, nobody: str = NOBODY) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            widget=forms.TextInput({"autocomplete": "off"}),
            max_length=160,
            error_messages={
                "required": "Dites de qui il s’agit.",
                "max_length": "Dites-le en 160 signes au plus ; vous en avez écrit %(show_value)d.",
            },
        )
        self.nobody = nobody
        self.among: QuerySet[Client] = Client.objects.all()

    def clean(self, value: str) -> Client:
        said = super().clean(value)
        explanation = look_up.why_nobody(said)
        if explanation:
            raise ValidationError(explanation)
        found = finding.find(self.among, said)
        if found.sound_alike or not found.clients:
            raise ValidationError(self.nobody)  # a name that only sounds so is no answer to « who? »
        if len(found.clients) > 1:
            raise ValidationError(SEVERAL)
        return found.clients[0]
