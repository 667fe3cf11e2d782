"""What a client types to change his own contacts, and to confirm it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.clients.address_fields import AddressForm
from accounts.clients.contact_changes import CONTACTS
from accounts.clients.phone_field import PhoneField
from accounts.models import Client
from auth_codes.pages.factor_forms import ConfirmedForm

NO_PHONE_LEFT = _("Gardez au moins un numéro, mobile ou fixe : nous vous appelons si quelque chose nous inquiète.")
# So that a browser, or a helper for who types with pain, fills in what it knows. Source: WCAG 2.2, 1.3.5.
KNOWN_TO_BROWSERS = {
    "email": "email",
    "mobile_phone": "tel",
    "home_phone": "home tel",
    "street": "address-line1",
    "address_complement": "address-line2",
    "postcode": "postal-code",
    "city": "address-level2",
    "region": "address-level1",
    "country": "country",
}


class OwnContactsForm(AddressForm):
    """His e-mail, telephones and address as the sheet has them, to be corrected."""

    mobile_phone = PhoneField(label=_("Téléphone mobile"), required=False)
    home_phone = PhoneField(label=_("Téléphone fixe"), required=False)

    class Meta:
        model = Client
        fields = CONTACTS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("mobile_phone", "home_phone"):
            self.fields[name].kept = getattr(self.instance, name)
        for name, field in self.fields.items():
            field.label_suffix = ""
            # By it the browser cuts what is pasted, and says nothing.
            field.widget.attrs.pop("maxlength", None)
            if name in KNOWN_TO_BROWSERS:
                field.widget.attrs["autocomplete"] = KNOWN_TO_BROWSERS[name]
        # As envelopes name them, whatever the language of the page.
        self.fields["country"].widget.attrs["lang"] = "fr"

    def clean(self):
        typed = super().clean()
        self.judge_address(typed)
        has_phone = self.instance.mobile_phone or self.instance.home_phone
        if has_phone and not self.errors and not (typed["mobile_phone"] or typed["home_phone"]):
            self.add_error("mobile_phone", ValidationError(NO_PHONE_LEFT, code="required"))
        return typed

    def typed(self):
        """What was typed of each contact, in a valid form."""
        return {name: self.cleaned_data[name] for name in CONTACTS}


class ConfirmOwnContactsForm(ConfirmedForm):
    """The code and what a moyen shows, with the fingerprint of what was read; the view judges them."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        code = self.fields["password"]
        code.help_text = _("6 chiffres. Vérifiez d’abord chaque ligne.")
        code.error_messages["required"] = _("Saisissez votre code secret pour modifier vos coordonnées.")
