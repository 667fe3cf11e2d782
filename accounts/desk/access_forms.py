"""What an advisor types to let somebody more into an account, or to close one."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst

from accounts.bank_accounts import access_requests, holders, mandates
from accounts.clients import finding, look_up
from accounts.desk.forms import ActToken
from accounts.models import AccessRequest, BankAccount, Client

NOBODY = "Personne ne correspond. Enregistrez d’abord cette personne, avec sa pièce d’identité."
SEVERAL = "Plusieurs personnes correspondent. Ajoutez la date de naissance, ou donnez le code client."
IS_HOLDER = "Cette personne est déjà titulaire de ce compte."
HAS_MANDATE = "Cette personne a déjà une procuration sur ce compte. Révoquez-la d’abord, depuis la fiche."
PAST = "Cette date est passée."
Right = AccessRequest.Right


class AccessForm(forms.Form):
    """Who is to reach the account. The person found is shown before anything is asked for."""

    said = forms.CharField(
        label="Code client de cette personne",
        help_text="Elle n’en a pas encore ? Ses prénoms, son nom et sa date de naissance.",
        widget=forms.TextInput({"autocomplete": "off"}),
        max_length=160,
        error_messages={
            "required": "Dites de qui il s’agit.",
            "max_length": "Dites-le en 160 signes au plus ; vous en avez écrit %(show_value)d.",
        },
    )
    agreement = forms.ChoiceField(
        label="Accord écrit de chaque titulaire",
        choices=[(value, capfirst(label)) for value, label in AccessRequest.Agreement.choices],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites comment vous avez reçu l’accord signé. Sans lui, rien n’est possible."},
    )
    # Whom the page of the second step showed: another person typed meanwhile is shown again.
    reviewed = forms.IntegerField(widget=forms.HiddenInput, required=False)
    token = ActToken()

    def __init__(self, account: BankAccount, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_said(self) -> Client:
        said = self.cleaned_data["said"]
        explanation = look_up.why_nobody(said)
        if explanation:
            raise ValidationError(explanation)
        found = finding.find(Client.objects.all(), said)
        if found.sound_alike or not found.clients:
            raise ValidationError(NOBODY)  # a name that only sounds so is no answer to « who? »
        if len(found.clients) > 1:
            raise ValidationError(SEVERAL)
        return found.clients[0]

    def clean(self):
        typed = super().clean()
        if self.errors:
            return typed
        try:
            asked = {name: value for name, value in self.asked().items() if name in ("right", "ends_on")}
            access_requests.judge(self.account, typed["said"], today=timezone.localdate(), **asked)
        except (holders.AlreadyHolder, mandates.IsHolder):
            self.add_error("said", IS_HOLDER)
        except mandates.AlreadyGranted:
            self.add_error("said", HAS_MANDATE)
        except mandates.EndsInThePast:
            self.add_error("ends_on", PAST)
        return typed

    @property
    def is_reviewed(self) -> bool:
        return self.cleaned_data["reviewed"] == self.cleaned_data["said"].pk

    def asked(self) -> dict:
        """For `access_requests.start`."""
        typed = self.cleaned_data
        return {
            "person": typed["said"],
            "agreement": typed["agreement"],
            "token": typed["token"],
            "right": typed.get("right", Right.HOLDER),
            "ends_on": typed.get("ends_on"),
        }

    def review(self) -> AccessRequest:
        """What is about to be asked for, unsaved, to be shown."""
        return AccessRequest(account=self.account, **self.asked())


class HolderForm(AccessForm):
    pass


class MandateForm(AccessForm):
    right = forms.ChoiceField(
        label="Ce que cette personne peut faire",
        choices=[(right.value, capfirst(right.label)) for right in (Right.SEE, Right.TRANSFER)],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce que cette personne peut faire."},
    )
    ends_on = forms.DateField(
        label="Dernier jour (facultatif)",
        required=False,
        help_text="Laissez vide pour une procuration sans date de fin.",
        widget=forms.DateInput({"placeholder": "JJ/MM/AAAA", "autocomplete": "off"}),
        error_messages={"invalid": "Écrivez la date ainsi : 31/12/2026."},
    )
    field_order = ["said", "right", "ends_on", "agreement"]


class AccountClosingForm(forms.Form):
    agreed = forms.BooleanField(
        label="Chaque titulaire a signé la demande de clôture, et je l’ai sous les yeux",
        error_messages={"required": "La demande signée de chaque titulaire est nécessaire."},
    )
