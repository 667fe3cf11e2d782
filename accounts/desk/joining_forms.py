"""Which other sheet is the same person's, which of the two is kept, and how one knows."""

from django import forms

from accounts import client_codes
from accounts.bank_accounts import joining
from accounts.clients import living
from accounts.clients.online_space import ContactsUnconfirmed
from accounts.desk.forms import ActToken
from accounts.desk.one_person import OnePersonField
from accounts.desk.reasons import WordsField
from accounts.models import Client

NO_OTHER = "Aucune autre fiche ne correspond, ou elle est déjà réunie avec celle-ci."
# Whichever sheet is kept.
NEVER = {
    living.ClientEnded: "L’une de ces deux personnes n’est plus cliente : ces fiches ne se réunissent pas.",
    joining.OtherBirthDate: (
        "Les deux fiches n’ont pas la même date de naissance. Si c’est une erreur, faites d’abord corriger la fiche "
        "qui se trompe (« Modifier la fiche », deux conseillers), puis revenez ici. Sinon, ce sont deux personnes."
    ),
}
WHY_NOT = {
    **NEVER,
    joining.SameSheet: "C’est la même fiche : donnez le code client de l’autre.",
    joining.NumberLost: "L’autre fiche a un code client, et celle-ci n’en a pas : gardez l’autre.",
    joining.OfTheStaff: (
        "La fiche qui serait fermée est celle qu’un membre du personnel a déclarée comme la sienne : gardez-la."
    ),
    joining.Represented: (
        "Une représentation est en cours sur l’une des deux fiches : mettez-y fin d’abord, puis enregistrez-la de "
        "nouveau pour la fiche gardée."
    ),
    ContactsUnconfirmed: (
        "Des coordonnées de cette fiche ne sont pas confirmées : un second conseiller les confirme d’abord, ou gardez "
        "l’autre fiche."
    ),
}


class OtherSheetForm(forms.Form):
    """The other sheet. It is shown beside this one before anything is asked for."""

    said = OnePersonField(
        label="Code client de l’autre fiche",
        help_text="Elle n’en a pas encore ? Prénoms, nom et date de naissance qui y figurent.",
        nobody=NO_OTHER,
    )
    # Which sheet the page of the second step showed: another one typed meanwhile is shown again.
    reviewed = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, client: Client, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["said"].among = Client.objects.exclude(pk=client.pk)

    @property
    def is_reviewed(self) -> bool:
        return self.cleaned_data["reviewed"] == self.cleaned_data["said"].pk


class JoiningForm(forms.Form):
    """Which sheet stays, who serves the person from then on, and how one knows that it is one person."""

    keep = forms.TypedChoiceField(
        label="Quelle fiche garder ?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez la fiche qui reste. L’autre se ferme."},
    )
    advisor = forms.TypedChoiceField(
        label="Quel conseiller suit cette personne ensuite ?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le conseiller qui suit cette personne."},
    )
    why = WordsField(label="Comment savez-vous que c’est la même personne ?")
    token = ActToken()

    def __init__(self, client: Client, other: Client, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.sheets = {sheet.pk: sheet for sheet in (client, other)}
        self.advisors = {sheet.advisor_id: sheet.advisor for sheet in (client, other)}
        self.fields["keep"].choices = [(pk, _named(sheet)) for pk, sheet in self.sheets.items()]
        self.fields["advisor"].choices = [(pk, str(advisor)) for pk, advisor in self.advisors.items()]
        if len(self.advisors) == 1:
            del self.fields["advisor"]

    def clean(self):
        typed = super().clean()
        if "keep" in typed:
            kept, closed = self._pair(typed["keep"])
            try:
                joining.judge(kept, closed)
            except tuple(WHY_NOT) as why:
                self.add_error("keep", WHY_NOT[type(why)])
        return typed

    def asked(self) -> dict:
        """For `joining.start`."""
        typed = self.cleaned_data
        kept, closed = self._pair(typed["keep"])
        advisor = self.advisors[typed.get("advisor", kept.advisor_id)]
        return {"kept": kept, "closed": closed, "advisor": advisor, "why": typed["why"], "token": typed["token"]}

    def _pair(self, pk: int) -> tuple[Client, Client]:
        [other] = [sheet for key, sheet in self.sheets.items() if key != pk]
        return self.sheets[pk], other


def _named(sheet: Client) -> str:
    if not sheet.client_code:
        return f"{sheet}, sans code client"
    return f"{sheet}, code client se terminant par {client_codes.ending(sheet.client_code)}"


def why_never(client: Client, other: Client) -> str:
    """Why the two are not joined, whichever is kept; empty where nothing is against it."""
    try:
        joining.judge(client, other)
    except tuple(NEVER) as why:
        return NEVER[type(why)]
    except tuple(WHY_NOT):
        return ""
    return ""
