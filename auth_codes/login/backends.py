"""Two logins, one lockout: clients by their two codes, staff by name and password.

Each backend acts only on its own kind of name and only at its own door, which the login view names on the request;
it refuses the rest without computing a hash. Both count through gate.py, before they verify.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from axes.backends import AxesStandaloneBackend
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes.codes import changing, checking
from auth_codes.login import gate
from auth_codes.owner import Owner
from auth_codes.renewals import code_life

CLIENT_DOOR = "client"
STAFF_DOOR = "staff"
CLIENT_NAME = re.compile(r"[0-9]{10}")


def entrance_of(request: HttpRequest, name: str, letter_digest: str = "") -> gate.Entrance | None:
    """Where an attempt under `name` enters; None where no backend will act."""
    door = getattr(request, "login_door", None)
    if door == CLIENT_DOOR and CLIENT_NAME.fullmatch(name):
        return gate.client_entrance(request, name, letter_digest)
    if door == STAFF_DOOR and name and not name.isdigit():
        return gate.staff_entrance(request, name)
    return None


@contextmanager
def admitted(request: HttpRequest, name: str, entrance: gate.Entrance) -> Iterator[gate.Admission]:
    """As the gate admits it; a refusal becomes PermissionDenied, which ends Django's authentication."""
    try:
        with gate.admitted(request, name, entrance) as admission:
            yield admission
    except gate.REFUSALS as refusal:
        request.refusal = refusal
        request.axes_locked_out = True
        raise PermissionDenied from None


class LockoutBackend(AxesStandaloneBackend):
    """axes' gate, which does not need the code: its frames would show it in an error report."""

    @sensitive_variables()
    def authenticate(self, request, username=None, letter_digest="", **credentials):
        return super().authenticate(request, username=username, letter_digest=letter_digest)


class ClientBackend(ModelBackend):
    """A client by code client and code secret or, under its letter's number, by the code of that letter."""

    @sensitive_variables("password")
    def authenticate(self, request, username=None, password=None, letter_digest="", **kwargs):
        entrance = entrance_of(request, username or "", letter_digest) if password else None
        if entrance is None or request.login_door != CLIENT_DOOR:
            return None
        with admitted(request, username, entrance) as admission:
            request.known_device = admission.entrance.device
            codes = checking.living_codes(username)
            candidate = checking.candidate_among(codes, letter_digest)
            user = request.attempted_user = (candidate or codes[0]).owner if codes else None
            right = checking.is_right(candidate, username, password, timezone.now())
        right = right and self.user_can_authenticate(user)
        gate.settle(request, admission, right=right, owner=user)
        if not right:
            return None
        try:
            code_life.note_use(candidate, request=request)
        except changing.CodeChangedMeanwhile:
            return None
        checking.upgrade(candidate, password)
        return user


class StaffBackend(ModelBackend):
    """Staff by name and password, at the door of the advisors' desk alone."""

    @sensitive_variables("password")
    def authenticate(self, request, username=None, password=None, **kwargs):
        entrance = entrance_of(request, username or "") if password else None
        if entrance is None or request.login_door != STAFF_DOOR:
            return None
        with admitted(request, username, entrance) as admission:
            user = get_user_model()._default_manager.filter(username=username, is_staff=True).first()
            request.attempted_user = user
            right = self._is_right(user, password)
        gate.settle(request, admission, right=right, owner=user)
        return user if right else None

    @sensitive_variables("password")
    def _is_right(self, user: Owner | None, password: str) -> bool:
        if user is None:
            make_password(password)  # an unknown name costs the same hash as a known one
            return False
        return user.check_password(password) and self.user_can_authenticate(user)
