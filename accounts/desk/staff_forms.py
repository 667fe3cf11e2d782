"""What an administrator of the staff types to ask for something about a member."""

import uuid

from django import forms
from django.contrib.auth.models import Group

from accounts.desk import roles
from accounts.models import StaffRequest, User
from accounts.notation import printed_text


class StaffActForm(forms.Form):
    """Nothing to type: to deactivate, to reactivate, to reset."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class GroupsForm(StaffActForm):
    """The groups that he is to have from then on."""

    groups = forms.ModelMultipleChoiceField(
        Group.objects.filter(name__in=roles.MAY).order_by("name"),
        label="Groupes",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class NewMemberForm(forms.ModelForm):
    """Somebody new; the model refuses a name that is taken, that looks like another, or is a code client."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    groups = forms.ModelMultipleChoiceField(
        Group.objects.filter(name__in=roles.MAY).order_by("name"), label="Groupes", widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True
        for name in ("first_name", "last_name"):
            self.fields[name].validators.append(printed_text.check)  # what he writes to clients bears his name
        self.fields["username"].help_text = "Par exemple prenom.nom : lettres sans accent, chiffres et . - _ @ +."

    def clean_username(self):
        return self.cleaned_data["username"].lower()


def request_of(form: forms.Form, kind: str, member: User | None) -> StaffRequest:
    """What a valid form asks for."""
    typed = form.cleaned_data
    asked = StaffRequest(kind=kind, member=member, token=typed["token"])
    asked.username = member.get_username() if member else typed["username"]
    for name in ("first_name", "last_name", "email"):
        setattr(asked, name, getattr(member, name) if member else typed[name])
    return asked


FORMS = {StaffRequest.Kind.GROUPS: GroupsForm}
