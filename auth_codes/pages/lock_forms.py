"""What somebody types who locks his access: both codes, or the lock code alone."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes.locking import lock_codes
from auth_codes.login import attempt as attempts
from auth_codes.pages import last_try
from auth_codes.pages.fields import asked_client_code, asked_secret_code
from auth_codes.pages.forms import authenticated

NOT_LOCKED = _(
    "Code client ou code secret incorrect : rien n’est verrouillé. Vérifiez les deux, ou servez-vous du code de "
    "verrouillage. Après cinq codes erronés, la connexion se met en pause. En cas d’urgence, appelez-nous."
)


class CodesForm(forms.Form):
    """Both codes, as at the login; nothing is remembered of them."""

    username = asked_client_code()
    password = asked_secret_code()

    def __init__(self, request, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.owner = request, None

    @sensitive_variables()
    def clean(self):
        typed = self.cleaned_data
        if typed.get("username") and typed.get("password"):
            self.owner = authenticated(self.request, typed["username"], typed["password"])
            if self.owner is None:
                left = last_try.sentences(attempts.of(self.request).aftermath)
                raise ValidationError([NOT_LOCKED, *left], code="invalid_login")
        return typed


class LockCodeField(forms.CharField):
    """A lock code as people copy it: with spaces or dashes, in small letters, a sign taken for another."""

    @sensitive_variables()
    def to_python(self, value):
        typed = super().to_python(value)
        code = lock_codes.normalise(typed)
        if typed and not lock_codes.is_well_formed(code):
            raise ValidationError(
                _(
                    "Ce code comporte une erreur de saisie. Il a 12 lettres et chiffres, imprimés après « Code de "
                    "verrouillage » sur votre dernière lettre avec un code secret, ou sous votre liste de codes."
                )
            )
        return code


class LockCodeForm(forms.Form):
    """The lock code; whose it is, the view asks."""

    lock_code = LockCodeField(
        label=_("Code de verrouillage"),
        help_text=_(
            "12 lettres et chiffres, sur votre dernière lettre avec un code secret ou sous votre liste de codes ; les "
            "plus anciennes n’en ont pas. Les tirets, les espaces et les majuscules n’ont pas d’importance. Ce n’est "
            "pas le numéro du courrier."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Saisissez votre code de verrouillage.")},
    )
