"""What an advisor does about the way into an online space: ending sessions, closing it, asking for a block to end."""

from django.contrib import messages
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.admin.acts import NOT_ONLINE, ClientActs, sheet_of
from accounts.desk import bulk_acts, drafts
from accounts.desk.forms import RenewalForm, WhyForm
from auth_codes import dual_control, wording
from auth_codes.actor import Actor
from auth_codes.lockout import counters
from auth_codes.models import SecurityEvent
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
UNBLOCKING_STARTED = (
    "Fin de la suspension demandée. Elle a lieu dès qu’un second conseiller l’approuve ; d’ici là, rien ne change."
)
UNBLOCKING_WAITS = "Une demande attend déjà l’approbation d’un second conseiller."
WHY_NOT = {
    unblocking.NothingBlocked: "La connexion n’est pas suspendue, ou ne l’est plus.",
    unblocking.OnlyRenewal: (
        "Vingt codes erronés ou plus : seul un renouvellement du code secret, ou le client depuis un appareil connu, "
        "rouvre la connexion."
    ),
    dual_control.AlreadyStarted: UNBLOCKING_WAITS,
    dual_control.AlreadyDecided: "Cette demande a déjà reçu une réponse, ou elle a attendu trop longtemps.",
}


class AccessActs(ClientActs):
    """Three acts, of which the two that give nothing to anybody are done at once by one advisor."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/fermer/", wrap(self.close_view), name="client_close"),
            path("<int:pk>/deconnecter/", wrap(self.sessions_view), name="client_sessions"),
            path("<int:pk>/lever-la-suspension/", wrap(self.unblock_view), name="client_unblock"),
        ]
        return own + super().get_urls()

    def close_view(self, request, pk):
        client, form = self._client(request, pk), WhyForm(_posted(request), initial=drafts.initial(request))
        if not client.user_id or not form.is_valid():
            return self._why_page(request, client, "Fermer l’accès", form, WILL_BE_CLOSED)
        code_life.void_all(client.user, why=form.reason(), by=Actor.of(request))
        bulk_acts.ring_if_many(SecurityEvent.Kind.ACCESS_CLOSED, by=Actor.of(request))
        messages.success(request, CLOSED)
        return sheet_of(client)

    def sessions_view(self, request, pk):
        client, form = self._client(request, pk), WhyForm(_posted(request), initial=drafts.initial(request))
        if not client.user_id or not form.is_valid():
            return self._why_page(request, client, "Fermer les sessions", form, WILL_BE_SHUT)
        code_life.end_sessions(client.user, why=form.reason(), by=Actor.of(request))
        bulk_acts.ring_if_many(SecurityEvent.Kind.SESSIONS_SHUT, by=Actor.of(request))
        messages.success(request, SHUT)
        return sheet_of(client)

    def unblock_view(self, request, pk):
        """The first of two advisors; what is posted is judged where it is stored, so that a second click is none."""
        client, form = self._client(request, pk), RenewalForm(_posted(request), initial=drafts.initial(request))
        refusal = "" if client.user_id else NOT_ONLINE
        refusal = refusal or ("" if form.is_bound else _why_not_unblocked(client))
        if refusal or not form.is_valid():
            note = {"explanation": WILL_BE_UNBLOCKED, "address_label": "Adresse postale", "refusal": refusal}
            return self._act_page(request, client, "Lever la suspension", form=form, **note)
        try:
            unblocking.start(client.user, by=Actor.of(request), **form.cleaned_data)
        except tuple(WHY_NOT) as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            messages.success(request, UNBLOCKING_STARTED)
        return sheet_of(client)

    def _why_page(self, request, client, title, form, explanation):
        refusal = "" if client.user_id else NOT_ONLINE
        note = {"explanation": explanation, "address_label": "Adresse postale", "refusal": refusal}
        return self._act_page(request, client, title, form=form, **note)


def _posted(request):
    return request.POST if request.method == "POST" else None


def _why_not_unblocked(client) -> str:
    waiting = client.user.unblockings.open_at(timezone.now()).first()
    if waiting:
        page = reverse("admin:auth_codes_unblocking_change", args=[waiting.pk])
        return format_html('{} <a href="{}">Voir cette demande</a>', UNBLOCKING_WAITS, page)
    try:
        unblocking.judge(client.user, timezone.now())
    except (unblocking.NothingBlocked, unblocking.OnlyRenewal) as why:
        return WHY_NOT[type(why)]
    return ""


def block_in_words(client) -> str:
    """« jusqu’au 01/03/2026 à 08:05, après 10 codes erronés »; empty where nothing is suspended."""
    counter = counters.client_counter(client.user.username)
    block = counters.block_of(counter)
    if block is None:
        return ""
    until = f"jusqu’au {wording.moment(block.until)}" if block.until else "jusqu’à un renouvellement"
    return f"{until}, après {counters.failures_of(counter)} codes erronés"
