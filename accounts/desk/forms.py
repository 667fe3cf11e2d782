"""What an advisor types: a person, an opening."""

import hashlib
import uuid
from collections.abc import Collection

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst

from accounts.clients import twins
from accounts.clients.address_fields import UNSEEN, AddressForm
from accounts.clients.contact_changes import CONTACTS
from accounts.clients.phone_field import PhoneField
from accounts.desk.drafts import Kept
from accounts.desk.missing_fact_forms import MayLack
from accounts.models import ADDRESS_FIELDS, EARLIEST_BIRTH, IDENTITY_FIELDS, Client, User
from accounts.notation import birth_dates, masks, names, printed_text
from auth_codes.models import Renewal, TicketRequest
from auth_codes.renewals import code_life

NOT_A_NAME = "Un nom s’écrit avec des lettres ; espaces, traits d’union, apostrophes et points y sont admis."
NO_GIVEN_NAME = (
    f"{NOT_A_NAME} Si cette personne n’a qu’un nom, effacez ce champ et cochez « Cette personne n’a qu’un nom »."
)
NOT_A_DATE = "Écrivez la date ainsi : 12/03/1958. Si l’année seule est connue, écrivez-la dans le champ suivant."
CHANGED_MEANWHILE = (
    "Cette fiche a été modifiée depuis que vous l’avez ouverte. Rien n’a été enregistré : rouvrez-la, relisez-la, puis "
    "refaites votre changement."
)
SEVERAL_SCRIPTS = (
    "Ce nom mêle plusieurs alphabets, dont des lettres se ressemblent. Est-ce la même personne qu’un client déjà "
    "inscrit ? Retapez le nom au clavier ou, si la pièce d’identité l’écrit ainsi et que c’est une autre personne, "
    "cochez la case ci-dessous."
)
TWIN = (
    "Est-ce la même personne ? Est déjà inscrit, avec un même nom et un même prénom, et la même date de naissance ou "
    "les mêmes coordonnées : {}. Ouvrez sa fiche ou, si c’est une autre personne, cochez la case ci-dessous."
)
SELF_APPOINTED = (
    "Personne ne se nomme lui-même conseiller d’un client déjà inscrit : demandez à un collègue, ou au directeur "
    "d’agence, de vous choisir sur cette fiche."
)
COMPARED = ("given_names", "family_name", "birth_name", "birth_date", "birth_year")
PHONES = ("mobile_phone", "home_phone")
NAMES = {"given_names", "family_name", "birth_name"}


class BirthDateField(forms.DateField):
    # A birth date is typed as it is said; a calendar that opens on today is no help with 1958.
    widget = forms.DateInput({"placeholder": "JJ/MM/AAAA", "autocomplete": "off"})

    def to_python(self, value):
        if not isinstance(value, str) or value in self.empty_values:
            return super().to_python(value)
        born, rest = birth_dates.take_from(value)
        if born is None or rest or not born.has_century:
            raise ValidationError(NOT_A_DATE, code="invalid")
        if not born.days():
            raise ValidationError(birth_dates.NO_SUCH_DAY.format(born), code="invalid")
        return born.days()[0]


class ActToken(forms.UUIDField):
    """Names one act: a second click sends the same token again, and the act is not repeated."""

    def __init__(self, **kwargs):
        # A browser that goes back does not fill in the token of an act done: it keeps no page, nor what its forms held.
        super().__init__(widget=forms.HiddenInput, initial=uuid.uuid4, **kwargs)


class ClientForm(AddressForm, MayLack):
    """A person's sheet. When somebody of the same names and birth date exists, the advisor is asked first."""

    birth_date = BirthDateField(label="Date de naissance", required=False)
    mobile_phone = PhoneField(label="Téléphone mobile", required=False)
    home_phone = PhoneField(label="Téléphone fixe", required=False)
    is_another_person = forms.BooleanField(
        label="C’est une autre personne : garder deux fiches",
        required=False,
        help_text="À cocher seulement après avoir comparé la pièce d’identité : une personne n’a qu’un code client.",
    )
    token = ActToken(required=False)
    # What the page shows is sent back with it.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    # Who fills it in at the desk.
    acting: User | None = None
    # What he had typed before his session ended.
    draft: Kept | None = None
    # Whom it has named, by what was typed.
    twins: Collection[Client] = ()

    class Meta:
        model = Client
        fields = [
            "title", "given_names", "family_name", "birth_name", "birth_date", "birth_year", "email", "mobile_phone",
            "home_phone", *ADDRESS_FIELDS, "large_print", "advisor",
        ]  # fmt: skip
        help_texts = {"birth_name": "S’il diffère du nom : celui d’avant un mariage, par exemple."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("token", None)
            self.fields["seen"].initial = self._digest()
            # Not of a sheet that has changed since: the old values of the other fields would be written over.
            if self.draft and not self.is_bound and self.draft.form == self._digest():
                self.initial |= self._unticked() | self.draft.initial()
            for name in PHONES:
                self.fields[name].kept = getattr(self.instance, name)
        else:
            self.fields.pop("seen", None)
        self.fields["advisor"].queryset = User.objects.staff()
        for field in self.fields.values():
            # By it the browser cuts what is pasted, and says nothing.
            field.widget.attrs.pop("maxlength", None)

    def _unticked(self) -> dict[str, bool]:
        """The boxes as a draft leaves them: of one that nobody has ticked it says nothing."""
        return {name: False for name, field in self.fields.items() if isinstance(field, forms.BooleanField)}

    def clean_given_names(self):
        typed = self.cleaned_data["given_names"]
        if typed and not any(sign.isalpha() for sign in typed):
            raise ValidationError(NO_GIVEN_NAME, code="invalid")
        return _name(typed)

    def clean_family_name(self):
        return _name(self.cleaned_data["family_name"])

    def clean_birth_name(self):
        return _name(self.cleaned_data["birth_name"])

    def clean_birth_date(self):
        born = self.cleaned_data["birth_date"]
        if born and born > timezone.localdate():
            raise ValidationError("La date de naissance est dans le futur. Vérifiez l’année.")
        if born and born < EARLIEST_BIRTH:
            raise ValidationError("La date de naissance est antérieure à 1900. Vérifiez l’année.")
        return born

    def clean_advisor(self):
        """His own clients' sheets open without a reason: nobody makes a client his own, but whom he registers."""
        chosen = self.cleaned_data["advisor"]
        if self.instance.pk and chosen == self.acting and chosen.pk != self.initial["advisor"]:
            raise ValidationError(SELF_APPOINTED, code="self_appointed")
        return chosen

    def clean(self):
        typed = super().clean()
        if typed.get("birth_name", "").casefold() == typed.get("family_name", "").casefold():
            typed["birth_name"] = ""
        self.judge_address(typed)
        self._refuse_unprintable_names(typed)
        if self.instance.pk and typed.get("seen") != self._digest():
            raise ValidationError(CHANGED_MEANWHILE, code="stale")
        if typed.keys() >= set(COMPARED) and set(COMPARED) & set(self.changed_data):
            self._ask_about_twins(typed)
            self._ask_about_scripts(typed)
        return typed

    def _refuse_unprintable_names(self, typed):
        """What is on the sheet already may stay as it is, whatever else is changed."""
        for name in NAMES & typed.keys() & set(self.changed_data):
            try:
                printed_text.check_in_capitals(typed[name])
            except ValidationError as refused:
                self.add_error(name, refused)

    def _digest(self) -> str:
        """What the sheet says now: an older page that is sent must not write the old address back over a new one."""
        columns = [Client._meta.get_field(name).attname for name in ClientForm.Meta.fields]
        stored = [str(getattr(self.instance, column)) for column in columns]
        return hashlib.sha256("|".join(stored).encode()).hexdigest()

    def _ask_about_twins(self, typed):
        if typed.get("is_another_person"):
            return
        said = {name: typed[name] for name in (*COMPARED, *CONTACTS) if name in typed}
        alike = twins.of(Client(pk=self.instance.pk, **said))
        # A second click finds whom the first has registered.
        self.twins = [twin for twin in alike if twin.registration != typed.get("token")]
        links = [
            (reverse("admin:accounts_client_change", args=[twin.pk]), twin, _code_client_of(twin))
            for twin in self.twins
        ]
        if links:
            known = format_html_join(", ", '<a href="{}">{}</a> ({})', links)
            self.add_error("is_another_person", ValidationError(format_html(TWIN, known), code="twin"))

    def _ask_about_scripts(self, typed):
        is_mixed = any(names.is_of_several_scripts(typed[name]) for name in NAMES)
        if is_mixed and not typed.get("is_another_person") and not self.has_error("is_another_person"):
            self.add_error("is_another_person", ValidationError(SEVERAL_SCRIPTS, code="several_scripts"))

    def changed_at_once(self) -> list[str]:
        """The columns that a change of the sheet writes, and no others."""
        kept = set(ClientForm.Meta.fields) - set(IDENTITY_FIELDS)
        return [name for name in self.changed_data if name in kept]

    def take_back_identity(self) -> dict:
        """What was typed of name and birth date, and differs; the sheet in hand has the stored values again."""
        asked_for = {name: self.cleaned_data[name] for name in IDENTITY_FIELDS if name in self.changed_data}
        for name in asked_for:
            setattr(self.instance, name, self.initial[name])
        return asked_for

    def save(self, commit=True):
        if self.instance.pk is None:
            self.instance.registration = self.cleaned_data.get("token") or self.instance.registration
        return super().save(commit)


def _name(typed: str) -> str:
    if not typed:
        return typed  # of who lacks it
    unseen = names.unseen_in(typed)
    if unseen:
        raise ValidationError(UNSEEN.format(f"U+{ord(unseen):04X}"), code="unseen")
    if not names.is_written_like_one(typed):
        raise ValidationError(NOT_A_NAME, code="invalid")
    return typed


def _code_client_of(client: Client) -> str:
    return (
        format_html("code client : {}", masks.client_code(client.client_code))
        if client.client_code
        else "pas encore de code client"
    )


class RenewalForm(forms.Form):
    """A new code secret for a client whose identity was checked; `phones` are the numbers to ring him back."""

    identity_check = forms.ChoiceField(
        label="Comment avez-vous vérifié l’identité ?",
        choices=Renewal.IdentityCheck,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites comment l’identité a été vérifiée."},
    )
    token = ActToken()

    def __init__(self, phones, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not phones:
            # Nobody rings back who has no telephone known before.
            checks = self.fields["identity_check"]
            checks.choices = [choice for choice in checks.choices if choice[0] != Renewal.IdentityCheck.BY_PHONE]


class TicketAskingForm(RenewalForm):
    """A ticket for whoever sits at the desk: a call tells nothing of who would take it."""

    reason = forms.ChoiceField(
        label="Pour quoi faire ?",
        choices=TicketRequest.Reason,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites à quoi servira le ticket."},
    )
    field_order = ("reason", "identity_check")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        checks = self.fields["identity_check"]
        checks.choices = [choice for choice in checks.choices if choice[0] == Renewal.IdentityCheck.AT_BRANCH]


class WhyForm(forms.Form):
    """Why sessions end or an access is closed at once; the client reads it."""

    why = forms.ChoiceField(
        label="Pour quelle raison ?",
        choices=[(why.value, capfirst(why.label)) for why in code_life.Why],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites pourquoi : le client le lit."},
    )

    def reason(self) -> code_life.Why:
        """The answer of a valid form."""
        return code_life.Why(self.cleaned_data["why"])


class OpeningForm(forms.Form):
    """One more account or contract for a person."""

    kind = forms.ChoiceField(label="Nature")
    token = ActToken()

    def __init__(self, choices, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = choices


class LetterForm(forms.Form):
    """What an advisor writes to a client."""

    subject = forms.CharField(
        label="Objet",
        max_length=100,
        validators=[printed_text.check],
        widget=forms.TextInput({"size": 60}),
        error_messages={"max_length": "L’objet a 100 signes au plus ; le vôtre en a %(show_value)d."},
    )
    body = forms.CharField(
        label="Texte, sans l’adresse, la formule d’appel ni votre nom, qui y sont déjà ; une ligne vide sépare deux "
        "paragraphes",
        max_length=20_000,
        validators=[printed_text.check],
        widget=forms.Textarea({"rows": 16, "cols": 80}),
        error_messages={"max_length": "Le texte a 20 000 signes au plus ; le vôtre en a %(show_value)d."},
    )
    token = ActToken()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)  # by it the browser cuts what is pasted, and says nothing
