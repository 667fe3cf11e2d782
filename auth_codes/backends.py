"""Two logins, one lockout: clients by their two codes, staff by name and password.

Each backend acts only on its own kind of name and only at its own door, which the login view names on the request;
it refuses the rest without computing a hash. Both count through lockout.py, before they verify.
"""

import re

from axes.backends import AxesStandaloneBackend
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import browser, code_life, lockout, secret_codes

CLIENT_DOOR = "client"
STAFF_DOOR = "staff"
CLIENT_NAME = re.compile(r"[0-9]{10}")


def counter_of(request: HttpRequest, name: str, letter_digest: str = "") -> str | None:
    """The counter that an attempt under `name` draws on; None where no backend will act.

    A letter's number has its own only while that letter's code waits: made-up numbers draw on the client's.
    """
    door = getattr(request, "login_door", None)
    if door == CLIENT_DOOR and CLIENT_NAME.fullmatch(name):
        waits = letter_digest and secret_codes.candidate_among(secret_codes.living_codes(name), letter_digest)
        return lockout.letter_counter(letter_digest) if waits else lockout.client_counter(name)
    if door == STAFF_DOOR and name and not name.isdigit():
        return lockout.counter_key(STAFF_DOOR, name.lower(), browser.network(request))
    return None


def reserve_or_refuse(request: HttpRequest, key: str) -> lockout.Reservation:
    """Reserves the attempt. Raises PermissionDenied, which ends Django's authentication, when it is blocked."""
    try:
        return lockout.reserve(key)
    except lockout.Blocked as blocked:
        request.blocked_until = blocked.until
        request.axes_locked_out = True
        raise PermissionDenied from None


def answer(request: HttpRequest, reservation: lockout.Reservation, *, right: bool) -> None:
    """Notes the outcome of a reserved attempt."""
    settle = lockout.give_back if right else lockout.fail
    settle(reservation, browser.mark(request))


class LockoutBackend(AxesStandaloneBackend):
    """axes' gate, which does not need the code: its frames would show it in an error report."""

    @sensitive_variables()
    def authenticate(self, request, username=None, letter_digest="", **credentials):
        return super().authenticate(request, username=username, letter_digest=letter_digest)


class ClientBackend(ModelBackend):
    """A client by code client and code secret or, under its letter's number, by the code of that letter."""

    @sensitive_variables("password")
    def authenticate(self, request, username=None, password=None, letter_digest="", **kwargs):
        key = counter_of(request, username or "", letter_digest) if password else None
        if key is None or request.login_door != CLIENT_DOOR:
            return None
        reservation = reserve_or_refuse(request, key)
        codes = secret_codes.living_codes(username)
        candidate = secret_codes.candidate_among(codes, letter_digest)
        user = request.attempted_user = (candidate or codes[0]).owner if codes else None
        right = secret_codes.is_right(candidate, username, password, timezone.now())
        right = right and self.user_can_authenticate(user)
        answer(request, reservation, right=right)
        if not right:
            return None
        try:
            code_life.note_use(candidate, request=request)
        except secret_codes.CodeChangedMeanwhile:
            return None
        secret_codes.upgrade(candidate, password)
        return user


class StaffBackend(ModelBackend):
    """Staff by name and password, at the door of the advisors' desk alone."""

    @sensitive_variables("password")
    def authenticate(self, request, username=None, password=None, **kwargs):
        key = counter_of(request, username or "") if password else None
        if key is None or request.login_door != STAFF_DOOR:
            return None
        reservation = reserve_or_refuse(request, key)
        user = get_user_model()._default_manager.filter(username=username, is_staff=True).first()
        request.attempted_user = user
        right = self._is_right(user, password)
        answer(request, reservation, right=right)
        return user if right else None

    @sensitive_variables("password")
    def _is_right(self, user: AbstractBaseUser | None, password: str) -> bool:
        if user is None:
            make_password(password)  # an unknown name costs the same hash as a known one
            return False
        return user.check_password(password) and self.user_can_authenticate(user)
