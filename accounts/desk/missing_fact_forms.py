"""What a person may lack: a second name, the day of birth, an e-mail address, a telephone.

Each is said by whoever registers him, so that what was forgotten is asked for.
"""

import re
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import EARLIEST_BIRTH

YEAR = re.compile(r"(?:00[/. -]00[/. -])?([0-9]{4})")
NOT_A_YEAR = "Écrivez l’année seule, en quatre chiffres : 1958."
IN_THE_FUTURE = "L’année de naissance est dans le futur. Vérifiez-la."
TOO_EARLY = "L’année de naissance est antérieure à 1900. Vérifiez-la."
NO_BIRTH = "Écrivez la date de naissance ou, si elle seule est connue, l’année dans le champ suivant."
TWO_BIRTHS = "Écrivez la date de naissance entière, ou l’année seule, pas les deux : effacez l’une d’elles."


class Lack(NamedTuple):
    """The fields that are then empty, what is asked where they are and nothing says so, and what where they are not."""

    fields: tuple[str, ...]
    unsaid: str
    contradicted: str


LACKS = {
    "has_one_name": Lack(
        ("given_names",),
        "Écrivez les prénoms, ou dites que cette personne n’a qu’un nom.",
        "Vous avez écrit des prénoms : effacez-les, ou décochez cette case.",
    ),
    "has_no_email": Lack(
        ("email",),
        "Écrivez l’adresse électronique, ou dites que cette personne n’en a pas.",
        "Vous avez écrit une adresse électronique : effacez-la, ou décochez cette case.",
    ),
    "has_no_phone": Lack(
        ("mobile_phone", "home_phone"),
        "Écrivez un numéro, mobile ou fixe, ou dites que cette personne n’a pas de téléphone.",
        "Vous avez écrit un numéro de téléphone : effacez-le, ou décochez cette case.",
    ),
}


class BirthYearField(forms.CharField):
    """« 1958 », or « 00/00/1958 » as some papers have it."""

    widget = forms.TextInput({"placeholder": "AAAA", "inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value):
        typed = super().to_python(value)
        if typed in self.empty_values:
            return None
        written = YEAR.fullmatch(typed)
        if written is None:
            raise ValidationError(NOT_A_YEAR, code="invalid")
        return int(written[1])


class MayLack(forms.ModelForm):
    """The part of a person's form that says what he has not."""

    has_one_name = forms.BooleanField(
        label="Cette personne n’a qu’un nom",
        required=False,
        help_text="Comme sur sa pièce d’identité. Écrivez-le dans « Nom », et laissez les prénoms vides.",
    )
    birth_year = BirthYearField(
        label="Seule l’année de naissance est connue",
        required=False,
        help_text="Quand sa pièce d’identité ne dit ni jour ni mois, ou « 00/00 ». Laissez alors la date vide.",
    )
    has_no_email = forms.BooleanField(
        label="N’a pas d’adresse électronique",
        required=False,
        help_text="Ce que les courriels diraient part alors par courrier postal.",
    )
    has_no_phone = forms.BooleanField(label="N’a pas de téléphone", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for box, lack in LACKS.items():
                self.initial.setdefault(box, not any(getattr(self.instance, name) for name in lack.fields))

    def clean_birth_year(self):
        year = self.cleaned_data["birth_year"]
        if year is not None and year > timezone.localdate().year:
            raise ValidationError(IN_THE_FUTURE)
        if year is not None and year < EARLIEST_BIRTH.year:
            raise ValidationError(TOO_EARLY)
        return year

    def clean(self):
        typed = super().clean()
        for box, lack in LACKS.items():
            if not any(self.has_error(name) for name in lack.fields):
                self._judge(box, lack, typed)
        self._judge_birth(typed)
        return typed

    def _judge(self, box, lack, typed):
        is_there = any(typed.get(name) for name in lack.fields)
        if is_there and typed.get(box):
            self.add_error(box, ValidationError(lack.contradicted, code="contradicted"))
        elif not is_there and not typed.get(box):
            self.add_error(lack.fields[0], ValidationError(lack.unsaid, code="required"))

    def _judge_birth(self, typed):
        """One of the two, which the database asks for as well."""
        if self.has_error("birth_date") or self.has_error("birth_year"):
            return
        if typed.get("birth_date") and typed.get("birth_year"):
            self.add_error("birth_year", ValidationError(TWO_BIRTHS, code="contradicted"))
        elif not (typed.get("birth_date") or typed.get("birth_year")):
            self.add_error("birth_date", ValidationError(NO_BIRTH, code="required"))
