"""Why a transfer is not made, each with the sentence that tells the client what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NOT_YOURS = _(
    "Un virement se fait entre deux de vos comptes ou, par procuration ou comme représentant, entre deux "
    "comptes d’un même titulaire. Choisissez deux comptes qui vont ensemble."
)
MINORS_READ = _(
    "Avant 18 ans, on consulte ses comptes ici sans y faire de virement. Demandez à l’un de vos représentants, ou à "
    "votre conseiller."
)
SAME_ACCOUNT = _("C’est le compte que vous débitez. Choisissez un autre compte à créditer.")
CLOSED = _("Ce compte est clôturé : plus rien n’y entre ni n’en sort. Choisissez un autre compte.")
TOO_MUCH = _("Il y a {} disponibles sur ce compte. Choisissez un montant plus petit, ou un autre compte à débiter.")
NOTHING_LEFT = _("Il n’y a plus rien de disponible sur ce compte. Choisissez un autre compte à débiter.")
OVER_THE_LIMIT = _(
    "Vous pouvez virer {} par jour en ligne ; il vous reste {} aujourd’hui. Choisissez un montant plus petit, "
    "attendez demain, ou demandez à votre conseiller."
)
LIMIT_USED_UP = _(
    "Vous avez déjà viré {} aujourd’hui, le plus que l’on puisse en ligne. Recommencez demain, ou demandez à votre "
    "conseiller."
)
TOO_MANY = _(
    "Vous avez déjà fait {} virements aujourd’hui, le plus que l’on puisse en ligne. Recommencez demain, ou demandez à "
    "votre conseiller."
)
EXPIRED = _(
    "Ce virement attendait depuis plus de 10 minutes : il a expiré. Rien n’a été débité. Préparez-le de nouveau."
)
CHANGED = _(
    "Ce virement n’est plus celui que vous avez relu. Par précaution, il est annulé : rien n’a été débité. "
    "Relisez-le, puis préparez-le de nouveau."
)
NOT_TODAY = _("L’un des deux comptes n’accepte pas d’opération aujourd’hui. Rien n’a été débité. Recommencez demain.")


class TransferRefused(Exception):
    """Why no money moves; `sentence` tells the client what to do. `field` is what he would change in his order."""

    field: str | None = None

    def __init__(self, sentence: str | Promise):
        super().__init__(sentence)
        self.sentence = sentence


class NotYours(TransferRefused):
    """One of the accounts is not his, or the two do not belong to the same people."""

    field = "destination"


class SameAccount(TransferRefused):
    """The money would come back to where it leaves from."""

    field = "destination"


class SourceClosed(TransferRefused):
    """Nothing leaves an account that has been closed."""

    field = "source"


class DestinationClosed(TransferRefused):
    """Nothing reaches an account that has been closed."""

    field = "destination"


class InsufficientFunds(TransferRefused):
    """Less is available than the amount: announced debits are held, the authorised overdraft counts."""

    field = "amount"


class LimitReached(TransferRefused):
    """The amount of the day, or the number of transfers, is used up."""

    field = "amount"


class NotToday(TransferRefused):
    """The ledger takes nothing on this day."""


class Expired(TransferRefused):
    """The order was left for more than ten minutes."""


class Changed(TransferRefused):
    """What would be booked is not what the client read."""
