"""An address as it is typed, at the desk or by its client: the country chosen from a list, the rest judged by it.

What a country does not know is asked about and not refused: posts change their codes, and a letter must arrive.
"""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ADDRESS_FIELDS
from accounts.notation import countries, names, printed_text

NO_COUNTRY = _("Choisissez un pays de la liste.")
TO_MEND = _("{} : à choisir dans la liste")
COUNTRY_TO_MEND = _("Ce pays n’est pas reconnu, et la lettre porte ce qui est écrit. Choisissez-le dans la liste.")
FRENCH_POSTCODE = _("Un code postal français a cinq chiffres.")
FRENCH_REGION = _("Une adresse française ne nomme pas de région : effacez ce champ.")
HOW_POSTCODE = _("Cinq chiffres en France. À l’étranger, comme on l’écrit là-bas, ou rien.")
HOW_REGION = _("Là où une adresse en nomme une, comme aux États-Unis, en Italie ou au Japon.")
KEEP = _("Garder l’adresse telle qu’elle est écrite")
ASKED = _(
    "%(fact)s Corrigez ce champ ou, si l’adresse s’écrit bien ainsi, cochez « Garder l’adresse telle qu’elle est "
    "écrite »."
)
UNSEEN = _(
    "Ce texte contient un signe invisible ou qui retourne le sens de lecture ({}). Effacez tout le champ et retapez-le "
    "au clavier."
)
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
        self.help_text = COUNTRY_TO_MEND

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

    country = CountryField(label=_("Pays"), initial=countries.FRANCE)
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
        self._refuse_unseen_signs(typed)
        if "country" in typed:
            self._judge_by_country(typed)
        self._refuse_unprintable_signs(typed)

    def _refuse_unseen_signs(self, typed):
        """On paper each line must say what it looks like; to an e-mail address with such a sign, nothing arrives."""
        for name in typed.keys() & {"email", *ADDRESS_FIELDS}:
            unseen = names.unseen_in(typed[name])
            if unseen:
                self.add_error(name, ValidationError(UNSEEN.format(f"U+{ord(unseen):04X}"), code="unseen"))

    def _refuse_unprintable_signs(self, typed):
        """What is on the sheet already may stay as it is, whatever else is changed."""
        for name in set(ADDRESS_FIELDS) & typed.keys() & set(self.changed_data):
            try:
                printed_text.check_in_capitals(typed[name])
            except ValidationError as refused:
                self.add_error(name, refused)

    def _judge_by_country(self, typed):
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
        doubts["postcode"] = gettext("Les adresses de ce pays ({}) n’ont pas de code postal.").format(country.name)
    elif postcode and not country.takes(postcode):
        doubts["postcode"] = gettext("Un code postal de ce pays ({}) s’écrit par exemple {}.").format(
            country.name, country.example
        )
    if region and not country.has_regions:
        doubts["region"] = gettext("Les adresses de ce pays ({}) ne nomment ni État, ni province, ni région.").format(
            country.name
        )
    elif country.needs_region and not region:
        doubts["region"] = gettext("Les adresses de ce pays ({}) nomment l’État, la province ou la région.").format(
            country.name
        )
    return doubts
