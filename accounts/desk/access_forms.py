"""What an advisor types to let somebody more into an account, or to close one."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst

from accounts.bank_accounts import access_requests, holders, mandates
from accounts.desk.person_forms import PersonForm
from accounts.desk.signing import who_signs
from accounts.models import AccessRequest, BankAccount

IS_HOLDER = "Cette personne est déjà titulaire de ce compte."
HAS_MANDATE = "Cette personne a déjà une procuration sur ce compte. Révoquez-la d’abord, depuis la fiche."
PAST = "Cette date est passée."
CHANGED = "Les titulaires ont changé entre-temps : relisez la demande signée et cochez de nouveau."
NOBODY_SIGNED = "La demande signée de chaque titulaire est nécessaire."
NOT_ONLINE = "Cette personne ne peut plus répondre en ligne : elle signe sur papier."
Right = AccessRequest.Right


class AccessForm(PersonForm):
    """Who is to reach the account, and how the holders have agreed."""

    agreement = forms.ChoiceField(
        label="Accord écrit de chaque titulaire",
        choices=[(value, capfirst(label)) for value, label in AccessRequest.Agreement.choices],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites comment vous avez reçu l’accord signé. Sans lui, rien n’est possible."},
    )

    def __init__(self, account: BankAccount, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.account = account

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
    """That each holder has signed: a box for each, so that nobody is taken to agree with the others.

    Instead, whoever can is asked in his online space. `waiting` are the holders whose agreement is not there yet: once
    a request has all of them, nothing is left to be ticked.
    """

    agreed = forms.TypedMultipleChoiceField(
        label="Ont signé la demande de clôture, que j’ai sous les yeux :",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": CHANGED},
    )
    asked = forms.TypedMultipleChoiceField(
        label="Sans signature : demander l’accord dans l’Espace Client de :",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": NOT_ONLINE},
    )

    def __init__(self, waiting, online, *args, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.signers = {holder.pk: who_signs(holder, today) for holder in waiting}
        self.fields["agreed"].choices = list(self.signers.items())
        self.fields["asked"].choices = [(holder.pk, self.signers[holder.pk]) for holder in online]
        for name, offered in (("agreed", waiting), ("asked", online)):
            if not offered:
                del self.fields[name]

    def clean(self):
        typed = super().clean()
        agreed, asked = set(typed.get("agreed", [])), set(typed.get("asked", []))
        if both := [signer for holder, signer in self.signers.items() if holder in agreed & asked]:
            self.add_error("asked", f"Cochez une seule façon pour : {' ; '.join(both)}.")
        elif not asked and not self.errors:
            self._require_all(agreed)
        return typed

    def _require_all(self, agreed):
        missing = [signer for holder, signer in self.signers.items() if holder not in agreed]
        if missing and not agreed:
            self.add_error("agreed", ValidationError(NOBODY_SIGNED, code="required"))
        elif missing:
            self.add_error(
                "agreed", ValidationError(f"Il manque une signature : {' ; '.join(missing)}.", code="missing")
            )
