"""Forms about a printed list: a slip is told before anything is counted."""

from django import forms
from django.utils.translation import gettext_lazy as _

from auth_codes.pages.factor_forms import ConfirmedForm
from auth_codes.pages.fields import LetterNumberField, ListCodeField, asked_secret_code


class ListProofForm(forms.Form):
    """The code of the list that is asked for."""

    list_code = ListCodeField()


class OrderListForm(ConfirmedForm):
    """The code secret, before a list is ordered, and what a moyen shows."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].error_messages["required"] = _("Saisissez votre code secret.")


class ActivateListForm(ListProofForm):
    """What shows that the paper is in the right hands: the code secret, the letter's number, the code asked for."""

    field_order = ("password", "letter", "list_code")
    password = asked_secret_code()
    letter = LetterNumberField(
        label=_("Numéro du courrier"),
        help_text=_("12 caractères, imprimés sous la liste. Les tirets sont facultatifs."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Recopiez le numéro du courrier, imprimé sous la liste.")},
    )
