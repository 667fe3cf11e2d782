"""An access that its owner has locked, and the code of a letter that locks it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

STANDING = Q(undone_at=None)


class LockCode(models.Model):
    """What locks an access and opens nothing; the database keeps a keyed digest, so that whoever reads it locks none.

    One locks for each owner: that of a later letter takes its place; that of a list of codes stands with the list.
    `is_pending` is that of a letter whose secret code stands beside a valid one: it locks nothing until that code has
    taken the other's place.
    """

    # Looked up by the index of the constraint below.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="lock_codes")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    is_pending = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "is_pending"], name="one_lock_code_of_each")]

    def __str__(self) -> str:
        return "code de verrouillage"


class AccessLockQuerySet(models.QuerySet["AccessLock"]):
    """Locks by whether they stand."""

    def standing(self) -> Self:
        """Those that nobody has undone."""
        return self.filter(STANDING)

    def of(self, owner: F | models.OuterRef) -> Self:
        """Those that stand of whom an outer question names: for an `Exists`, so that no statement more is asked."""
        return self.standing().filter(owner=owner)


class AccessLock(models.Model):
    """That somebody has locked his own access: no session and no code opens it until the lock is undone.

    `position` and `mac` are where the journal stood: whoever has the receipt proves that it is no younger than what was
    chained after it. Nothing of a row changes but its end, once.
    """

    class Way(models.TextChoices):
        CODES = "codes", _("avec le code client et le code secret")
        LOCK_CODE = "lock_code", _("avec le code de verrouillage")
        SESSION = "session", _("depuis « Mon profil »")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="locks", verbose_name="client")
    at = models.DateTimeField("verrouillé le", default=timezone.now)
    way = models.CharField("verrouillé", max_length=9, choices=Way)
    position = models.BigIntegerField("position du journal")
    mac = models.BinaryField("sceau du journal")
    undone_at = models.DateTimeField("déverrouillé le", null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="déverrouillé par"
    )

    objects = AccessLockQuerySet.as_manager()

    class Meta:
        verbose_name = _("accès verrouillé")
        verbose_name_plural = "accès verrouillés"
        # What stands, among all that ever stood: whom to call, and the figures.
        indexes = [models.Index(fields=["at"], condition=STANDING, name="locks_standing")]
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=STANDING, name="one_standing_lock"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="lock_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"verrouillage {self.reference}"

    @property
    def reference(self) -> str:
        """What the receipt and the advisor name it by."""
        return self.id.hex[:12].upper()

    @property
    def journal_mac(self) -> str:
        """In hexadecimal, by fours; empty where nothing was chained yet."""
        return bytes(self.mac).hex(" ", 4)
