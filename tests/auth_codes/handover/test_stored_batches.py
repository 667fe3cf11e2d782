"""Batches written by earlier versions of the bank: opened for ever, and written again byte for byte."""

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import pytest

from auth_codes.handover import manifest

BATCH_ID = "20260301-ABCDEF"
CONTENT = {"a.age": b"first letter", "b.age": b"second"}
MANIFEST = b"""\
{
 "version": 2,
 "batch": "20260301-ABCDEF",
 "created": "2026-03-01T08:30:15+00:00",
 "count": 2,
 "occasions": {
  "alarm": 0,
  "first": 1,
  "renewal": 1,
  "request": 0
 },
 "bytes": 18,
 "letters": [
  {
   "file": "a.age",
   "sha256": "1e60b8a34d134bbc120fe3af12c5bbbd8546c8613d8075f2e1d822df49437b51",
   "size": 12
  },
  {
   "file": "b.age",
   "sha256": "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4",
   "size": 6
  }
 ]
}"""
CHECKSUMS = b"""\
479775cacc74a192e7fb61f8436b36c74e31066ea36e8635b80bf2b01d56988c  manifest.json
1e60b8a34d134bbc120fe3af12c5bbbd8546c8613d8075f2e1d822df49437b51  a.age
16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4  b.age
"""
MANIFEST_OF_VERSION_1 = b"""\
{
 "version": 1,
 "batch": "20260301-ABCDEF",
 "count": 2,
 "letters": [
  {
   "file": "a.age",
   "sha256": "1e60b8a34d134bbc120fe3af12c5bbbd8546c8613d8075f2e1d822df49437b51"
  },
  {
   "file": "b.age",
   "sha256": "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4"
  }
 ]
}"""
MANIFEST_OF_NOTHING = b"""\
{
 "version": 2,
 "batch": "20260301-ABCDEF",
 "created": "2026-03-01T08:30:15+00:00",
 "count": 0,
 "occasions": {},
 "bytes": 0,
 "letters": []
}"""


@pytest.fixture
def folder(tmp_path):
    """The letters of a batch, without its manifest."""
    for name, content in CONTENT.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_stored_batch_is_opened(folder):
    (folder / "manifest.json").write_bytes(MANIFEST)
    (folder / "manifest.sha256").write_bytes(CHECKSUMS)
    assert manifest.letters_in(folder) == list(CONTENT.items())


def test_stored_batch_of_version_1_is_opened(folder):
    (folder / "manifest.json").write_bytes(MANIFEST_OF_VERSION_1)
    assert manifest.letters_in(folder) == list(CONTENT.items())


def test_field_that_this_workshop_does_not_know_is_passed_over(folder):
    later = MANIFEST.replace(b'"version": 2', b'"version": 2,\n "printer": {"tray": [1, null]}')
    letters = [manifest.listed(name, content) for name, content in CONTENT.items()]
    (folder / "manifest.json").write_bytes(later)
    (folder / "manifest.sha256").write_bytes(manifest.checksums(later, letters))
    assert manifest.letters_in(folder) == list(CONTENT.items())


def test_manifest_and_checksums_are_written_byte_for_byte():
    exported_at = datetime(2026, 3, 1, 9, 30, 15, 999, tzinfo=timezone(timedelta(hours=1)))
    letters = [manifest.listed(name, content) for name, content in CONTENT.items()]
    composed = manifest.compose(BATCH_ID, exported_at, letters, Counter(renewal=1, request=0, first=1, alarm=0))
    assert composed == MANIFEST
    assert manifest.checksums(composed, letters) == CHECKSUMS


def test_manifest_of_no_letters_is_written_byte_for_byte():
    exported_at = datetime(2026, 3, 1, 8, 30, 15, tzinfo=UTC)
    assert manifest.compose(BATCH_ID, exported_at, [], Counter()) == MANIFEST_OF_NOTHING
