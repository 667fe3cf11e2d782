"""The costs of Argon2id in use: while there are two, every attempt computes both.

Otherwise raising the cost tells who exists: unknown numbers would hash at the new cost, known ones at the old until
their next login. The table lists the costs of the codes that may log in; asking it at each attempt would be a query
more, so each process keeps it for a minute.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from auth_codes.crypto import hashing
from auth_codes.crypto.hashing import Cost
from auth_codes.models import HashingCost, SecretCode

log = logging.getLogger(__name__)

KEPT_SECONDS = 60


class _Kept(NamedTuple):
    """What the table said, believed until `until` on the monotonic clock."""

    costs: frozenset[Cost]
    until: float


_kept: _Kept | None = None


def in_use(now: float | None = None) -> tuple[Cost, ...]:
    """The costs that an attempt computes, in an order that never changes: the registered ones and the present one.

    `now` is in seconds of the monotonic clock.
    """
    registered = _registered(time.monotonic() if now is None else now)
    return tuple(sorted(registered | {hashing.present_cost()}))


def register(cost: Cost) -> bool:
    """Notes that a code which may log in has this cost; called where one is stored. Says whether it was unknown."""
    _, is_new = HashingCost.objects.get_or_create(**cost._asdict())
    forget()
    return is_new


def retire() -> int:
    """Takes out the costs that no code which may log in has any more; says how many.

    A code stored at such a cost in this very moment, by a server that still has the old settings, registers it again
    when it is next verified.
    """
    columns = {name: OuterRef(name) for name in Cost._fields}
    unused = HashingCost.objects.exclude(Exists(SecretCode.objects.living().filter(**columns)))
    retired, _ = unused.exclude(**hashing.present_cost()._asdict()).delete()
    forget()
    return retired


def forget() -> None:
    """Has the table read again at the next attempt."""
    global _kept
    _kept = None


def _registered(now: float) -> frozenset[Cost]:
    global _kept
    kept = _kept  # another thread may forget it meanwhile
    if kept and now < kept.until:
        return kept.costs
    costs = frozenset(_believed(Cost(*row) for row in HashingCost.objects.values_list(*Cost._fields)))
    if not connection.in_atomic_block:  # what a transaction reads may be its own, and never be committed
        _kept = _Kept(costs, now + KEPT_SECONDS)
    return costs


def _believed(costs: Iterable[Cost]) -> Iterator[Cost]:
    for cost in costs:
        if hashing.is_possible(cost):
            yield cost
        else:
            log.error("The table of hashing costs was altered: %s is none", tuple(cost))
