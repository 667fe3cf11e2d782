"""Invented people of the demo bank."""

import secrets
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import Client

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
ENTRIES = [
    ("Virement salaire", 1650, 3100),
    ("Loyer", -980, -450),
    ("Supermarché", -140, -20),
    ("Électricité", -120, -45),
    ("Téléphone et internet", -45, -20),
    ("Pharmacie", -40, -6),
    ("Boulangerie", -14, -2),
    ("Carburant", -85, -30),
    ("Remboursement santé", 12, 90),
    ("Librairie", -38, -9),
]


def between(low: int, high: int) -> int:
    return low + secrets.randbelow(high - low + 1)


def unsaved_client(advisor) -> Client:
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
        mobile_phone=f"+336{between(10**7, 10**8 - 1)}",
        street=f"{between(1, 180)} {secrets.choice(STREETS)}",
        postcode=postcode,
        city=city,
        advisor=advisor,
    )


def year_of_entries(count: int) -> list[tuple[date, str, int]]:
    """`count` lines (day, label, cents) spread over the year up to today, the oldest first."""
    today = timezone.localdate()
    lines = []
    for number in range(count):
        label, low, high = ENTRIES[number % len(ENTRIES)]
        day = today - timedelta(days=365 - number * 365 // count)
        lines.append((day, label, between(low * 100, high * 100)))
    return lines
