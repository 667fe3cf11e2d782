"""Counting attempts; see lockout/counters.py."""

from django.db import models
from django.db.models.functions import Now

from auth_codes import wording


class AttemptCounter(models.Model):
    """Attempts reserved for one number, letter, known device or staff name, and not given back; lockout/counters.py."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    reserved_at = models.DateTimeField()
    # The last count that filled a series of five, and when it did: a success that brings the count back down to an
    # earlier multiple of five must not look like the start of a block.
    filled_count = models.PositiveIntegerField()
    filled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"essais : {self.count}"


class FailedAttempt(models.Model):
    """One attempt that counts as failed: from its reservation on, until its own or its browser's success."""

    counter_key = models.CharField(max_length=64)
    browser = models.CharField(max_length=32)
    # The database's own default: servers of the version before, which do not know it, may still be running.
    reserved_at = models.DateTimeField(db_index=True, db_default=Now())
    # Null while it is being verified, and for ever when its server was killed meanwhile.
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["counter_key", "browser"], name="failed_by_browser")]

    def __str__(self) -> str:
        return f"essai erroné du {wording.short_moment(self.reserved_at)}"


class Budget(models.Model):
    """What one network has spent of an hour's budget; see lockout/budgets.py."""

    key = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField(db_index=True)
    spent = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.spent} depuis {wording.short_moment(self.since)}"


class StandingAlarm(models.Model):
    """An alarm that stands until its cause is gone; see lockout/watch.py."""

    name = models.CharField(max_length=24, primary_key=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} depuis {wording.short_moment(self.since)}"
