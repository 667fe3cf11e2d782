"""Closing an account at the desk: by signatures on paper, by what holders confirm online, or by both."""

from functools import partial

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone

from accounts.admin.account_acts import AccountActs
from accounts.admin.acts import posted
from accounts.bank_accounts import closing, closing_requests, cosigning
from accounts.bank_accounts.signers import online_signers_of
from accounts.desk import bulk_acts, closings, drafts
from accounts.desk.access_forms import CHANGED, NOT_ONLINE, AccountClosingForm
from accounts.kinds import Event
from accounts.ledger import books
from auth_codes import wording
from auth_codes.actor import Actor

# Not by how much: the desk sees no balances.
NOT_EMPTY = "Ce compte est à solder : le titulaire le ramène à zéro, puis vous le clôturez."
WHY_NOT = {
    books.AccountClosed: "Ce compte est clôturé.",
    closing.NotEmpty: NOT_EMPTY,
    closing.NotAgreed: CHANGED,
    closing.StillPending: "Une opération est attendue sur ce compte : clôturez-le quand elle est passée.",
    cosigning.AlreadyAsked: "Une demande attend déjà les réponses des titulaires de ce compte.",
    cosigning.NoOpenSpace: NOT_ONLINE,
    cosigning.Over: "Cette demande a déjà pris fin : relisez où elle en est.",
}
CLOSED = "Compte clôturé : plus rien n’y sera comptabilisé."
ASKED = (
    "Demande envoyée. Elle attend dans l’Espace Client jusqu’au {} inclus, et vous la retrouvez sur votre première "
    "page quand tous y ont répondu."
)
WITHDRAWN = "Demande retirée : le compte reste ouvert, et chacun en est averti."
TITLE, CLOSE, CLOSE_OR_ASK = "Clôturer un compte", "Clôturer le compte", "Clôturer, ou envoyer la demande"
WILL_BE_CLOSED = (
    "Chaque titulaire donne son accord, sur papier ou dans son Espace Client : personne ne clôture le compte d’un "
    "autre. Qui veut seulement n’en être plus titulaire l’écrit à part. Les opérations et les documents restent, les "
    "procurations prennent fin, un virement préparé et non confirmé ne pourra plus l’être. Les titulaires en sont "
    "avertis par courriel. Deux conseillers peuvent revenir sur une erreur pendant 30 jours."
)
IS_ASKED = (
    "La clôture est demandée en ligne : tant qu’une réponse manque, le compte reste ouvert. Qui ne répond pas peut "
    "signer sur papier. Le solde et les titulaires sont vérifiés de nouveau à la clôture."
)


class ClosingActs(AccountActs):
    """The page on which an account is closed, and its closing asked for or taken back."""

    def get_urls(self):
        page = "<int:pk>/comptes/<int:account_pk>/cloturer/"
        return [path(page, self.admin_site.admin_view(self.closing_view), name="account_close"), *super().get_urls()]

    def closing_view(self, request, pk, account_pk):
        client, account = self._account(request, pk, account_pk)
        file, refusal = closings.file_of(account), why_open(account)
        form = closing_form(account, file, request)
        if "withdraw" in request.POST:
            act = partial(withdraw, file)
        elif refusal or not form.is_valid():
            page = {"account": account, "form": form, "file": file, "refusal": refusal, **words_of(form, file)}
            return self._account_page(request, client, TITLE, **page)
        else:
            act = partial(close_or_ask, account, form.cleaned_data)
        try:
            messages.success(request, act(by=Actor.of(request)))
        except tuple(WHY_NOT) as why:
            messages.error(request, WHY_NOT[type(why)])
        return redirect("admin:accounts_client_change", client.pk)


def closing_form(account, file, request):
    """Boxes for whose agreement is not there yet; who can is asked online, once."""
    agreed, today = closing_requests.agreed_on(account, ()), timezone.localdate()
    waiting = [holder for holder in account.holders.all() if holder.pk not in agreed]
    is_asked = file is not None and file.is_open
    online = [] if is_asked else [holder for holder in waiting if online_signers_of(holder, today)]
    return AccountClosingForm(waiting, online, posted(request), initial=drafts.initial(request))


def words_of(form, file):
    is_asked = file is not None and file.is_open
    return {
        "explanation": IS_ASKED if is_asked else WILL_BE_CLOSED,
        "submit": CLOSE_OR_ASK if "asked" in form.fields else CLOSE,
    }


def close_or_ask(account, typed, *, by) -> str:
    """What was done, as a sentence: closed where all have signed, else asked of those who are to be asked."""
    online, signed = typed.get("asked", []), typed.get("agreed", [])
    if not online:
        closing.close_account(account, agreed=signed, by=by)
        bulk_acts.ring_if_many(Event.ACCOUNT_CLOSED, by=by)
        return CLOSED
    asked = cosigning.ask(account, online=online, signed=signed, by=by)
    bulk_acts.ring_if_many(Event.CLOSING_ASKED, by=by)
    return ASKED.format(wording.day(asked.last_day))


def withdraw(file, *, by) -> str:
    if file is None:
        raise cosigning.Over
    cosigning.withdraw(file.request, by=by)
    return WITHDRAWN


def why_open(account) -> str:
    """What keeps an account from being closed, as a sentence; empty when nothing does."""
    try:
        closing.judge(account)
    except (books.AccountClosed, closing.NotEmpty, closing.StillPending) as why:
        return WHY_NOT[type(why)]
    return ""
