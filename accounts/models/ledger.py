"""The ledger: bookings whose entries sum to zero, written once.

An entry moves money on a customer's account or on one of the bank's own. Those of a customer's account are numbered
and carry the balance after them, so that no balance is ever added up anew and none can drift: the entry that follows
must continue it, which the database sees to (migration 0008), and two writers cannot take the same number.
"""

import uuid
from datetime import date
from functools import cache
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import categories
from accounts.models.categories import Category
from auth_codes import addresses, wording


class InternalAccount(models.TextChoices):
    """The bank's own accounts, on the other side of what enters or leaves a customer's."""

    TRANSFERS = "transfers", "Virements interbancaires"
    CARDS = "cards", "Paiements par carte"
    DIRECT_DEBITS = "direct_debits", "Prélèvements"
    CASH = "cash", "Espèces"
    INTEREST = "interest", "Intérêts servis"
    FEES = "fees", "Frais"
    CARRIED_OVER = "carried_over", "Reprise d’opérations antérieures"


class Booking(models.Model):
    """What is booked at one time. Written after its entries: the database takes it only when they sum to zero,
    and none of them after it. `id` names the act: the same one again books nothing.
    """

    class Kind(models.TextChoices):
        TRANSFER = "transfer", _("Virement")
        CARD = "card", _("Paiement par carte")
        DIRECT_DEBIT = "direct_debit", _("Prélèvement")
        CASH = "cash", _("Espèces")
        INTEREST = "interest", _("Intérêts")
        FEE = "fee", _("Frais")
        CORRECTION = "correction", _("Rectification")
        CARRIED_OVER = "carried_over", _("Reprise")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField("nature", max_length=12, choices=Kind)
    booked_on = models.DateField("comptabilisé le")
    made_at = models.DateTimeField("saisi le", default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="par")
    # A booking is corrected by another one, at most once.
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="correction")

    class Meta:
        verbose_name = "écriture"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="correction", corrects__isnull=False) | (~Q(kind="correction") & Q(corrects=None)),
                name="correction_names_what_it_corrects",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} du {self.booked_on:%d/%m/%Y}"

    @property
    def corrected_on(self) -> date | None:
        """When it was taken back, if it was."""
        correction = getattr(self, "correction", None)
        return correction.booked_on if correction else None

    @property
    def nature(self) -> str:
        """What it is, as its account shows it: a correction names what it corrects, and the other way round."""
        if self.corrects:
            return gettext("Rectification de l’opération du {}").format(wording.short_day(self.corrects.booked_on))
        if self.corrected_on:
            told = gettext("{kind}, opération rectifiée le {day}")
            return told.format(kind=self.kind_in_words, day=wording.short_day(self.corrected_on))
        transfer = getattr(self, "transfer", None)
        if transfer:
            told = gettext("Virement en ligne de {client}, référence {reference}")
            return told.format(client=transfer.client, reference=transfer.reference)
        return self.kind_in_words

    @property
    def kind_in_words(self) -> str:
        """As Django's display of a choice, which makes a dictionary of all of them each time."""
        return _kind_in_words(self.kind, get_language())

    @property
    def category(self) -> Category:
        """What it was for; asks nothing more where `merchant` was joined."""
        merchant = getattr(self, "merchant", None)
        return categories.of_operation(self.kind, merchant.code if merchant else None)

    @property
    def reference(self) -> str:
        """What its account's holder and the advisor name it by; that of the transfer which it is of, if any."""
        return self.pk.hex[:12].upper()


@cache
def _kind_in_words(kind: str, language: str | None) -> str:
    """In the present language, which is `language`."""
    return str(Booking.Kind(kind).label)


class Merchant(models.Model):
    """The trade of whom a card payment went to, written with its booking; ISO 18245 calls it merchant category code."""

    booking = models.OneToOneField(Booking, models.PROTECT, primary_key=True, related_name="merchant")
    code = models.PositiveSmallIntegerField("code d’activité")

    class Meta:
        verbose_name = "commerçant"
        constraints = [
            models.CheckConstraint(
                condition=Q(code__gte=1, code__lte=categories.LAST_CODE), name="merchant_has_a_category_code"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code:04}"


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries in the order in which an account shows them."""

    def newest_first(self) -> Self:
        return self.order_by("-booked_on", "-position")


class Entry(models.Model):
    """A line of a booking; `amount` in euros, negative for a debit, `balance` the customer's account's after it."""

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="entries", verbose_name="écriture")
    # Without an index of its own, as it comes first in three others: PostgreSQL would take it, while a table is young,
    # to find one position, and read the whole account.
    account = models.ForeignKey(
        "accounts.BankAccount",
        models.PROTECT,
        null=True,
        verbose_name="compte",
        related_name="entries",
        db_index=False,
    )
    internal_account = models.CharField("compte interne", max_length=13, choices=InternalAccount, blank=True)
    position = models.PositiveIntegerField("rang", null=True)
    booked_on = models.DateField("le")
    value_on = models.DateField("date de valeur")
    label = models.CharField("libellé", max_length=80)
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)
    balance = models.DecimalField("solde après", max_digits=14, decimal_places=2, null=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "opération"
        ordering = ["-booked_on", "-position"]
        indexes = [
            models.Index(fields=["account", "-booked_on", "-position"], name="entries_by_day"),
            # All that a search looks at: the entries of an account are spread over the whole table, and reading ten
            # years of them to find none takes 400 ms without it, 20 ms with it.
            models.Index(fields=["account", "position", "label", "amount"], name="entries_to_search"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "position"], name="entry_has_its_own_position"),
            models.CheckConstraint(
                condition=Q(
                    account__isnull=False,
                    internal_account="",
                    position__isnull=False,  # else the next would be unknown, which a check lets through
                    position__gte=1,
                    balance__isnull=False,
                )
                | (Q(account=None, position=None, balance=None) & ~Q(internal_account="")),
                name="entry_of_customer_or_bank",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="entry_moves_money"),
        ]

    def __str__(self) -> str:
        return f"{wording.short_day(self.booked_on)} {self.label} {wording.euros(self.amount)}"

    def get_absolute_url(self) -> str:
        return addresses.of("operation", self.account_id, self.position)

    @property
    def title(self) -> str:
        """Its label or, where it has none, what it is."""
        return self.label or self.booking.get_kind_display()

    @property
    def is_debit(self) -> bool:
        return self.amount < 0


class PendingEntryQuerySet(models.QuerySet["PendingEntry"]):
    """What is announced, by whether it still waits to be booked."""

    def waiting(self) -> Self:
        return self.filter(booking=None, dropped_on=None)


class PendingEntry(models.Model):
    """What is announced on an account and not booked yet: a card payment, a direct debit to come. Moves no money."""

    account = models.ForeignKey(
        "accounts.BankAccount", models.PROTECT, related_name="pending_entries", verbose_name="compte"
    )
    expected_on = models.DateField("attendu le")
    label = models.CharField("libellé", max_length=80)
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)
    booking = models.OneToOneField(Booking, models.PROTECT, null=True, related_name="announced_as")
    dropped_on = models.DateField("abandonné le", null=True)

    objects = PendingEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "opération à venir"
        verbose_name_plural = "opérations à venir"
        ordering = ["expected_on", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="pending_entry_is_of_money"),
            models.CheckConstraint(
                condition=Q(booking=None) | Q(dropped_on=None), name="pending_entry_ends_in_one_way"
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "expected_on"],
                condition=Q(booking=None, dropped_on=None),
                name="pending_entries_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {wording.euros(self.amount)}"

    @property
    def is_debit(self) -> bool:
        return self.amount < 0
