"""Correcting a booking by order of the bank, told to everybody whose account it touches."""

from collections import defaultdict

from django.db import transaction

from accounts.kinds import Event
from accounts.ledger import books
from accounts.models import Booking, Client, Holding
from auth_codes import journal
from auth_codes.actor import Actor


def correct_booking(booking: Booking, *, reason: str, by: Actor) -> tuple[Booking, list[Client]]:
    """Takes `booking` back by a new one; gives that and the holders it was told to.

    `reason` stands in their journal, where they read it. Raises what `books.correct` raises, with nothing written.
    """
    with transaction.atomic():
        correction = books.correct(booking, by=by)
        holders = _holders_of(booking)
        for client, numbers in holders.items():
            details: dict[str, str | int] = {"client": client.pk, "number": " et ".join(numbers), "reason": reason}
            journal.record(Event.BOOKING_CORRECTED, owner=client.user, by=by, subject=client.pk, details=details)
    return correction, list(holders)


def _holders_of(booking: Booking) -> dict[Client, list[str]]:
    """Each with the numbers of the accounts that the booking touched."""
    holders = defaultdict(list)
    holdings = Holding.objects.filter(account__in=booking.entries.values("account"))
    for holding in holdings.select_related("account", "client__user").order_by("account", "id"):
        holders[holding.client].append(holding.account.number)
    return dict(holders)
