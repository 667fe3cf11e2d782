"""What a person has beside his code, and what he is asked to prove by it; see the room factors."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes.crypto import sealing
from auth_codes.crypto.sealing import Sealed, SealError
from auth_codes.models.letters import SealedLetter
from auth_codes.models.tokens import Token

NAME_LENGTH = 40
NEVER_USED = -1
# Ordered, and not in service yet: what a timer looks for.
WAITING_LIST = Q(kind="list", state="pending")


class FactorQuerySet(models.QuerySet["Factor"]):
    """Moyens by what they are good for."""

    def active(self) -> Self:
        return self.filter(state=Factor.State.ACTIVE)

    def asked_at(self, now: datetime) -> Self:
        """Those that a login asks for, the one that is asked for by default first: the newest, but lists last.

        The codes of a list are spent, where what else somebody has costs nothing.
        """
        is_list = Case(When(kind=Factor.Kind.LIST, then=1), default=0)
        return self.active().filter(asked_from__lte=now).order_by(is_list, "-generation")

    def waiting_lists(self) -> Self:
        """Printed lists on their way, or not activated yet."""
        return self.filter(WAITING_LIST)

    def unended(self) -> Self:
        return self.exclude(state=Factor.State.ENDED)


class Factor(models.Model):
    """One « moyen » of one owner. What proves it is sealed, and bound to whose it is, its state and its dates.

    So a row that somebody writes, moves to another owner or revives does not open. An ended one holds nothing any more.
    """

    class Kind(models.TextChoices):
        TOTP = "totp", _("application d’authentification")
        LIST = "list", _("liste de codes")
        PASSKEY = "passkey", _("clé d’accès")
        TOKEN = "token", _("boîtier de la banque")

    class State(models.TextChoices):
        PENDING = "pending", _("à confirmer")
        ACTIVE = "active", _("en service")
        ENDED = "ended", _("terminé")

    class Why(models.TextChoices):
        """Why one ended."""

        REMOVED = "removed", _("retiré")
        CANCELLED = "cancelled", _("annulé")
        NOT_ME = "not_me", _("« Ce n’était pas moi »")
        ADVISORS = "advisors", _("par deux conseillers")
        REPLACED = "replaced", _("remplacé, par un ticket")
        LEFT = "left", "compte du personnel désactivé"
        NEXT_LIST = "next_list", _("remplacé par une nouvelle liste")
        USED_UP = "used_up", _("tous les codes ont servi")
        LAPSED = "lapsed", _("liste jamais activée")
        CLOSED = "closed", _("accès fermé")

    # What `seal` writes.
    SEALED: ClassVar = ("format_version", "key_id", "nonce", "ciphertext")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Looked up by the index of `one_factor_per_generation`.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="factors")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State)
    name = models.CharField(max_length=NAME_LENGTH)
    # Counts the owner's moyens: the order in which they came, whatever the clocks say.
    generation = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    # From when a login asks for it, and from when it may confirm a payment.
    asked_from = models.DateTimeField()
    payments_from = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=9, choices=Why, blank=True)
    format_version = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=32)
    nonce = models.BinaryField()
    ciphertext = models.BinaryField(null=True)
    # Of the half minutes since 1970, the last one of which a number was accepted.
    last_step = models.BigIntegerField(default=NEVER_USED)
    # Of a lent token: which one, and by how many half minutes its clock was ahead when a number was last accepted.
    token = models.ForeignKey(Token, models.PROTECT, null=True, related_name="factors")
    drift = models.SmallIntegerField(default=0, db_default=0)
    # Of a printed list: the number that is asked until its code has served, and the letter, once there is one.
    asked = models.PositiveSmallIntegerField(null=True)
    letter = models.OneToOneField(SealedLetter, models.PROTECT, null=True, related_name="factor")
    # A keyed digest of the lock code on that letter, which locks as long as the list is in service.
    lock_digest = models.CharField(max_length=64, default="", db_default="", editable=False)
    # Of a passkey: a digest of the name that its authenticator gave it, which no two rows share and an ended one keeps,
    # and how many signatures that authenticator says it has made, 0 where it does not count.
    credential_digest = models.CharField(max_length=64, default="", db_default="")
    sign_count = models.BigIntegerField(default=0, db_default=0)

    objects = FactorQuerySet.as_manager()

    class Meta:
        ordering = ["-generation"]
        indexes = [models.Index(fields=["created_at"], condition=WAITING_LIST, name="lists_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["owner", "generation"], name="one_factor_per_generation"),
            models.UniqueConstraint(
                fields=["owner", "kind", "state"],
                condition=~Q(state="ended") & ~Q(kind="passkey", state="active"),
                name="one_factor_per_kind_and_state",
            ),
            models.UniqueConstraint(
                fields=["credential_digest"], condition=~Q(credential_digest=""), name="one_factor_per_credential"
            ),
            models.UniqueConstraint(fields=["token"], condition=~Q(state="ended"), name="one_factor_per_token"),
            models.CheckConstraint(
                condition=Q(kind="token", token__isnull=False) | ~Q(kind="token") & Q(token__isnull=True),
                name="token_factor_names_its_token",
            ),
            models.UniqueConstraint(
                fields=["lock_digest"], condition=~Q(lock_digest=""), name="one_list_per_lock_code"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False, ciphertext__isnull=True)
                | (~Q(state="ended") & Q(ended_at__isnull=True, ciphertext__isnull=False, ended_why="")),
                name="ended_factor_holds_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"

    @sensitive_variables()
    def seal(self, secret: bytes) -> None:
        """Puts what proves it into the row, not saved, as its other columns now are."""
        self.format_version, self.key_id, self.nonce, self.ciphertext = sealing.seal(secret, self._binding())

    @sensitive_variables()
    def unseal(self) -> bytes:
        """What proves it. Raises SealError."""
        if self.ciphertext is None:
            raise SealError("it has ended, and holds nothing any more")
        sealed = Sealed(self.format_version, self.key_id, bytes(self.nonce), bytes(self.ciphertext))
        return sealing.unseal(sealed, self._binding())

    def _binding(self) -> tuple[str, ...]:
        dates = (_in_seconds(self.payments_from), _in_seconds(self.asked_from))
        return "factor", str(self.id), self.kind, self.state, self.owner.username, str(self.generation), *dates


class Challenge(models.Model):
    """What somebody is asked to prove by a moyen, once and for a while, in the session that asked for it alone."""

    class Purpose(models.TextChoices):
        LOGIN = "login", "connexion depuis un appareil inconnu"
        KNOWN_LOGIN = "known_login", "connexion depuis un appareil connu"
        ENROL = "enrol", "ajout d’un moyen"
        CHANGE = "change", "changement d’un moyen"
        ORDER = "order", "ordre"
        STEP_UP = "step_up", "acte du poste de travail"
        ACCESS = "access", "accès à davantage de l’espace"
        UNLOCK = "unlock", "déverrouillage d’un accès"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="challenges")
    purpose = models.CharField(max_length=12, choices=Purpose)
    # A keyed digest of all that its page shows, and one of a mark that its session bears.
    subject = models.CharField(max_length=64)
    session_digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)
    spent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} jusqu’à {self.expires_at:%H:%M}"


def _in_seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))
