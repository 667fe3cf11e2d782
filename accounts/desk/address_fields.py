"""An address as an advisor types it: the country chosen from a list, the rest judged as that country writes it.

What a country does not know is asked about and not refused: posts change their codes, and a letter must arrive.
"""

import re

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import ADDRESS_FIELDS
from accounts.notation import countries

NO_COUNTRY = "Choisissez un pays de la liste."
TO_MEND = "{} : à choisir dans la liste"
FRENCH_POSTCODE = "Un code postal français a cinq chiffres."
FRENCH_REGION = "Une adresse française ne nomme pas de région : effacez ce champ."
HOW_POSTCODE = "Cinq chiffres en France. À l’étranger, comme on l’écrit là-bas, ou rien."
HOW_REGION = "Là où une adresse en nomme une, comme aux États-Unis, en Italie ou au Japon."
KEEP = "Garder l’adresse telle qu’elle est écrite"
ASKED = f"%(fact)s Corrigez ce champ ou, si l’adresse s’écrit bien ainsi, cochez « {KEEP} »."
# The code of what is asked about; `fact` in its parameters is what is doubtful.
DOUBTFUL = "doubtful_address"


class CountryField(forms.ChoiceField):
    """A code; the name of a country is read as one, and what stood on the sheet before there was a list may stay."""

    kept = ""

    def __init__(self, **kwargs):
        super().__init__(choices=countries.OFFERED, **kwargs)

    def keep(self, unknown):
        self.kept = unknown
        self.choices = [(unknown, TO_MEND.format(unknown)), *countries.OFFERED]
        self.help_text = "Ce pays n’est pas reconnu, et la lettre porte ce qui est écrit. Choisissez-le dans la liste."

    def prepare_value(self, value):
        return countries.as_kept(value or "")

    def to_python(self, value):
        return countries.as_kept(super().to_python(value))

    def validate(self, value):
        forms.Field.validate(self, value)
        if value != self.kept and value not in countries.BY_CODE:
            raise ValidationError(NO_COUNTRY, code="invalid")

    def has_changed(self, initial, data):
        return self.prepare_value(initial) != self.prepare_value(data)


class AddressForm(forms.ModelForm):
    """The part of a sheet that says where its client lives."""

    country = CountryField(label="Pays", initial=countries.FRANCE)
    # Seen once something is asked.
    keeps_address = forms.BooleanField(label=KEEP, required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["postcode"].help_text = HOW_POSTCODE
        self.fields["region"].help_text = HOW_REGION
        if self.instance.country_to_mend:
            self.fields["country"].keep(self.instance.country_to_mend)

    def judge_address(self, typed):
        """Of the cleaned data; what was refused by its field is judged no more."""
        if "country" not in typed:
            return
        country = countries.of(typed["country"])
        for name in typed.keys() & {"street", "address_complement", "city", "region"}:
            typed[name] = " ".join(typed[name].split())
        if "postcode" in typed:
            pieces = typed["postcode"].split()
            typed["postcode"] = "".join(pieces) if country.is_french else " ".join(pieces).upper()
        if country.is_french:
            self._judge_french(typed)
        if not self.instance.pk or set(ADDRESS_FIELDS) & set(self.changed_data):
            self._ask_about_address(country, typed)

    def _judge_french(self, typed):
        if not re.fullmatch("[0-9]{5}", typed.get("postcode", "00000")):
            self.add_error("postcode", ValidationError(FRENCH_POSTCODE, code="invalid"))
        if typed.get("region"):
            self.add_error("region", ValidationError(FRENCH_REGION, code="invalid"))

    def _ask_about_address(self, country, typed):
        doubts = {name: fact for name, fact in _doubts(country, typed).items() if name in typed}
        if doubts:
            self.fields["keeps_address"].widget = forms.CheckboxInput()
        if not typed.get("keeps_address"):
            for name, fact in doubts.items():
                self.add_error(name, ValidationError(ASKED, code=DOUBTFUL, params={"fact": fact}))


def _doubts(country, typed):
    """What is not written as in that country, by its field."""
    if not country.code:
        return {}
    doubts, postcode, region = {}, typed.get("postcode"), typed.get("region", "")
    if postcode and not country.has_postcodes:
        doubts["postcode"] = f"Les adresses de ce pays ({country.name}) n’ont pas de code postal."
    elif postcode and not country.takes(postcode):
        doubts["postcode"] = f"Un code postal de ce pays ({country.name}) s’écrit par exemple {country.example}."
    if region and not country.has_regions:
        doubts["region"] = f"Les adresses de ce pays ({country.name}) ne nomment ni État, ni province, ni région."
    elif country.needs_region and not region:
        doubts["region"] = f"Les adresses de ce pays ({country.name}) nomment l’État, la province ou la région."
    return doubts
