"""Invented people of the demo bank."""

import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.ledger.books import Leg
from accounts.models import BankAccount, Booking, Client, InternalAccount, PendingEntry, User

WOMEN = [
    "Inès", "Léa", "Camille", "Sarah", "Manon", "Jeanne", "Louise", "Alice", "Chloé", "Nadia", "Fatou", "Odile",
    "Monique", "Thi-Lan", "Agathe", "Zoé",
]  # fmt: skip
MEN = [
    "Julien", "Hugo", "Karim", "Paul", "Émile", "Mathis", "Yann", "Bruno", "Étienne", "Mamadou", "Gérard",
    "Loïc", "Théo", "Antoine", "Noël", "Raphaël",
]  # fmt: skip
FAMILIES = [
    "Martin", "Bernard", "Petit", "Moreau", "Lefèvre", "Garnier", "Benali", "Diallo", "Nguyen", "Le Goff",
    "Fernandez", "Rousseau", "Mercier", "Guérin", "Boyer", "Chevalier", "Perrin", "Da Silva", "Traoré",
    "Schmitt", "Kowalski", "D’Hondt", "Aubry", "Œuvrard", "Blanchet", "Carpentier",
]  # fmt: skip
STREETS = [
    "rue des Lilas", "avenue Jean-Jaurès", "place du Marché", "chemin des Vignes", "boulevard Voltaire",
    "quai de la Loire",
]  # fmt: skip
CITIES = [("69003", "Lyon"), ("44000", "Nantes"), ("67000", "Strasbourg"), ("13006", "Marseille"), ("29200", "Brest")]
TRANSFER, CARD, DEBIT = Booking.Kind.TRANSFER, Booking.Kind.CARD, Booking.Kind.DIRECT_DEBIT
ENTRIES = [
    (TRANSFER, "Virement salaire", 1650, 3100),
    (TRANSFER, "Loyer", -980, -450),
    (CARD, "Supermarché", -140, -20),
    (DEBIT, "Électricité", -120, -45),
    (DEBIT, "Téléphone et internet", -45, -20),
    (CARD, "Pharmacie", -40, -6),
    (CARD, "Boulangerie", -14, -2),
    (CARD, "Carburant", -85, -30),
    (TRANSFER, "Remboursement santé", 12, 90),
    (CARD, "Librairie", -38, -9),
]
# In how many days, what and how much.
ANNOUNCED = [(1, "Librairie", "-23.40"), (3, "Électricité", "-68.20"), (6, "Remboursement santé", "31.50")]
OTHER_SIDE = {
    TRANSFER: InternalAccount.TRANSFERS,
    CARD: InternalAccount.CARDS,
    DEBIT: InternalAccount.DIRECT_DEBITS,
}


def between(low: int, high: int) -> int:
    """A whole number drawn from `low` to `high`, both of them included."""
    return low + secrets.randbelow(high - low + 1)


def unsaved_client(advisor: User) -> Client:
    """Somebody invented, of age."""
    is_woman = secrets.randbelow(2)
    given, family = secrets.choice(WOMEN if is_woman else MEN), secrets.choice(FAMILIES)
    postcode, city = secrets.choice(CITIES)
    return Client(
        title=Client.Title.MADAME if is_woman else Client.Title.MONSIEUR,
        given_names=given,
        family_name=family,
        birth_date=date(1940, 1, 1) + timedelta(days=secrets.randbelow(365 * 65)),
        email=f"client{secrets.randbelow(10**9)}@example.org",
        mobile_phone=f"+3361{between(10**6, 10**7 - 1)}",
        street=f"{between(1, 180)} {secrets.choice(STREETS)}",
        postcode=postcode,
        city=city,
        advisor=advisor,
    )


def year_of_operations(count: int) -> Iterator[tuple[Booking.Kind, date, Leg]]:
    """`count` operations of everyday life, spread over the year up to today, for `ledger.history`."""
    for number, day in enumerate(_days(count)):
        kind, label, low, high = ENTRIES[number % len(ENTRIES)]
        yield kind, day, Leg(OTHER_SIDE[kind], -_euros(low, high), label)


def year_of_deposits(count: int) -> Iterator[tuple[Booking.Kind, date, Leg]]:
    """The same for somebody who saves."""
    for day in _days(count):
        yield TRANSFER, day, Leg(OTHER_SIDE[TRANSFER], -_euros(50, 600), "Versement")


def saved_and_taken_back(first: date, last: date) -> Iterator[tuple[Booking.Kind, date, Leg]]:
    """What a savings account has seen that was emptied before it was closed."""
    for day, amount, label in ((first, Decimal(800), "Versement"), (last, Decimal(-800), "Virement du solde")):
        yield TRANSFER, day, Leg(OTHER_SIDE[TRANSFER], -amount, label)


def announce(account: BankAccount) -> None:
    """Some operations to come."""
    today = timezone.localdate()
    PendingEntry.objects.bulk_create(
        PendingEntry(account=account, expected_on=today + timedelta(days), label=label, amount=Decimal(amount))
        for days, label, amount in ANNOUNCED
    )


def _days(count: int) -> list[date]:
    today = timezone.localdate()
    return [today - timedelta(days=365 - number * 365 // count) for number in range(count)]


def _euros(low: int, high: int) -> Decimal:
    return Decimal(between(low * 100, high * 100)) / 100
