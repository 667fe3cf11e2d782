"""At the workshop: whether a batch of ordinary letters is the bank's, and whole. Asks nothing of the database."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from accounts.print_stream import listing
from accounts.print_stream.listing import ABOUT_THE_BATCH, HEADER, KIND, LIST, VERSION, ListedFile, PostManifest
from auth_codes import strict_json
from auth_codes.handover.manifest import MANIFEST
from auth_codes.handover.signing import SIGNATURE, Senders

# A plain name: a list made by a stranger cannot point outside its folder, nor write to the terminal.
LINE = re.compile(
    rb"([0-9a-f-]{36}" + re.escape(listing.SUFFIX).encode() + rb");([0-9]{1,5});([0-9]{1,10});([0-9a-f]{64})\n"
)
LONGEST_LINE = 200
PIECE = 1 << 20


class NotOurBatch(Exception):
    """Nothing of this folder is to be printed; the text says why."""


def check(folder: Path, senders: Senders) -> PostManifest:
    """What the manifest of a whole batch says, once all of it was read. Raises NotOurBatch, or OSError."""
    manifest = _manifest(folder, senders)
    count = pages = total = 0
    for line in _listed(folder / LIST, manifest.list_sha256):
        size, digest = _size_and_digest(folder / line.file)
        if (size, digest) != (line.size, line.sha256):
            raise NotOurBatch(f"le fichier {line.file} est abîmé")
        count, pages, total = count + 1, pages + line.pages, total + size
    if (count, pages, total) != (manifest.count, manifest.pages, manifest.total):
        raise NotOurBatch("le manifeste annonce d’autres nombres que ceux de sa liste")
    _refuse_superfluous(folder, count)
    return manifest


def _manifest(folder: Path, senders: Senders) -> PostManifest:
    try:
        content = (folder / MANIFEST).read_bytes()
        manifest = strict_json.read(PostManifest, content)
    except FileNotFoundError:
        raise NotOurBatch(f"il manque le fichier {MANIFEST}") from None
    except strict_json.UnexpectedForm:
        raise NotOurBatch("le manifeste est illisible, ou n’est pas celui d’un lot de courrier ordinaire") from None
    if (manifest.version, manifest.kind) != (VERSION, KIND):
        raise NotOurBatch("le manifeste est d’une version inconnue de cet atelier")
    signature = folder / SIGNATURE
    unsent = senders.problem_of(content, signature.read_bytes() if signature.exists() else None, manifest.batch)
    if unsent:
        raise NotOurBatch(unsent)
    return manifest


def _listed(path: Path, sha256: str) -> Iterator[ListedFile]:
    """The lines of the list, whose checksum is proved before the first is believed."""
    if not path.exists():
        raise NotOurBatch(f"il manque le fichier {LIST}")
    with path.open("rb") as file:
        if _digest(file)[1] != sha256:
            raise NotOurBatch(f"le fichier {LIST} est abîmé")
        file.seek(0)
        if file.readline(LONGEST_LINE) != HEADER:
            raise NotOurBatch(f"le fichier {LIST} est illisible")
        before = b""
        while line := file.readline(LONGEST_LINE):
            found = LINE.fullmatch(line)
            # In the order of their names: none stands there twice.
            if not found or found[1] <= before:
                raise NotOurBatch(f"le fichier {LIST} est illisible")
            before = found[1]
            yield ListedFile(found[1].decode(), int(found[2]), int(found[3]), found[4].decode())


def _size_and_digest(path: Path) -> tuple[int, str]:
    if not path.exists():
        raise NotOurBatch(f"il manque le fichier {path.name}")
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: BinaryIO) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while piece := file.read(PIECE):
        size += len(piece)
        digest.update(piece)
    return size, digest.hexdigest()


def _refuse_superfluous(folder: Path, count: int) -> None:
    """All that are listed are there by now: one more is not listed."""
    others = sum(path.name not in ABOUT_THE_BATCH and not path.name.startswith(".") for path in folder.iterdir())
    if others > count:
        raise NotOurBatch(f"{others - count} fichier(s) en trop, que la liste ne nomme pas")
