"""Why something ends: a contract, or the client himself."""

from django import forms
from django.utils.text import capfirst

from accounts.desk.forms import ActToken
from accounts.desk.reasons import WordsField
from accounts.models import Client, ServiceContract

End = ServiceContract.End
# The others are noted by the acts that bring them about.
SAID_OF_A_CONTRACT = (End.CANCELLED, End.TERM, End.BANK)


class ContractEndForm(forms.Form):
    """Why a contract ends; the client reads it."""

    why = forms.ChoiceField(
        label="Pour quelle raison ?",
        choices=[(why.value, capfirst(why.label)) for why in SAID_OF_A_CONTRACT],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites pourquoi : le client le lit."},
    )


class UndoingForm(forms.Form):
    """What was done by mistake, for the second advisor."""

    why = WordsField(label="Ce qui a été fait par erreur, et comment on le sait")
    token = ActToken()


class ClientEndForm(forms.Form):
    """Why somebody is no client any more, and that a paper says so."""

    why = forms.ChoiceField(
        label="Pour quelle raison ?",
        widget=forms.RadioSelect,
        error_messages={"required": "Dites pourquoi."},
    )
    has_paper = forms.BooleanField(
        label="J’ai sous les yeux l’acte de décès, la décision de justice ou la demande signée",
        error_messages={"required": "Ce papier est nécessaire."},
    )

    def __init__(self, client, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # A ward is no client by himself any more; that he died ends what his guardian may do.
        reasons = [Client.End.DEATH] if client.is_ward else [why for why in Client.End if why != Client.End.JOINED]
        self.fields["why"].choices = [(why.value, capfirst(why.label)) for why in reasons]
