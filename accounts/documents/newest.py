"""What a client's first page names of his papers and contracts, in compiled questions."""

from django.db.models import Q, QuerySet

from accounts.models import Client, Document, ServiceContract
from auth_codes.prepared import KEY, Blank, Prepared

DOCUMENTS_NAMED = 3


def documents_of(client: Client) -> list[Document]:
    """The newest few, also of the sheets that were joined to his."""
    return DOCUMENTS.ask(client=client.pk)


def contracts_of(client: Client) -> list[ServiceContract]:
    """All that run."""
    return CONTRACTS.ask(client=client.pk)


def _documents(client: Blank) -> QuerySet[Document]:
    sheets = Client.objects.filter(Q(pk=client) | Q(joined_into=client))
    return Document.objects.filter(client__in=sheets.order_by().values("pk")).listed()[:DOCUMENTS_NAMED]


def _contracts(client: Blank) -> QuerySet[ServiceContract]:
    return ServiceContract.objects.filter(client=client).in_force()


DOCUMENTS = Prepared(_documents, client=KEY)
CONTRACTS = Prepared(_contracts, client=KEY)
