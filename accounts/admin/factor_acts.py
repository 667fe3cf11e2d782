"""What an advisor does for a client who has lost his second moyen: asks for its end, which a second one approves."""

from django.urls import path

from accounts.admin.asking import Asking, AskingActs
from auth_codes.factors import by_advisors, told
from auth_codes.models import FactorsEnding

WILL_END = (
    "À demander quand le client n’a plus son téléphone. Vérifiez d’abord l’identité, sans jamais demander le code "
    "secret ni un nombre de l’application. Un second conseiller approuve ; tous ses seconds moyens prennent alors fin, "
    "et ses deux codes suffisent de nouveau. Le client est averti."
)
ENDING = Asking(
    title="Mettre fin aux seconds moyens",
    explanation=WILL_END,
    kind=FactorsEnding,
    judge=by_advisors.judge,
    start=by_advisors.start,
    started=(
        "Fin des seconds moyens demandée. Elle a lieu dès qu’un second conseiller l’approuve ; d’ici là, rien ne "
        "change."
    ),
    waits="Une demande attend déjà l’approbation d’un second conseiller.",
    refusals={
        by_advisors.NoFactor: "Ce client n’a pas de second moyen, ou n’en a plus : ses deux codes suffisent.",
    },
)


class FactorActs(AskingActs):
    def get_urls(self):
        view = self.admin_site.admin_view(self.asking_view)
        own = path("<int:pk>/fin-des-moyens/", view, {"asking": ENDING}, name="client_factors")
        return [own, *super().get_urls()]


def in_words(client) -> list[str]:
    """Each moyen that stands, by its kind: the names that he gives are his own; those too that somebody deleted."""
    gone = [f"{one.in_words()} (plus dans la base)" for one in told.gone(client.user).values()]
    return [*(str(factor.get_kind_display()) for factor in client.user.factors.active()), *gone]
