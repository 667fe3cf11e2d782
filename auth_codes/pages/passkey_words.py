"""What is said of a passkey that was not accepted, by which nothing was opened and nothing added."""

from django.utils.translation import gettext_lazy as _

from auth_codes.factors.passkeys import PasskeyFault

NOT_READ = _("Ce que votre navigateur a transmis n’est pas la réponse d’une clé d’accès. Recommencez.")
ELSEWHERE = _(
    "Cette réponse vient d’une autre adresse que celle de votre banque. Fermez cette page, tapez vous-même l’adresse "
    "de votre banque dans le navigateur, et recommencez."
)
STALE = _("Cette page avait déjà servi, ou était trop ancienne. En voici une nouvelle\u00a0: recommencez.")
UNVERIFIED = _(
    "L’appareil n’a pas vérifié que c’était bien vous. Il doit demander votre empreinte, votre visage ou le code PIN "
    "de la clé\u00a0: réglez-le d’abord dans l’appareil, ou prenez une autre clé."
)
SYNCED = _(
    "Cette clé d’accès est copiée entre plusieurs appareils, et votre banque n’accepte que celles qui restent dans un "
    "seul, comme une clé USB. Prenez-en une autre, ou un autre moyen."
)
WHY_NOT_SHOWN = {
    PasskeyFault.UNREADABLE: NOT_READ,
    PasskeyFault.ELSEWHERE: ELSEWHERE,
    PasskeyFault.STALE: STALE,
    PasskeyFault.UNVERIFIED: UNVERIFIED,
    PasskeyFault.SYNCED: SYNCED,
    PasskeyFault.UNKNOWN: _("Cette clé d’accès n’est pas l’une des vôtres. Prenez celle que vous avez ajoutée ici."),
    PasskeyFault.REMOVED: _(
        "Cette clé d’accès a été retirée de votre accès\u00a0: elle ne sert plus. Prenez-en une autre."
    ),
    PasskeyFault.WRONG: _(
        "La signature de cette clé d’accès n’est pas la bonne. Recommencez, ou prenez un autre moyen."
    ),
    PasskeyFault.COPIED: _(
        "Cette clé d’accès a été refusée\u00a0: d’après son compteur, une copie a peut-être servi ailleurs. Vous en "
        "êtes averti. Réessayez une fois\u00a0; si elle est refusée de nouveau, prenez un autre moyen et retirez-la."
    ),
}
WHY_NOT_ADDED = WHY_NOT_SHOWN | {
    PasskeyFault.ALREADY: _("Cette clé d’accès est déjà enregistrée. Rien n’est ajouté."),
    PasskeyFault.STALE: _("Cette réponse n’était pas celle de cette page. Recommencez d’ici."),
}
