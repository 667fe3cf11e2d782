"""Finding the owners whose rows somebody put back as a whole, or wrote in: what no login can tell.

Each end of a present code or of a staff password raises its owner's number and writes a line that says it. Rows of an
earlier day bring back an earlier number; the lines are chained, so that verify_journal names whoever takes them away
as well. So do the lines of a lock: the last one says whether a row of it must stand.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from auth_codes import journal
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import bindings
from auth_codes.models import AccessLock, SecurityEvent
from auth_codes.owner import Owner

HIGHEST = 2**31 - 2  # a number that can still be raised
Kind = SecurityEvent.Kind
# The acts that end a present code or a staff password: their lines say the number that came after it.
ENDS = (
    Kind.CODE_CHANGED, Kind.CODE_VOIDED, Kind.DEFAULT_CODE_VOIDED, Kind.PASSWORD_CHANGED, Kind.NUMBER_ENDED,
    Kind.BOUND_AGAIN,
)  # fmt: skip
# A lock stands from the first until one of the others, which two advisors bring about.
LOCK_LINES = Kind.ACCESS_LOCKED, Kind.ACCESS_UNLOCKED, Kind.BOUND_AGAIN


class OwnerProblem(Enum):
    """What is wrong with the rows of an owner."""

    PUT_BACK = "put_back"
    NOT_BOUND = "not_bound"
    LOCK_GONE = "lock_gone"


class OwnerFound(NamedTuple):
    """`stands` is the number in the owner's row, `told` the highest that the journal tells of.

    `name` is the code client or, of staff, the name to log in by.
    """

    problem: OwnerProblem
    is_staff: bool
    name: str
    stands: int
    told: int


def check(tell: Callable[[OwnerFound], None], advance: Callable[[int], None]) -> int:
    """Compares every owner with his journal; says how many. `advance` is told how many each batch held.

    In memory that stays flat, and by as many statements for a batch as for one, even when all in it are wrong.
    """
    checked = 0
    for batch in bindings.in_batches(Q()):
        for finding in _found_among(batch):
            tell(finding)
        advance(len(batch))
        checked += len(batch)
    return checked


def _found_among(batch: list[Owner]) -> Iterator[OwnerFound]:
    pks = [owner.pk for owner in batch]
    told, unlocked = _told(pks), _lock_gone(pks)
    suspects = [owner.pk for owner in batch if owner.pk in unlocked or _problem(owner, told.get(owner.pk, 0))]
    # Read anew before it is told: a code may have changed since the batch was read.
    for owner, number in _anew(suspects):
        problem = OwnerProblem.LOCK_GONE if owner.pk in unlocked else _problem(owner, number)
        if problem:
            yield OwnerFound(problem, owner.is_staff, owner.username, owner.code_generation, number)


def next_number(owner: Owner) -> int:
    """One that neither his row nor his journal has told before."""
    return max(owner.code_generation, _told([owner.pk]).get(owner.pk, 0)) + 1


def end_number(owner: Owner, *, by: Actor = SYSTEM) -> None:
    """What he logged in by has ended without an act of its own, or its row is gone: nobody may put it back.

    Called under his lock, in the transaction of what ends it.
    """
    bindings.end_generation(owner)
    journal.record(Kind.NUMBER_ENDED, owner=owner, by=by, details={"generation": owner.code_generation})


class SpaceOfAnother(Exception):
    """The owner's login shows the space of somebody who bears another number: no act of the portal may bless that."""


def mend(owner: Owner, *, by: Actor) -> None:
    """Binds an owner again whose rows were written in or put back, with a number above all that his journal tells of.

    To be called by what voids his code, in its transaction and before it: until then an earlier code would open.
    Raises SpaceOfAnother.
    """
    [(held, told)] = _anew([owner.pk])
    problem = OwnerProblem.LOCK_GONE if _lock_gone([owner.pk]) else _problem(held, told)
    if problem is None:
        return
    if not held.shows_his_own():
        raise SpaceOfAnother
    held.code_generation = max(held.code_generation, told) + 1
    held.save(update_fields=["code_generation"])
    bindings.bind(held)
    owner.code_generation, owner.code_binding = held.code_generation, held.code_binding
    details = {"problem": problem.value, "generation": held.code_generation}
    journal.record(SecurityEvent.Kind.BOUND_AGAIN, owner=owner, by=by, details=details)


def _anew(pks: list[int]) -> list[tuple[Owner, int]]:
    """Each of these with the highest number that his journal tells of."""
    if not pks:
        return []
    # The journal first: what is written between the two raises the owner's number only.
    told = _told(pks)
    return [(owner, told.get(owner.pk, 0)) for owner in bindings.owners_with_bound().filter(pk__in=pks).order_by("pk")]


def _problem(owner: Owner, told: int) -> OwnerProblem | None:
    if not bindings.holds(owner):
        return OwnerProblem.NOT_BOUND
    return OwnerProblem.PUT_BACK if owner.code_generation < told else None


def _lock_gone(pks: list[int]) -> set[int]:
    """Those clients whose lines say that a lock stands where no row of one does.

    Lines and rows are read by one statement: a lock that is made or undone meanwhile has both or neither.
    """
    lines = SecurityEvent.objects.filter(owner__in=pks, owner__is_staff=False, kind__in=LOCK_LINES).order_by("pk")
    lines = lines.annotate(stands=Exists(AccessLock.objects.of(OuterRef("owner"))))
    gone: dict[int, bool] = {}
    for owner_id, kind, details, stands in lines.values_list("owner_id", "kind", "details", "stands").iterator():
        if kind != Kind.BOUND_AGAIN:
            gone[owner_id] = kind == Kind.ACCESS_LOCKED and not stands
        elif isinstance(details, dict) and details.get("problem") == OwnerProblem.LOCK_GONE.value:
            gone[owner_id] = False
    return {owner_id for owner_id, is_gone in gone.items() if is_gone}


def _told(pks: list[int]) -> dict[int, int]:
    """The highest number that lines tell of each; none of whose lines are all from before there were numbers."""
    lines = SecurityEvent.objects.filter(owner__in=pks, kind__in=ENDS).order_by()
    told: dict[int, int] = {}
    for owner_id, details in lines.values_list("owner_id", "details").iterator():
        number = details.get("generation", 0) if isinstance(details, dict) else 0
        is_one = isinstance(number, int) and number <= HIGHEST  # a line that nothing chains may hold anything
        told[owner_id] = max(told.get(owner_id, 0), number if is_one else 0)
    return told
