"""Transfers between accounts, from the order to its booking."""

import uuid
from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models.bank_accounts import BankAccount
from accounts.models.documents import Document
from accounts.models.ledger import Booking
from accounts.models.people import Client
from auth_codes import wording
from auth_codes.prepared import Blank

# How long a prepared order may be confirmed: long enough to read it and to look for one's code, too short for whoever
# finds the page open after lunch.
LIFETIME = timedelta(minutes=10)


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Orders by whose they are, and whether they were confirmed, or still may be."""

    def of(self, client: Client) -> Self:
        """Those of the client; also what he ordered when he had another sheet, which was joined to his."""
        return self.filter(client__in=Client.objects.sheets_of(client.pk))

    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False).order_by("-confirmed_at")

    def unconfirmed(self) -> Self:
        return self.filter(confirmed_at=None)

    def prepared_after(self, moment: datetime | Blank) -> Self:
        """Those that may still be confirmed, of a moment that is LIFETIME ago."""
        return self.unconfirmed().filter(Q(prepared_at__gt=moment))


class Transfer(models.Model):
    """An order that a client has prepared and, once it has a booking, confirmed.

    What it says is never changed: whoever wants another amount or account prepares another order. Its booking has the
    same `id`, so that it is booked once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    # Looked up by `transfers_of_client`.
    client = models.ForeignKey(
        Client, models.PROTECT, db_index=False, related_name="transfers", verbose_name="ordonné par"
    )
    source = models.ForeignKey(BankAccount, models.PROTECT, related_name="transfers_out", verbose_name="depuis")
    destination = models.ForeignKey(BankAccount, models.PROTECT, related_name="transfers_in", verbose_name="vers")
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)
    label = models.CharField("motif", max_length=60, blank=True)
    prepared_at = models.DateTimeField("préparé le", default=timezone.now)
    confirmed_at = models.DateTimeField("confirmé le", null=True)
    booking = models.OneToOneField(Booking, models.PROTECT, null=True, related_name="transfer")
    # Issued at the confirmation, and let go of like every paper after its ten years.
    receipt = models.OneToOneField(Document, models.PROTECT, null=True, related_name="transfer")

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = "virement"
        ordering = ["-prepared_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_moves_money"),
            models.CheckConstraint(condition=~Q(source=F("destination")), name="transfer_between_two_accounts"),
            models.CheckConstraint(
                condition=Q(booking=None, confirmed_at=None, receipt=None)
                | Q(booking=F("id"), booking__isnull=False, confirmed_at__isnull=False),
                name="transfer_is_confirmed_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "confirmed_at"], name="transfers_of_client"),
            models.Index(fields=["prepared_at"], condition=Q(confirmed_at=None), name="transfers_unconfirmed"),
        ]

    def __str__(self) -> str:
        return f"Virement de {wording.euros(self.amount)}"

    def get_absolute_url(self) -> str:
        return reverse("transfer", args=[self.pk])

    def has_expired(self, now: datetime) -> bool:
        """Whether it was left unconfirmed for too long."""
        return not self.is_confirmed and self.expires_at <= now

    @property
    def expires_at(self) -> datetime:
        return self.prepared_at + LIFETIME

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def corrected_on(self) -> date | None:
        """When the bank took it back; its receipt still tells what was confirmed."""
        return self.booking.corrected_on if self.booking else None

    @property
    def reference(self) -> str:
        """What the receipt and the advisor name it by."""
        return self.id.hex[:12].upper()
