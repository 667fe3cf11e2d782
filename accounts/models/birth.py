"""When somebody was born: a day, or a year alone where his papers name no more."""

from datetime import date

from django.db import models
from django.db.models import Q

EARLIEST_BIRTH = date(1900, 1, 1)


def born_once(name: str, *, day: str = "birth_date", year: str = "birth_year") -> models.CheckConstraint:
    """That a row has one of the two columns, and never both."""
    in_a_year = {f"{day}__isnull": True, f"{year}__isnull": False, f"{year}__gte": EARLIEST_BIRTH.year}
    return models.CheckConstraint(
        condition=Q(**{f"{day}__isnull": False, f"{year}__isnull": True}) | Q(**in_a_year), name=name
    )
