"""The numbered codes of a printed list, each of which serves once; see the room factors."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes.crypto import sealing
from auth_codes.crypto.sealing import Sealed, SealError
from auth_codes.models.factors import Factor


class ListCode(models.Model):
    """One code of one list: its Argon2id, sealed and bound to the list, its owner and the number; gone once used.

    The salt and the cost stand sealed in the list's own row: where that does not open, none of its codes can be right.
    """

    SEALED = Factor.SEALED

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Looked up by the index of the constraint below.
    factor = models.ForeignKey(Factor, models.CASCADE, db_index=False, related_name="list_codes")
    number = models.PositiveSmallIntegerField()
    format_version = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=32)
    nonce = models.BinaryField()
    ciphertext = models.BinaryField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["factor", "number"], name="one_code_per_number"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, ciphertext__isnull=False)
                | Q(used_at__isnull=False, ciphertext__isnull=True),
                name="used_code_holds_nothing",
            ),
        ]

    def __str__(self) -> str:
        return str(_("code n°\u00a0{}").format(self.number))

    @sensitive_variables()
    def seal(self, hashed: bytes) -> None:
        """Puts the Argon2id of the code into the row, not saved."""
        self.format_version, self.key_id, self.nonce, self.ciphertext = sealing.seal(hashed, self._binding())

    @sensitive_variables()
    def unseal(self) -> bytes:
        """The Argon2id of the code. Raises SealError."""
        if self.ciphertext is None:
            raise SealError("it was used, and holds nothing any more")
        sealed = Sealed(self.format_version, self.key_id, bytes(self.nonce), bytes(self.ciphertext))
        return sealing.unseal(sealed, self._binding())

    def _binding(self) -> tuple[str, ...]:
        of = self.factor
        return "list code", str(self.id), str(of.pk), of.owner.username, str(of.generation), str(self.number)
