"""The forms in which somebody types the ticket that was handed to him: a member of the staff, or a client."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes.factors import tickets
from auth_codes.models import Factor
from auth_codes.pages.factor_forms import DEFAULT_NAME, DEFAULT_PASSKEY_NAME, NameField
from auth_codes.pages.fields import SecretCodeField

NO_SUCH_TICKET = _(
    "Ce n’est pas un ticket entier\u00a0: il a 12\u00a0signes, sans O, I, L ni U. Relisez le papier, signe à signe. "
    "Rien n’a été compté."
)
# What a ticket adds to the moyens of a client: strong ones alone, which a letter does not bring.
ADDED_BY_TICKET = [
    (Factor.Kind.TOTP.value, _("Une application, sur mon téléphone")),
    (Factor.Kind.PASSKEY.value, _("Une clé d’accès, dans cet appareil ou dans une clé USB")),
]


class TicketField(forms.CharField):
    """What was handed over: a slip costs no try, its check sign tells it."""

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
    """Of a member of the staff: the ticket, what to call the moyen that it adds, and what becomes of the others."""

    KEEPS, ENDS = "keep", "end"

    ticket = TicketField(
        label="Ticket",
        help_text="12 signes, comme « ABCD-EFGH-2345 ». Majuscules et tirets sont facultatifs.",
        max_length=40,
        error_messages={
            "required": "Recopiez le ticket qu’un administrateur vous a remis en personne.",
            "max_length": NO_SUCH_TICKET,
        },
    )
    name = NameField()
    others = forms.ChoiceField(
        label="Vos seconds moyens d’aujourd’hui",
        choices=[
            (KEEPS, "Je les ai toujours : ils servent encore, à côté du nouveau"),
            (ENDS, "J’en ai perdu un, ou je n’en veux plus : ils prennent tous fin quand le nouveau est ajouté"),
        ],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Dites ce que deviennent vos autres moyens."),
    )

    def __init__(self, *args, kind=Factor.Kind.TOTP, asks_to_keep=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = DEFAULT_PASSKEY_NAME if kind == Factor.Kind.PASSKEY else DEFAULT_NAME
        if not asks_to_keep:
            del self.fields["others"]


class StepTicketForm(forms.Form):
    """Of a client who has just typed his two codes: the ticket, and what it adds."""

    ticket = TicketField(
        label=_("Ticket reçu en agence"),
        help_text=_("12\u00a0signes, en trois groupes de quatre. Majuscules et tirets sont facultatifs."),
        max_length=40,
        error_messages={
            "required": _("Recopiez le ticket que l’agence vous a remis."),
            "max_length": NO_SUCH_TICKET,
        },
    )
    factor = forms.ChoiceField(
        label=_("Ce que vous ajoutez"),
        choices=ADDED_BY_TICKET,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez ce que vous ajoutez\u00a0: une application ou une clé d’accès.")},
    )


class OwnTicketForm(StepTicketForm):
    """Of one who is logged in: his code secret too."""

    password = SecretCodeField(
        label=_("Code secret"),
        help_text=_("6 chiffres."),
        autocomplete="current-password",
        error_messages={"required": _("Saisissez votre code secret pour ajouter un moyen.")},
    )
