"""What a confirmed transfer leaves behind: the booking, the receipt, and word to the other holders."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.documents import issuing
from accounts.kinds import Event
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import Booking, Client, Transfer
from accounts.notation import ibans
from accounts.papers.receipt import ReceiptContents
from accounts.transfers.refusals import NOT_TODAY, NotToday
from auth_codes import journal, wording
from auth_codes.actor import Actor


def book(order: Transfer, by: Actor, now: datetime) -> None:
    """Books a confirmed order and issues its receipt, in the caller's transaction, under which its accounts are locked.

    Raises NotToday when the ledger takes nothing on one of the two accounts this day.
    """
    sent = _on_statement(
        "Virement émis", order.label, f"vers le compte {ibans.display_number(order.destination.number)}"
    )
    received = _on_statement("Virement reçu", order.label, f"du compte {ibans.display_number(order.source.number)}")
    legs = [Leg(order.source, -order.amount, sent), Leg(order.destination, order.amount, received)]
    try:
        booking = books.book(Booking.Kind.TRANSFER, legs, by=by, act=order.pk)
    except (books.BooksClosed, books.AccountClosed):
        raise NotToday(NOT_TODAY) from None
    order.booking, order.confirmed_at = booking, now
    title = f"Avis de virement du {wording.day(timezone.localdate(now))}"
    order.receipt = issuing.issue(order.client, _receipt(order, booking, now), title=title, on=timezone.localdate(now))
    order.save(update_fields=["booking", "confirmed_at", "receipt"])
    details = {"number": order.reference}
    journal.record(Event.TRANSFER_MADE, owner=by.user, by=by, details=details)
    # Without the place: where somebody else was is not for the holder's journal.
    somebody = Actor(by.user)
    for holder in _other_holders(order):
        about: dict[str, str | int] = {"client": holder.pk, **details}
        journal.record(Event.TRANSFER_BY_ANOTHER, owner=holder.user, by=somebody, subject=holder.pk, details=about)


def _other_holders(order: Transfer) -> QuerySet[Client]:
    """Those whose money somebody else has moved: a joint holder, or a proxy."""
    holders = Client.objects.filter(holdings__account__in=[order.source, order.destination])
    return holders.exclude(pk=order.client_id).select_related("user").distinct()


def _on_statement(act: str, label: str, otherwise: str) -> str:
    return f"{act} : {label}" if label else f"{act} {otherwise}"


def _receipt(order: Transfer, booking: Booking, at: datetime) -> ReceiptContents:
    return ReceiptContents(
        **issuing.addressed_to(order.client),
        reference=order.reference,
        confirmed_at=at,
        executed_on=booking.booked_on,
        amount=order.amount,
        from_label=order.source.label,
        from_number=ibans.display_number(order.source.number),
        to_label=order.destination.label,
        to_number=ibans.display_number(order.destination.number),
        label=order.label,
        ordered_by=order.client.title_and_name,
    )
