"""The PDF of each letter that leaves by post: made once, before it is put in a batch, and the same ever after."""

import logging
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from uuid import UUID

import typst
from django.db.models import QuerySet

from accounts.documents import issuing
from accounts.models import PostalItem
from accounts.papers.contents import UnreadableContents, render
from accounts.papers.postal_notice import NoticeContents

log = logging.getLogger(__name__)

# Letters that are held in memory at the same time.
CHUNK = 100
# What typst writes of a document's tree of pages; the root counts them all.
PAGES = re.compile(rb"/Type\s*/Pages\s*/Count (\d+)")


class DamagedItem(Exception):
    """The PDF of a letter is not the one that was made for it."""

    def __init__(self, item: UUID):
        super().__init__(str(item))
        self.item = item


def in_pieces(items: QuerySet[PostalItem]) -> Iterator[list[PostalItem]]:
    """The items in the order of their ids, by ids: the hundred thousandth is found as quickly as the first."""
    ordered, last = items.order_by("id"), UUID(int=0)
    while piece := list(ordered.filter(id__gt=last)[:CHUNK]):
        yield piece
        last = piece[-1].id


def draw_waiting(advance: Callable[[int], object] = lambda letters: None) -> list[UUID]:
    """Makes the PDF of each waiting letter that has none; may be killed and run again. `advance` is told of each piece.

    Gives those that could not be made, each with an error in the log: they wait, and hold nobody up.
    """
    failed = []
    for piece in in_pieces(PostalItem.objects.undrawn().select_related("document")):
        failed += [item.id for item in piece if not _draw(item)]
        advance(len(piece))
    return failed


def pdf_of(item: PostalItem) -> bytes:
    """The letter's PDF. Raises DamagedItem, with an error in the log."""
    try:
        pdf = issuing.pdf_of(item.document) if item.document else bytes(item.pdf or b"")
    except issuing.DamagedFile as error:
        raise DamagedItem(item.id) from error
    if sha256(pdf).hexdigest() != item.sha256:
        log.error("Le PDF du courrier %s est abîmé : ses octets ne sont plus ceux qui ont été faits.", item.id)
        raise DamagedItem(item.id)
    return pdf


def draw_again(damaged: UUID) -> None:
    """Takes a letter out of its batch, to wait until its PDF is made anew."""
    PostalItem.objects.filter(pk=damaged).update(batch=None, pdf=None, pages=None, sha256="")


def page_count(pdf: bytes) -> int:
    """How many pages a PDF of ours has."""
    return max(int(found) for found in PAGES.findall(pdf))


def _draw(item: PostalItem) -> bool:
    try:
        if item.document:
            pdf, kept = issuing.pdf_of(item.document), None
        else:
            pdf = kept = render(NoticeContents.from_json(item.contents))
    except (issuing.DamagedFile, UnreadableContents, typst.TypstError) as error:
        # The error's own text may quote the letter.
        log.error("Le PDF du courrier %s n’a pu être fait : %s", item.id, type(error).__name__)
        return False
    digest = sha256(pdf).hexdigest()
    PostalItem.objects.undrawn().filter(pk=item.pk).update(pdf=kept, pages=page_count(pdf), sha256=digest)
    return True
