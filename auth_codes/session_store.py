"""Django's sessions in the database, whose rows expire with the limits of sessions.py."""

from django.contrib.sessions.backends import db
from django.utils import timezone

from auth_codes import sessions


class SessionStore(db.SessionStore):
    def get_session_cookie_age(self):
        """Seconds until the row may go (`clearsessions` deletes it); the cookie itself goes with the browser."""
        marks = sessions.life(self)
        if marks is None:
            return super().get_session_cookie_age()
        return int((marks.end + sessions.KEPT_AFTER - timezone.now()).total_seconds())
