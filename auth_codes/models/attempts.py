"""Counting attempts; see lockout.py."""

from django.db import models
from django.utils import timezone


class AttemptCounter(models.Model):
    """Attempts reserved for one number (or one staff name and address) and not given back. See lockout.py."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    reserved_at = models.DateTimeField()
    # The last count that filled a series of five, and when it did: a success that brings the count back down to an
    # earlier multiple of five must not look like the start of a block.
    filled_count = models.PositiveIntegerField()
    filled_at = models.DateTimeField()

    def __str__(self):
        return f"{self.count} essais"


class FailedAttempt(models.Model):
    """A wrong code answered to one browser: what that browser's success may give back."""

    counter_key = models.CharField(max_length=64)
    browser = models.CharField(max_length=32)
    answered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["counter_key", "browser"], name="failed_by_browser")]

    def __str__(self):
        return f"essai erroné du {timezone.localtime(self.answered_at):%d/%m/%Y %H:%M}"


class Budget(models.Model):
    """What one network has spent of an hour's budget; see budgets.py."""

    key = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField(db_index=True)
    spent = models.PositiveIntegerField()

    def __str__(self):
        return f"{self.spent} depuis {timezone.localtime(self.since):%d/%m/%Y %H:%M}"
