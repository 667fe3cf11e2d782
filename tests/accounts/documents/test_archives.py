"""A year's statements in one file: whole, the same bytes each time, and a part leaves for each."""

import io
import zipfile
from datetime import date

import pytest

from accounts.documents import archives, issuing
from accounts.documents.files import name_of
from accounts.documents.issuing import DamagedFile, pdf_of
from tests.accounts.pages.test_document_pages import document_of, statement_of


@pytest.fixture
def statements(client_):
    return [statement_of(client_, date(2024, month, 1)).document for month in (10, 11, 12)]


def test_each_file_stands_in_it_under_its_own_name(statements):
    content = b"".join(archives.written(statements))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [name_of(document) for document in statements]
        assert [archive.read(entry) for entry in archive.infolist()] == [pdf_of(document) for document in statements]


def test_files_are_stored_and_told_before_their_bytes(statements):
    """Some programs unpack no stored file whose size and checksum stand behind it (bit 3 of its flags)."""
    with zipfile.ZipFile(io.BytesIO(b"".join(archives.written(statements)))) as archive:
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            assert not entry.flag_bits & 0x08
            assert entry.file_size == entry.compress_size > 1000
            assert (entry.create_system, entry.external_attr >> 16, entry.extra) == (3, 0o644, b"")


def test_same_documents_give_the_same_bytes(statements):
    assert b"".join(archives.written(statements)) == b"".join(archives.written(statements))


def test_a_part_leaves_for_each_document(statements):
    parts = list(archives.written(statements))
    assert len(parts) == len(statements) + 1
    assert all(pdf_of(document) in part for document, part in zip(statements, parts, strict=False))


def test_damaged_file_breaks_the_archive_off(client_, statements):
    damaged = document_of(client_)
    file = issuing.file_of(damaged, b"%PDF as it was")
    file.pdf = b"%PDF altered"
    file.save(force_insert=True)
    parts = []
    with pytest.raises(DamagedFile):
        parts.extend(archives.written([statements[0], damaged]))
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(parts)))
