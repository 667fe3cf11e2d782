"""A paper as the file that a browser opens or saves."""

import re
from io import BytesIO

from django.http import FileResponse

from accounts.documents import issuing
from accounts.models import Document
from accounts.papers.contents import Contents, render
from auth_codes import wording

NAME_LENGTH = 100
# A PDF is no page and loads nothing, but browsers lay it out in a frame of their own, with styles written into it.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)
UNFIT_FOR_NAMES = re.compile(r'[\\/:*?"<>|\s\x00-\x1f\x7f]+')


def opened(document: Document) -> FileResponse:
    """The PDF, to be shown by the browser. Raises accounts.documents.DamagedFile."""
    return _answer(issuing.pdf_of(document), name_of(document), as_attachment=False)


def saved(document: Document) -> FileResponse:
    """The same, to be saved."""
    return _answer(issuing.pdf_of(document), name_of(document), as_attachment=True)


def drawn(contents: Contents, name: str) -> FileResponse:
    """The PDF of a paper that is not kept, to be shown by the browser; `name` is what it would be saved as."""
    return _answer(render(contents), name, as_attachment=False)


@wording.in_french()
def name_of(document: Document) -> str:
    """« Relevé de compte 2026-10 12345678901.pdf »: files of one kind stand in the order of their days."""
    kind = document.paper.KIND
    said = kind.file_name.format(document=document).replace(f" {kind.name} ", " ", 1)  # many titles begin with it
    return f"{fit(f'{kind.name} {said}')}.pdf"


def fit(name: str) -> str:
    """A name that any machine takes for a file."""
    return UNFIT_FOR_NAMES.sub(" ", name).strip()[:NAME_LENGTH].strip()


def _answer(pdf: bytes, name: str, *, as_attachment: bool) -> FileResponse:
    return FileResponse(
        BytesIO(pdf),
        as_attachment=as_attachment,
        filename=name,
        content_type="application/pdf",
        headers={"Content-Security-Policy": POLICY},
    )
