"""Secret codes as they are stored, what they were hashed at, and what a client said to the reminder."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes.crypto import hashing, sealing
from auth_codes.crypto.hashing import Cost
from auth_codes.crypto.sealing import Sealed, SealError
from auth_codes.models.letters import SealedLetter, SealedLetterQuerySet
from auth_codes.models.locks import AccessLock


class SecretCodeQuerySet(models.QuerySet["SecretCode"]):
    """Codes by what they may still open."""

    def present(self) -> Self:
        return self.filter(role=SecretCode.Role.PRESENT)

    def entered(self) -> Self:
        """Present ones by which somebody has been in the space: personal, or those of a letter that has served."""
        has_served = models.Q(kind=SecretCode.Kind.PERSONAL) | models.Q(letter__first_used_at__isnull=False)
        return self.present().filter(has_served)

    def living(self) -> Self:
        """Those that may log in: the present ones and, during a renewal, the pending ones."""
        return self.exclude(role=SecretCode.Role.PAST)

    def with_lock(self) -> Self:
        """With `is_locked`: whether the owner has locked his access."""
        return self.annotate(is_locked=models.Exists(AccessLock.objects.of(models.OuterRef("owner"))))


class SecretCode(models.Model):
    """One code of one owner: hashed, then sealed. A change inserts rows; codes/resealing.py alone updates one."""

    class Role(models.TextChoices):
        PRESENT = "present", "en cours"
        PENDING = "pending", "en attente"
        PAST = "past", "ancien"

    class Kind(models.TextChoices):
        DEFAULT = "default", "provisoire"
        PERSONAL = "personal", "personnel"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="secret_codes")
    role = models.CharField(max_length=7, choices=Role)
    kind = models.CharField(max_length=8, choices=Kind)
    letter = models.OneToOneField(SealedLetter, models.PROTECT, null=True, related_name="secret_code")
    created_at = models.DateTimeField(default=timezone.now)
    memory_kib = models.PositiveIntegerField()
    iterations = models.PositiveSmallIntegerField()
    parallelism = models.PositiveSmallIntegerField()
    salt = models.BinaryField()
    format_version = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=32)
    nonce = models.BinaryField()
    ciphertext = models.BinaryField()

    # No column: whether its owner has a moyen, of a code that was read to be verified.
    has_factor = False
    # What `with_lock` adds.
    is_locked: bool

    objects = SecretCodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "role"], condition=~models.Q(role="past"), name="one_living_code_per_role"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="personal") | models.Q(role="past") | models.Q(letter__isnull=False),
                name="default_code_came_by_letter",
            ),
        ]

    def __str__(self) -> str:
        return f"code {self.get_kind_display()} ({self.get_role_display()})"

    @classmethod
    @sensitive_variables()
    def sealed(cls, hashed: bytes, *, cost: Cost, **fields) -> Self:  # type: ignore[no-untyped-def]  # any of the row
        """An unsaved row holding the Argon2id `hashed` of a code, sealed and bound to owner, role and row."""
        row = cls(**cost._asdict(), **fields)
        row.format_version, row.key_id, row.nonce, row.ciphertext = sealing.seal(hashed, row._binding())
        return row

    @property
    def cost(self) -> Cost:
        return Cost(self.memory_kib, self.iterations, self.parallelism)

    @property
    def is_default(self) -> bool:
        return self.kind == self.Kind.DEFAULT

    def has_expired(self, now: datetime) -> bool:
        """Whether this is a default code whose time has passed. A personal code never expires (NIST 800-63B)."""
        return self.is_default and self.letter is not None and self.letter.expires_at() <= now

    def its_letter(self) -> SealedLetterQuerySet:
        """The letter that it came by, to be written to where it stands; none of a code of one's own."""
        return SealedLetter.objects.filter(pk=self.letter_id)  # type: ignore[misc]  # None finds none

    @sensitive_variables()
    def unseal(self) -> bytes:
        """The Argon2id of the code. Raises SealError, also when salt or cost are none that it can be compared with."""
        if len(self.salt) != hashing.SALT_BYTES:
            raise SealError(f"its salt has {len(self.salt)} bytes instead of {hashing.SALT_BYTES}: altered")
        if not hashing.is_possible(self.cost):
            raise SealError(f"no code is hashed at its cost {tuple(self.cost)}: altered")
        sealed = Sealed(self.format_version, self.key_id, bytes(self.nonce), bytes(self.ciphertext))
        return sealing.unseal(sealed, self._binding())

    def _binding(self) -> tuple[str, ...]:
        # Of codes from before there were any the number is 0, and they were sealed without it.
        is_numbered = self.role == self.Role.PRESENT and self.owner.code_generation
        number = (str(self.owner.code_generation),) if is_numbered else ()
        return str(self.id), self.role, self.owner.username, *number


class HashingCost(models.Model):
    """A cost of Argon2id at which some code in use is hashed: every attempt computes each; codes/costs.py."""

    memory_kib = models.PositiveIntegerField()
    iterations = models.PositiveSmallIntegerField()
    parallelism = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["memory_kib", "iterations", "parallelism"], name="hashing_cost_once")
        ]

    def __str__(self) -> str:
        return f"m={self.memory_kib} t={self.iterations} p={self.parallelism}"


class CodeReminder(models.Model):
    """What a client answered to the reminder to change the code, and until when he wants to hear of no moyen."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="code_reminder"
    )
    silent_until = models.DateField(null=True, blank=True)
    never_again = models.BooleanField(default=False)
    # Until when the overview does not invite him to choose a moyen.
    moyen_silent_until = models.DateField(null=True)

    def __str__(self) -> str:
        return "plus de rappel" if self.never_again else f"pas de rappel avant le {self.silent_until}"
