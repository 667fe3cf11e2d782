"""Issuing a paper to a client, and giving him its PDF: the same bytes for ever."""

import logging
from datetime import date
from hashlib import sha256
from typing import TypedDict

from django.utils import timezone

from accounts import bank
from accounts.client_codes import NoClientCode
from accounts.models import Client, Document, DocumentFile
from accounts.papers.contents import ContentsForClient, render

log = logging.getLogger(__name__)


class DamagedFile(Exception):
    """The stored bytes of a document are not those that were stored."""


class Addressed(TypedDict):
    """What every paper for a client begins with, and by whom and with which telephone."""

    client_code: str
    address: tuple[str, ...]
    bank_name: str
    bank_phone: str


def addressed_to(client: Client) -> Addressed:
    """To be given to the class of a paper with `**`, beside what is the paper's own. Raises NoClientCode."""
    if not client.client_code:
        raise NoClientCode
    return {
        "client_code": client.client_code,
        "address": tuple(client.address_lines),
        "bank_name": bank.NAME,
        "bank_phone": bank.PHONE,
    }


def issue(client: Client, contents: ContentsForClient, *, title: str, on: date | None = None) -> Document:
    """Issues a paper to `client`, today unless `on` says another day. Its PDF is made when it is first asked for.

    Raises ValueError for a paper that carries another code client than his.
    """
    document = drafted(client, contents, title=title, on=on or timezone.localdate())
    document.save(force_insert=True)
    return document


def drafted(client: Client, contents: ContentsForClient, *, title: str, on: date) -> Document:
    """The same unsaved, for whoever writes many at once."""
    if contents.client_code != client.client_code:
        raise ValueError("a paper carries the code client of the one it is issued to")
    kind = contents.KIND.stored_as
    return Document(client=client, kind=kind, title=title, issued_on=on, contents=contents.to_json())


def contents_of(document: Document) -> ContentsForClient:
    """What the document says, as it was issued. Raises accounts.papers' UnreadableContents."""
    return document.paper.from_json(document.contents)


def file_of(document: Document, pdf: bytes) -> DocumentFile:
    """The unsaved file of a document."""
    return DocumentFile(document=document, pdf=pdf, sha256=sha256(pdf).hexdigest())


def pdf_of(document: Document) -> bytes:
    """The document's PDF, made at the first asking; of two askings at once, the bytes of the first are kept.

    Raises DamagedFile, with an error in the log.
    """
    stored = DocumentFile.objects.filter(document=document).first() or _made(document)
    pdf = bytes(stored.pdf)
    if sha256(pdf).hexdigest() != stored.sha256:
        log.error("Le fichier du document %s est abîmé : ses octets ne sont plus ceux de l’émission.", document.pk)
        raise DamagedFile(document.pk)
    return pdf


def _made(document: Document) -> DocumentFile:
    made = file_of(document, render(contents_of(document)))
    DocumentFile.objects.bulk_create([made], ignore_conflicts=True)
    return DocumentFile.objects.get(document=document)
