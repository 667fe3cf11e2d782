"""One operation: what it was, with whom, what for, and what to do when one does not know it."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from accounts.models import BankAccount, Booking, Client, Entry, InternalAccount
from accounts.operations.search import TELLING
from accounts.pages.accounts import AccountMixin, shown

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


class OtherSide(NamedTuple):
    """With whom: an account where the client may see it, else the label, as it was booked, or words of the page."""

    account: BankAccount | None = None
    words: str = ""
    label: str = ""


class OperationView(AccountMixin, TemplateView):
    template_name = "accounts/bank_accounts/operation.html"

    def get_context_data(self, *, pk, position, **kwargs):
        account = get_object_or_404(self.get_queryset(), pk=pk)
        entry = get_object_or_404(account.entries.select_related(*TELLING), position=position)
        return super().get_context_data(
            entry=entry,
            other_side=other_side_of(entry, self.client, timezone.localdate()),
            doubt=doubt_of(entry),
            receipt=receipt_of(entry, self.client),
            **shown(account, self.client)._asdict(),
            **kwargs,
        )


def other_side_of(entry: Entry, client: Client, today: date) -> OtherSide:
    others = list(entry.booking.entries.exclude(pk=entry.pk)[:2])
    if len(others) != 1:
        return OtherSide(words=entry.title, label=entry.label)
    [other] = others
    if other.account_id is None:
        words = WITH.get(InternalAccount(other.internal_account))
        return OtherSide(words=str(words)) if words else OtherSide(words=entry.title, label=entry.label)
    seen = BankAccount.objects.seen_by(client, today).with_holders().filter(pk=other.account_id).first()
    return OtherSide(account=seen, words="" if seen else str(OTHER_CUSTOMER))


def doubt_of(entry: Entry) -> Doubt:
    doubt = DOUBTS.get(Booking.Kind(entry.booking.kind), Doubt.BANK)
    return doubt if entry.is_debit or doubt == Doubt.BANK else Doubt.RECEIVED


def receipt_of(entry: Entry, client: Client):
    """The paper of a transfer that he has ordered himself; of others' orders he has none."""
    transfer = getattr(entry.booking, "transfer", None)
    return transfer if transfer and transfer.client_id == client.pk else None
