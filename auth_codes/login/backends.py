"""Two logins, one lockout: clients by their two codes, staff by name and password.

Each backend acts only on its own kind of name and only at its own door, where the login view began the attempt; it
refuses the rest without computing a hash. Both count through gate.py, before they verify.
"""

import logging

from axes.backends import AxesStandaloneBackend
from django.contrib.auth.backends import ModelBackend
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal
from auth_codes.codes import bindings, checking, known
from auth_codes.factors import asking
from auth_codes.login import attempt as attempts
from auth_codes.login import gate, passwords, steps
from auth_codes.measures.series import Door
from auth_codes.models import SecretCode, SecurityEvent

log = logging.getLogger(__name__)


class LockoutBackend(AxesStandaloneBackend):
    """axes' gate, which does not need the code: its frames would show it in an error report."""

    @sensitive_variables()
    def authenticate(self, request, username=None, letter_digest="", **credentials):
        return super().authenticate(request, username=username, letter_digest=letter_digest)


class BoundBackend(ModelBackend):
    """Looks on each page whether the logged-in user is still bound to whom he shows, in the statement that reads him.

    If not, the session ends: Django finds that it was begun under another password.
    """

    def get_user(self, user_id):
        user = known.owner(user_id)
        if user is None or not self.user_can_authenticate(user):
            return None
        if not bindings.holds(user):
            _end_unbound(user)
        return user


def _end_unbound(user):
    log.error("User %s is not bound to whom he shows: somebody has written in the database", user.pk)
    user.set_unusable_password()  # of this request alone
    journal.record(SecurityEvent.Kind.BINDING_BROKEN, owner=user)


class ClientBackend(BoundBackend):
    """A client by code client and code secret or, under its letter's number, by the code of that letter.

    At the door where he locks his access the same codes are counted and verified in the same way, and begin nothing.
    """

    @sensitive_variables("password")
    def authenticate(self, request, username=None, password=None, letter_digest="", **kwargs):
        attempt = attempts.of(request)
        if attempt.door not in attempts.CLIENTS_DOORS or not password:
            return None
        entrance = attempt.enter(request, username or "", letter_digest)
        if entrance is None:
            return None
        with attempt.admitted(request, username, entrance) as admission:
            codes = checking.living_codes(username)
            candidate = checking.candidate_among(codes, letter_digest)
            user = attempt.owner = (candidate or codes[0]).owner if codes else None
            right = checking.is_right(candidate, username, password, timezone.now())
            attempt.is_bound = user is None or bindings.holds(user)
        right = right and attempt.is_bound and self.user_can_authenticate(user)
        attempt.aftermath = gate.settle(request, admission, right=right, owner=user)
        if candidate is None or not right:
            return None
        if attempt.door == Door.LOCK:
            return user  # his codes stay as they are: to lock is no use of them
        if candidate.is_locked:
            attempt.found_locked, attempt.awaiting = True, candidate
            return None
        if candidate.has_factor and asking.asked_at_login(candidate.owner, attempt.device, timezone.now()):
            attempt.awaiting = candidate  # a letter's code replaces nothing before the moyen is shown as well
        elif not steps.use(request, candidate):
            return None
        checking.upgrade(candidate, password)
        if candidate.role == SecretCode.Role.PRESENT:
            known.remember(candidate.owner, candidate)
        return user


class StaffBackend(BoundBackend):
    """Staff by name and password, at the door of the advisors' desk alone."""

    @sensitive_variables("password")
    def authenticate(self, request, username=None, password=None, **kwargs):
        attempt = attempts.of(request)
        if attempt.door != Door.STAFF or not password:
            return None
        entrance = attempt.enter(request, username or "")
        if entrance is None:
            return None
        with attempt.admitted(request, username, entrance) as admission:
            user = attempt.owner = bindings.owners_with_bound().filter(username=username, is_staff=True).first()
            attempt.is_bound = user is None or bindings.holds(user)
            right = passwords.is_right(user, password) and attempt.is_bound and self.user_can_authenticate(user)
        attempt.aftermath = gate.settle(request, admission, right=right, owner=user)
        return user if right else None
