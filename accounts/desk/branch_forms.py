"""What is typed about branches and stand-ins."""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.desk import substitutes
from accounts.desk.reasons import UNSEEN
from accounts.models import Branch, User
from accounts.notation import names, printed_text


class BranchForm(forms.ModelForm):
    """The name of a branch."""

    class Meta:
        model = Branch
        fields = ["name"]
        error_messages = {"name": {"required": "Donnez un nom à cette agence."}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(printed_text.check)

    def clean_name(self):
        name = self.cleaned_data["name"]
        if names.unseen_in(name):
            raise ValidationError(UNSEEN)
        return name


class StandInDay(forms.DateField):
    """The first or the last day of a stand-in."""

    def __init__(self, **kwargs):
        widget = forms.DateInput({"placeholder": "JJ/MM/AAAA", "autocomplete": "off"})
        errors = dict.fromkeys(("required", "invalid"), "Écrivez la date ainsi : 31/12/2026.")
        super().__init__(widget=widget, error_messages=errors, **kwargs)


class SubstitutionForm(forms.Form):
    """Who is absent, who stands in, and from when to when."""

    absent = forms.ModelChoiceField(
        User.objects.none(), label="Conseiller absent", error_messages={"required": "Dites qui est absent."}
    )
    substitute = forms.ModelChoiceField(
        User.objects.none(),
        label="Remplaçant",
        help_text="Un collègue de la même agence. Les clients de l’absent sont alors les siens : il ne donne pas de "
        "raison, et ils lisent qu’il remplace leur conseiller.",
        error_messages={"required": "Choisissez le remplaçant."},
    )
    starts_on = StandInDay(label="Premier jour")
    ends_on = StandInDay(
        label="Dernier jour",
        help_text=f"Compris. {substitutes.LONGEST.days} jours au plus ; ensuite, déclarez de nouveau.",
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, by: User, data=None):
        absent = substitutes.may_be_absent(by)
        super().__init__(data, initial={"absent": by.pk, "starts_on": timezone.localdate()})
        self.fields["absent"].queryset = absent
        self.fields["substitute"].queryset = substitutes.colleagues_of(by)
