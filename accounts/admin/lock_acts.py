"""The first of the two advisors who undo the lock that a client has put on his own access."""

from django.urls import path

from accounts.admin.asking import Asking, AskingActs
from auth_codes.locking import locks, unlocking
from auth_codes.models import Unlocking

WILL_BE_UNLOCKED = (
    "Le client a verrouillé son accès parce qu’il avait une crainte. Vérifiez d’abord que c’est bien lui, sans jamais "
    "demander le code, et rappelez-le à un numéro connu. Demandez ce qui l’a inquiété : si quelqu’un connaît peut-être "
    "son code, demandez d’abord un renouvellement, dont la lettre part une fois l’accès déverrouillé. Sinon les mêmes "
    "codes ouvriront de nouveau."
)
UNLOCKING = Asking(
    title="Déverrouiller l’accès",
    explanation=WILL_BE_UNLOCKED,
    kind=Unlocking,
    judge=locks.require,
    start=unlocking.start,
    started="Déverrouillage demandé. Il a lieu dès qu’un second conseiller l’approuve ; d’ici là, l’accès reste fermé.",
    waits="Un déverrouillage attend déjà l’approbation d’un second conseiller.",
    refusals={locks.NotLocked: "Cet accès n’est pas verrouillé, ou ne l’est plus."},
)


class LockActs(AskingActs):
    """Locking is the client's own; the desk closes an access otherwise (access_acts.py)."""

    def get_urls(self):
        unlock = self.admin_site.admin_view(self.asking_view)
        own = path("<int:pk>/deverrouiller/", unlock, {"asking": UNLOCKING}, name="client_unlock")
        return [own, *super().get_urls()]
