"""Reads the bank's PDF back."""

from io import BytesIO

from pypdf import PdfReader
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject


def read(pdf):
    return PdfReader(BytesIO(pdf))


def lines_with_place(pdf, page=0):
    """(text, mm from the left, mm from the top, size in points) of every piece of text, at its baseline."""
    pieces = []

    def note(text, page_matrix, _text_matrix, _font, size):
        if text.strip():
            left, bottom = page_matrix[4] / 72 * 25.4, page_matrix[5] / 72 * 25.4
            pieces.append((text.strip(), left, 297 - bottom, size))

    read(pdf).pages[page].extract_text(visitor_text=note)
    return pieces


def tags_of(node):
    """Every tag of the structure tree below `node`, in reading order."""
    node = node.get_object()
    if isinstance(node, list):
        return [tag for kid in node for tag in tags_of(kid)]
    if not isinstance(node, DictionaryObject):
        return []
    return [node[name] for name in ("/S",) if name in node] + tags_of(node.get("/K", ArrayObject()))


def drawn(pdf, page=0):
    """Each stroke and each fill of a page, with the marked content around it."""
    reader = read(pdf)
    around = []
    for operands, operator in ContentStream(reader.pages[page].get_contents(), reader).operations:
        if operator in (b"BMC", b"BDC"):
            around.append(operands[0])
        elif operator == b"EMC":
            around.pop()
        elif operator in (b"S", b"s", b"f", b"f*", b"B", b"B*", b"b", b"b*"):
            yield tuple(around)
