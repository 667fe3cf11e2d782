"""The form in which a member of the staff types the ticket that a colleague has handed him."""

from django import forms
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from auth_codes.factors import tickets
from auth_codes.pages.factor_forms import DEFAULT_NAME, NameField

NO_SUCH_TICKET = (
    "Ce n’est pas un ticket entier : il a 12 signes, sans O, I, L ni U. Relisez le papier, signe à signe. Rien n’a été "
    "compté."
)


class TicketField(forms.CharField):
    """What another administrator has handed over: a slip costs no try, its check sign tells it."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"})

    @sensitive_variables("value", "typed")
    def to_python(self, value):
        typed = tickets.normalise(super().to_python(value))
        if typed and not tickets.is_well_formed(typed):
            raise ValidationError(NO_SUCH_TICKET)
        return typed

    def bound_data(self, data, initial):
        return None  # typed anew, never shown again


class TicketForm(forms.Form):
    """Of a member of the staff: the ticket, and what to call the moyen that it adds."""

    ticket = TicketField(
        label="Ticket",
        help_text="12 signes, comme « ABCD-EFGH-2345 ». Majuscules et tirets sont facultatifs.",
        max_length=40,
        error_messages={
            "required": "Recopiez le ticket qu’un administrateur vous a remis en personne.",
            "max_length": NO_SUCH_TICKET,
        },
    )
    name = NameField(initial=DEFAULT_NAME)
