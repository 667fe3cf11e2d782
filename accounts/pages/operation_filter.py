"""What somebody asks of an account's operations: words or an amount, a period, a direction."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import BankAccount
from accounts.notation import periods
from accounts.notation.periods import Period
from accounts.operations.search import Asked

FIELD = "partials/_filter_field.html"
EVERYTHING = ("", _("Toutes"))
DIRECTIONS = [("", _("Tous")), ("out", _("Débits")), ("in", _("Crédits"))]


class OperationFilter(forms.Form):
    """Sent by GET. A value that is none of those offered is told and, on the page, not heeded."""

    search = forms.CharField(
        label=_("Libellé ou montant"),
        max_length=80,
        required=False,
        template_name=FIELD,
        widget=forms.TextInput({"type": "search", "autocomplete": "off", "enterkeyhint": "search"}),
        error_messages={"max_length": _("La recherche a 80 signes au plus ; la vôtre en a %(show_value)d.")},
    )
    period = forms.ChoiceField(
        label=_("Période"),
        required=False,
        template_name=FIELD,
        error_messages={"invalid_choice": _("Choisissez une période dans cette liste.")},
    )
    direction = forms.ChoiceField(
        label=_("Sens"),
        choices=DIRECTIONS,
        required=False,
        template_name=FIELD,
        error_messages={"invalid_choice": _("Choisissez un sens dans cette liste.")},
    )

    def __init__(self, data, account: BankAccount):
        super().__init__(data)
        first, last = account.first_day, account.last_day
        self.fields["period"].choices = [EVERYTHING, *(periods.choices(first, last) if first and last else [])]

    def asked(self) -> Asked:
        """What was asked for, without what could not be read."""
        self.is_valid()
        period = self.cleaned_data.get("period")
        return Asked(
            search=self.cleaned_data.get("search", ""),
            period=Period.read(period) if period else None,
            direction=self.cleaned_data.get("direction", ""),
        )
