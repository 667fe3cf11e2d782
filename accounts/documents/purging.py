"""Letting go of papers once the law no longer has the bank keep them.

Ten years from the end of the year in which one was issued (Code de commerce, L123-22: the documents behind the books,
from the close of their year); that of a contract ten years from the end of the year in which the contract ended (Code
de la consommation, L213-1 and D213-2). Longer, nothing justifies it (GDPR art. 5(1)(e)). The triggers of migration 0068
judge the same by the clock of the database, so that neither a fault here nor a wrong date deletes one too early.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.clients import client_journal
from accounts.kinds import Event
from accounts.models import (
    Client,
    Document,
    DocumentFile,
    Letter,
    PostalItem,
    ServiceContract,
    Statement,
    Transfer,
)
from accounts.papers.contract import ContractContents
from auth_codes.actor import SYSTEM
from auth_codes.one_at_a_time import alone

YEARS_KEPT = 10
AT_ONCE = 500


def kept_since(today: date) -> date:
    """The first day of the oldest year whose papers stay."""
    return date(today.year - YEARS_KEPT, 1, 1)


def due(today: date) -> Iterator[list[int]]:
    """The ids of those that may go, some hundreds of papers looked at together; ends at the first of a kept year.

    Papers are numbered as they are issued, whatever day they bear.
    """
    last, since = 0, kept_since(today)
    while looked_at := _issued_before(since, after=last):
        last = looked_at[-1]
        yield list(_past(since).filter(pk__in=looked_at).order_by("pk").values_list("pk", flat=True))


def purge(today: date, advance: Callable[[int], None]) -> int:
    """Deletes all that are due, each few hundred in a transaction with its lines in the journal; gives how many.

    One run at a time; may be killed and run again.
    """
    purged = 0
    with alone("purge_papers"):
        for ids in due(today):
            if ids:
                purged += _delete(ids, today)
                advance(len(ids))
    return purged


def _issued_before(since: date, *, after: int) -> list[int]:
    numbered = Document.objects.filter(pk__gt=after).order_by("pk")
    some = list(numbered.values_list("pk", "issued_at__date")[:AT_ONCE])
    return [pk for pk, issued in some if issued < since]


def _past(since: date) -> QuerySet[Document]:
    ended = ServiceContract.objects.filter(document=OuterRef("pk"), ended_on__lt=since)
    posted = PostalItem.objects.filter(document=OuterRef("pk"), ended_at=None)
    of_no_contract = ~Q(kind=ContractContents.KIND.stored_as)
    old = Document.objects.filter(issued_on__lt=since, issued_at__date__lt=since)
    return old.filter(of_no_contract | Exists(ended)).filter(~Exists(posted))


def _delete(ids: list[int], today: date) -> int:
    """With what hangs on them; what only names them, an order or a contract, stays and names nothing."""
    with transaction.atomic():
        papers = Document.objects.filter(pk__in=ids)
        of_clients = Counter(papers.order_by().values_list("client", flat=True))
        for model in (DocumentFile, Statement, Letter):
            model._default_manager.filter(document__in=ids).delete()
        PostalItem.objects.filter(document__in=ids).update(document=None)
        Transfer.objects.filter(receipt__in=ids).update(receipt=None)
        _delete_rows(ids)
        ServiceContract.objects.filter(document__in=ids).update(document=None)
        for client in Client.objects.filter(pk__in=of_clients).select_related("user"):
            client_journal.record(Event.PAPERS_PURGED, client, by=SYSTEM, papers=of_clients[client.pk])
    return len(ids)


def _delete_rows(ids: list[int]) -> None:
    """Not by the ORM, which would ask for the contracts to be unlinked first: the database judges by that link."""
    places = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM accounts_document WHERE id IN ({places})", ids)  # noqa: S608 - places alone
