"""What `manage.py check --deploy` tells operators of the portal's public face."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.utils import timezone

from auth_codes import wording

WARNED_BEFORE = timedelta(days=30)
NOBODY = (
    "SECURITY_CONTACT manque : qui découvre une faille ne sait pas à qui le dire, et /.well-known/security.txt manque."
)
HOW_TO_NAME = "Par exemple SECURITY_CONTACT=mailto:securite@banque.example."
HOW_TO_PROLONG = "Vérifiez que l’adresse est toujours lue, puis donnez à SECURITY_TXT_EXPIRES un jour de moins d’un an."


def check_security_txt(**kwargs: object) -> list[CheckMessage]:
    """Whether somebody who finds a flaw is told whom to tell, for another month at least."""
    if not settings.SECURITY_CONTACT:
        return [Warning(NOBODY, HOW_TO_NAME, id="banking_portal.W001")]
    return list(_ends(settings.SECURITY_TXT_EXPIRES, timezone.localdate()))


def _ends(expires: date, today: date) -> Iterator[CheckMessage]:
    if expires <= today + WARNED_BEFORE:
        text = f"/.well-known/security.txt n’est valable que jusqu’au {wording.day(expires)}."
        yield Warning(text, HOW_TO_PROLONG, id="banking_portal.W002")
