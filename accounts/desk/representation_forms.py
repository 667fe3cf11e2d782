"""What an advisor types to register a representative of a client, or to note that a representation ends."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst

from accounts.bank_accounts import representations
from accounts.desk.person_forms import PersonForm
from accounts.desk.reasons import UNSEEN
from accounts.models import Capacity, Client, Representation, RepresentationRequest
from accounts.notation import names

End = Representation.End
# The others come about by themselves.
SAID_BY_AN_ADVISOR = (End.MEASURE, End.EMANCIPATION, End.REPLACED, End.DOUBT, End.MISTAKE)
DAY = {"placeholder": "JJ/MM/AAAA", "autocomplete": "off"}
NOT_A_DAY = "Écrivez la date ainsi : 31/12/2026."
# By the field beside which it is said.
WHY_NOT = {
    representations.SamePerson: ("said", "C’est la personne elle-même : dites qui agit pour elle."),
    representations.UnfitToRepresent: (
        "said",
        "Cette personne ne peut représenter quelqu’un : elle est mineure, n’est plus cliente, ou est elle-même "
        "représentée.",
    ),
    representations.AlreadyRepresents: (
        "said",
        "Cette personne la représente déjà. Mettez-y fin d’abord, depuis la fiche, pour enregistrer autre chose.",
    ),
    representations.TwoParents: ("said", "Les deux parents sont déjà enregistrés."),
    representations.DoesNotFit: (
        "capacity",
        "Cette qualité ne va pas avec la personne : un parent représente un mineur ; un tuteur, un mineur ou une "
        "personne dont la mise sous tutelle est notée (« Noter la fin de la relation ») ; les autres, un majeur.",
    ),
    representations.OnlySees: ("right", "Un curateur assiste la personne et n’agit pas seul : il consulte."),
    representations.LastDayOver: ("ends_on", "Cette date est passée."),
}


class RepresentationForm(PersonForm):
    """Who acts for the client, as what, by which paper."""

    capacity = forms.ChoiceField(
        label="En quelle qualité",
        choices=[(value, capfirst(label)) for value, label in Capacity.choices],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites en quelle qualité cette personne agit."},
    )
    right = forms.ChoiceField(
        label="Ce que le papier lui permet de faire seule",
        choices=[
            ("see", "Consulter les comptes et les documents"),
            ("transfer", "Consulter, et faire des virements entre les comptes que la personne détient seule"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites ce que cette personne peut faire. Au moindre doute : consulter."},
    )
    paper = forms.CharField(
        label="Papier qui le prouve",
        help_text="Nature et référence : livret de famille, acte de naissance, jugement et son numéro, mandat visé.",
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={
            "required": "Dites quel papier le prouve. Sans lui, rien n’est possible.",
            "max_length": "Dites-le en 120 signes au plus ; vous en avez écrit %(show_value)d.",
        },
    )
    paper_date = forms.DateField(
        label="Date de ce papier",
        widget=forms.DateInput(DAY),
        error_messages={"required": "Donnez la date du papier.", "invalid": NOT_A_DAY},
    )
    ends_on = forms.DateField(
        label="Dernier jour (facultatif)",
        required=False,
        help_text="Celui que le jugement fixe. La représentation d’un mineur s’arrête d’elle-même à ses 18 ans.",
        widget=forms.DateInput(DAY),
        error_messages={"invalid": NOT_A_DAY},
    )
    field_order = ["said", "capacity", "right", "paper", "paper_date", "ends_on"]

    def __init__(self, client: Client, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.client = client

    def clean_paper(self):
        paper = " ".join(self.cleaned_data["paper"].split())
        if names.unseen_in(paper):
            raise ValidationError(UNSEEN)
        return paper

    def clean_paper_date(self):
        day = self.cleaned_data["paper_date"]
        if day > timezone.localdate():
            raise ValidationError("Ce papier serait daté de l’avenir : relisez sa date.")
        return day

    def clean(self):
        typed = super().clean()
        if self.errors:
            return typed
        try:
            representations.judge(self.review(), timezone.localdate())
        except tuple(WHY_NOT) as why:
            self.add_error(*WHY_NOT[type(why)])
        return typed

    def asked(self) -> dict:
        """For `representation_requests.start`."""
        typed = self.cleaned_data
        terms = {name: typed[name] for name in ("capacity", "paper", "paper_date", "ends_on", "token")}
        return {"representative": typed["said"], "may_transfer": typed["right"] == "transfer", **terms}

    def review(self) -> RepresentationRequest:
        """What is about to be asked for, unsaved, to be shown."""
        return RepresentationRequest(represented=self.client, **self.asked())


class RepresentationEndForm(forms.Form):
    """Why a representation ends; both people read it."""

    why = forms.ChoiceField(
        label="Pour quelle raison ?",
        choices=[(why.value, capfirst(why.label)) for why in SAID_BY_AN_ADVISOR],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites pourquoi : les deux personnes le lisent."},
    )
