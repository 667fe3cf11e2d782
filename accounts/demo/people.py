"""Invented people of the demo bank."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import NamedTuple, TypeVar

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import BankAccount, Booking, Client, InternalAccount, Merchant, PendingEntry, User

WOMEN = [
    "Inès", "Léa", "Camille", "Sarah", "Manon", "Jeanne", "Louise", "Alice", "Chloé", "Nadia", "Fatou", "Odile",
    "Monique", "Thi-Lan", "Agathe", "Zoé",
]  # fmt: skip
MEN = [
    "Julien", "Hugo", "Karim", "Paul", "Émile", "Mathis", "Yann", "Bruno", "Étienne", "Mamadou", "Gérard",
    "Loïc", "Théo", "Antoine", "Noël", "Raphaël",
]  # fmt: skip
# None of the demo's three people: who looks for one of them by name finds nobody else.
FAMILIES = [
    "Bernard", "Lefèvre", "Garnier", "Benali", "Diallo", "Nguyen", "Le Goff",
    "Fernandez", "Rousseau", "Mercier", "Guérin", "Boyer", "Chevalier", "Perrin", "Da Silva", "Traoré",
    "Schmitt", "Kowalski", "D’Hondt", "Aubry", "Œuvrard", "Blanchet", "Carpentier",
]  # fmt: skip
STREETS = [
    "rue des Lilas", "avenue Jean-Jaurès", "place du Marché", "chemin des Vignes", "boulevard Voltaire",
    "quai de la Loire",
]  # fmt: skip
CITIES = [("69003", "Lyon"), ("44000", "Nantes"), ("67000", "Strasbourg"), ("13006", "Marseille"), ("29200", "Brest")]
One = TypeVar("One")
TRANSFER, CARD, DEBIT = Booking.Kind.TRANSFER, Booking.Kind.CARD, Booking.Kind.DIRECT_DEBIT

YEAR = timedelta(days=365)
FIRST_BIRTH, DAYS_OF_BIRTH = date(1940, 1, 1), 365 * 65
LACKING_EVERY = 40


class Habit(NamedTuple):
    """What people do again and again, between two amounts in whole euros; `code` is the merchant's, of ISO 18245."""

    kind: Booking.Kind
    label: str
    low: int
    high: int
    code: int | None = None


class Past(NamedTuple):
    """One operation of the demo: the first three for `books.history`."""

    kind: Booking.Kind
    day: date
    bank_side: Leg
    code: int | None = None


# On a day of each month, for the same amount: whoever has lived somewhere knows these by heart.
MONTHLY = [
    (27, Habit(TRANSFER, "Virement salaire", 1750, 2300)),
    (3, Habit(TRANSFER, "Loyer", -820, -640)),
    (12, Habit(DEBIT, "Électricité", -96, -45, 4900)),
    (8, Habit(DEBIT, "Téléphone et internet", -45, -20, 4814)),
]
MONTHS, MOST_REGULAR = 12, 2 / 3
# On any day, for another amount each time.
EVERYDAY = [
    Habit(CARD, "Supermarché", -95, -20, 5411),
    Habit(CARD, "Boulangerie", -14, -2, 5462),
    Habit(CARD, "Restaurant", -48, -16, 5812),
    Habit(CARD, "Carburant", -85, -30, 5541),
    Habit(CARD, "Supermarché", -95, -20, 5411),
    Habit(CARD, "Librairie", -38, -9, 5942),
    Habit(CARD, "Pharmacie", -40, -6, 5912),
    Habit(CARD, "Billet de train", -70, -15, 4112),
    Habit(TRANSFER, "Remboursement santé", 12, 90),
    Habit(CARD, "Vêtements", -110, -25, 5651),
    Habit(CARD, "Cinéma", -24, -9, 7832),
    Habit(CARD, "Bricolage", -90, -12, 5200),
]
# In how many days, what and how much.
ANNOUNCED = [(1, "Librairie", "-23.40"), (3, "Électricité", "-68.20"), (6, "Remboursement santé", "31.50")]
OTHER_SIDE = {
    TRANSFER: InternalAccount.TRANSFERS,
    CARD: InternalAccount.CARDS,
    DEBIT: InternalAccount.DIRECT_DEBITS,
}


def a_year_ago() -> date:
    """When most of the demo's accounts were opened."""
    return timezone.localdate() - YEAR


def between(low: int, high: int) -> int:
    """A whole number drawn from `low` to `high`, both of them included."""
    return low + secrets.randbelow(high - low + 1)


def unsaved_client(advisor: User) -> Client:
    """Somebody invented, of age."""
    client = Client(advisor=advisor)
    invent(client, secrets.SystemRandom())
    return client


def invent(client: Client, draw: Random) -> None:
    """Has the sheet say what one of somebody invented says, of age."""
    is_woman = draw.random() < 1 / 2
    client.title = Client.Title.MADAME if is_woman else Client.Title.MONSIEUR
    client.given_names, client.family_name = _one(WOMEN if is_woman else MEN, draw), _one(FAMILIES, draw)
    client.postcode, client.city = _one(CITIES, draw)
    invent_the_rest(client, draw)


def invent_the_rest(client: Client, draw: Random) -> None:
    """What the sheet says beside names and town."""
    client.street = f"{1 + _below(180, draw)} {_one(STREETS, draw)}"
    client.birth_date, client.birth_year = FIRST_BIRTH + timedelta(_below(DAYS_OF_BIRTH, draw)), None
    client.email = f"client{_below(10**9, draw)}@example.org"
    client.mobile_phone = f"+3361{10**6 + _below(9 * 10**6, draw)}"


def _one(among: Sequence[One], draw: Random) -> One:
    return among[_below(len(among), draw)]


def _below(end: int, draw: Random) -> int:
    # Of what is drawn by the million: `randrange` takes five times as long.
    return int(draw.random() * end)


def lack_something(client: Client, place: int) -> None:
    """Of every fortieth, what people may lack: a second name, the day of birth, an e-mail address, a telephone."""
    turn, rest = divmod(place, LACKING_EVERY)
    if rest != LACKING_EVERY - 1:
        return
    if turn % 2 == 0:
        client.given_names = ""
        client.birth_date, client.birth_year = None, between(1940, 2004)
    if turn % 3 == 0:
        client.email = ""
    if turn % 4 == 0:
        client.mobile_phone = ""


def year_of_operations(count: int) -> list[Past]:
    """`count` operations of everyday life over the year up to today, the oldest first; a few of them for few."""
    habits = MONTHLY[: int(count * MOST_REGULAR / MONTHS)]
    regular = [
        _past(day, habit, amount) for number, habit, amount in map(_for_good, habits) for day in _days_of_month(number)
    ]
    days = _days(count - len(regular))
    everyday = [_past(day, habit, _drawn(habit)) for day, habit in zip(days, cycle(EVERYDAY), strict=False)]
    return sorted(regular + everyday, key=lambda one: one.day)


def year_of_deposits() -> list[Past]:
    """The same for somebody who saves: as much each month."""
    habit = Habit(TRANSFER, "Versement", 50, 400)
    amount = _drawn(habit)
    return [_past(day, habit, amount) for day in _days_of_month(28)]


def _for_good(monthly: tuple[int, Habit]) -> tuple[int, Habit, Decimal]:
    """With the amount that it has every month."""
    number, habit = monthly
    return number, habit, _drawn(habit)


def _past(day: date, habit: Habit, amount: Decimal) -> Past:
    return Past(habit.kind, day, Leg(OTHER_SIDE[habit.kind], -amount, habit.label), habit.code)


def _days_of_month(number: int) -> list[date]:
    """The twelve days of that number in the year up to today, the oldest first."""
    today = timezone.localdate()
    last = today.replace(day=number) if today.day >= number else today.replace(day=number) - relativedelta(months=1)
    return [last - relativedelta(months=ago) for ago in reversed(range(MONTHS))]


def saved_and_taken_back(first: date, last: date) -> list[Past]:
    """What a savings account has seen that was emptied before it was closed."""
    moves = ((first, Decimal(800), "Versement"), (last, Decimal(-800), "Virement du solde"))
    return [Past(TRANSFER, day, Leg(OTHER_SIDE[TRANSFER], -amount, label)) for day, amount, label in moves]


def write_past(account: BankAccount, past: Sequence[Past]) -> None:
    """Books it all on an account that nobody else knows yet, and says whom its card payments went to."""
    bookings, entries = books.history(account, [(one.kind, one.day, one.bank_side) for one in past])
    with transaction.atomic():
        books.write(bookings, entries)
        Merchant.objects.bulk_create(
            Merchant(booking=booking, code=one.code)
            for booking, one in zip(bookings, past, strict=True)
            if one.code is not None
        )


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


def _drawn(habit: Habit) -> Decimal:
    return Decimal(between(habit.low * 100, habit.high * 100)) / 100
