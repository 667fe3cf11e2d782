"""Counting aloud: what a browser is told of its own wrong attempts before they end in a pause."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from auth_codes.login.block_notices import PAUSES
from auth_codes.login.gate import Aftermath

DURING = _("pendant {}")
UNTIL_A_NEW_CODE = _("jusqu’à un nouveau code secret, envoyé par courrier")
ONE_LEFT = _("Il vous reste un essai\u00a0: après un nouveau code erroné, la connexion se met en pause {}.")
ONE_LEFT_TO_DEVICE = _(
    "Il reste un essai à cet appareil\u00a0: après un nouveau code erroné, il ne sera plus connu, jusqu’à sa prochaine "
    "connexion réussie."
)


def sentences(aftermath: Aftermath) -> list[str]:
    """One where one attempt is left and the failures before were this browser's own; else none."""
    if aftermath.next_block is None:
        return []
    if aftermath.was_known:
        return [str(ONE_LEFT_TO_DEVICE)]
    pause = PAUSES.get(aftermath.next_block)
    return [ONE_LEFT.format(DURING.format(gettext(pause)) if pause else UNTIL_A_NEW_CODE)]
