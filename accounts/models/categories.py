"""What an operation was for: ten categories, told from its merchant's code or else from the kind of its booking.

The one place that knows them. Sums of past months keep them (`MonthSum`): after a change here, run
`keep_month_sums --anew`.
"""

from bisect import bisect_right
from functools import cache

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """What money was for, as its owner reads it."""

    FOOD = "food", _("Alimentation")
    HOME = "home", _("Maison")
    BILLS = "bills", _("Factures et impôts")
    TRAVEL = "travel", _("Transports et voyages")
    HEALTH = "health", _("Santé")
    LEISURE = "leisure", _("Restaurants et loisirs")
    SHOPPING = "shopping", _("Achats et services")
    BANK = "bank", _("Banque et espèces")
    TRANSFERS = "transfers", _("Virements")
    OTHER = "other", _("Autres opérations")


LAST_CODE = 9999
# Merchant category codes of ISO 18245: each line holds from its code to the one before the next.
FROM_CODE = [
    (1, Category.HOME),  # gardeners, vets; from 1500 on builders, plumbers, cleaners
    (3000, Category.TRAVEL),  # airlines, car hire and hotels by name
    (4000, Category.TRAVEL),  # trains, taxis, tolls, travel agencies
    (4800, Category.BILLS),  # telephone, television
    (4829, Category.BANK),  # money sent
    (4830, Category.BILLS),  # telephone, television; from 4900 on energy and water
    (5000, Category.SHOPPING),  # wholesale, but for what follows
    (5013, Category.TRAVEL),  # parts of cars
    (5014, Category.SHOPPING),
    (5021, Category.HOME),  # furniture, building materials
    (5040, Category.SHOPPING),
    (5047, Category.HEALTH),  # medical equipment
    (5048, Category.SHOPPING),
    (5072, Category.HOME),  # hardware, plumbing
    (5075, Category.SHOPPING),
    (5122, Category.HEALTH),  # drugs
    (5123, Category.SHOPPING),
    (5172, Category.TRAVEL),  # petrol
    (5173, Category.SHOPPING),
    (5200, Category.HOME),  # home supplies, gardens
    (5300, Category.SHOPPING),  # department stores
    (5400, Category.FOOD),
    (5500, Category.TRAVEL),  # cars, petrol stations
    (5600, Category.SHOPPING),  # clothes
    (5712, Category.HOME),  # furniture, household appliances
    (5723, Category.SHOPPING),  # electronics
    (5811, Category.LEISURE),  # restaurants, bars
    (5815, Category.LEISURE),  # books, games and films to download
    (5819, Category.SHOPPING),
    (5912, Category.HEALTH),  # pharmacies
    (5913, Category.SHOPPING),
    (5921, Category.FOOD),  # wine merchants
    (5922, Category.SHOPPING),
    (5942, Category.LEISURE),  # bookshops
    (5943, Category.SHOPPING),
    (5960, Category.BILLS),  # insurance by post
    (5961, Category.SHOPPING),
    (5975, Category.HEALTH),  # hearing aids, orthopaedic goods
    (5977, Category.SHOPPING),
    (5983, Category.BILLS),  # heating oil, wood
    (5984, Category.SHOPPING),
    (5994, Category.LEISURE),  # newsagents
    (5995, Category.SHOPPING),
    (6000, Category.BANK),  # cash, financial services
    (6300, Category.BILLS),  # insurance
    (6400, Category.BANK),
    (6513, Category.HOME),  # rents
    (6514, Category.BANK),
    (7000, Category.TRAVEL),  # hotels, camp sites
    (7200, Category.SHOPPING),  # laundries, hairdressers; from 7300 on services to firms
    (7500, Category.TRAVEL),  # car hire, garages, car parks
    (7600, Category.HOME),  # repairs
    (7800, Category.LEISURE),  # cinemas, theatres, sport
    (8000, Category.HEALTH),  # doctors, hospitals
    (8100, Category.SHOPPING),  # lawyers, schools, child care
    (8398, Category.OTHER),  # charities
    (8399, Category.SHOPPING),
    (8600, Category.OTHER),  # associations, churches, parties
    (8700, Category.SHOPPING),  # other professions
    (9000, Category.BILLS),  # taxes, fines, post
]
# By the values of `Booking.Kind`.
BY_KIND = {
    "transfer": Category.TRANSFERS,
    "card": Category.SHOPPING,
    "direct_debit": Category.BILLS,
    "cash": Category.BANK,
    "interest": Category.BANK,
    "fee": Category.BANK,
    "correction": Category.OTHER,
    "carried_over": Category.OTHER,
}


@cache
def of_code(code: int) -> Category:
    """The category of a merchant. Raises ValueError for what is no merchant category code."""
    if not FROM_CODE[0][0] <= code <= LAST_CODE:
        raise ValueError(f"{code} is no merchant category code")
    return FROM_CODE[bisect_right(FROM_CODE, code, key=lambda line: line[0]) - 1][1]


def of_operation(kind: str, code: int | None) -> Category:
    """The category of what was booked: its merchant's where it has one."""
    return BY_KIND[kind] if code is None else of_code(code)
