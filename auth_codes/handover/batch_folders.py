"""The folder of a batch: it stands in its place whole or not at all, whatever is killed, and says why it does not."""

import errno
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils import timezone

from auth_codes.handover.private_files import sync

# Crockford's base32: without I, L, O and U, which are read as 1, 1, 0 and V.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CAUSES = {
    errno.EACCES: "les droits manquent",
    errno.EPERM: "les droits manquent",
    errno.EEXIST: "un fichier porte ce nom",
    errno.ENOTDIR: "un fichier se trouve sur ce chemin",
    errno.ENOSPC: "il n’y a plus de place",
    errno.EDQUOT: "il n’y a plus de place",
    errno.EROFS: "le disque est en lecture seule",
}


class CannotWrite(Exception):
    """The folder could not be written; the batch is as before, and may be written again."""

    def __init__(self, batch_id: str, reason: OSError):
        super().__init__(f"{batch_id}: {reason}")
        self.batch_id, self.reason = batch_id, reason


def new_id() -> str:
    """The name of a batch made today: « 20261103-7KQ4M2 »."""
    return f"{timezone.localdate():%Y%m%d}-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


@contextmanager
def partial_folder(batch_id: str, folder: Path) -> Iterator[Path]:
    """A hidden folder of this run's own below `folder`; those of runs that were killed are removed.

    It is gone at the end, unless `put_in_place` has moved it. Raises CannotWrite for what the disk refuses meanwhile.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left_over in folder.glob(f".{batch_id}.*.partial"):
            shutil.rmtree(left_over, ignore_errors=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{batch_id}.", suffix=".partial", dir=folder))
        try:
            yield partial
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise CannotWrite(batch_id, error) from error


def put_in_place(partial: Path, target: Path) -> None:
    """Moves a whole folder to where its reader looks for it, over an earlier one. Raises OSError."""
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    sync(target.parent)


def why_not_written(folder: Path, reason: OSError) -> str:
    """For whoever runs the export."""
    failed = (
        f"rien ne peut être écrit dans {folder}" if folder.is_dir() else f"le dossier {folder} ne peut pas être créé"
    )
    cause = CAUSES.get(reason.errno or 0)
    return f"{failed} ({cause})" if cause else failed
