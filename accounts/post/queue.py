"""Letters that leave by post, queued in the transaction of the act that they tell; `export_post` prints them."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Q

from accounts.models import Client, Document, PostalItem
from accounts.papers.postal_notice import NoticeContents
from auth_codes.models import SecretCode


def reads_online(client: Client) -> bool:
    """Whether he finds his papers in his space: he has entered it, it is not closed, and e-mails tell him of them."""
    return client.pk not in without_space([client])


def without_space(clients: Iterable[Client]) -> set[int]:
    """The ids of those of these clients to whom papers go by post."""
    entered = SecretCode.objects.entered().filter(owner=OuterRef("user"))
    asked = Client.objects.filter(pk__in={client.pk for client in clients}).order_by()
    return set(asked.filter(Q(email="") | ~Exists(entered)).values_list("pk", flat=True))


def send_papers(documents: Sequence[Document]) -> list[PostalItem]:
    """Queues those of these documents, each just issued, whose client does not find them in his space."""
    by_post = without_space(document.client for document in documents)
    return post_papers([document for document in documents if document.client_id in by_post])


def post_papers(documents: Sequence[Document]) -> list[PostalItem]:
    """Queues all of these documents, each just issued, also of whoever finds them in his space as well."""
    items = [
        PostalItem(
            client=document.client,
            title=document.title,
            address="\n".join(document.client.address_lines),
            document=document,
        )
        for document in documents
    ]
    return PostalItem.objects.bulk_create(items)


def send_notices(client: Client, papers: Iterable[NoticeContents], *, kind: str, only_one_on: date | None) -> None:
    """Queues each of these letters to the address that it carries.

    With a day, none whose like was queued for that day already: of two acts at once the database keeps one letter.
    """
    items = [
        PostalItem(
            client=client,
            title=paper.subject,
            address="\n".join(paper.address),
            contents=paper.to_json(),
            notice_kind=kind,
            only_one_on=only_one_on,
        )
        for paper in papers
    ]
    PostalItem.objects.bulk_create(items, ignore_conflicts=True)
