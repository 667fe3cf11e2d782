"""Django's sessions in the database, whose rows expire with the limits of this room."""

from django.contrib.sessions.backends import db
from django.utils import timezone

from auth_codes.sessions import limits


class SessionStore(db.SessionStore):
    """A session whose row is kept a little longer than the session itself lasts."""

    def get_session_cookie_age(self) -> int:
        """Seconds until the row may go (`clearsessions` deletes it); the cookie itself goes with the browser."""
        marks = limits.life(self)
        if marks is None:
            return super().get_session_cookie_age()
        return int((marks.end + limits.KEPT_AFTER - timezone.now()).total_seconds())
