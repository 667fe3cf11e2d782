"""What batches handed to the print workshop have in common, sealed or not."""

from typing import Self, TypeVar

from django.db import models
from django.utils import timezone

AnyBatch = TypeVar("AnyBatch", bound="Batch", covariant=True)


class BatchQuerySet(models.QuerySet[AnyBatch]):
    """Batches by whether they reached the workshop."""

    def never_written(self) -> Self:
        """Those that a crash cut short: what they hold was put aside for the workshop, and never reached it."""
        return self.filter(last_written_at=None, confirmed_at=None).order_by("exported_at", "id")


class Batch(models.Model):
    """Handed over together; repeatable until confirmed."""

    id = models.CharField("lot", max_length=20, primary_key=True)
    exported_at = models.DateTimeField("exporté le", default=timezone.now)
    # Null until the files were once written whole: a batch that a crash cut short is the next export's first work.
    last_written_at = models.DateTimeField("écrit en dernier le", null=True, blank=True)
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["-exported_at", "-id"], name="%(class)s_newest")]

    def __str__(self) -> str:
        return self.id
