"""What an advisor does about the way into an online space: ending sessions, closing it, asking for a block to end."""

from collections.abc import Callable
from typing import NamedTuple

from django.contrib import messages
from django.urls import path
from django.utils import timezone

from accounts.admin.acts import NOT_ONLINE, posted, sheet_of
from accounts.admin.asking import Asking, AskingActs
from accounts.desk import bulk_acts, drafts
from accounts.desk.forms import WhyForm
from auth_codes import wording
from auth_codes.actor import Actor
from auth_codes.lockout import counters
from auth_codes.models import SecurityEvent, Unblocking
from auth_codes.renewals import code_life, unblocking

WILL_BE_CLOSED = (
    "À faire aussitôt quand le client craint une fraude. Ses codes, lettres en route comprises, n’ouvrent plus rien et "
    "ses sessions se ferment. Ses comptes, cartes et virements ne changent pas. Seul un renouvellement par deux "
    "conseillers rouvre l’accès. Le client est averti, avec la raison."
)
CLOSED = "Accès fermé : plus aucun code n’ouvre cet espace. Seul un renouvellement par deux conseillers le rouvre."
WILL_BE_SHUT = (
    "Tous les appareils sont déconnectés aussitôt. Le code secret reste le même : le client se reconnecte quand il "
    "veut. Si quelqu’un connaît peut-être son code, fermez l’accès. Le client est averti, avec la raison."
)
SHUT = "Sessions fermées : tous les appareils sont déconnectés."
WILL_BE_UNBLOCKED = (
    "Vérifiez d’abord l’identité, sans jamais demander le code. Un second conseiller approuve ; la pause prend alors "
    "fin. Le nombre d’erreurs reste : cinq de plus la remettraient, plus longue. Si le client ne sait plus son code, "
    "demandez plutôt un renouvellement."
)
UNBLOCKING = Asking(
    title="Lever la suspension",
    explanation=WILL_BE_UNBLOCKED,
    kind=Unblocking,
    judge=lambda owner: unblocking.judge(owner, timezone.now()),
    start=unblocking.start,
    started=(
        "Fin de la suspension demandée. Elle a lieu dès qu’un second conseiller l’approuve ; d’ici là, rien ne change."
    ),
    waits="Une demande attend déjà l’approbation d’un second conseiller.",
    refusals={
        unblocking.NothingBlocked: "La connexion n’est pas suspendue, ou ne l’est plus.",
        unblocking.OnlyRenewal: (
            "Vingt codes erronés ou plus : seul un renouvellement du code secret, ou le client depuis un appareil "
            "connu, rouvre la connexion."
        ),
    },
)


class Shutting(NamedTuple):
    """One of the acts that give nothing to anybody."""

    title: str
    explanation: str
    act: Callable
    kind: str
    done: str


ACCESS = Shutting("Fermer l’accès", WILL_BE_CLOSED, code_life.void_all, SecurityEvent.Kind.ACCESS_CLOSED, CLOSED)
SESSIONS = Shutting("Fermer les sessions", WILL_BE_SHUT, code_life.end_sessions, SecurityEvent.Kind.SESSIONS_SHUT, SHUT)


class AccessActs(AskingActs):
    """Three acts, of which the two that give nothing to anybody are done at once by one advisor."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/fermer/", wrap(self.shut_view), {"shutting": ACCESS}, name="client_close"),
            path("<int:pk>/deconnecter/", wrap(self.shut_view), {"shutting": SESSIONS}, name="client_sessions"),
            path(
                "<int:pk>/lever-la-suspension/", wrap(self.asking_view), {"asking": UNBLOCKING}, name="client_unblock"
            ),
        ]
        return own + super().get_urls()

    def shut_view(self, request, pk, shutting):
        """One advisor, at once, with the reason that the client reads."""
        client, form = self._client(request, pk), WhyForm(posted(request), initial=drafts.initial(request))
        if not client.user_id or not form.is_valid():
            refusal = "" if client.user_id else NOT_ONLINE
            note = {"explanation": shutting.explanation, "address_label": "Adresse postale", "refusal": refusal}
            return self._act_page(request, client, shutting.title, form=form, **note)
        shutting.act(client.user, why=form.reason(), by=Actor.of(request))
        bulk_acts.ring_if_many(shutting.kind, by=Actor.of(request))
        messages.success(request, shutting.done)
        return sheet_of(client)


def block_in_words(client) -> str:
    """« jusqu’au 01/03/2026 à 08:05, après 10 codes erronés »; empty where nothing is suspended."""
    counter = counters.client_counter(client.user.username)
    block = counters.block_of(counter)
    if block is None:
        return ""
    until = f"jusqu’au {wording.moment(block.until)}" if block.until else "jusqu’à un renouvellement"
    return f"{until}, après {counters.failures_of(counter)} codes erronés"
