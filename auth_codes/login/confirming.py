"""Asking who is logged in for his code again, before an act that an open session alone must not do.

The code is counted, verified and settled as at a login: whoever sits down at an open session gets no more guesses than
a stranger at the door. But a count that is full of attempts without an answer yet is waited for a moment: when they are
the other clicks of an impatient client, all right, there is no block. Wrong ones make it one, and nobody has gained a
guess.
"""

import time
from collections.abc import Callable
from functools import partial

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.codes import checking
from auth_codes.devices import known_devices
from auth_codes.kinds import LineKind
from auth_codes.lockout import counters
from auth_codes.login import gate, passwords
from auth_codes.models import SecretCode
from auth_codes.owner import OwnersRequest

# Longer than five hashes take, shorter than somebody waits for a page.
PATIENCE_SECONDS = 2.0
PAUSE_SECONDS = 0.05


class WrongCurrentCode(Exception):
    """The code typed as the current one is not; `aftermath`: what that leaves to the browser."""

    def __init__(self, aftermath: gate.Aftermath):
        super().__init__("wrong current code")
        self.aftermath = aftermath


@sensitive_variables()
def check(request: OwnersRequest, present: SecretCode, code: str, *, failure: LineKind) -> None:
    """Counts and verifies `code` against `present`, the code in use of who is logged in; a wrong one is noted.

    No transaction may be open. Raises one of gate.REFUSALS, with nothing counted, or WrongCurrentCode.
    """

    def is_right() -> bool:
        return checking.is_right(present, request.user.username, code, timezone.now())

    _check(request, partial(_entrance, request, present), is_right, failure)


@sensitive_variables()
def check_staff(request: OwnersRequest, password: str, *, failure: LineKind) -> None:
    """The same for the password of the member of staff who is logged in."""
    is_right = partial(passwords.is_right, request.user, password)
    _check(request, partial(gate.staff_entrance, request, request.user.username), is_right, failure)


@sensitive_variables()
def _check(
    request: OwnersRequest, entrance: Callable[[], gate.Entrance], is_right: Callable[[], bool], failure: LineKind
) -> None:
    user, deadline = request.user, time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            aftermath = _verified(request, entrance(), is_right)
            break
        except counters.Blocked:
            if time.monotonic() > deadline or not counters.awaits_answers(entrance().counter):
                raise
        time.sleep(PAUSE_SECONDS)
    if aftermath:
        device = journal.device_of(known_devices.recognise(request, user.username))
        journal.record(failure, owner=user, by=Actor.of(request), details=device)
        raise WrongCurrentCode(aftermath)


@sensitive_variables()
def _verified(request: OwnersRequest, entrance: gate.Entrance, is_right: Callable[[], bool]) -> gate.Aftermath | None:
    """None where the code is right."""
    refusal = gate.why_refused(request, entrance)
    if refusal:
        raise refusal
    with gate.admitted(request, request.user.username, entrance) as admission:
        right = is_right()
    aftermath = gate.settle(request, admission, right=right, owner=request.user)
    return None if right else aftermath


def _entrance(request: OwnersRequest, present: SecretCode) -> gate.Entrance:
    # A default code is counted with its letter: strangers who block the number keep nobody from choosing his own.
    digest = present.letter.number_digest if present.is_default and present.letter else ""
    return gate.client_entrance(request, request.user.username, digest)
