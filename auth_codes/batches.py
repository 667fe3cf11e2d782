"""Handing sealed letters to the print workshop, batch by batch."""

import hashlib
import json
import os
import secrets
import shutil
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from auth_codes import journal, letter_numbers
from auth_codes.models import LetterBatch, SealedLetter, SecurityEvent

MANIFEST = "manifest.json"
MANIFEST_VERSION = 1
SUFFIX = ".age"


class AlreadyConfirmed(Exception):
    """The letters of this batch have left and their content is destroyed."""


class DamagedBatch(Exception):
    """A folder is no complete batch: no manifest, or files that are not the ones it lists."""


def collect() -> LetterBatch | None:
    """Puts every letter that waits in a new batch; None when none waits. A letter is in one batch, once for ever."""
    with transaction.atomic():
        batch_id = f"{timezone.localdate():%Y%m%d}-" + "".join(
            secrets.choice(letter_numbers.ALPHABET) for _ in range(6)
        )
        batch = LetterBatch.objects.create(id=batch_id)
        if not SealedLetter.objects.filter(batch__isnull=True).update(batch=batch):
            batch.delete()
            return None
        journal.record(SecurityEvent.Kind.LETTERS_EXPORTED, details={"batch": batch.id})
    return batch


def write(batch: LetterBatch, folder: Path) -> Path:
    """Writes the batch and its manifest to `folder`/batch id, whole or not at all; may be repeated until confirmed.

    Raises AlreadyConfirmed.
    """
    if batch.confirmed_at:
        raise AlreadyConfirmed
    target, partial = folder / batch.id, folder / f".{batch.id}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    listed = [_write_letter(letter, partial) for letter in batch.letters.order_by("id").iterator()]
    manifest = {"version": MANIFEST_VERSION, "batch": batch.id, "count": len(listed), "letters": listed}
    write_file(partial / MANIFEST, json.dumps(manifest, indent=1).encode())
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    LetterBatch.objects.filter(pk=batch.pk).update(last_written_at=timezone.now())
    return target


def confirm(batch: LetterBatch) -> int:
    """The workshop has printed and posted the batch: destroys its letters' content; says how many.

    From now on the thirty days of the codes run. Raises AlreadyConfirmed.
    """
    with transaction.atomic():
        if not LetterBatch.objects.filter(pk=batch.pk, confirmed_at=None).update(confirmed_at=timezone.now()):
            raise AlreadyConfirmed
        count = batch.letters.update(ciphertext=None)
        journal.record(SecurityEvent.Kind.LETTERS_CONFIRMED, details={"batch": batch.id, "letters": count})
    return count


def batches_in(folder: Path) -> list[Path]:
    """The batches at or below `folder`. Raises DamagedBatch when there is none."""
    found = sorted(path.parent for path in folder.rglob(MANIFEST) if not path.parent.name.startswith("."))
    if not found:
        raise DamagedBatch(f"aucun lot de plis scellés sous {folder}")
    return found


def letters_in(batch_folder: Path) -> list[tuple[str, bytes]]:
    """Name and content of each letter that the manifest lists, checked. Raises DamagedBatch."""
    try:
        listed = json.loads((batch_folder / MANIFEST).read_bytes())["letters"]
        letters = [(Path(entry["file"]).name, entry["sha256"]) for entry in listed]
    except (ValueError, KeyError, TypeError):
        raise DamagedBatch(f"le manifeste de {batch_folder} est illisible") from None
    return [(name, _checked(batch_folder / name, checksum)) for name, checksum in letters]


def write_file(path: Path, content: bytes) -> None:
    """Writes a file that its owner alone reads: whole or not at all, whatever stood there before."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _write_letter(letter: SealedLetter, folder: Path) -> dict[str, str]:
    if letter.ciphertext is None:
        raise AlreadyConfirmed  # by somebody else, while this batch was being written
    content = bytes(letter.ciphertext)
    name = f"{letter.id}{SUFFIX}"
    write_file(folder / name, content)
    return {"file": name, "sha256": hashlib.sha256(content).hexdigest()}


def _checked(path: Path, checksum: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DamagedBatch(f"il manque le fichier {path.name}") from None
    if hashlib.sha256(content).hexdigest() != checksum:
        raise DamagedBatch(f"le fichier {path.name} est abîmé")
    return content
