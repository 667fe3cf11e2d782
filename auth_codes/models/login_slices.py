"""What happened at the logins, counted once; see lockout/hours.py."""

from django.db import models

from auth_codes import wording


class LoginSlice(models.Model):
    """What happened within the five minutes that begin at `since`, as the journal told it some minutes later."""

    since = models.DateTimeField(primary_key=True)
    logins = models.PositiveIntegerField()
    failures_known = models.PositiveIntegerField()
    failures_unknown = models.PositiveIntegerField()
    blocks = models.PositiveIntegerField()
    networks = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"connexions depuis {wording.short_moment(self.since)}"
