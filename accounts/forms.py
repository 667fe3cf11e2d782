"""What an advisor types: a person, an opening."""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.urls import reverse

from accounts import phones
from accounts.models import EARLIEST_BIRTH, BankAccount, Client, ServiceContract

NOT_A_PHONE = "Ce numéro de téléphone n’est pas reconnu. Exemple : 06 12 34 56 78, ou +32 470 12 34 56 à l’étranger."


class PhoneField(forms.CharField):
    def to_python(self, value):
        typed = super().to_python(value)
        if not typed:
            return typed
        try:
            return phones.normalise(typed)
        except ValueError:
            raise ValidationError(NOT_A_PHONE, code="invalid") from None

    def prepare_value(self, value):
        return phones.display(value) if value and value.startswith("+") else value


class ClientForm(forms.ModelForm):
    """A person's sheet. When somebody of the same names and birth date exists, the advisor is asked first."""

    mobile_phone = PhoneField(label="Téléphone mobile")
    home_phone = PhoneField(label="Téléphone fixe", required=False)
    is_another_person = forms.BooleanField(
        label="C’est une autre personne : créer une seconde fiche",
        required=False,
        help_text="À cocher seulement après avoir comparé la pièce d’identité : une personne n’a qu’un code client.",
    )
    registration = forms.UUIDField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Client
        fields = [
            "title", "given_names", "family_name", "birth_date", "email", "mobile_phone", "home_phone",
            "street", "address_complement", "postcode", "city", "country", "advisor",
        ]  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("registration", None)
        elif "registration" in self.fields:
            self.fields["registration"].initial = uuid.uuid4

    def clean_birth_date(self):
        born = self.cleaned_data["birth_date"]
        if born > timezone.localdate():
            raise ValidationError("La date de naissance est dans le futur. Vérifiez l’année.")
        if born < EARLIEST_BIRTH:
            raise ValidationError("La date de naissance est antérieure à 1900. Vérifiez l’année.")
        return born

    def clean_postcode(self):
        return "".join(self.cleaned_data["postcode"].split())

    def clean(self):
        typed = super().clean()
        if {"given_names", "family_name", "birth_date"} <= typed.keys() and not typed.get("is_another_person"):
            self._ask_about_twins(typed)
        country, postcode = typed.get("country", ""), typed.get("postcode", "")
        if country.strip().casefold() == "france" and not (len(postcode) == 5 and postcode.isdecimal()):
            self.add_error("postcode", "Un code postal français a cinq chiffres.")
        return typed

    def _ask_about_twins(self, typed):
        twins = Client.objects.twins(typed["given_names"], typed["family_name"], typed["birth_date"])
        links = [
            (reverse("admin:accounts_client_change", args=[twin.pk]), str(twin), twin.client_code_display or "sans code")
            for twin in twins.exclude(pk=self.instance.pk).exclude(registration=typed.get("registration"))
        ]
        if links:
            known = format_html_join(", ", '<a href="{}">{}</a> (code client : {})', links)
            question = "Une personne de mêmes nom, prénoms et date de naissance existe déjà : {}. Ouvrez sa fiche "
            question += "ou, si c’est une autre personne, cochez la case prévue."
            self.add_error("is_another_person", ValidationError(format_html(question, known), code="twin"))


class OpeningForm(forms.Form):
    """One more account or contract for a person."""

    kind = forms.ChoiceField(label="Nature")
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, choices, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = choices
        self.fields["token"].initial = uuid.uuid4


OPENINGS = {
    "compte": ("Ouvrir un compte", BankAccount.Kind.choices),
    "contrat": ("Souscrire un contrat de service", ServiceContract.Kind.choices),
}
