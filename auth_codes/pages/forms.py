"""Judging what was typed as codes, before anything is counted or hashed."""

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes.letters import letter_numbers
from auth_codes.login import attempt as attempts
from auth_codes.pages import last_try
from auth_codes.pages.fields import (
    LetterNumberField,
    SecretCodeField,
    asked_client_code,
    asked_secret_code,
)
from auth_codes.renewals.closing import Opens
from auth_codes.weakness import why_weak

ASK_DEFAULT_AGAIN = _(
    "Saisissez le code provisoire de votre lettre\u00a0: dix minutes après la connexion, il est redemandé."
)
# For managers of passwords that propose one (WICG « passwordrules », Safari and others).
SIX_DIGITS = {"passwordrules": "minlength: 6; maxlength: 6; required: digit; allowed: digit;"}
NO_LETTER = _(
    "Votre adresse postale a été modifiée et n’est pas encore confirmée : aucun courrier avec un code n’y part."
)
NO_LONGER_REMEMBERED = _("Ce navigateur ne retient plus votre code client\u00a0: saisissez-le.")
ANOTHER = _("Choisissez-en un autre.")
BUSY = _(
    "La banque reçoit beaucoup de connexions en ce moment. Rien n’a été compté. Attendez quelques secondes, puis "
    "saisissez de nouveau votre code secret."
)


@sensitive_variables()
def authenticated(request, client_code, code, letter_digest=""):
    """Whose both codes are, or None; counted by the gate. Raises ValidationError where there was no slot."""
    owner = authenticate(request, username=client_code, password=code, letter_digest=letter_digest)
    if attempts.of(request).found_no_slot:
        raise ValidationError(BUSY, code="busy")
    return owner


class ClientLoginForm(AuthenticationForm):
    """Both codes, and optionally the number of the letter that brought the code secret.

    Where the browser has `remembered` the code client, the code secret alone.
    """

    username = asked_client_code()
    password = asked_secret_code()
    letter = LetterNumberField(
        label=_("Numéro du courrier"),
        help_text=_(
            "Recopiez-le si votre code secret vient d’un courrier : 12 lettres et chiffres, imprimés sous ce titre sur "
            "la lettre. Les tirets et les espaces sont facultatifs."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        required=False,
    )
    keep = forms.BooleanField(
        label=_("Retenir mon code client sur cet appareil"),
        help_text=_("Jamais sur un ordinateur public. Seuls ses derniers chiffres seront affichés."),
        required=False,
    )
    public = forms.BooleanField(
        label=_("Cet appareil n’est pas à moi (ordinateur d’une bibliothèque, d’un hôtel…)"),
        help_text=_("Le site n’y gardera rien de vous, et vous déconnectera après 2\u00a0minutes sans activité."),
        required=False,
    )

    error_messages = {
        "invalid_login": _(
            "Code client ou code secret incorrect. Vérifiez les deux. Après cinq codes erronés, la connexion se met en "
            "pause."
        ),
        "perhaps_a_letter": _(
            "Votre code secret vient d’un courrier ? Recopiez aussi le numéro de la lettre, plus bas ; si vous avez "
            "reçu plusieurs lettres, seule la plus récente compte. Un code provisoire n’est valable que 30 jours : "
            "passé ce délai, demandez-en un nouveau."
        ),
    }

    def __init__(self, request=None, *args, remembered=None, **kwargs):
        super().__init__(request, *args, **kwargs)
        self.remembered = remembered
        if remembered:
            del self.fields["username"], self.fields["keep"]
            return
        if self.data.get("remembered"):
            self.fields["username"].error_messages["required"] = NO_LONGER_REMEMBERED
        # AuthenticationForm would cut a pasted number with spaces at the length of the column.
        self.fields["username"].max_length = None
        self.fields["username"].widget.attrs.pop("maxlength", None)

    @sensitive_variables()
    def clean(self):
        typed = self.cleaned_data
        client_code = self.remembered.client_code if self.remembered else typed.get("username")
        if "letter" not in typed or not client_code or not typed.get("password"):
            return typed
        # The digest: what is handed on as a credential passes through signals and error reports.
        digest = letter_numbers.digest(typed["letter"]) if typed["letter"] else ""
        self.user_cache = authenticated(self.request, client_code, typed["password"], digest)
        if self.user_cache is None:
            raise self.get_invalid_login_error()
        return typed

    def get_invalid_login_error(self):
        """In paragraphs, the same for every number: what is wrong, how many attempts are left, and the letter."""
        wrong, letter = (
            ValidationError(self.error_messages[code], code=code) for code in ("invalid_login", "perhaps_a_letter")
        )
        left = last_try.sentences(attempts.of(self.request).aftermath)
        return ValidationError([wrong, *(ValidationError(said, code="one_left") for said in left), letter])


class ForgottenCodeForm(forms.Form):
    """Whose code secret is to be renewed by letter."""

    username = asked_client_code()


class SecretCodeForm(forms.Form):
    """The current code and, twice, the one chosen. Whether the current one is right is for the view to count."""

    old_password = SecretCodeField(
        label=_("Code secret actuel"),
        autocomplete="current-password",
        error_messages={"required": _("Saisissez votre code secret actuel.")},
    )
    new_password1 = SecretCodeField(
        label=_("Nouveau code secret"),
        help_text=_(
            "Six chiffres de 0 à 9, que l’on ne peut pas deviner : ni suite, ni répétition, ni code trop courant, ni "
            "rien de votre date de naissance, de vos numéros ou de vos codes précédents."
        ),
        autocomplete="new-password",
        attrs=SIX_DIGITS,
        error_messages={"required": _("Choisissez votre nouveau code secret.")},
    )
    new_password2 = SecretCodeField(
        label=_("Nouveau code secret, une seconde fois"),
        autocomplete="new-password",
        attrs=SIX_DIGITS,
        error_messages={"required": _("Saisissez une seconde fois le nouveau code secret.")},
    )

    forget_devices = forms.BooleanField(
        label=_("Oublier aussi mes autres appareils connus"),
        help_text=_("À cocher si l’un d’eux n’est plus à vous, ou si vous avez un doute."),
        required=False,
    )
    # The row that this page was opened to replace: a second click must not count as a wrong current code.
    replacing = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, user, *args, is_default=False, is_known=False, is_vouched_for=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        if is_known:
            self.fields["forget_devices"].help_text += _(" Celui-ci reste connu.")
        if is_default:
            del self.fields["forget_devices"]
            self.fields["old_password"].label = _("Code secret provisoire")
            self.fields["old_password"].error_messages["required"] = ASK_DEFAULT_AGAIN
            self.fields["old_password"].help_text = _(
                "Celui du courrier, que vous venez d’utiliser pour vous connecter."
            )
        self.fields["old_password"].required = not is_vouched_for

    def asks_present_code(self):
        """Whether the page shows its field: not where the login has just verified it, unless it is wrong."""
        return self.fields["old_password"].required or "old_password" in self.errors

    @sensitive_variables("code", "reason")
    def clean_new_password1(self):
        code = self.cleaned_data["new_password1"]
        reason = why_weak(code, self.user.personal_data())
        if reason:
            raise ValidationError(f"{gettext(reason)} {ANOTHER}", code="weak")
        return code

    @sensitive_variables()
    def clean(self):
        first, second = self.cleaned_data.get("new_password1"), self.cleaned_data.get("new_password2")
        if first and second and first != second:
            self.add_error("new_password2", _("Les deux saisies du nouveau code secret diffèrent."))
        return self.cleaned_data


class DeviceRemovalForm(forms.Form):
    """The code; which device it is about, the address or the form says, for the view to look up."""

    password = SecretCodeField(
        label=_("Code secret"),
        help_text=_("6 chiffres."),
        autocomplete="current-password",
        error_messages={"required": _("Saisissez votre code secret pour retirer cet appareil.")},
    )


class ClosingForm(forms.Form):
    """« Ce n’était pas moi »: how the access, once closed, is to be opened again."""

    opens = forms.ChoiceField(
        label=_("Comment rouvrir l’accès ensuite ?"),
        choices=[(way.value, way.label) for way in (Opens.BY_LETTER, Opens.BY_ADVISOR)],
        initial=Opens.BY_LETTER,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez comment rouvrir l’accès.")},
    )

    def __init__(self, owner, *args, **kwargs):
        super().__init__(*args, **kwargs)
        address, opens = owner.letter_address(), self.fields["opens"]
        if address.is_held:
            opens.choices = [(Opens.BY_ADVISOR.value, _("Mon conseiller rouvrira l’accès"))]
            opens.initial, opens.help_text = Opens.BY_ADVISOR, NO_LETTER
        else:
            opens.help_text = _("Le courrier part à : {}.").format(", ".join(address.lines))
