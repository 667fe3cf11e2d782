"""Handing ordinary letters to the print workshop, batch by batch: none lost, none in two, whatever crashes.

As for sealed letters; but the PDFs are made here, and a batch written again is the same byte for byte.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.kinds import Event
from accounts.models import PostalItem, PostBatch
from accounts.print_stream import drawing, listing
from accounts.print_stream.listing import ListWriter
from auth_codes import journal, one_at_a_time
from auth_codes.handover import batch_folders
from auth_codes.handover.manifest import CHECKSUMS
from auth_codes.handover.private_files import new_file, open_new_file, sync_all

EXPORT = "export of post"


class AlreadyPosted(Exception):
    """This batch is said to be posted."""


class NeverPrinted(Exception):
    """The files of this batch were never written whole: nobody can have printed it."""


class WrittenPost(NamedTuple):
    """A batch whose files stand in `folder`, with how much is in it and the checksum of its manifest."""

    batch_id: str
    folder: Path
    letters: int
    pages: int
    manifest_sha256: str


def export(folder: Path) -> Iterator[WrittenPost]:
    """Writes below `folder` each batch that a crash left unwritten, then a new one with all that waits and is drawn.

    One export at a time: two would write the same unwritten batch, and the workshop would get it twice. Raises
    batch_folders.CannotWrite.
    """
    with one_at_a_time.alone(EXPORT):
        for unwritten in PostBatch.objects.never_written():
            yield _write_first(unwritten, folder)
        batch = collect()
        if batch:
            yield _write_first(batch, folder)


def write_again(batch: PostBatch, folder: Path) -> WrittenPost:
    """Writes one batch once more, on demand. Raises what `write` raises."""
    with one_at_a_time.alone(EXPORT):
        return write(batch, folder)


def collect() -> PostBatch | None:
    """Puts all that waits and has its PDF in a new batch; None when nothing does. A letter is in one batch for ever."""
    with transaction.atomic():
        batch = PostBatch.objects.create(id=batch_folders.new_id())
        taken = PostalItem.objects.waiting().filter(pages__isnull=False).update(batch=batch)
        if not taken:
            batch.delete()
            return None
        journal.record(Event.POST_EXPORTED, details={"batch": batch.id, "letters": taken})
    return batch


def write(batch: PostBatch, folder: Path) -> WrittenPost:
    """Writes the batch to `folder`/batch id, whole or not at all; may be repeated until it is posted.

    Raises AlreadyPosted, batch_folders.CannotWrite or drawing.DamagedItem.
    """
    if batch.confirmed_at:
        raise AlreadyPosted
    with batch_folders.partial_folder(batch.id, folder) as partial:
        written = _write_files(batch, partial)
        _put_in_place(batch, partial, folder / batch.id)
    return WrittenPost(batch.id, folder / batch.id, *written)


def mark_posted(batch: PostBatch) -> int:
    """The workshop has printed and posted the batch; says how many letters. Raises AlreadyPosted or NeverPrinted."""
    open_batch = PostBatch.objects.filter(pk=batch.pk, confirmed_at=None)
    with transaction.atomic():
        if not open_batch.filter(last_written_at__isnull=False).update(confirmed_at=timezone.now()):
            raise NeverPrinted if open_batch.exists() else AlreadyPosted
        figures = batch.items.aggregate(items_posted=Count("pk"), pages_posted=Coalesce(Sum("pages"), 0))
        PostBatch.objects.filter(pk=batch.pk).update(**figures)
        count: int = figures["items_posted"]
        journal.record(Event.POST_SENT, details={"batch": batch.id, "letters": count})
    return count


def _write_first(batch: PostBatch, folder: Path) -> WrittenPost:
    """A batch that nobody has seen yet: a damaged letter leaves it, so that it holds nobody up."""
    while True:
        try:
            return write(batch, folder)
        except drawing.DamagedItem as damaged:
            drawing.draw_again(damaged.item)


def _write_files(batch: PostBatch, folder: Path) -> tuple[int, int, str]:
    """Letters and what is said of them; gives how many letters and pages there are, and the manifest's checksum."""
    names = (listing.LIST, CHECKSUMS)
    with ExitStack() as opened:
        listed, summed = (opened.enter_context(open_new_file(folder / name)) for name in names)
        writer = ListWriter(folder, listed, summed)
        for piece in drawing.in_pieces(PostalItem.objects.kept(batch).select_related("document")):
            sync_all([_write_letter(item, writer) for item in piece])
        manifest_sha256 = writer.finish(batch.id, batch.exported_at)
    sync_all([*(folder / name for name in listing.ABOUT_THE_BATCH), folder])
    return writer.count, writer.pages, manifest_sha256


def _write_letter(item: PostalItem, writer: ListWriter) -> Path:
    path, pdf = writer.folder / f"{item.id}{listing.SUFFIX}", drawing.pdf_of(item)
    new_file(path, pdf)
    writer.add(path.name, pdf, item.pages or 0)
    return path


def _put_in_place(batch: PostBatch, partial: Path, target: Path) -> None:
    """In one transaction: the batch is known as written when, and only when, its folder stands there whole.

    The row is locked meanwhile, so that « posted » comes before, and nothing is put in place, or after.
    """
    with transaction.atomic():
        if not PostBatch.objects.filter(pk=batch.pk, confirmed_at=None).update(last_written_at=timezone.now()):
            raise AlreadyPosted
        batch_folders.put_in_place(partial, target)
