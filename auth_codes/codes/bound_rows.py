"""All rows that give somebody access and that a MAC binds, of whatever app: bound by a new key, looked at, counted."""

from collections.abc import Callable, Iterator

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Q

from auth_codes.crypto import bindings
from auth_codes.models import BoundRow

BATCH = 1000


def make_anew(advance: Callable[[int], None]) -> int:
    """Binds by today's key each row that an earlier one bound and that still is what was bound; says how many.

    Each is stored only where its row is still what was read: an act at the same moment wins.
    """
    made = 0
    for kind in _kinds():
        earlier = kind._default_manager.exclude(binding__startswith=bindings.todays_key())
        for row in _in_batches(kind, Q(pk__in=earlier.values("pk")), advance):
            read = row.binding
            if row.is_bound:
                row.bind()
                made += kind._default_manager.filter(pk=row.pk, binding=read).update(binding=row.binding)
    return made


def loose(advance: Callable[[int], None]) -> Iterator[str]:
    """« représentation n° 12 », of each row that somebody wrote without the key."""
    for kind in _kinds():
        for row in _in_batches(kind, Q(), advance):
            # Read anew before it is told: it may have changed since the batch was read.
            again = kind._default_manager.filter(pk=row.pk).first() if not row.is_bound else None
            if again and not again.is_bound:
                yield f"{kind._meta.verbose_name} n° {row.pk}"


def under_missing_keys(database: str = DEFAULT_DB_ALIAS) -> int:
    """How many rows were bound by a key that is not at hand, and give no access; none of a table still to be made."""
    at_hand = Q(binding="")
    for beginning in bindings.keys_at_hand():
        at_hand |= Q(binding__startswith=beginning)
    tables = connections[database].introspection.table_names()
    present = [kind for kind in _kinds() if kind._meta.db_table in tables]
    return sum(kind._default_manager.using(database).exclude(at_hand).count() for kind in present)


def _kinds() -> list[type[BoundRow]]:
    return [model for model in apps.get_models() if issubclass(model, BoundRow)]


def _in_batches(kind: type[BoundRow], which: Q, advance: Callable[[int], None]) -> Iterator[BoundRow]:
    last = 0
    waiting = kind._default_manager.filter(which).order_by("pk")
    while batch := list(waiting.filter(pk__gt=last)[:BATCH]):
        yield from batch
        advance(len(batch))
        last = batch[-1].pk
