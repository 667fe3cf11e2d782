"""Right codes of a locked access wait, in a session that nobody is logged in to, for a moyen older than the lock.

As the second step of a login (steps.py), whose count and challenge it shares (second.py); but what it opens is no
session: the owner logs in again. A moyen of the last days does not serve: whoever was let in through a false site, and
added his own, is whom the lock keeps out.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest

from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import challenges, enrolling
from auth_codes.locking import locks
from auth_codes.login.steps import MoyenStep, StepOver, code_that_waits
from auth_codes.models import AccessLock, Challenge, Factor, FactorQuerySet, SecretCode, Unlocking
from auth_codes.owner import Owner

NAME = "pending_unlock"
UNDONE = "le client a déverrouillé son accès lui-même"


class PendingUnlock(NamedTuple):
    """What the session holds, as texts and numbers: whose right codes wait, which row, for which lock, until when."""

    name: str
    code: str
    owner_hash: str
    lock: str
    challenge: str
    until: int


@dataclass(frozen=True, kw_only=True)
class UnlockStep(MoyenStep):
    """What undoes one lock, as it stands."""

    code: SecretCode
    lock: AccessLock

    @property
    def owner(self) -> Owner:
        return self.code.owner


class Undone(Exception):
    """The lock has been undone meanwhile, by the click before this one."""


def factors_for(lock: AccessLock) -> FactorQuerySet:
    """The moyens of its owner by one of which he undoes it: asked for when he locked, and no younger than a rest."""
    long_before = lock.at - enrolling.resting()
    return Factor.objects.asked_at(lock.at).filter(owner=lock.owner_id, created_at__lte=long_before)


def undo(lock: AccessLock, factor: Factor, *, by: Actor, now: datetime) -> None:
    """Undoes this lock at once, by a moyen that was just shown after the right codes, and tells the owner.

    What advisors have asked for meanwhile comes to nothing: it must not undo the next lock. Raises locks.NotLocked.
    """
    with transaction.atomic():
        owners.lock(factor.owner)
        if locks.require(factor.owner).pk != lock.pk or not factors_for(lock).filter(pk=factor.pk).exists():
            raise locks.NotLocked
        for asked in Unlocking.objects.open_at(now).filter(owner=factor.owner).select_related("started_by"):
            dual_control.lapse_early(asked, now, why=UNDONE)
        locks.undo(factor.owner, by=by, factor=factor, now=now)


def begin(request: HttpRequest, code: SecretCode, lock: AccessLock, now: datetime) -> bool:
    """After right codes: what waits is put into the session, under a new key; False where no moyen undoes this lock."""
    owner = code.owner
    if not factors_for(lock).exists():
        return False
    if request.user.is_authenticated:
        logout(request)  # a member of the staff who tries it for a client
    challenge = challenges.ask(owner, Challenge.Purpose.UNLOCK, _facts(code, lock), request.session, now)
    request.session.cycle_key()
    request.session[NAME] = PendingUnlock(
        name=owner.username,
        code=str(code.pk),
        owner_hash=owner.get_session_auth_hash(),
        lock=str(lock.pk),
        challenge=str(challenge.pk),
        until=int(challenge.expires_at.timestamp()),
    )
    return True


def waits(request: HttpRequest) -> bool:
    """Whether the session holds right codes of a locked access, be their time over or not."""
    return NAME in request.session


def of(request: HttpRequest, now: datetime) -> UnlockStep:
    """What waits in this session. Raises StepOver, or Undone."""
    if not waits(request):
        raise StepOver
    pending = PendingUnlock(*request.session[NAME])
    until = datetime.fromtimestamp(pending.until, UTC)
    code = code_that_waits(pending.name, pending.code, pending.owner_hash, until, now)
    lock = locks.standing(code.owner)
    if lock is None or str(lock.pk) != pending.lock:
        raise Undone
    factors = tuple(factors_for(lock))
    if not factors:
        raise StepOver
    for each in factors:
        each.owner = code.owner
    try:
        challenge = challenges.find(pending.challenge, code.owner, _facts(code, lock), request.session)
    except challenges.AlreadyProved:
        raise StepOver from None
    return UnlockStep(code=code, lock=lock, factor=factors[0], factors=factors, challenge=challenge, until=until)


def give_up(request: HttpRequest) -> None:
    """Nothing waits in this session any more."""
    request.session.pop(NAME, None)


def end_at_login(sender: type[Owner], request: HttpRequest, user: Owner, **kwargs: object) -> None:
    """Receives Django's signal: whoever has logged in here, what waited is over, be it his own or somebody else's."""
    give_up(request)


def _facts(code: SecretCode, lock: AccessLock) -> dict[str, str]:
    return {"code": str(code.pk), "lock": str(lock.pk)}
