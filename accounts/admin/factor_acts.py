"""What an advisor asks for about a client’s second moyen, and a second one approves: the end of all, or a ticket."""

from django.urls import path

from accounts.admin.asking import Asking, AskingActs
from accounts.desk.forms import TicketAskingForm
from auth_codes.factors import by_advisors, tickets_by_advisors, told
from auth_codes.models import FactorsEnding, TicketRequest

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

TICKET_WILL_BE = (
    "À demander quand le client est devant vous, avec sa pièce d’identité. Un second conseiller approuve aussitôt et "
    "remet le ticket, qui sert une fois, dans les 15 minutes : le client le recopie lui-même dans son espace et ajoute "
    "une application ou une clé d’accès, qui compte tout de suite. Ne lui demandez jamais ses codes, et ne regardez "
    "pas la clé que son écran montre. Il est averti."
)
TICKET = Asking(
    title="Remettre un ticket",
    explanation=TICKET_WILL_BE,
    kind=TicketRequest,
    judge=tickets_by_advisors.judge,
    start=tickets_by_advisors.start,
    started="Ticket demandé. Un second conseiller l’approuve et le remet ; gardez le client auprès de vous.",
    waits="Un ticket attend déjà l’approbation d’un second conseiller.",
    refusals={
        tickets_by_advisors.NoCode: (
            "Aucun code n’ouvre l’espace de ce client : il ne pourrait pas se servir d’un ticket. Demandez d’abord un "
            "nouveau code secret."
        ),
        by_advisors.NoFactor: (
            "Ce client n’a aucun moyen à remplacer. Demandez plutôt un ticket pour ajouter un moyen."
        ),
    },
    form=TicketAskingForm,
)


class FactorActs(AskingActs):
    def get_urls(self):
        view = self.admin_site.admin_view(self.asking_view)
        own = path("<int:pk>/fin-des-moyens/", view, {"asking": ENDING}, name="client_factors")
        ticket = path("<int:pk>/ticket/", view, {"asking": TICKET}, name="client_ticket")
        return [own, ticket, *super().get_urls()]


def in_words(client) -> list[str]:
    """Each moyen that stands, by its kind: the names that he gives are his own; those too that somebody deleted."""
    gone = [f"{one.in_words()} (plus dans la base)" for one in told.gone(client.user).values()]
    standing = client.user.factors.active().select_related("token")
    return [*(_named(factor) for factor in standing), *gone]


def _named(factor) -> str:
    kind = str(factor.get_kind_display())
    return f"{kind} n° {factor.token.serial}" if factor.token else kind
