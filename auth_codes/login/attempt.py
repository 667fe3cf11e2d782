"""One attempt to log in, carried by the request from the form through axes and the backends to the page.

The view of a door begins it. Where it enters is worked out once: axes and the backend that acts read the same answer.
What changes in between is not missed, since the gate judges anew, by its own statement, when it admits.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from auth_codes.crypto import slots
from auth_codes.login import gate
from auth_codes.models import KnownDevice
from auth_codes.owner import Owner

CLIENT_NAME = re.compile(r"[0-9]{10}")


class Door(StrEnum):
    """Where it is made: a name of the one kind is nobody's at the other door."""

    CLIENT = "client"
    STAFF = "staff"


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
        self.aftermath = gate.Aftermath()
        self.letter_id: uuid.UUID | None = None  # of the provisional code that was right
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
    def device(self) -> KnownDevice | None:
        """The known device whose count it drew on."""
        return self._admission.entrance.device if self._admission else None

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
        if self.door == Door.CLIENT and CLIENT_NAME.fullmatch(name):
            return gate.client_entrance(request, name, letter_digest)
        if self.door == Door.STAFF and name and not name.isdigit():
            return gate.staff_entrance(request, name)
        return None


def begin(request: LoginRequest, door: Door) -> None:
    """What this request attempts, it attempts at this door."""
    request.login_attempt = Attempt(door)


def of(request: HttpRequest | None) -> Attempt:
    """The attempt that this request makes; away from both doors one that no backend acts on."""
    return getattr(request, "login_attempt", None) or Attempt(None)
