"""Django's way to the judge of staff passwords, with what the person and the bank are called."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from auth_codes import staff_passwords
from auth_codes.owner import Owner

HELP = (
    f"{staff_passwords.LEAST} caractères au moins. Le plus simple est une suite de quatre mots tirés au hasard, par "
    "exemple en ouvrant un livre. Trois mots courants ou moins, même avec des chiffres et des signes, sont refusés."
)


class StaffPasswordValidator:
    """Of AUTH_PASSWORD_VALIDATORS: each page and command that sets a password asks it."""

    @sensitive_variables("password")
    def validate(self, password: str, user: Owner | None = None) -> None:
        """Raises ValidationError with the reason, and what to do."""
        reason = staff_passwords.why_weak(password, [*_names_of(user), *_names_of_the_bank()])
        if reason:
            raise ValidationError(f"{reason} Choisissez plutôt quatre mots tirés au hasard.", code="weak")

    def get_help_text(self) -> str:
        return HELP


def _names_of(user: Owner | None) -> list[str]:
    if user is None:
        return []
    # None when the form has refused it.
    return [user.get_username() or "", user.first_name, user.last_name, user.email]


def _names_of_the_bank() -> list[str]:
    """The domains it is reached and writes under."""
    return [*settings.ALLOWED_HOSTS, settings.DEFAULT_FROM_EMAIL]
