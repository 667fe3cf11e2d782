"""The papers that a client finds in his space; each carries his code client, and none changes once it is issued."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, ExtractYear
from django.utils import timezone

from accounts.models.bank_accounts import BankAccount
from accounts.models.people import Client
from accounts.models.representations import Representation, within_reach
from accounts.papers import kinds
from accounts.papers.contents import ContentsForClient
from accounts.papers.statement import StatementContents
from auth_codes import addresses
from auth_codes.prepared import KEY, Prepared

SHEETS = Prepared(lambda client: Client.objects.sheets_of(client), client=KEY)


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents by who may read them, and as their list shows them."""

    def of(self, client: int) -> Self:
        """Those of the client of this id; also of the sheets that were joined to his, on which they stay."""
        return self.filter(client__in=Client.objects.sheets_of(client))

    def readable_by(self, client: Client, acting: Iterable[Representation]) -> Self:
        """His own, and those of whom he acts for; a proxy gets none, and of a joint account each holder his own."""
        return self.filter(client__in=readable_sheets(client, acting))

    def listed(self) -> Self:
        """The newest first, without what they say; adds `year`: of a statement that of its month, where it is looked
        for, else that of the day it was issued."""
        listed = self.select_related("statement__account").defer("contents")
        return listed.annotate(year=ExtractYear(Coalesce("statement__month", "issued_on"))).order_by(
            "-year", "-issued_on", "-id"
        )


def readable_sheets(client: Client, acting: Iterable[Representation]) -> list[int]:
    """The ids of the sheets whose papers he may read: his own, theirs for whom he acts, and those joined to these."""
    return [sheet for person in within_reach(client, acting) for sheet in SHEETS.ask(client=person)]


class Document(models.Model):
    """A paper as it was issued: what it says (`contents`, of accounts/papers) stays, whatever is changed later."""

    # Looked up by `documents_of_client`.
    client = models.ForeignKey(Client, models.PROTECT, db_index=False, related_name="documents", verbose_name="client")
    kind = models.CharField("nature", max_length=9, choices=kinds.choices)
    title = models.CharField("titre", max_length=120)
    issued_on = models.DateField("émis le", default=timezone.localdate)
    issued_at = models.DateTimeField(default=timezone.now, editable=False)
    contents = models.TextField("contenu")  # JSON, see accounts/papers

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "document"
        ordering = ["-issued_on", "-id"]
        indexes = [models.Index(fields=["client", "-issued_on", "-id"], name="documents_of_client")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return addresses.of("document", self.pk)

    @property
    def paper(self) -> type[ContentsForClient]:
        """The class of its contents, which declares what is particular to its kind."""
        return kinds.PAPERS[self.kind]

    @property
    def icon(self) -> str:
        """What stands beside it in lists; a template would call the class that declares it."""
        return self.paper.KIND.icon

    @property
    def account(self) -> BankAccount | None:
        """The account that a statement is of."""
        return self.statement.account if self.paper is StatementContents else None

    @property
    def tells_from(self) -> date | None:
        """The first day whose operations it tells; None of a paper that tells none."""
        if not self.paper.KIND.tells_operations:
            return None
        if self.paper is not StatementContents:
            return self.issued_on
        statement: Statement | None = getattr(self, "statement", None)
        return statement.month if statement else date.min


class DocumentFile(models.Model):
    """The bytes of a document, made once; `sha256` in hexadecimal."""

    document = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="file")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = "fichier"

    def __str__(self) -> str:
        return f"PDF de {self.document}"


class Statement(models.Model):
    """The monthly statement of an account to one of its holders, with the code client of that one alone."""

    document = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="statement")
    # Looked up by the index of `one_statement_a_month`.
    account = models.ForeignKey(
        BankAccount, models.PROTECT, db_index=False, related_name="statements", verbose_name="compte"
    )
    client = models.ForeignKey(Client, models.PROTECT, related_name="statements", verbose_name="client")
    month = models.DateField("mois")  # its first day
    # The last entry it tells of, 0 before any; the next statement begins after it.
    last_position = models.PositiveIntegerField("dernier rang")
    balance = models.DecimalField("solde en fin de mois", max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = "relevé"
        ordering = ["-month", "account"]
        constraints = [
            models.UniqueConstraint(fields=["account", "client", "month"], name="one_statement_a_month"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="statement_month_is_its_first_day"),
        ]

    def __str__(self) -> str:
        return str(self.document)


class Letter(models.Model):
    """What an advisor writes to a client (courrier), or the bank in his name."""

    document = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="letter")
    subject = models.CharField("objet", max_length=100)
    body = models.TextField("texte")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="écrit par"
    )
    # A second click on « Envoyer » carries the same token and sends no second letter.
    token = models.UUIDField(unique=True)

    class Meta:
        verbose_name = "courrier"

    def __str__(self) -> str:
        return self.subject
