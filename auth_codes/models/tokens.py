"""The tokens that the bank lends: devices that show the numbers of an authenticator app; see factors/tokens.py."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes.crypto import sealing
from auth_codes.crypto.sealing import Sealed, SealError

SERIAL_LENGTH = 32


class Token(models.Model):
    """One device, by the serial number on its back. Its key is sealed, and bound to its state and to whom it is lent.

    So a row that somebody writes, or moves to another borrower, does not open. A withdrawn one holds nothing any more.
    """

    class State(models.TextChoices):
        STOCK = "stock", _("à la banque")
        LENT = "lent", _("prêté, à activer")
        IN_USE = "in_use", _("prêté, activé")
        WITHDRAWN = "withdrawn", _("hors d’usage")

    # What `seal` writes.
    SEALED: ClassVar = ("format_version", "key_id", "nonce", "ciphertext")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    serial = models.CharField(max_length=SERIAL_LENGTH, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.STOCK)
    lent_to = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="token")
    lent_at = models.DateTimeField(null=True)
    imported_at = models.DateTimeField(default=timezone.now)
    format_version = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=32)
    nonce = models.BinaryField()
    ciphertext = models.BinaryField(null=True)

    class Meta:
        ordering = ["serial"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["lent", "in_use"], lent_to__isnull=False, lent_at__isnull=False)
                | Q(state__in=["stock", "withdrawn"], lent_to__isnull=True, lent_at__isnull=True),
                name="lent_token_has_a_borrower",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", ciphertext__isnull=True)
                | (~Q(state="withdrawn") & Q(ciphertext__isnull=False)),
                name="withdrawn_token_holds_nothing",
            ),
        ]

    def __str__(self) -> str:
        return str(_("boîtier n°\u00a0{}").format(self.serial))

    @sensitive_variables()
    def seal(self, secret: bytes) -> None:
        """Puts the key into the row, not saved, as its other columns now are."""
        self.format_version, self.key_id, self.nonce, self.ciphertext = sealing.seal(secret, self._binding())

    @sensitive_variables()
    def unseal(self) -> bytes:
        """The key. Raises SealError."""
        if self.ciphertext is None:
            raise SealError("it was withdrawn, and holds nothing any more")
        sealed = Sealed(self.format_version, self.key_id, bytes(self.nonce), bytes(self.ciphertext))
        return sealing.unseal(sealed, self._binding())

    def _binding(self) -> tuple[str, ...]:
        borrower = self.lent_to.username if self.lent_to else ""
        return "token", str(self.id), self.serial, self.state, borrower
