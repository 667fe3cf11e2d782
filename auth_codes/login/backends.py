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
from auth_codes.actor import Actor
from auth_codes.codes import bindings, changing, checking
from auth_codes.login import attempt as attempts
from auth_codes.login import gate, passwords
from auth_codes.login.attempt import Door
from auth_codes.models import SecurityEvent
from auth_codes.renewals import code_life

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
        user = bindings.owners_with_bound().filter(pk=user_id).first()
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
    """A client by code client and code secret or, under its letter's number, by the code of that letter."""

    @sensitive_variables("password")
    def authenticate(self, request, username=None, password=None, letter_digest="", **kwargs):
        attempt = attempts.of(request)
        if attempt.door != Door.CLIENT or not password:
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
        try:
            code_life.note_use(candidate, by=Actor.at(request, user))
        except changing.CodeChangedMeanwhile:
            return None
        attempt.letter_id = candidate.letter_id if candidate.is_default else None
        checking.upgrade(candidate, password)
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
