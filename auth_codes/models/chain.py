"""What proves the journal: one link for each chained line, one checkpoint for each cut, and the proofs kept longer."""

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


class KeptProof(models.Model):
    """A line that proves a report or a closing, kept when the journal lets go of it; see journal/proofs.py."""

    # Without gaps: a missing one is told.
    number = models.BigIntegerField(primary_key=True)
    # The line as it was signed in the journal, and when it was written.
    line = models.TextField()
    at = models.DateTimeField(db_index=True)
    # Its link there, and the place of the link before it.
    position = models.BigIntegerField()
    sealed_at = models.CharField(max_length=32)
    link_format = models.PositiveSmallIntegerField()
    link_key_id = models.CharField(max_length=32)
    mac = models.BinaryField()
    after = models.BinaryField()
    # The signature of the proof before it; empty for the first.
    before = models.BinaryField()
    kept_at = models.DateTimeField()
    format_version = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=32)
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.number} : {self.line}"
