"""What a confirmed transfer leaves behind: the booking, the receipt, and word to all whose money it is."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.clients import client_journal
from accounts.documents import issuing
from accounts.kinds import Event, Mail
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import Booking, Client, Transfer
from accounts.notation import ibans
from accounts.papers.receipt import ReceiptContents
from accounts.post import notices as by_post
from accounts.transfers.refusals import NOT_TODAY, NotToday
from auth_codes import journal, notices, wording
from auth_codes.actor import Actor


@wording.in_french()
def book(order: Transfer, by: Actor, now: datetime) -> None:
    """Books a confirmed order and issues its receipt, in the caller's transaction, under which its accounts are locked.

    What it leaves is French, whatever language its page is in.

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
    journal.record(Event.TRANSFER_MADE, owner=by.user, by=by, details={"number": order.reference})
    # Without the place: where somebody else was is not for the holder's journal.
    somebody = Actor(by.user)
    for person in _concerned(order):
        _tell(person, order, now)
        if person.pk != order.client_id:  # whose money somebody else has moved: a joint holder, or a proxy
            client_journal.record(Event.TRANSFER_BY_ANOTHER, person, by=somebody, number=order.reference)


def _concerned(order: Transfer) -> QuerySet[Client]:
    """Who has ordered it, and every holder of either account, each once."""
    holds = Q(holdings__account__in=[order.source, order.destination])
    return Client.objects.filter(holds | Q(pk=order.client_id)).select_related("user").distinct().order_by("pk")


def _tell(person: Client, order: Transfer, at: datetime) -> None:
    """An e-mail, written with the booking, to each address that he has, or had of late: a thief changes it first.

    A letter to who has none, or none for long.
    """
    with notices.in_language_of(person.user):
        salutation, told = person.salutation, _facts_of(order)
    recipients, is_told_by_post = person.ways_to_tell()
    for recipient in recipients:
        notices.leave(Mail.TRANSFER_MADE, owner=person.user, recipient=recipient, salutation=salutation, at=at, **told)
    if is_told_by_post:
        with wording.in_french():
            by_post.tell_of(Mail.TRANSFER_MADE, person, at, _facts_of(order))


def _facts_of(order: Transfer) -> dict[str, str]:
    """For a mail or a letter, in the language that is spoken."""
    return {
        "person": str(order.client),
        "amount": wording.euros(order.amount),
        "source": order.source.masked_name,
        "destination": order.destination.masked_name,
        "reference": order.reference,
    }


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
