"""What the database holds of codes, letters and attempts. No field of any model ever holds a code in clear."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from auth_codes import sealing
from auth_codes.hashing import Cost
from auth_codes.sealing import Sealed

# ASVS 5.0 6.4.1: an initial secret expires. Counted from the confirmation that the letter left, or else from its issue.
DELIVERED_LIFETIME = timedelta(days=30)
ISSUED_LIFETIME = timedelta(days=45)


class LetterBatch(models.Model):
    """Sealed letters handed to the print workshop together; repeatable until confirmed."""

    id = models.CharField("lot", max_length=20, primary_key=True)
    exported_at = models.DateTimeField("exporté le", default=timezone.now)
    last_exported_at = models.DateTimeField("exporté en dernier le", default=timezone.now)
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)

    class Meta:
        verbose_name = "lot de plis scellés"
        verbose_name_plural = "lots de plis scellés"

    def __str__(self):
        return self.id


class SealedLetter(models.Model):
    """A letter with a secret code that the print workshop alone can open; its content is destroyed once confirmed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sealed_letters")
    number_digest = models.CharField("empreinte du numéro", max_length=64, unique=True, editable=False)
    ciphertext = models.BinaryField("contenu scellé", null=True, editable=False)
    issued_at = models.DateTimeField("émis le", default=timezone.now)
    batch = models.ForeignKey(
        LetterBatch, models.PROTECT, verbose_name="lot", null=True, blank=True, related_name="letters"
    )

    class Meta:
        verbose_name = "pli scellé"
        verbose_name_plural = "plis scellés"

    def __str__(self):
        return f"pli du {timezone.localtime(self.issued_at):%d/%m/%Y}"

    def expires_at(self) -> datetime:
        """From when on the code it carries no longer logs in."""
        latest = self.issued_at + ISSUED_LIFETIME
        if self.batch and self.batch.confirmed_at:
            return min(latest, self.batch.confirmed_at + DELIVERED_LIFETIME)
        return latest


class SecretCodeQuerySet(models.QuerySet):
    def present(self):
        return self.filter(role=SecretCode.Role.PRESENT)


class SecretCode(models.Model):
    """One code of one owner: hashed, then sealed. A change inserts rows; nothing but a key rotation updates one."""

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

    def __str__(self):
        return f"code {self.get_kind_display()} ({self.get_role_display()})"

    @classmethod
    def sealed(cls, hashed: bytes, *, cost: Cost, **fields) -> "SecretCode":
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

    def unseal(self) -> bytes:
        """The Argon2id of the code. Raises SealError."""
        sealed = Sealed(self.format_version, self.key_id, self.nonce, self.ciphertext)
        return sealing.unseal(sealed, self._binding())

    def _binding(self) -> tuple[str, ...]:
        return str(self.id), self.role, self.owner.username


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


class SecurityEvent(models.Model):
    """One line of the journal; written once, never changed. No code, and no number that nobody holds."""

    class Kind(models.TextChoices):
        CLIENT_REGISTERED = "client_registered", "Fiche client créée"
        CLIENT_CHANGED = "client_changed", "Fiche client modifiée"
        CLIENT_CONSULTED = "client_consulted", "Fiche client consultée"
        CLIENT_CODE_ISSUED = "client_code_issued", "Code client attribué"
        ACCOUNT_OPENED = "account_opened", "Compte ouvert"
        CONTRACT_OPENED = "contract_opened", "Contrat souscrit"
        ONLINE_SPACE_CREATED = "online_space_created", "Espace en ligne créé"
        DEFAULT_CODE_ISSUED = "default_code_issued", "Code secret provisoire attribué"
        LETTERS_EXPORTED = "letters_exported", "Plis scellés exportés"
        LETTERS_CONFIRMED = "letters_confirmed", "Plis scellés confirmés et détruits"
        LOGGED_IN = "logged_in", "Connexion"
        LOGIN_FAILED = "login_failed", "Connexion refusée"
        LOGGED_OUT = "logged_out", "Déconnexion"
        CODE_CHANGED = "code_changed", "Code secret modifié"
        CODE_CHANGE_FAILED = "code_change_failed", "Code secret actuel erroné"

    at = models.DateTimeField("le", default=timezone.now, db_index=True)
    kind = models.CharField("événement", max_length=24, choices=Kind)
    # No constraint in the database: its check would lock the user's row on the login's way, and would take a time
    # that tells a known number from an unknown one. Users are never deleted.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="security_events",
        verbose_name="concerne",
        db_constraint=False,
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="acts",
        verbose_name="par",
        db_constraint=False,
    )
    address = models.GenericIPAddressField("adresse", null=True)
    user_agent = models.CharField("navigateur", max_length=200, blank=True)
    details = models.JSONField("détails", default=dict)

    class Meta:
        indexes = [models.Index(fields=["owner", "kind", "-at"], name="journal_of_owner")]
        verbose_name = "événement de sécurité"
        verbose_name_plural = "journal"

    def __str__(self):
        return f"{self.get_kind_display()} ({timezone.localtime(self.at):%d/%m/%Y %H:%M})"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise TypeError("a line of the journal is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("a line of the journal is never deleted")
