"""What « Mes documents » asks of somebody's papers, in compiled questions."""

from django.db.models import Count, QuerySet

from accounts.models import BankAccount, Client, Document, Statement
from accounts.models.documents import DocumentQuerySet
from auth_codes.prepared import KEY, Blank, Prepared

PER_PAGE = 25
# Of a year, a kind and an account, if any: how many.
Counted = tuple[int, str, int | None, int]


def of(client: int | Blank) -> DocumentQuerySet:
    """As the list shows them."""
    return Document.objects.of(client).listed()  # type: ignore[arg-type]  # or a blank for him


def accounts_of(client: int) -> list[BankAccount]:
    """Those of which he has statements, on his sheet or on one that was joined to it."""
    return ACCOUNTS.ask(client=client)


def counted(client: int) -> list[Counted]:
    """How many there are of each year, kind and account."""
    return COUNTED.ask(client=client)


def _accounts(client: Blank) -> QuerySet[BankAccount]:
    sheets = Client.objects.sheets_of(client)  # type: ignore[arg-type]  # a blank for him
    return BankAccount.objects.filter(pk__in=Statement.objects.filter(client__in=sheets).order_by().values("account"))


def _counted(client: Blank) -> QuerySet[Document, Counted]:
    named = of(client).order_by().values_list("year", "kind", "statement__account")  # type: ignore[misc]  # annotated
    return named.annotate(Count("pk"))


FIRST = Prepared(lambda client: of(client)[: PER_PAGE + 1], client=KEY)
ACCOUNTS = Prepared(_accounts, client=KEY)
COUNTED = Prepared(_counted, client=KEY)
