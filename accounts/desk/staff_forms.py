"""What an administrator of the staff types to ask for something about a member."""

import uuid

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from accounts.desk import roles, same_person
from accounts.models import Branch, Client, StaffRequest, User
from accounts.notation import printed_text

SAME_PERSON = (
    "Est-ce une autre personne ? Un nom ou une adresse électronique s’en approche : {}. Une personne n’a qu’un "
    "compte ; un compte désactivé se réactive. Si c’est une autre personne, cochez la case."
)
BRANCH_NEEDED = "Choisissez son agence : un conseiller ou un directeur d’agence travaille dans une seule."
NOBODYS = "Aucun client n’a ce code client. Comparez-le avec un relevé ou un contrat de la personne."


class StaffActForm(forms.Form):
    """Nothing to type: to deactivate, to reactivate, to reset."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class GroupsField(forms.ModelMultipleChoiceField):
    """Groups of the desk that one person may be in at once."""

    def __init__(self, **kwargs):
        groups = Group.objects.filter(name__in=roles.MAY).order_by("name")
        super().__init__(groups, label="Groupes", widget=forms.CheckboxSelectMultiple, **kwargs)

    def clean(self, value):
        groups = super().clean(value)
        if why := roles.contradiction([group.name for group in groups]):
            raise ValidationError(why, code="contradiction")
        return groups


class BranchField(forms.ModelChoiceField):
    """Where he is to work."""

    def __init__(self, **kwargs):
        help_text = "Celle où travaille un conseiller ou un directeur d’agence ; aux autres, aucune."
        super().__init__(Branch.objects.all(), label="Agence", required=False, help_text=help_text, **kwargs)


class InOneBranch(forms.Form):
    """Refuses an advisor or a branch manager without a branch where there are several."""

    def clean(self):
        typed = super().clean()
        names = [group.name for group in typed.get("groups") or ()]
        if roles.serves_clients(names) and not typed.get("branch") and Branch.objects.count() != 1:
            self.add_error("branch", BRANCH_NEEDED)
        return typed


class GroupsForm(InOneBranch, StaffActForm):
    """The groups and the branch that he is to have from then on."""

    groups = GroupsField(required=False)
    branch = BranchField()


class OwnSheetField(forms.CharField):
    """A code client; its sheet when valid, None when left empty."""

    def __init__(self, **kwargs):
        super().__init__(
            label="Son propre code client, s’il est client de la banque",
            help_text="Il le lit sur ses relevés. Au poste de travail il ne verra ni ne changera rien de cette fiche.",
            widget=forms.TextInput({"autocomplete": "off"}),
            required=False,
            **kwargs,
        )

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        sheet = Client.objects.select_related("joined_into").filter(client_code=User.read_client_code(typed)).first()
        if sheet is None:
            raise ValidationError(NOBODYS)
        return sheet.joined_into or sheet


class OwnSheetForm(StaffActForm):
    """The sheet that is his own; none when it was declared by mistake."""

    own_client = OwnSheetField()


class NewMemberForm(InOneBranch, forms.ModelForm):
    """Somebody new; the model refuses a name that is taken, that looks like another, or is a code client."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    groups = GroupsField()
    branch = BranchField()
    own_client = OwnSheetField()
    is_another_person = forms.BooleanField(
        label="C’est une autre personne que celles qui ont un nom proche",
        required=False,
        help_text="À cocher seulement quand le portail le demande, et après vous en être assuré auprès du responsable.",
    )

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.Meta.fields:
            self.fields[name].required = True
        for name in ("first_name", "last_name"):
            self.fields[name].validators.append(printed_text.check)  # what he writes to clients bears his name
        self.fields["username"].help_text = "Par exemple prenom.nom : lettres sans accent, chiffres et . - _ @ +."

    def clean_username(self):
        return self.cleaned_data["username"].lower()

    def clean(self):
        typed = super().clean()
        if not self.errors and not typed["is_another_person"]:
            found = same_person.alike(request_of(self, StaffRequest.Kind.NEW, None))
            if found:
                self.add_error("is_another_person", ValidationError(SAME_PERSON.format(", ".join(found))))
        return typed


def request_of(form: forms.Form, kind: str, member: User | None) -> StaffRequest:
    """What a valid form asks for."""
    typed = form.cleaned_data
    asked = StaffRequest(kind=kind, member=member, token=typed["token"])
    asked.own_client, asked.branch = typed.get("own_client"), typed.get("branch")
    asked.username = member.get_username() if member else typed["username"]
    for name in ("first_name", "last_name", "email"):
        setattr(asked, name, getattr(member, name) if member else typed[name])
    return asked


FORMS = {StaffRequest.Kind.GROUPS: GroupsForm, StaffRequest.Kind.OWN_CLIENT: OwnSheetForm}
