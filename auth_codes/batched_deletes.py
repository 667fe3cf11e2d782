"""Deleting many rows beside those who use the table: in short transactions, waiting for nobody.

A row that somebody holds at that moment is left to the next run. Whoever deletes in one statement instead makes all
others wait for its end, and two who each hold what the other one waits for end in a deadlock.
"""

from collections.abc import Callable, Iterator

from django.db import transaction
from django.db.models import Model, QuerySet

AT_ONCE = 1000
# Searched together: a search for each thousand would pass over all that is already gone, again and again.
FOUND_AT_ONCE = 100_000


def unheard(_count: int) -> None:
    """For whoever does not want to be told how far it is."""


def delete(rows: QuerySet[Model], advance: Callable[[int], None] = unheard) -> int:
    """Deletes those of `rows` that nobody holds; says how many, and tells `advance` so after each transaction."""
    deleted = 0
    while gone := sum(_delete_some(rows, advance)):
        deleted += gone
    return deleted


def _delete_some(rows: QuerySet[Model], advance: Callable[[int], None]) -> Iterator[int]:
    found = list(rows.order_by().values_list("pk", flat=True)[:FOUND_AT_ONCE])
    for start in range(0, len(found), AT_ONCE):
        gone = _delete_free(rows.filter(pk__in=found[start : start + AT_ONCE]))
        advance(gone)
        yield gone


def _delete_free(rows: QuerySet[Model]) -> int:
    """Taking a row judges it anew: it may have changed since it was found."""
    with transaction.atomic():
        free = list(rows.select_for_update(skip_locked=True).order_by().values_list("pk", flat=True))
        deleted: int = rows.model._default_manager.filter(pk__in=free).delete()[0]
    return deleted
