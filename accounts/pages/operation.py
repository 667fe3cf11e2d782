"""One operation: what it was, with whom, what for, and what to do when one does not know it."""

from enum import StrEnum
from typing import NamedTuple

from django.db.models import QuerySet, UUIDField
from django.http import Http404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from accounts.models import BankAccount, Booking, Client, Entry, InternalAccount, Representation
from accounts.operations import held, search
from accounts.pages import history_limit
from accounts.pages.accounts import AccountMixin, shown
from auth_codes.pages.visitor import open_to_codes_alone
from auth_codes.prepared import KEY, Blank, Prepared

OTHER_CUSTOMER = _("Un autre client de la banque")
THE_BANK = _("Votre banque")
# On the other side of the booking; where none of these stands, its label says with whom.
WITH = {
    InternalAccount.CASH: _("Guichet ou distributeur"),
    InternalAccount.INTEREST: THE_BANK,
    InternalAccount.FEES: THE_BANK,
    InternalAccount.CARRIED_OVER: THE_BANK,
}


class Doubt(StrEnum):
    """What to do with an operation that one does not know: a paragraph of the page each."""

    RECEIVED = "received"
    CARD = "card"
    DIRECT_DEBIT = "direct_debit"
    TRANSFER = "transfer"
    BANK = "bank"


DOUBTS = {
    Booking.Kind.CARD: Doubt.CARD,
    Booking.Kind.CASH: Doubt.CARD,
    Booking.Kind.DIRECT_DEBIT: Doubt.DIRECT_DEBIT,
    Booking.Kind.TRANSFER: Doubt.TRANSFER,
}


def _others(booking: Blank, entry: Blank) -> QuerySet[Entry]:
    """One, or two where there are several."""
    return Entry.objects.filter(booking=booking).exclude(pk=entry)[:2]


OTHERS = Prepared(_others, booking=UUIDField(), entry=KEY)


class OtherSide(NamedTuple):
    """With whom: an account where the client may see it, else the label, as it was booked, or words of the page."""

    account: BankAccount | None = None
    words: str = ""
    label: str = ""


@method_decorator(open_to_codes_alone, name="dispatch")
class OperationView(AccountMixin, TemplateView):
    template_name = "accounts/bank_accounts/operation.html"

    def get_context_data(self, *, pk, position, **kwargs):
        account = self.reached(pk)
        entry = search.at(account, position)
        if entry is None:
            raise Http404
        history_limit.judge(self.request, entry.booked_on)
        return super().get_context_data(
            entry=entry,
            other_side=other_side_of(entry, self.client, self.acting),
            doubt=doubt_of(entry),
            receipt=receipt_of(entry, self.client),
            **shown(account, self.client, self.acting)._asdict(),
            **kwargs,
        )


def other_side_of(entry: Entry, client: Client, acting: list[Representation]) -> OtherSide:
    others = OTHERS.ask(booking=entry.booking_id, entry=entry.pk)
    if len(others) != 1:
        return OtherSide(words=entry.title, label=entry.label)
    [other] = others
    if other.account_id is None:
        words = WITH.get(InternalAccount(other.internal_account))
        return OtherSide(words=str(words)) if words else OtherSide(words=entry.title, label=entry.label)
    seen = held.seen(client, timezone.localdate(), other.account_id, acting)
    return OtherSide(account=seen, words="" if seen else str(OTHER_CUSTOMER))


def doubt_of(entry: Entry) -> Doubt:
    doubt = DOUBTS.get(Booking.Kind(entry.booking.kind), Doubt.BANK)
    return doubt if entry.is_debit or doubt == Doubt.BANK else Doubt.RECEIVED


def receipt_of(entry: Entry, client: Client):
    """The paper of a transfer that he has ordered himself; of others' orders he has none."""
    transfer = getattr(entry.booking, "transfer", None)
    if transfer is None or transfer.client_id == client.pk:
        return transfer
    return transfer if transfer.client.joined_into_id == client.pk else None
