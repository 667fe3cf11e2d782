"""Whose each session is; see sessions/open_sessions.py."""

from django.conf import settings
from django.db import models

from auth_codes import wording


class OpenSession(models.Model):
    """A session that its owner opened by a login, and whether a later login of his has ended it.

    It may outlive its session a little: what counts is whether the row of that one is still there and alive.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="open_sessions")
    # Where the session's row stands, a hash of what the browser holds; sessions/store.py.
    row_key = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField(db_index=True)
    # Kept for a while: its browser is told why.
    ended_at = models.DateTimeField(null=True)
    # Addresses of objects that are not its owner's; see sessions/refused_objects.py.
    refused_objects = models.PositiveIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"session du {wording.short_moment(self.began_at)}"
