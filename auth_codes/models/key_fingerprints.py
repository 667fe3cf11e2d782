"""What the database knows of the keys that are outside it."""

from django.db import models
from django.db.models.functions import Now


class KeyFingerprint(models.Model):
    """One key that servers of this database have had, see crypto/fingerprints.py."""

    variable = models.CharField(max_length=32)
    key_id = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["variable", "key_id"], name="one_fingerprint_per_key")]

    def __str__(self) -> str:
        return f"{self.variable} {self.key_id}"
