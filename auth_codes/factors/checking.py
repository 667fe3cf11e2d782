"""Finding the moyens that somebody wrote into the database, took out of it or put back: what no login can tell.

Whoever writes there but has no key makes none that opens. He can delete one, so that the codes are enough, or put back
the row of one that has ended. The lines of the journal are chained: verify_journal names whoever takes those away.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from auth_codes.codes import owners
from auth_codes.crypto.sealing import SealError
from auth_codes.factors import told
from auth_codes.factors.told import LastSaid
from auth_codes.journal import purging
from auth_codes.models import Factor
from auth_codes.owner import Owner

BATCH = 1000


class FactorProblem(Enum):
    """What is wrong with a moyen."""

    GONE = "gone"
    PUT_BACK = "put_back"
    NEVER_ADDED = "never_added"
    NOT_SEALED = "not_sealed"


class FactorFound(NamedTuple):
    """`name` is the code client or, of staff, the name to log in by; `number` which of his moyens it is."""

    problem: FactorProblem
    is_staff: bool
    name: str
    number: int


class FactorsChecked(NamedTuple):
    """How many moyens in service were compared, of how many owners."""

    factors: int
    owners: int


def check(
    tell: Callable[[FactorFound], None], advance: Callable[[int], None], now: datetime | None = None
) -> FactorsChecked:
    """Compares the moyens of every owner who may log in with his journal. `advance` is told how many each batch held.

    In memory that stays flat, and by as many statements for a batch as for one, but for those in which something is
    wrong: each is held and read anew before it is told, since a moyen may have been added or ended meanwhile.
    """
    since, factors, checked, last = purging.kept_since(now or timezone.now()), 0, 0, 0
    while batch := _after(last):
        standing = _standing(batch)
        for owner in _suspects(batch, standing, since):
            for finding in _found_of(owner, since):
                tell(finding)
        advance(len(batch))
        factors, checked, last = factors + sum(map(len, standing.values())), checked + len(batch), batch[-1].pk
    return FactorsChecked(factors, checked)


def _after(last: int) -> list[Owner]:
    users = get_user_model()._default_manager.filter(is_active=True, pk__gt=last).only("pk", "username", "is_staff")
    return list(users.order_by("pk")[:BATCH])


def _standing(batch: Collection[Owner]) -> dict[int, list[Factor]]:
    """The active ones of each."""
    standing: dict[int, list[Factor]] = {}
    for factor in Factor.objects.active().filter(owner__in=batch).select_related("owner"):
        standing.setdefault(factor.owner_id, []).append(factor)
    return standing


def _suspects(batch: Collection[Owner], standing: dict[int, list[Factor]], since: datetime) -> list[Owner]:
    said = told.of_owners([owner.pk for owner in batch])
    return [owner for owner in batch if any(_problems(standing.get(owner.pk, []), said.get(owner.pk, {}), since))]


def _found_of(owner: Owner, since: datetime) -> list[FactorFound]:
    """As they are under the owner's lock, which whoever adds or ends one holds."""
    with transaction.atomic():
        owners.lock(owner)
        standing, said = _standing([owner]), told.of_owners([owner.pk])
        problems = list(_problems(standing.get(owner.pk, []), said.get(owner.pk, {}), since))
    return [FactorFound(problem, owner.is_staff, owner.username, number) for problem, number in problems]


def _problems(
    standing: Collection[Factor], said: dict[int, LastSaid], since: datetime
) -> Iterator[tuple[FactorProblem, int]]:
    rows = {factor.generation for factor in standing}
    yield from ((FactorProblem.GONE, number) for number, one in said.items() if one.stands and number not in rows)
    for factor in standing:
        problem = _problem(factor, said.get(factor.generation), since)
        if problem:
            yield problem, factor.generation


def _problem(factor: Factor, said: LastSaid | None, since: datetime) -> FactorProblem | None:
    """What `since` the journal keeps all lines of; of one added before, the line may have been let go of."""
    if said and not said.stands:
        return FactorProblem.PUT_BACK
    if said is None and factor.created_at >= since:
        return FactorProblem.NEVER_ADDED
    return None if _opens(factor) else FactorProblem.NOT_SEALED


def _opens(factor: Factor) -> bool:
    """Whether it is what the bank sealed; of what waits for a missing key nothing is said, `check --database` does."""
    if factor.key_id not in settings.SECRET_CODE_KEYS:
        return True
    try:
        factor.unseal()
    except SealError:
        return False
    return True
