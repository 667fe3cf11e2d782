"""Sealed letters and the batches in which they leave."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auth_codes import wording
from auth_codes.models.batches import Batch, BatchQuerySet
from auth_codes.models.locks import AccessLock

# ASVS 5.0 6.4.1: an initial secret expires. Counted from the confirmation that the letter left, or else from its issue.
DELIVERED_LIFETIME = timedelta(days=30)
ISSUED_LIFETIME = timedelta(days=45)


# What the indexes of letters are made for: few of all there ever were.
WAITING = models.Q(batch=None, ciphertext__isnull=False)
UNENDED = models.Q(personalised_at=None, voided_at=None, expiry_noted_at=None)
UNUSED = models.Q(first_used_at=None, personalised_at=None, voided_at=None)


class LetterBatchQuerySet(BatchQuerySet["LetterBatch"]):
    """Batches with how many letters."""

    def with_counts(self) -> Self:
        """With `letter_count` and, among them, `voided_count`; counted for batches that are not confirmed alone."""
        letters = SealedLetter.objects.filter(batch=models.OuterRef("pk"))
        voided = letters.filter(voided_at__isnull=False)
        return self.annotate(
            letter_count=Coalesce("letters_confirmed", _count_of(letters), 0),
            voided_count=Coalesce("voided_confirmed", _count_of(voided), 0),
        )


def _count_of(letters: models.QuerySet["SealedLetter"]) -> models.Subquery:
    grouped = letters.order_by().values("batch")
    return models.Subquery(grouped.annotate(count=models.Count("pk")).values("count"))


class LetterBatch(Batch):
    """Sealed letters handed to the print workshop together; repeatable until confirmed."""

    # How many there were when it was confirmed, and how many of them were void: nobody counts them again.
    letters_confirmed = models.PositiveIntegerField(null=True, editable=False)
    voided_confirmed = models.PositiveIntegerField(null=True, editable=False)

    # What `with_counts` adds.
    letter_count: int
    voided_count: int

    objects = LetterBatchQuerySet.as_manager()

    class Meta(Batch.Meta):
        verbose_name = "lot de plis scellés"
        verbose_name_plural = "lots de plis scellés"


class SealedLetterQuerySet(models.QuerySet["SealedLetter"]):
    """Letters by whether they still have to leave."""

    def waiting(self) -> Self:
        """What the next export takes: not what was voided or has expired before it left.

        Nor, while his lock stands, what would open the access of who has locked it.
        """
        locked = models.Exists(AccessLock.objects.of(models.OuterRef("owner")))
        return self.filter(~locked, WAITING)

    def unended(self) -> Self:
        """Those whose code nobody has replaced, whose end the journal was not told."""
        return self.filter(UNENDED)

    def unused(self) -> Self:
        """Those whose code nobody has used, and that nothing has ended."""
        return self.filter(UNUSED)


class SealedLetter(models.Model):
    """A letter with a secret code that the print workshop alone can open; its content is destroyed once confirmed.

    Its dates are the life of the code it carries: issued, exported and confirmed with its batch, first used,
    personalised; or voided by a later letter, or expired unused.
    """

    class Occasion(models.TextChoices):
        FIRST = "first", _("premier code")
        REQUEST = "request", _("demande en ligne")
        RENEWAL = "renewal", _("renouvellement par un conseiller")
        ALARM = "alarm", _("accès fermé par le client")
        LIST = "list", _("liste de codes")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sealed_letters")
    occasion = models.CharField("motif", max_length=8, choices=Occasion, default=Occasion.FIRST)
    number_digest = models.CharField("empreinte du numéro", max_length=64, unique=True, editable=False)
    ciphertext = models.BinaryField("contenu scellé", null=True, editable=False)
    issued_at = models.DateTimeField("émis le", default=timezone.now)
    batch = models.ForeignKey(
        LetterBatch, models.PROTECT, verbose_name="lot", null=True, blank=True, related_name="letters"
    )
    first_used_at = models.DateTimeField("premier usage le", null=True, blank=True)
    personalised_at = models.DateTimeField("remplacé par un code personnel le", null=True, blank=True)
    voided_at = models.DateTimeField("annulé le", null=True, blank=True)
    # When the journal was told that the code expired; when it did expire is derived.
    expiry_noted_at = models.DateTimeField("expiration notée le", null=True, blank=True, editable=False)

    objects = SealedLetterQuerySet.as_manager()

    class Meta:
        verbose_name = "pli scellé"
        verbose_name_plural = "plis scellés"
        indexes = [
            models.Index(fields=["issued_at"], condition=WAITING, name="letters_waiting"),
            models.Index(fields=["issued_at"], condition=UNENDED, name="unended_letters"),
            models.Index(fields=["batch"], condition=UNENDED, name="unended_letters_of_batch"),
            models.Index(fields=["issued_at"], condition=UNUSED, name="letters_unused"),
            models.Index(fields=["issued_at"], condition=models.Q(occasion="request"), name="letters_asked_for"),
        ]

    def __str__(self) -> str:
        return f"pli du {wording.short_day(self.issued_at)}"

    @property
    def is_list(self) -> bool:
        """Whether it carries a printed list, whose codes are no code secret; its first use is the activation."""
        return self.occasion == self.Occasion.LIST

    @property
    def _ended_at(self) -> datetime | None:
        return self.personalised_at or self.voided_at or (self.first_used_at if self.is_list else None)

    def expires_at(self) -> datetime:
        """From when on the code it carries no longer logs in."""
        latest = self.issued_at + ISSUED_LIFETIME
        if self.batch and self.batch.confirmed_at and not self.is_list:
            return min(latest, self.batch.confirmed_at + DELIVERED_LIFETIME)
        return latest

    def is_alive(self, now: datetime) -> bool:
        """Whether the code it carries was neither replaced nor voided and has not expired."""
        return not self._ended_at and now < self.expires_at()

    def life(self, now: datetime) -> list[tuple[str, datetime]]:
        """The states of the code it carries, each with its date, in their order: what an advisor sees of it."""
        dated = [
            ("attribué et scellé", self.issued_at),
            ("remis à l’atelier d’impression", self.batch and self.batch.exported_at),
            ("posté", self.batch and self.batch.confirmed_at),
            ("utilisé pour la première fois", self.first_used_at),
            ("remplacé par un code personnel", self.personalised_at),
            ("annulé", self.voided_at),
            ("expiré", None if self._ended_at or now < self.expires_at() else self.expires_at()),
        ]
        return sorted(((state, at) for state, at in dated if at), key=lambda step: step[1])
