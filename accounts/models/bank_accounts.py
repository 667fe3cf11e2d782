"""Accounts, who holds them, and who may act on them for a holder."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Right, Round
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models.closings import waiting_for
from accounts.models.ledger import Entry, PendingEntry
from accounts.models.people import Client
from accounts.models.representations import Representation, within_reach
from accounts.notation import ibans
from auth_codes import addresses, wording
from auth_codes.models import Concerned, DualControlAct, approved_by_another
from auth_codes.prepared import Blank

WORD_JOINER = "\u2060"  # a line may else end after an ellipsis
MONEY: "models.DecimalField[Decimal, Decimal]" = models.DecimalField(max_digits=14, decimal_places=2)


def _pending_sum(**which: Decimal | int) -> Round:
    """Rounded because SQLite adds in floating point: 0.10 + 0.20 - 0.30 must be zero."""
    waiting = PendingEntry.objects.waiting().filter(account=OuterRef("pk"), **which).order_by().values("account")
    total = Subquery(waiting.annotate(total=Sum("amount")).values("total"), output_field=MONEY)
    return Round(Coalesce(total, Decimal(0), output_field=MONEY), precision=2)


class BankAccountQuerySet(models.QuerySet["BankAccount"]):
    """Accounts with what their pages tell of them, and those that a client may reach."""

    def with_balances(self) -> Self:
        """Adds `balance`, what is booked; `pending`, what is announced; `held`, the debits among the latter."""
        last = Entry.objects.filter(account=OuterRef("pk")).order_by("-position").values("balance")[:1]
        return self.annotate(
            balance=Coalesce(Subquery(last), Decimal(0), output_field=MONEY),
            pending=_pending_sum(),
            held=_pending_sum(amount__lt=0),
        )

    def with_latest(self) -> Self:
        """Adds `waiting`, how many entries are announced, and `last_position`, 0 before the first entry."""
        waiting = PendingEntry.objects.waiting().filter(account=OuterRef("pk")).order_by().values("account")
        last = Entry.objects.filter(account=OuterRef("pk")).order_by("-position").values("position")[:1]
        return self.annotate(
            waiting=Coalesce(Subquery(waiting.annotate(number=Count("pk")).values("number")), 0),
            last_position=Coalesce(Subquery(last), 0),
        )

    def with_days(self) -> Self:
        """Adds `first_day` and `last_day`, those of its first and last entry: their days follow their positions."""
        entries = Entry.objects.filter(account=OuterRef("pk")).values("booked_on")
        return self.annotate(
            first_day=Subquery(entries.order_by("position")[:1]), last_day=Subquery(entries.order_by("-position")[:1])
        )

    def with_closing_for(self, signer: Client | Blank) -> Self:
        """Adds `closing_request`, the key of the closing that waits for this person's answer, or None."""
        return self.annotate(closing_request=waiting_for(signer))

    def with_holders(self) -> Self:
        return self.prefetch_related(models.Prefetch("holders", Client.objects.order_by("holdings__id")))

    def seen_by(self, client: Client, today: date) -> Self:
        """Those that the client holds, alone or not, those he has a mandate for, and those of whom he represents."""
        return self.reached(within_reach(client, Representation.objects.acting(client, today)), client, today)

    def reached(self, holders: list[int] | list[Blank], proxy: Client | Blank, today: date | Blank) -> Self:
        """Those that one of `holders` holds, and those that the proxy has a mandate for.


        A union: for « either of two », PostgreSQL would look at every account of the bank.
        """
        entrusted = Mandate.objects.held_by(proxy, today).order_by().values("account")
        held = Holding.objects.filter(client__pk__in=holders).order_by().values("account")
        return self.filter(pk__in=held.union(entrusted))

    def entrusted_to(self, client: Client | Blank, today: date | Blank) -> Self:
        """Those of others that the client has a mandate for."""
        return self.filter(pk__in=Mandate.objects.held_by(client, today).values("account"))


class BankAccount(models.Model):
    """A customer's account, held by one client or several; its money is in the entries, see models/ledger.py."""

    class Kind(models.TextChoices):
        CURRENT = "current", _("Compte courant")
        SAVINGS = "savings", _("Livret d’épargne")

    holders: "models.ManyToManyField[Client, Holding]" = models.ManyToManyField(
        Client, through="Holding", verbose_name="titulaires", related_name="bank_accounts"
    )
    kind = models.CharField("nature", max_length=8, choices=Kind)
    number = models.CharField("numéro", max_length=11, unique=True, editable=False)
    opened_on = models.DateField("ouvert le", default=timezone.localdate)
    closed_on = models.DateField("clôturé le", null=True, editable=False)
    # In euros, what the client may owe on it.
    overdraft = models.DecimalField("découvert autorisé", max_digits=9, decimal_places=2, default=Decimal(0))
    # Nothing is booked on or before that day any more: the statements of those months are issued.
    books_closed_on = models.DateField("arrêté le", null=True, editable=False)
    opening = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    # What the querysets above add, in euros; nothing before them.
    balance: Decimal
    pending: Decimal
    held: Decimal
    last_position: int
    waiting: int
    first_day: date | None
    last_day: date | None
    has_statements: bool
    closing_request: int | None

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "compte"
        ordering = ["opened_on", "id"]
        indexes = [models.Index(Right("number", 4), name="accounts_by_last_four")]
        constraints = [
            models.CheckConstraint(condition=Q(overdraft__gte=0), name="overdraft_is_no_debt"),
            models.CheckConstraint(condition=~Q(kind="savings") | Q(overdraft=0), name="savings_have_no_overdraft"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=models.F("opened_on")),
                name="account_closed_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {ibans.display_number(self.number)}"

    def get_absolute_url(self) -> str:
        return addresses.of("account", self.pk)

    @property
    def label(self) -> str:
        return str(self.Kind(self.kind).label)

    @property
    def short_name(self) -> str:
        """« Compte courant …8901 », beside operations of several accounts."""
        return f"{self.label} …{WORD_JOINER}{self.number[-4:]}"

    @property
    def masked_name(self) -> str:
        """« compte courant se terminant par 8901 », in a mail: who reads it learns no number."""
        return gettext("{account} se terminant par {digits}").format(
            account=self.label.lower(), digits=self.number[-4:]
        )

    @property
    def iban(self) -> str:
        return ibans.iban_of(self.number)

    @property
    def rib_parts(self) -> ibans.RibParts:
        return ibans.rib_parts(self.number)

    @property
    def is_joint(self) -> bool:
        """Several people hold it; asks nothing more after `with_holders`."""
        return len(self.holders.all()) > 1

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None

    @property
    def available(self) -> Decimal:
        """What may leave the account, in euros: the balance without announced debits, and the overdraft allowed."""
        return self.balance + self.held + self.overdraft

    @property
    def spendable(self) -> Decimal:
        """What is available, in euros: nothing, and not less, where the overdraft is exceeded."""
        return max(self.available, Decimal(0))

    @property
    def borrowable(self) -> Decimal:
        """How much of what is available is not there but may be owed, in euros."""
        return min(self.overdraft, self.spendable)

    @property
    def differs_from_available(self) -> bool:
        """Whether the balance alone would mislead about what may leave the account."""
        return self.available != self.balance

    @property
    def is_negative(self) -> bool:
        return self.balance < 0


class Holding(models.Model):
    """That a client holds an account, alone or with others; every holder may do everything (compte joint)."""

    # Looked up by the index of the constraint below.
    account = models.ForeignKey(
        BankAccount, models.PROTECT, db_index=False, related_name="holdings", verbose_name="compte"
    )
    client = models.ForeignKey(Client, models.PROTECT, related_name="holdings", verbose_name="titulaire")
    since = models.DateField("depuis le", default=timezone.localdate)

    class Meta:
        verbose_name = "titulaire"
        verbose_name_plural = "titulaires"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["account", "client"], name="account_held_once")]

    def __str__(self) -> str:
        return f"{self.client} : {self.account}"


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Mandates by whether they serve on a day, and by who gave them."""

    def in_force(self, today: date | Blank) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), revoked_at=None, granted_on__lte=today)

    def held_by(self, proxy: Client | Blank, today: date | Blank) -> Self:
        """Those in force of which this client is the proxy."""
        return self.in_force(today).filter(Q(proxy=proxy))

    def given_by(self, holder: Client | Blank) -> Self:
        """Those on the accounts that he holds, whichever of the holders gave them."""
        return self.filter(Q(account__holdings__client=holder))


class Mandate(models.Model):
    """A proxy's right on an account of somebody else (procuration): to see it or, besides, to make transfers.

    A proxy never gets the holder's papers, which carry the holder's code client.
    """

    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="mandates", verbose_name="compte")
    proxy = models.ForeignKey(Client, models.PROTECT, related_name="mandates", verbose_name="mandataire")
    may_transfer = models.BooleanField("peut faire des virements", default=False)
    granted_on = models.DateField("depuis le", default=timezone.localdate)
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    revoked_at = models.DateTimeField("révoquée le", null=True, editable=False)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = "procuration"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "proxy"], condition=Q(revoked_at=None), name="one_mandate_per_proxy"
            )
        ]

    def __str__(self) -> str:
        return f"Procuration de {self.proxy} : {self.account}"

    @property
    def right(self) -> str:
        return AccessRequest.Right.TRANSFER if self.may_transfer else AccessRequest.Right.SEE

    @property
    def right_in_words(self) -> str:
        return str(AccessRequest.Right(self.right).label)

    @property
    def end_in_words(self) -> str:
        """Until when it serves or, once it was revoked, since when it does not."""
        if self.revoked_at and not (self.ends_on and self.ends_on < timezone.localdate(self.revoked_at)):
            return gettext("révoquée le {}").format(wording.short_day(self.revoked_at))
        if self.ends_on:
            return gettext("jusqu’au {}").format(wording.short_day(self.ends_on))
        return gettext("sans date de fin")

    def is_in_force(self, today: date) -> bool:
        return self.revoked_at is None and self.granted_on <= today and (not self.ends_on or today <= self.ends_on)


class AccessRequest(DualControlAct):
    """That somebody more is to reach an account: one advisor asks, a second one approves; see access_requests.py."""

    class Right(models.TextChoices):
        HOLDER = "holder", _("titulaire, avec tous les droits")
        SEE = "see", _("consulter le compte")
        TRANSFER = "transfer", _("consulter le compte et faire des virements")

    class Agreement(models.TextChoices):
        AT_BRANCH = "branch", "signé en agence par chaque titulaire, pièces d’identité vues"
        BY_POST = "post", "reçu signé, puis chaque titulaire rappelé à un numéro connu"

    SUBJECT = ("account", "person")

    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="access_requests", verbose_name="compte")
    person = models.ForeignKey(Client, models.PROTECT, related_name="access_requests", verbose_name="pour")
    right = models.CharField("droit", max_length=8, choices=Right)
    ends_on = models.DateField("jusqu’au", null=True)
    agreement = models.CharField("accord des titulaires", max_length=6, choices=Agreement)
    # Who held the account when it was asked for: somebody more since then has agreed to nothing.
    agreed_by = models.ManyToManyField(Client, related_name="+", verbose_name="titulaires d’accord")

    class Meta(DualControlAct.Meta):
        verbose_name = _("accès à un compte")
        verbose_name_plural = "accès aux comptes"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "person"], condition=Q(decision=""), name="one_open_access_request"
            ),
            approved_by_another("access_approved_by_another"),
            models.CheckConstraint(condition=~Q(right="holder") | Q(ends_on=None), name="holder_for_good"),
        ]

    def __str__(self) -> str:
        return f"{self.get_right_display()} : {self.account}"

    @staticmethod
    def waiting_in_words(number: int) -> str:
        one = "{} accès à un compte attend l’approbation d’un second conseiller"
        several = "{} accès à un compte attendent l’approbation d’un second conseiller"
        return ngettext(one, several, number).format(number)

    def concerned(self) -> list[Concerned]:
        people = [*self.account.holders.select_related("user").order_by("holdings__id"), self.person]
        return [Concerned(client.user, client.pk) for client in people]

    @property
    def title(self) -> str:
        return "Nouveau cotitulaire" if self.right == self.Right.HOLDER else "Procuration"

    @property
    def end_in_words(self) -> str:
        return f"jusqu’au {wording.short_day(self.ends_on)}" if self.ends_on else "sans date de fin"
