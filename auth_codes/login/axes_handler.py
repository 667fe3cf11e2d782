"""django-axes' handler: its counting is ours (the room lockout), its records are lines of our journal.

axes may ask `is_allowed` more than once an attempt, so it only reads, and the attempt answers from memory; Django
signals a failed login also for attempts that axes refused, so the signal methods only record.
"""

from axes.handlers.base import AxesHandler

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.devices import advice, last_connection
from auth_codes.locking import locks
from auth_codes.login import attempt as attempts
from auth_codes.measures import series
from auth_codes.measures.series import Door, Outcome
from auth_codes.models import SecurityEvent


class PortalHandler(AxesHandler):
    """Reads for django-axes what our gate decides, and writes what became of an attempt into the journal."""

    def is_allowed(self, request, credentials=None):
        attempt, typed = attempts.of(request), credentials or {}
        attempt.enter(request, typed.get("username") or "", typed.get("letter_digest") or "")
        return attempt.refusal is None

    def is_locked(self, request, credentials=None):
        return not self.is_allowed(request, credentials)

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        attempt = attempts.of(request)
        if attempt.door:
            series.logins.labels(attempt.door, attempt.failure).inc()
        # What no counter bounds (ten digits at the staff's door) writes no line: it could fill the disk.
        if not attempt.is_counted:
            return
        # No failure: else whoever has locked would ring the alarm that counts them.
        if attempt.owner and attempt.found_locked:
            locks.note_found(attempt.owner, by=Actor.at(request), details=journal.device_of(attempt.device))
            return
        # In the one line that every failure writes: one of its own would take a time that tells.
        broken = {} if attempt.is_bound else {"binding": "broken"}
        failed, details = SecurityEvent.Kind.LOGIN_FAILED, journal.device_of(attempt.device) | broken
        journal.record(failed, owner=attempt.owner, by=Actor.at(request), details=details)

    def user_logged_in(self, sender, request, user, **kwargs):
        attempt = attempts.of(request)
        if attempt.door:
            series.logins.labels(attempt.door, Outcome.RIGHT).inc()
        by, details = Actor.at(request, user), journal.device_of(attempt.device)
        line = journal.record(SecurityEvent.Kind.LOGGED_IN, owner=user, by=by, details=details)
        # Before the session is written, which is once.
        last_connection.note_login(request, line, attempt.aftermath.forgiven)
        if attempt.door == Door.CLIENT:
            advice.after_login(request, is_public=attempt.is_public, is_known=attempt.device is not None)

    def user_logged_out(self, sender, request, user, **kwargs):
        if user is not None:
            journal.record(SecurityEvent.Kind.LOGGED_OUT, owner=user, by=Actor.at(request, user))
