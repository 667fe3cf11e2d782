"""Verifying a moyen: counted and committed before, as a code is, and settled after; the one caller of factors/proving.

Each moyen has a count for each known device and one for all others, which only who knows both codes can use up.
Source: RTS 2018/389 art. 4(3)(b), five consecutive failures; (a), no answer says which of the two elements was wrong.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import checking
from auth_codes.factors import challenges, passkeys, proving
from auth_codes.kinds import LineKind, NoticeKind
from auth_codes.login import gate
from auth_codes.models import Challenge, Factor, Notice, SecretCode, SecurityEvent
from auth_codes.owner import Owner, OwnersRequest

log = logging.getLogger(__name__)

TOLD_EVERY = timedelta(days=1)
AlreadyProved = challenges.AlreadyProved
AnotherIsAsked = proving.AnotherIsAsked
# What is compared by a hash, which takes a slot; the others cost nothing.
HASHED = frozenset({Factor.Kind.LIST})


class WrongProof(Exception):
    """What was shown is not the moyen's, or was used already; in an act, that or the code beside it is wrong.

    `why`: of a passkey alone, and at a login.
    """

    def __init__(self, aftermath: gate.Aftermath, why: passkeys.PasskeyFault | None = None):
        super().__init__("wrong proof")
        self.aftermath, self.why = aftermath, why


class WasShown(NamedTuple):
    """Of a verification: whether what was shown is right and, where a passkey's is not, why."""

    right: bool
    why: passkeys.PasskeyFault | None = None


@sensitive_variables("shown")
def check(
    request: HttpRequest, challenge: Challenge, factor: Factor, shown: proving.Shown, *, beside: SecretCode | None
) -> None:
    """Counts and verifies what was `shown` for one challenge, which is spent by it.

    `beside` is the code before it; None of staff, who have a password.

    No transaction may be open. Raises one of gate.REFUSALS, with nothing counted; WrongProof; or AlreadyProved, of a
    second click, or AnotherIsAsked, of the slower of two, with nothing counted either.
    """
    if challenges.is_spent(challenge):
        raise AlreadyProved
    entrance = gate.factor_entrance(request, factor, beside)
    if refusal := gate.why_refused(request, entrance):
        raise refusal
    with _admitted(request, factor, entrance) as admission:
        try:
            outcome = _proved(challenge, factor, shown)
        except (AlreadyProved, AnotherIsAsked):
            gate.settle(request, admission, right=True, owner=factor.owner)
            raise
    aftermath = gate.settle(request, admission, right=outcome.right, owner=factor.owner)
    if not outcome.right:
        _note(request, factor, admission, aftermath, SecurityEvent.Kind.FACTOR_FAILED)
        _warn_of_copy(request, factor, outcome)
        raise WrongProof(aftermath, outcome.why)


@sensitive_variables("typed", "shown")
def check_both(
    request: OwnersRequest,
    present: SecretCode,
    typed: str,
    factor: Factor,
    shown: proving.Shown,
    *,
    failure: LineKind,
    challenge: Challenge | None = None,
) -> None:
    """The code secret and a moyen in one form: both counted, then both verified, each settled by itself.

    A passkey answers a challenge, which is spent; a typed number needs one where its page binds it. Raises as `check`
    does; no answer tells which of the two was wrong.
    """
    if challenge and challenges.is_spent(challenge):
        raise AlreadyProved  # before anything is counted: settled as right, it would forgive wrong attempts
    name = request.user.username
    entrances = gate.client_entrance(request, name), gate.factor_entrance(request, factor, present)
    for entrance in entrances:
        if refusal := gate.why_refused(request, entrance):
            raise refusal
    with gate.both_admitted(request, *entrances) as (of_code, of_proof):
        is_code = checking.is_right(present, name, typed, timezone.now())
        try:
            outcome = _beside(challenge, factor, shown, is_code=is_code)
        except (AlreadyProved, AnotherIsAsked):
            gate.settle(request, of_code, right=is_code, owner=request.user)
            gate.settle(request, of_proof, right=True, owner=request.user)
            raise
    settled = [
        gate.settle(request, of_code, right=is_code, owner=request.user),
        gate.settle(request, of_proof, right=outcome.right, owner=request.user),
    ]
    if is_code and outcome.right:
        return
    aftermath = next((each for each in settled if each.block), settled[0])
    _note(request, factor, of_proof, settled[1], failure)
    _warn_of_copy(request, factor, outcome)
    raise WrongProof(aftermath)


@contextmanager
def _admitted(request: HttpRequest, factor: Factor, entrance: gate.Entrance) -> Iterator[gate.Admission]:
    if factor.kind in HASHED:
        with gate.admitted(request, entrance.name, entrance) as admission:
            yield admission
    else:
        yield gate.admit(request, entrance.name, entrance)


@sensitive_variables("shown")
def _beside(challenge: Challenge | None, factor: Factor, shown: proving.Shown, *, is_code: bool) -> WasShown:
    """What a passkey signed is for its challenge alone; a typed number is kept for the next attempt."""
    if challenge and (is_code or not isinstance(shown, str)):
        return _proved(challenge, factor, shown)
    return _typed(factor, shown, beside_right=is_code)


@sensitive_variables("shown")
def _typed(factor: Factor, shown: proving.Shown, *, beside_right: bool) -> WasShown:
    """Beside a wrong code secret nothing is used up: a code of a list is not printed again."""
    taking = proving.find(factor, shown, timezone.now()) if isinstance(shown, str) else None
    return WasShown(taking is not None and (not beside_right or taking()))


@sensitive_variables("shown")
def _proved(challenge: Challenge, factor: Factor, shown: proving.Shown) -> WasShown:
    now = timezone.now()
    try:
        return WasShown(proving.prove(challenge, factor, shown, now))
    except passkeys.Refused as refused:
        return WasShown(False, refused.why)


def _note(
    request: HttpRequest, factor: Factor, admission: gate.Admission, aftermath: gate.Aftermath, failure: LineKind
) -> None:
    """The journal's line, and once a day the owner's e-mail about a pause: its reader may not be who typed."""
    owner = factor.owner
    by = Actor.at(request, owner if request.user.is_authenticated else None)
    details = {"factor": factor.kind} | journal.device_of(admission.entrance.device)
    journal.record(failure, owner=owner, by=by, details=details)
    kind = Notice.Kind.STAFF_PAUSED if owner.is_staff else Notice.Kind.FACTOR_BLOCKED
    if aftermath.block and not _was_told(owner, kind):
        notices.leave_for_owner(kind, owner, by=by, name=factor.name)


def _warn_of_copy(request: HttpRequest, factor: Factor, outcome: WasShown) -> None:
    """Two authenticators hold one key, where its count goes back: the bank is told each time, its owner once a day."""
    if outcome.why != passkeys.PasskeyFault.COPIED:
        return
    owner = factor.owner
    by = Actor.at(request, owner if request.user.is_authenticated else None)
    details: dict[str, str | int] = {"factor": factor.kind, "factor_number": factor.generation}
    journal.record(SecurityEvent.Kind.PASSKEY_COPIED, owner=owner, by=by, details=details)
    log.error("The count of signatures of the passkey %s went back: it may have been copied", factor.pk)
    kind = Notice.Kind.STAFF_COPIED if owner.is_staff else Notice.Kind.PASSKEY_COPIED
    if not _was_told(owner, kind):
        notices.leave_for_owner(kind, owner, by=by, name=factor.name)


def _was_told(owner: Owner, kind: NoticeKind) -> bool:
    return owner.notices.filter(kind=kind, at__gt=timezone.now() - TOLD_EVERY).exists()
