"""What a batch's folder says of itself: written by the bank, checked by the workshop before it opens anything."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from auth_codes import strict_json
from auth_codes.handover import signing
from auth_codes.handover.signing import SIGNATURE, Senders

MANIFEST = "manifest.json"
CHECKSUMS = "manifest.sha256"
ABOUT_THE_BATCH = {MANIFEST, CHECKSUMS, SIGNATURE}
SUFFIX = ".age"
VERSION = 2
VERSION_WITHOUT_SIZES = 1
# A plain name: a manifest made by a stranger cannot point outside its folder, nor write to the terminal.
LETTER_FILE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}{re.escape(SUFFIX)}")


class DamagedBatch(Exception):
    """A folder is no complete batch; the text names all that is missing, superfluous or altered."""


class ListedLetter(msgspec.Struct, frozen=True):
    """One file of a batch. `size` is in bytes, None in a manifest of version 1."""

    file: str
    sha256: str
    size: int | None = None


class SizedLetter(ListedLetter, frozen=True):
    """The same as version 2 says it."""

    size: int


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What the workshop reads of a manifest; what else one says is passed over. `total` is in bytes, as the sizes."""

    version: int
    batch: str = ""
    count: int
    letters: tuple[ListedLetter, ...]
    total: int | None = None


class SizedListing(Listing, frozen=True, kw_only=True):
    """The same as version 2 says it."""

    letters: tuple[SizedLetter, ...]
    total: int = msgspec.field(name="bytes")


FORMS = {VERSION_WITHOUT_SIZES: Listing, VERSION: SizedListing}


def listed(file: str, content: bytes) -> SizedLetter:
    """The line of a manifest for one file of this name and content."""
    return SizedLetter(file, checksum(content), len(content))


def checksum(content: bytes) -> str:
    """SHA-256 in hexadecimal, as `sha256sum` writes it."""
    return hashlib.sha256(content).hexdigest()


def compose(batch_id: str, created: datetime, letters: Sequence[SizedLetter], occasions: Counter[str]) -> bytes:
    """The manifest; the same bytes whenever the same letters are written."""
    manifest = {
        "version": VERSION,
        "batch": batch_id,
        "created": created.astimezone(UTC).isoformat(timespec="seconds"),
        "count": len(letters),
        "occasions": dict(sorted(occasions.items())),
        "bytes": sum(letter.size for letter in letters),
        "letters": [msgspec.structs.asdict(letter) for letter in letters],
    }
    return json.dumps(manifest, indent=1).encode()


def checksums(manifest: bytes, letters: Sequence[ListedLetter]) -> bytes:
    """What `sha256sum -c` reads, the manifest first."""
    sums = [(checksum(manifest), MANIFEST), *((letter.sha256, letter.file) for letter in letters)]
    return "".join(f"{sha256}  {name}\n" for sha256, name in sums).encode()


def batches_in(folder: Path) -> list[Path]:
    """The batches at or below `folder`, whole or not. Raises DamagedBatch when there is none."""
    marks = [*folder.rglob(MANIFEST), *folder.rglob(f"*{SUFFIX}")]
    found = {path.parent for path in marks if not _is_hidden(path.relative_to(folder).parent)}
    if not found:
        raise DamagedBatch(f"aucun lot de plis scellés sous {folder}")
    return sorted(found)


def checksum_of(batch_folder: Path) -> str:
    """What the bank has told by another way, if this is the batch that it wrote. Raises FileNotFoundError."""
    return checksum((batch_folder / MANIFEST).read_bytes())


def letters_in(batch_folder: Path, senders: Senders = signing.ANYBODY) -> list[tuple[str, bytes]]:
    """Name and content of each letter, once the whole batch and its sender were checked. Raises DamagedBatch."""
    content = _read(batch_folder / MANIFEST)
    if content is None:
        raise DamagedBatch(f"il manque le fichier {MANIFEST} dans {batch_folder}")
    listing = _parsed(content, batch_folder)
    unsent = senders.problem_of(content, _read(batch_folder / SIGNATURE), listing.batch)
    if unsent:
        raise DamagedBatch(f"dans {batch_folder}, {unsent}")
    found = {letter.file: _read(batch_folder / letter.file) for letter in listing.letters}
    problems = [problem for letter in listing.letters if (problem := _problem_of(letter, found[letter.file]))]
    problems += _superfluous(batch_folder, found)
    if listing.version != VERSION_WITHOUT_SIZES:
        problems += _problems_of_checksums(_read(batch_folder / CHECKSUMS), checksums(content, listing.letters))
    if problems:
        raise DamagedBatch(f"dans {batch_folder}, " + " ; ".join(problems))
    return [(name, letter) for name, letter in found.items() if letter is not None]


def _is_hidden(path: Path) -> bool:
    """A batch whose writing was cut short stands in a hidden folder."""
    return any(part.startswith(".") for part in path.parts)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _parsed(content: bytes, batch_folder: Path) -> Listing:
    try:
        version = strict_json.version_of(content)
        if version not in FORMS:
            raise DamagedBatch(f"le manifeste de {batch_folder} est de la version {version!r}, inconnue de cet atelier")
        listing = strict_json.read(FORMS[version], content)
    except strict_json.UnexpectedForm:
        raise DamagedBatch(f"le manifeste de {batch_folder} est illisible") from None
    _check_names(listing, batch_folder)
    _check_totals(listing, batch_folder)
    return listing


def _check_names(listing: Listing, batch_folder: Path) -> None:
    names = Counter(letter.file for letter in listing.letters)
    for name in names:
        if not LETTER_FILE.fullmatch(name):
            raise DamagedBatch(f"le manifeste nomme {name!r}, qui n’est pas le nom d’un pli")
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        raise DamagedBatch(f"le manifeste de {batch_folder} nomme deux fois {', '.join(twice)}")


def _check_totals(listing: Listing, batch_folder: Path) -> None:
    count, total = len(listing.letters), sum(letter.size or 0 for letter in listing.letters)
    if listing.count != count:
        raise DamagedBatch(
            f"le manifeste de {batch_folder} annonce un nombre de plis ({listing.count}) et en nomme un autre ({count})"
        )
    if listing.total not in (None, total):
        raise DamagedBatch(
            f"le manifeste de {batch_folder} annonce {listing.total} octets, ses plis en font un autre nombre"
        )


def _problem_of(letter: ListedLetter, content: bytes | None) -> str | None:
    if content is None:
        return f"il manque le fichier {letter.file}"
    if letter.size is not None and len(content) != letter.size:
        return f"le fichier {letter.file} est abîmé ({len(content)} octets au lieu de {letter.size})"
    if checksum(content) != letter.sha256:
        return f"le fichier {letter.file} est abîmé"
    return None


def _superfluous(batch_folder: Path, expected: dict[str, bytes | None]) -> Iterator[str]:
    for path in sorted(batch_folder.iterdir()):
        if path.is_file() and not path.name.startswith(".") and path.name not in {*ABOUT_THE_BATCH, *expected}:
            yield f"le fichier {path.name!r} est en trop"


def _problems_of_checksums(content: bytes | None, expected: bytes) -> list[str]:
    if content is None:
        return [f"il manque le fichier {CHECKSUMS}"]
    return [] if content == expected else [f"le fichier {CHECKSUMS} ne correspond pas au manifeste"]
