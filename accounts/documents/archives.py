"""Several documents as one ZIP, written while it is read: the same documents give the same bytes."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from io import SEEK_SET, BytesIO

from accounts.documents import files, issuing
from accounts.models import Document

# Read and write for its owner, read for others, as Unix keeps it in the upper half.
READABLE = 0o644 << 16
UNIX = 3


def written(documents: Iterable[Document]) -> Iterator[bytes]:
    """The archive, a part for each document. Raises DamagedFile, which breaks it off before the list of its contents.

    Stored, since a PDF is compressed already. Sizes and checksums stand before each file and not after it: some
    programs unpack no stored file that is told behind.
    """
    outgoing = _Outgoing()
    with zipfile.ZipFile(outgoing, "w", zipfile.ZIP_STORED) as archive:
        for document in documents:
            archive.writestr(_entry(files.name_of(document), document.issued_on), issuing.pdf_of(document))
            yield outgoing.take()
    yield outgoing.take()


def _entry(name: str, day: date) -> zipfile.ZipInfo:
    """Nothing of it depends on the machine or the moment."""
    entry = zipfile.ZipInfo(name, date_time=(day.year, day.month, day.day, 0, 0, 0))
    entry.create_system, entry.external_attr = UNIX, READABLE
    return entry


class _Outgoing(BytesIO):
    """A file of which only what was written since the last `take` is held, and may still be written over."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = 0

    def tell(self) -> int:
        return self._taken + super().tell()

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        return self._taken + super().seek(offset - self._taken, whence)

    def take(self) -> bytes:
        part = self.getvalue()
        self._taken += len(part)
        super().seek(0)
        self.truncate()
        return part
