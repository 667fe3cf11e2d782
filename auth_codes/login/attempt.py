"""One attempt to log in, carried by the request from the form through axes and the backends to the page.

The view of a door begins it. Where it enters is worked out once: axes and the backend that acts read the same answer.
What changes in between is not missed, since the gate judges anew, by its own statement, when it admits.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from auth_codes.crypto import slots
from auth_codes.lockout import budgets, counters, rush
from auth_codes.login import gate
from auth_codes.measures.series import Door, Outcome
from auth_codes.models import KnownDevice, SecretCode
from auth_codes.owner import Owner

CLIENT_NAME = re.compile(r"[0-9]{10}")
# Where the two codes are verified, under one count.
CLIENTS_DOORS = (Door.CLIENT, Door.LOCK)
REFUSED = {
    counters.Blocked: Outcome.BLOCKED,
    budgets.Spent: Outcome.NETWORK_SPENT,
    slots.Busy: Outcome.NO_SLOT,
    gate.TooManyNumbers: Outcome.TOO_MANY_NUMBERS,
    rush.QueueFull: Outcome.QUEUE_FULL,
}


class LoginRequest(HttpRequest):
    """To mypy, a request made at one of the doors: it carries the attempt, and what axes' middleware asks."""

    login_attempt: "Attempt"
    axes_locked_out: bool


class Attempt:
    """`refusal`: why it may not be made, one of gate.REFUSALS, or None; `owner`: whose number it was, if anybody's."""

    def __init__(self, door: Door | None):
        self.door = door
        self.refusal: Exception | None = None
        self.owner: Owner | None = None
        self.is_bound = True  # False: a stranger's hand has written in the owner's rows
        self.found_locked = False  # True: the codes were right, and the owner has locked his access
        self.is_public = False  # whether who logs in says that the computer is not his own
        self.aftermath = gate.Aftermath()
        self.letter_id: uuid.UUID | None = None  # of the provisional code that was right
        self.awaiting: SecretCode | None = None  # what was right, while a moyen is still to be shown
        self.goes_on_at: KnownDevice | None = None  # where a moyen has been shown
        self._admission: gate.Admission | None = None
        self._entrance: gate.Entrance | None = None
        self._typed: tuple[str, str] | None = None

    @property
    def is_counted(self) -> bool:
        """Whether it was admitted, so that a code was really verified."""
        return self._admission is not None

    @property
    def found_no_slot(self) -> bool:
        """Whether it was refused for a moment only, with nothing counted."""
        return isinstance(self.refusal, slots.Busy)

    @property
    def failure(self) -> Outcome:
        """What became of it, for the figures, when nobody is logged in by it."""
        if self.refusal is not None:
            return REFUSED[type(self.refusal)]
        if self.found_locked:
            return Outcome.LOCKED
        return Outcome.WRONG if self.is_counted else Outcome.UNREAD

    @property
    def device(self) -> KnownDevice | None:
        """The known device whose count it drew on, or on which it goes on by a moyen."""
        return self._admission.entrance.device if self._admission else self.goes_on_at

    def enter(self, request: HttpRequest, name: str, letter_digest: str = "") -> gate.Entrance | None:
        """Where it enters under `name`, None where no backend acts; `refusal` then says whether it may be made.

        Asked again for the same name, it answers from memory.
        """
        typed = name, letter_digest
        if self._typed != typed:
            self._typed, self._entrance = typed, self._worked_out(request, *typed)
            self.refusal = gate.why_refused(request, self._entrance) if self._entrance else None
            self.owner = self._admission = None
        return self._entrance

    @contextmanager
    def admitted(self, request: LoginRequest, name: str, entrance: gate.Entrance) -> Iterator[gate.Admission]:
        """As the gate admits it; a refusal becomes PermissionDenied, which ends Django's authentication."""
        try:
            with gate.admitted(request, name, entrance) as self._admission:
                yield self._admission
        except gate.REFUSALS as refusal:
            self.refusal, self._admission = refusal, None
            # axes' middleware then asks for the page.
            request.axes_locked_out = True
            raise PermissionDenied from None

    def _worked_out(self, request: HttpRequest, name: str, letter_digest: str) -> gate.Entrance | None:
        if self.door in CLIENTS_DOORS and CLIENT_NAME.fullmatch(name):
            return gate.client_entrance(request, name, letter_digest)
        if self.door == Door.STAFF and name and not name.isdigit():
            return gate.staff_entrance(request, name)
        return None


def begin(request: LoginRequest, door: Door) -> None:
    """What this request attempts, it attempts at this door."""
    request.login_attempt = Attempt(door)


def go_on(
    request: LoginRequest, device: KnownDevice | None, forgiven: tuple[datetime, ...], *, door: Door = Door.CLIENT
) -> Attempt:
    """The attempt whose codes were right in an earlier request, of which `forgiven` is what they gave back."""
    begin(request, door)
    request.login_attempt.goes_on_at = device
    request.login_attempt.aftermath = gate.Aftermath(forgiven=forgiven)
    return request.login_attempt


def of(request: HttpRequest | None) -> Attempt:
    """The attempt that this request makes; away from both doors one that no backend acts on."""
    return getattr(request, "login_attempt", None) or Attempt(None)
