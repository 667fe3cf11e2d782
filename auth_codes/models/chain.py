"""What proves the journal: one link for each chained line, one checkpoint for each cut."""

from django.db import models


class JournalLink(models.Model):
    """The place of one line in the chain; `mac` covers the line and the link before it, see journal/chain.py."""

    position = models.BigIntegerField(primary_key=True)
    # No constraint in the database: the line is written first, by others, and is never made to wait.
    event_id = models.BigIntegerField(unique=True)
    sealed_at = models.DateTimeField()
    format_version = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=32)
    mac = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.position} : {self.event_id}"


class JournalCheckpoint(models.Model):
    """A signed cut: the lines up to `position` are gone, as the law allows, and the chain goes on from `mac`."""

    position = models.BigIntegerField(primary_key=True)
    mac = models.BinaryField()
    lines = models.PositiveIntegerField()
    purged_at = models.DateTimeField()
    format_version = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=32)
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.position} ({self.lines} lignes)"
