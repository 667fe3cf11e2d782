"""Known devices; see devices/known_devices.py."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class KnownDevice(models.Model):
    """A browser that has logged in as its owner. Of its cookie's token the table holds a digest alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="known_devices")
    digest = models.CharField(max_length=64)
    # The token before, which the browser still has when the answer with the new one never reached it.
    earlier_digest = models.CharField(max_length=64, blank=True)
    label = models.CharField("appareil", max_length=60)
    first_seen_at = models.DateTimeField("première connexion", default=timezone.now)
    last_seen_at = models.DateTimeField("dernière connexion", default=timezone.now)
    # When a moyen was last shown there at a login: for a while it is not asked for again.
    proved_at = models.DateTimeField(null=True)

    # No column: which of the two its browser has just presented.
    presented = ""

    class Meta:
        ordering = ["-last_seen_at"]

    def __str__(self) -> str:
        return self.label


class RememberedNumber(models.Model):
    """A known device that its owner asked to remember his code client; of its handle the table holds a digest alone."""

    device = models.OneToOneField(KnownDevice, models.CASCADE, primary_key=True, related_name="remembered")
    digest = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"code client retenu par {self.device}"
