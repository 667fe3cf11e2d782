"""The token that the bank lends: handed over to a client at the desk, and taken back.

One advisor does both: a token that was lent opens nothing before the client himself has put it into use, by his code
secret; and it is taken back only once it serves no more, which the client or two advisors bring about.
"""

from django.contrib import messages
from django.urls import path
from django.utils import timezone

from accounts.admin.acts import CLIENT_ENDED, NOT_ONLINE, ClientActs, posted, sheet_of
from accounts.clients import as_seen
from accounts.desk import drafts
from accounts.desk.token_forms import LendingForm, TakingBackForm
from auth_codes.actor import Actor
from auth_codes.factors import tokens

LEND, TAKE_BACK = "Prêter un boîtier", "Reprendre le boîtier"
WILL_BE_LENT = (
    "Un boîtier montre les nombres que demande la connexion, à qui n’a pas de smartphone. Vérifiez d’abord l’identité, "
    "remettez le boîtier en main propre, puis recopiez son numéro ici. Il ne sert à rien tant que le client ne l’a pas "
    "activé dans son espace, sous « Mes moyens de connexion », avec son code secret : ne le demandez jamais."
)
WILL_BE_BACK = (
    "Le boîtier n° {} est prêté à ce client. Un boîtier rendu en bon état peut être prêté de nouveau : il ne montre sa "
    "clé à personne. Un boîtier perdu ou cassé ne l’est plus jamais, et la banque efface sa clé."
)
LENT = "Boîtier n° {} prêté. Le client l’active dans son espace, sous « Mes moyens de connexion »."
BACK = "Prêt terminé. Un autre boîtier peut être prêté à ce client."
NO_SUCH = "La banque n’a pas de boîtier n° {}. Relisez le numéro au dos."
NOT_IN_STOCK = "Le boîtier n° {} est prêté à quelqu’un d’autre, ou il est hors d’usage. Prenez-en un autre."
HAS_ONE = "Ce client a déjà un boîtier : reprenez-le d’abord."
NOT_SEALED = "Le boîtier n° {} n’est plus celui qu’a enregistré la banque. Mettez-le de côté et prévenez l’exploitant."
STILL_SHOWN = (
    "Ce boîtier est encore un second moyen du client. Le client le retire d’abord dans son espace ; s’il ne l’a plus, "
    "demandez la fin de ses seconds moyens, qu’un second conseiller approuve."
)
ALREADY_BACK = "Ce prêt était déjà terminé."
WHY_NOT = {tokens.NoSuchToken: NO_SUCH, tokens.NotInStock: NOT_IN_STOCK, tokens.NotSealed: NOT_SEALED}


class TokenActs(ClientActs):
    def get_urls(self):
        own = path("<int:pk>/boitier/", self.admin_site.admin_view(self.token_view), name="client_token")
        return [own, *super().get_urls()]

    def token_view(self, request, pk):
        """Lends one, or takes back the one that is lent; a form says which of the two it was."""
        client = self._client(request, pk)
        token = tokens.of(client.user) if client.user else None
        if "how" in request.POST or (token and "serial" not in request.POST):
            return self._take_back(request, client, token)
        return self._lend(request, client)

    def _lend(self, request, client):
        refusal = _why_not_lent(client)
        form = LendingForm(posted(request), initial=drafts.initial(request))
        if refusal or not form.is_valid():
            return self._token_page(request, client, LEND, form=form, refusal=refusal, explanation=WILL_BE_LENT)
        serial = form.cleaned_data["serial"]
        try:
            tokens.lend(client.user, serial, by=Actor.of(request), now=timezone.now())
        except tokens.HasToken:
            messages.error(request, HAS_ONE)
        except tuple(WHY_NOT) as why:
            form.add_error("serial", WHY_NOT[type(why)].format(serial))
            return self._token_page(request, client, LEND, form=form, explanation=WILL_BE_LENT)
        else:
            messages.success(request, LENT.format(serial))
        return sheet_of(client)

    def _take_back(self, request, client, token):
        if token is None:
            messages.info(request, ALREADY_BACK)
            return sheet_of(client)
        refusal, loan = STILL_SHOWN if token.factors.active().exists() else "", _loan(token)
        if request.method == "POST" and not refusal and request.POST.get("seen") != loan:
            messages.info(request, ALREADY_BACK)  # the page was about another one, which came back before this was lent
            return sheet_of(client)
        form = TakingBackForm(posted(request), initial=drafts.initial(request))
        if refusal or not form.is_valid():
            said = WILL_BE_BACK.format(token.serial)
            told = {"refusal": refusal, "explanation": said, "seen": loan}
            return self._token_page(request, client, TAKE_BACK, form=form, **told)
        try:
            tokens.take_back(client.user, form.back(), by=Actor.of(request), now=timezone.now())
        except tokens.NothingLent:
            messages.info(request, ALREADY_BACK)
        except tokens.StillShown:
            messages.error(request, STILL_SHOWN)
        except tokens.NotSealed:
            messages.error(request, NOT_SEALED.format(token.serial))
        else:
            messages.success(request, BACK)
        return sheet_of(client)

    def _token_page(self, request, client, title, **context):
        return self._act_page(request, client, title, address_label="Adresse postale", **context)


def _loan(token) -> str:
    return as_seen.fingerprint([token.serial, token.lent_at.isoformat()])


def _why_not_lent(client) -> str:
    if client.user is None:
        return NOT_ONLINE
    return CLIENT_ENDED if client.ended_on else ""
