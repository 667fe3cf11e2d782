"""A batch's folder is checked whole before anything of it is opened."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from msgspec.structs import asdict

from auth_codes.handover import manifest
from auth_codes.handover.manifest import DamagedBatch

CONTENT = {"a.age": b"first letter", "b.age": b"second"}
LETTERS = [manifest.listed(name, content) for name, content in CONTENT.items()]
CREATED = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def batch(tmp_path):
    """A whole batch of two letters."""
    folder = tmp_path / "20260301-ABCDEF"
    folder.mkdir()
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    write(folder, manifest.compose(folder.name, CREATED, LETTERS, Counter(first=2)))
    return folder


def write(folder, content):
    """The manifest, with checksums that fit it: what a careful forger or a bug of the bank would write."""
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sha256").write_bytes(manifest.checksums(content, LETTERS))


def change(folder, **fields):
    write(folder, json.dumps(json.loads((folder / "manifest.json").read_bytes()) | fields).encode())


def refused(folder):
    with pytest.raises(DamagedBatch) as refusal:
        manifest.letters_in(folder)
    return str(refusal.value)


def test_whole_batch_gives_its_letters_in_order(batch):
    assert manifest.letters_in(batch) == list(CONTENT.items())


def test_batch_of_version_1_has_neither_sizes_nor_checksums_file_and_is_still_opened(batch):
    letters = [{"file": letter.file, "sha256": letter.sha256} for letter in LETTERS]
    version_1 = {"version": 1, "batch": batch.name, "count": 2, "letters": letters}
    (batch / "manifest.json").write_text(json.dumps(version_1))
    (batch / "manifest.sha256").unlink()
    assert manifest.letters_in(batch) == list(CONTENT.items())


def test_letter_of_the_same_size_with_other_bytes_is_named(batch):
    (batch / "b.age").write_bytes(b"secomd")
    assert refused(batch).endswith("le fichier b.age est abîmé")


def test_letter_of_another_size_is_named_with_both_sizes(batch):
    (batch / "b.age").write_bytes(b"sec")
    assert "le fichier b.age est abîmé (3 octets au lieu de 6)" in refused(batch)


def test_missing_superfluous_and_altered_files_are_all_named(batch):
    (batch / "a.age").unlink()
    (batch / "b.age").write_bytes(b"")
    (batch / "c.age").write_bytes(b"x")
    said = refused(batch)
    assert "il manque le fichier a.age ; le fichier b.age est abîmé" in said
    assert "le fichier 'c.age' est en trop" in said


def test_files_that_a_desktop_hides_in_every_folder_are_no_part_of_a_batch(batch):
    (batch / ".DS_Store").write_bytes(b"x")
    assert manifest.letters_in(batch)


def test_missing_checksums_are_named(batch):
    (batch / "manifest.sha256").unlink()
    assert "il manque le fichier manifest.sha256" in refused(batch)


def test_checksums_that_are_not_the_manifests_are_named(batch):
    (batch / "manifest.json").write_bytes((batch / "manifest.json").read_bytes() + b"\n")
    assert "manifest.sha256 ne correspond pas au manifeste" in refused(batch)


def test_count_that_is_not_the_number_of_letters_is_said(batch):
    change(batch, count=3)
    assert "annonce un nombre de plis (3) et en nomme un autre (2)" in refused(batch)


def test_total_that_is_not_the_sum_of_the_sizes_is_said(batch):
    change(batch, bytes=17)
    assert "annonce 17 octets" in refused(batch)


def test_letter_listed_twice_is_said(batch):
    change(batch, letters=[asdict(LETTERS[0])] * 2)
    assert "nomme deux fois a.age" in refused(batch)


def test_version_not_known_here_is_said(batch):
    change(batch, version=3)
    assert "est de la version 3, inconnue de cet atelier" in refused(batch)


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "../../etc/x.age", "/etc/x.age", "a/b.age", "..age", ".age", "a.age\n", "a\x00.age",
     "\x1b[2J.age", "manifest.json", "manifest.sha256", "a" * 200 + ".age", ""],
)  # fmt: skip
def test_name_that_is_not_a_letters_is_refused_and_shown_harmlessly(batch, tmp_path, name):
    change(batch, letters=[asdict(LETTERS[0]) | {"file": name}, asdict(LETTERS[1])])
    assert f"le manifeste nomme {name!r}, qui n’est pas le nom d’un pli" in refused(batch)


LETTER = asdict(LETTERS[0])


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"7", b"{}", b"\xff", b"[" * 100_000, b'{"version": 2}',
        {"version": 2, "count": 0, "bytes": 0, "letters": 7}, {"version": 2, "count": 1, "bytes": 0, "letters": [7]},
        {"version": 2, "count": 1, "bytes": 0, "letters": [{"file": 7}]},
        {"version": 2, "count": 1, "bytes": 0, "letters": [LETTER | {"file": None}]},
        {"version": 2, "count": 1, "bytes": 0, "letters": [LETTER | {"size": None}]},
        {"version": 2, "count": 1, "bytes": 0, "letters": [LETTER | {"size": "many"}]},
        {"version": 2, "count": 1, "letters": [LETTER]}, {"version": 1, "letters": []}, {"count": 0, "letters": []},
        {"version": 2, "count": 1, "bytes": 0, "letters": [LETTER | {"file": True}]},
        {"version": 2, "count": 1, "bytes": 0, "letters": [LETTER | {"size": float("nan")}]},
        {"version": 2, "count": 1, "bytes": 0, "letters": [{"file": "a.age", "size": 12}]},
        b'{"version": 2, "count": 0, "bytes": 0, "letters": [], "x": "\xff"}', b'{"version": 2} x',
        b'{"version": 2, "count": 0, "bytes": 0, "letters": [], "x": ' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_manifest_of_another_form_is_unreadable(batch, content):
    write(batch, content if isinstance(content, bytes) else json.dumps(content).encode())
    assert "est illisible" in refused(batch)


def test_folder_of_letters_whose_manifest_was_lost_is_found_and_named(batch):
    other = batch.parent / "20260302-ABCDEF"
    other.mkdir()
    (other / "a.age").write_bytes(b"x")
    assert manifest.batches_in(batch.parent) == [batch, other]
    assert f"il manque le fichier manifest.json dans {other}" in refused(other)


def test_folder_of_a_writing_cut_short_is_no_batch(tmp_path):
    partial = tmp_path / ".20260301-ABCDEF.x.partial"
    partial.mkdir()
    (partial / "a.age").write_bytes(b"x")
    with pytest.raises(DamagedBatch, match="aucun lot"):
        manifest.batches_in(tmp_path)
