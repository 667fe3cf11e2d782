"""What the database holds of codes, letters and attempts. No field of any model ever holds a code in clear."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from auth_codes import hashing, sealing
from auth_codes.hashing import Cost
from auth_codes.sealing import Sealed, SealError

# ASVS 5.0 6.4.1: an initial secret expires. Counted from the confirmation that the letter left, or else from its issue.
DELIVERED_LIFETIME = timedelta(days=30)
ISSUED_LIFETIME = timedelta(days=45)


class LetterBatchQuerySet(models.QuerySet):
    def never_written(self):
        """Batches that a crash cut short: what they hold was put aside for the workshop, and never reached it."""
        return self.filter(last_written_at=None, confirmed_at=None).order_by("exported_at", "id")

    def with_counts(self):
        """With `letter_count` and, among them, `voided_count`; counted for the rows that are read alone."""
        letters = SealedLetter.objects.filter(batch=models.OuterRef("pk")).order_by().values("batch")
        voided = letters.filter(voided_at__isnull=False)
        return self.annotate(letter_count=_count_of(letters), voided_count=_count_of(voided))


def _count_of(grouped: models.QuerySet) -> Coalesce:
    return Coalesce(models.Subquery(grouped.annotate(count=models.Count("pk")).values("count")), 0)


class LetterBatch(models.Model):
    """Sealed letters handed to the print workshop together; repeatable until confirmed."""

    id = models.CharField("lot", max_length=20, primary_key=True)
    exported_at = models.DateTimeField("exporté le", default=timezone.now)
    # Null until the files were once written whole: a batch that a crash cut short is the next export's first work.
    last_written_at = models.DateTimeField("écrit en dernier le", null=True, blank=True)
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)

    objects = LetterBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "lot de plis scellés"
        verbose_name_plural = "lots de plis scellés"

    def __str__(self):
        return self.id


class SealedLetterQuerySet(models.QuerySet):
    def waiting(self):
        """What the next export takes: not what was voided or has expired before it left."""
        return self.filter(batch=None, ciphertext__isnull=False)


class SealedLetter(models.Model):
    """A letter with a secret code that the print workshop alone can open; its content is destroyed once confirmed.

    Its dates are the life of the code it carries: issued, exported and confirmed with its batch, first used,
    personalised; or voided by a later letter, or expired unused.
    """

    class Occasion(models.TextChoices):
        FIRST = "first", "premier code"
        REQUEST = "request", "demande en ligne"
        RENEWAL = "renewal", "renouvellement par un conseiller"

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

    def __str__(self):
        return f"pli du {timezone.localtime(self.issued_at):%d/%m/%Y}"

    def expires_at(self) -> datetime:
        """From when on the code it carries no longer logs in."""
        latest = self.issued_at + ISSUED_LIFETIME
        if self.batch and self.batch.confirmed_at:
            return min(latest, self.batch.confirmed_at + DELIVERED_LIFETIME)
        return latest

    def life(self, now: datetime) -> list[tuple[str, datetime]]:
        """The states of the code it carries, each with its date, in their order: what an advisor sees of it."""
        ended = self.personalised_at or self.voided_at
        dated = [
            ("attribué et scellé", self.issued_at),
            ("remis à l’atelier d’impression", self.batch and self.batch.exported_at),
            ("posté", self.batch and self.batch.confirmed_at),
            ("utilisé pour la première fois", self.first_used_at),
            ("remplacé par un code personnel", self.personalised_at),
            ("annulé", self.voided_at),
            ("expiré", None if ended or now < self.expires_at() else self.expires_at()),
        ]
        return sorted(((state, at) for state, at in dated if at), key=lambda step: step[1])


class SecretCodeQuerySet(models.QuerySet):
    def present(self):
        return self.filter(role=SecretCode.Role.PRESENT)

    def living(self):
        """Those that may log in: the present ones and, during a renewal, the pending ones."""
        return self.exclude(role=SecretCode.Role.PAST)


class SecretCode(models.Model):
    """One code of one owner: hashed, then sealed. A change inserts rows; resealing.py alone updates one."""

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
        """The Argon2id of the code. Raises SealError, also when salt or cost are none that it can be compared with."""
        if len(self.salt) != hashing.SALT_BYTES:
            raise SealError(f"its salt has {len(self.salt)} bytes instead of {hashing.SALT_BYTES}: altered")
        if not hashing.is_possible(self.cost):
            raise SealError(f"no code is hashed at its cost {tuple(self.cost)}: altered")
        sealed = Sealed(self.format_version, self.key_id, self.nonce, self.ciphertext)
        return sealing.unseal(sealed, self._binding())

    def _binding(self) -> tuple[str, ...]:
        return str(self.id), self.role, self.owner.username


class HashingCost(models.Model):
    """A cost of Argon2id at which some code in use is hashed: every attempt computes each of them, see costs.py."""

    memory_kib = models.PositiveIntegerField()
    iterations = models.PositiveSmallIntegerField()
    parallelism = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["memory_kib", "iterations", "parallelism"], name="hashing_cost_once")
        ]

    def __str__(self):
        return f"m={self.memory_kib} t={self.iterations} p={self.parallelism}"


class RenewalRequest(models.Model):
    """« Code secret oublié », asked online: one row for any well-formed number, held by somebody or not."""

    class Outcome(models.TextChoices):
        ISSUED = "issued", "courrier émis"
        UNKNOWN = "unknown", "aucun client"
        TOO_SOON = "too_soon", "un courrier récent est en route"
        LAPSED = "lapsed", "retenue trop longtemps"

    client_code = models.CharField("code client", max_length=10)
    requested_at = models.DateTimeField("demandé le", default=timezone.now)
    network = models.CharField("réseau", max_length=50)
    handled_at = models.DateTimeField("traité le", null=True, blank=True)
    outcome = models.CharField("suite", max_length=8, choices=Outcome, blank=True)
    # Since when the letter waits because the address is too recent; the advisors see it.
    held_at = models.DateTimeField("retenu depuis", null=True, blank=True)

    class Meta:
        verbose_name = "demande de code secret"
        verbose_name_plural = "demandes de code secret"
        constraints = [
            models.UniqueConstraint(
                fields=["client_code"], condition=models.Q(handled_at__isnull=True), name="one_waiting_request"
            )
        ]
        indexes = [models.Index(fields=["network", "requested_at"], name="requests_of_network")]

    def __str__(self):
        return f"demande du {timezone.localtime(self.requested_at):%d/%m/%Y %H:%M}"


class Renewal(models.Model):
    """A new code that one advisor starts after checking identity and a second one approves."""

    class IdentityCheck(models.TextChoices):
        AT_BRANCH = "branch", "pièce d’identité vue en agence"
        BY_PHONE = "phone", "rappel au numéro connu et questions de contrôle"
        BY_VIDEO = "video", "rendez-vous vidéo avec pièce d’identité"

    class Decision(models.TextChoices):
        APPROVED = "approved", "approuvé"
        REFUSED = "refused", "refusé"
        LAPSED = "lapsed", "resté sans réponse"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="renewals", verbose_name="client")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identity_check = models.CharField("identité vérifiée par", max_length=6, choices=IdentityCheck)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="started_renewals", verbose_name="demandé par"
    )
    started_at = models.DateTimeField("demandé le", default=timezone.now)
    decision = models.CharField("décision", max_length=8, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="decided_renewals", verbose_name="décidé par"
    )
    decided_at = models.DateTimeField("décidé le", null=True)
    letter = models.OneToOneField(SealedLetter, models.PROTECT, null=True, related_name="renewal")

    class Meta:
        verbose_name = "renouvellement de code secret"
        verbose_name_plural = "renouvellements de code secret"
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=models.Q(decision=""), name="one_open_renewal"),
            # ASVS 5.0 2.3.5: whoever starts it cannot approve it.
            models.CheckConstraint(
                condition=~models.Q(decision="approved")
                | (models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("started_by"))),
                name="renewal_approved_by_another",
            ),
        ]

    def __str__(self):
        return f"renouvellement du {timezone.localtime(self.started_at):%d/%m/%Y}"


class CodeReminder(models.Model):
    """What a client answered to the reminder to change the code."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="code_reminder"
    )
    silent_until = models.DateField(null=True, blank=True)
    never_again = models.BooleanField(default=False)

    def __str__(self):
        return "plus de rappel" if self.never_again else f"pas de rappel avant le {self.silent_until}"


class Notice(models.Model):
    """An e-mail that tells a client what happened to his codes: written with the act, sent afterwards, see notices.py.

    It holds no code and no link; the address is blanked once the mail has left.
    """

    class Kind(models.TextChoices):
        CODE_CHANGED = "code_changed", "Code secret modifié"
        CODE_RENEWED = "code_renewed", "Nouveau code secret utilisé"
        LETTER_ISSUED = "letter_issued", "Nouveau code secret envoyé par courrier"
        CONTACT_CHANGED = "contact_changed", "Coordonnées modifiées"

    kind = models.CharField(max_length=16, choices=Kind)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="notices")
    recipient = models.EmailField(blank=True)
    salutation = models.CharField(max_length=160, blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["at"], condition=models.Q(sent_at__isnull=True), name="notices_to_send")]

    def __str__(self):
        return f"{self.get_kind_display()} ({timezone.localtime(self.at):%d/%m/%Y %H:%M})"


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
        DEFAULT_CODE_USED = "default_code_used", "Code secret provisoire utilisé pour la première fois"
        DEFAULT_CODE_EXPIRED = "default_code_expired", "Code secret provisoire expiré sans avoir servi"
        DEFAULT_CODE_VOIDED = "default_code_voided", "Code secret provisoire annulé"
        LETTERS_EXPORTED = "letters_exported", "Plis scellés exportés"
        LETTERS_CONFIRMED = "letters_confirmed", "Plis scellés confirmés et détruits"
        LETTER_EXPORTED = "letter_exported", "Pli scellé remis à l’atelier d’impression"
        LETTER_DELIVERED = "letter_delivered", "Pli scellé posté"
        RENEWAL_REQUESTED = "renewal_requested", "Nouveau code secret demandé en ligne"
        RENEWAL_DECLINED = "renewal_declined", "Demande en ligne restée sans suite"
        RENEWAL_HELD = "renewal_held", "Demande retenue : adresse modifiée récemment"
        RENEWAL_CEILING = "renewal_ceiling", "Plafond quotidien des demandes en ligne atteint"
        RENEWAL_STARTED = "renewal_started", "Renouvellement du code secret demandé par un conseiller"
        RENEWAL_APPROVED = "renewal_approved", "Renouvellement du code secret approuvé"
        RENEWAL_REFUSED = "renewal_refused", "Renouvellement du code secret refusé"
        CODE_RENEWED = "code_renewed", "Code secret remplacé par celui d’un courrier"
        CODE_VOIDED = "code_voided", "Code secret annulé"
        CODES_ROTATED = "codes_rotated", "Codes secrets scellés sous une nouvelle clé"
        ADDRESS_CONFIRMED = "address_confirmed", "Adresse postale confirmée"
        REMINDER_ANSWERED = "reminder_answered", "Rappel de changement de code"
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
