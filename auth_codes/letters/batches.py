"""Handing sealed letters to the print workshop, batch by batch: no letter lost, none sent twice, whatever crashes."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from auth_codes import journal, one_at_a_time
from auth_codes.handover import batch_folders, manifest, signing
from auth_codes.handover.manifest import CHECKSUMS, MANIFEST, SizedLetter
from auth_codes.handover.private_files import new_file, sync_all
from auth_codes.kinds import LineKind
from auth_codes.models import LetterBatch, SealedLetter, SecurityEvent

EXPORT = "export of sealed letters"
Kind = SecurityEvent.Kind


class AlreadyConfirmed(Exception):
    """The letters of this batch have left and their content is destroyed."""


class NeverWritten(Exception):
    """The files of this batch were never written whole: nobody can have printed it."""


class WrittenBatch(NamedTuple):
    """A batch whose files stand in `folder`, with how many letters and the checksum of its manifest."""

    batch_id: str
    folder: Path
    letters: int
    manifest_sha256: str


def export(folder: Path) -> Iterator[WrittenBatch]:
    """Writes below `folder` each batch that a crash left unwritten, then a new one with all that waits.

    One export at a time: two would write the same unwritten batch, and the workshop would get it twice.
    Raises batch_folders.CannotWrite.
    """
    with one_at_a_time.alone(EXPORT):
        for unwritten in LetterBatch.objects.never_written():
            yield write(unwritten, folder)
        batch = collect()
        if batch:
            yield write(batch, folder)


def write_again(batch: LetterBatch, folder: Path) -> WrittenBatch:
    """Writes one batch once more, on demand. Raises AlreadyConfirmed and CannotWrite."""
    with one_at_a_time.alone(EXPORT):
        return write(batch, folder)


def collect() -> LetterBatch | None:
    """Puts every letter that waits in a new batch; None when none waits. A letter is in one batch, once for ever."""
    with transaction.atomic():
        batch = LetterBatch.objects.create(id=batch_folders.new_id())
        if not SealedLetter.objects.waiting().update(batch=batch):
            batch.delete()
            return None
        journal.record(SecurityEvent.Kind.LETTERS_EXPORTED, details={"batch": batch.id})
        _tell(Kind.LETTER_EXPORTED, Kind.LIST_EXPORTED, batch.letters.all(), batch)
    return batch


def write(batch: LetterBatch, folder: Path) -> WrittenBatch:
    """Writes the batch to `folder`/batch id, whole or not at all; may be repeated until confirmed.

    Letters voided meanwhile are left out. Raises AlreadyConfirmed and CannotWrite.
    """
    if batch.confirmed_at:
        raise AlreadyConfirmed
    with batch_folders.partial_folder(batch.id, folder) as partial:
        count, manifest_sha256 = _write_files(batch, partial)
        _put_in_place(batch, partial, folder / batch.id)
    return WrittenBatch(batch.id, folder / batch.id, count, manifest_sha256)


def confirm(batch: LetterBatch) -> int:
    """The workshop has printed and posted the batch: destroys its letters' content; says how many.

    From now on the thirty days of the codes run. Raises AlreadyConfirmed, or NeverWritten.
    """
    open_batch = LetterBatch.objects.filter(pk=batch.pk, confirmed_at=None)
    with transaction.atomic():
        if not open_batch.filter(last_written_at__isnull=False).update(confirmed_at=timezone.now()):
            raise NeverWritten if open_batch.exists() else AlreadyConfirmed
        # A letter voided after the files were written was printed with them; its owner will ask about it.
        posted = batch.letters.filter(Q(voided_at=None) | Q(voided_at__gt=F("batch__last_written_at")))
        _tell(Kind.LETTER_DELIVERED, Kind.LIST_DELIVERED, posted, batch)
        count = batch.letters.filter(ciphertext__isnull=False).update(ciphertext=None)
        LetterBatch.objects.filter(pk=batch.pk).update(
            **batch.letters.aggregate(
                letters_confirmed=Count("pk"), voided_confirmed=Count("pk", filter=Q(voided_at__isnull=False))
            )
        )
        journal.record(SecurityEvent.Kind.LETTERS_CONFIRMED, details={"batch": batch.id, "letters": count})
    return count


def _tell(of_code: LineKind, of_list: LineKind, letters: QuerySet[SealedLetter], batch: LetterBatch) -> None:
    """Each owner by the line that names what his letter carries."""
    lists = Q(occasion=SealedLetter.Occasion.LIST)
    for kind, among in ((of_code, letters.exclude(lists)), (of_list, letters.filter(lists))):
        journal.record_many(kind, among.values_list("owner_id", flat=True), details={"batch": batch.id})


def _write_files(batch: LetterBatch, folder: Path) -> tuple[int, str]:
    """Letters, manifest, checksums and signature; gives the count of letters and the manifest's own checksum."""
    listed, occasions = [], Counter(dict.fromkeys(SealedLetter.Occasion.values, 0))
    for letter in batch.letters.filter(voided_at=None).order_by("id").iterator():
        listed.append(_write_letter(letter, folder))
        occasions[letter.occasion] += 1
    content = manifest.compose(batch.id, batch.exported_at, listed, occasions)
    new_file(folder / MANIFEST, content)
    new_file(folder / CHECKSUMS, manifest.checksums(content, listed))
    new_file(folder / signing.SIGNATURE, signing.signature_of(content))
    sync_all([*folder.iterdir(), folder])
    return len(listed), manifest.checksum(content)


def _write_letter(letter: SealedLetter, folder: Path) -> SizedLetter:
    if letter.ciphertext is None:
        raise AlreadyConfirmed  # by somebody else, before this batch was written
    name, content = f"{letter.id}{manifest.SUFFIX}", bytes(letter.ciphertext)
    new_file(folder / name, content)
    return manifest.listed(name, content)


def _put_in_place(batch: LetterBatch, partial: Path, target: Path) -> None:
    """In one transaction: the batch is known as written when, and only when, its folder stands there whole.

    The row is locked meanwhile, so that a confirmation comes before, and nothing is put in place, or after.
    """
    with transaction.atomic():
        if not LetterBatch.objects.filter(pk=batch.pk, confirmed_at=None).update(last_written_at=timezone.now()):
            raise AlreadyConfirmed
        batch_folders.put_in_place(partial, target)
