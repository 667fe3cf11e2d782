"""What the folder of a batch of ordinary letters says of itself, written line by line, however many there are.

`letters.csv` names each PDF with pages, bytes and checksum; `manifest.json` names that list with its checksum and is
signed as the batches of sealed letters are; `manifest.sha256` is what `sha256sum -c` reads.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from auth_codes.handover import signing
from auth_codes.handover.manifest import CHECKSUMS, MANIFEST, checksum
from auth_codes.handover.private_files import new_file

VERSION = 1
# Tells a manifest of ordinary letters from that of sealed ones, which the same key signs.
KIND = "post"
LIST = "letters.csv"
HEADER = b"file;pages;bytes;sha256\n"
SUFFIX = ".pdf"
ABOUT_THE_BATCH = {MANIFEST, CHECKSUMS, signing.SIGNATURE, LIST}


class ListedFile(NamedTuple):
    """One line of the list; `size` is in bytes."""

    file: str
    pages: int
    size: int
    sha256: str


class PostManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `manifest.json` says; `total` is in bytes."""

    version: int
    kind: str
    batch: str
    created: str
    count: int
    pages: int
    total: int = msgspec.field(name="bytes")
    list_sha256: str


class ListWriter:
    """Writes list and checksums of a batch while its letters are written; `finish` adds manifest and signature."""

    def __init__(self, folder: Path, listed: BinaryIO, summed: BinaryIO):
        self.folder, self._listed, self._summed = folder, listed, summed
        self._digest = hashlib.sha256()
        self.count = self.pages = self.total = 0
        self._list(HEADER)

    def add(self, file: str, content: bytes, pages: int) -> None:
        """A letter of this name and content."""
        line = ListedFile(file, pages, len(content), checksum(content))
        self._list(";".join(map(str, line)).encode() + b"\n")
        self._summed.write(f"{line.sha256}  {file}\n".encode())
        self.count, self.pages, self.total = self.count + 1, self.pages + pages, self.total + len(content)

    def finish(self, batch_id: str, created: datetime) -> str:
        """Writes what is said of the whole; gives the manifest's own checksum."""
        manifest = PostManifest(
            version=VERSION,
            kind=KIND,
            batch=batch_id,
            created=created.astimezone(UTC).isoformat(timespec="seconds"),
            count=self.count,
            pages=self.pages,
            total=self.total,
            list_sha256=self._digest.hexdigest(),
        )
        content = json.dumps(msgspec.to_builtins(manifest), indent=1).encode()
        self._summed.write(f"{manifest.list_sha256}  {LIST}\n{checksum(content)}  {MANIFEST}\n".encode())
        new_file(self.folder / MANIFEST, content)
        new_file(self.folder / signing.SIGNATURE, signing.signature_of(content))
        return checksum(content)

    def _list(self, line: bytes) -> None:
        self._digest.update(line)
        self._listed.write(line)
