"""What a batch's folder says of itself: written by the bank, checked by the workshop before it opens anything."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

MANIFEST = "manifest.json"
CHECKSUMS = "manifest.sha256"
SUFFIX = ".age"
VERSION = 2
VERSION_WITHOUT_SIZES = 1
# A plain name: a manifest made by a stranger cannot point outside its folder, nor write to the terminal.
LETTER_FILE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}{re.escape(SUFFIX)}")


class DamagedBatch(Exception):
    """A folder is no complete batch; the text names all that is missing, superfluous or altered."""


class ListedLetter(NamedTuple):
    """One file of a batch. `size` is in bytes, None in a manifest of version 1."""

    file: str
    sha256: str
    size: int | None


def listed(file: str, content: bytes) -> ListedLetter:
    """The line of a manifest for one file of this name and content."""
    return ListedLetter(file, checksum(content), len(content))


def checksum(content: bytes) -> str:
    """SHA-256 in hexadecimal, as `sha256sum` writes it."""
    return hashlib.sha256(content).hexdigest()


def compose(batch_id: str, created: datetime, letters: Sequence[ListedLetter], occasions: Counter[str]) -> bytes:
    """The manifest; the same bytes whenever the same letters are written."""
    manifest = {
        "version": VERSION,
        "batch": batch_id,
        "created": created.astimezone(UTC).isoformat(timespec="seconds"),
        "count": len(letters),
        "occasions": dict(sorted(occasions.items())),
        "bytes": sum(letter.size for letter in letters),
        "letters": [letter._asdict() for letter in letters],
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


def letters_in(batch_folder: Path) -> list[tuple[str, bytes]]:
    """Name and content of each letter, once the whole batch was checked. Raises DamagedBatch."""
    content = _read(batch_folder / MANIFEST)
    if content is None:
        raise DamagedBatch(f"il manque le fichier {MANIFEST} dans {batch_folder}")
    version, letters = _parsed(content, batch_folder)
    found = {letter.file: _read(batch_folder / letter.file) for letter in letters}
    problems = [problem for letter in letters if (problem := _problem_of(letter, found[letter.file]))]
    problems += _superfluous(batch_folder, found)
    if version != VERSION_WITHOUT_SIZES:
        problems += _problems_of_checksums(_read(batch_folder / CHECKSUMS), checksums(content, letters))
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


def _parsed(content: bytes, batch_folder: Path) -> tuple[int, list[ListedLetter]]:
    try:
        manifest = json.loads(content)
        version, count = manifest["version"], manifest["count"]
        if version not in (VERSION_WITHOUT_SIZES, VERSION):
            raise DamagedBatch(f"le manifeste de {batch_folder} est de la version {version!r}, inconnue de cet atelier")
        letters = [_listed_in(entry, version) for entry in manifest["letters"]]
        total = None if version == VERSION_WITHOUT_SIZES else manifest["bytes"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DamagedBatch(f"le manifeste de {batch_folder} est illisible") from None
    _check_totals(letters, count, total, batch_folder)
    return version, letters


def _listed_in(entry: dict, version: int) -> ListedLetter:
    """Raises KeyError, TypeError or, for a name that is not a letter's, DamagedBatch."""
    if not LETTER_FILE.fullmatch(entry["file"]):
        raise DamagedBatch(f"le manifeste nomme {entry['file']!r}, qui n’est pas le nom d’un pli")
    size = None if version == VERSION_WITHOUT_SIZES else int(entry["size"])
    return ListedLetter(entry["file"], entry["sha256"], size)


def _check_totals(letters: Sequence[ListedLetter], count: int, total: int | None, batch_folder: Path) -> None:
    twice = [name for name, times in Counter(letter.file for letter in letters).items() if times > 1]
    if twice:
        raise DamagedBatch(f"le manifeste de {batch_folder} nomme deux fois {', '.join(twice)}")
    if len(letters) != count:
        raise DamagedBatch(f"le manifeste de {batch_folder} annonce {count!r} plis et en nomme {len(letters)}")
    if total is not None and sum(letter.size or 0 for letter in letters) != total:
        raise DamagedBatch(f"le manifeste de {batch_folder} annonce {total!r} octets, ses plis en font un autre nombre")


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
        if path.is_file() and not path.name.startswith(".") and path.name not in {MANIFEST, CHECKSUMS, *expected}:
            yield f"le fichier {path.name!r} est en trop"


def _problems_of_checksums(content: bytes | None, expected: bytes) -> list[str]:
    if content is None:
        return [f"il manque le fichier {CHECKSUMS}"]
    return [] if content == expected else [f"le fichier {CHECKSUMS} ne correspond pas au manifeste"]
