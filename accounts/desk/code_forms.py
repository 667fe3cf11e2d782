"""What an advisor ticks before he gives somebody his code client back."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from accounts.clients.code_reveals import Check
from accounts.desk.forms import ActToken

UNCHECKED = "Vérifiez d’abord : {}. Sans cela, envoyez le code client par courrier : il part à l’adresse de la fiche."


class CodeShownForm(forms.Form):
    """The checks of one `Checklist`; all that are needed, before anything is shown."""

    checks = forms.MultipleChoiceField(
        label="Vous avez vérifié", required=False, widget=forms.CheckboxSelectMultiple, choices=Check.choices
    )

    def __init__(self, asked, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = asked
        more = [(check, f"{_label(check)} (au moindre doute)") for check in self.asked.more]
        self.fields["checks"].choices = [(check, _label(check)) for check in self.asked.needed] + more

    def clean_checks(self):
        checks = [Check(said) for said in self.cleaned_data["checks"]]
        missing = [str(check.label) for check in self.asked.needed if check not in checks]
        if missing:
            raise ValidationError(UNCHECKED.format(" ; ".join(missing)), code="unchecked")
        return checks


class CodeSentForm(forms.Form):
    """The one button of the letter."""

    token = ActToken()


def _label(check):
    return capfirst(check.label)
