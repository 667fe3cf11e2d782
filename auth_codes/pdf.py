"""The bank's papers as PDF: tagged, filled with plain texts only, the same bytes for the same contents."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import typst

ROOT = Path(__file__).resolve().parent.parent
# Latin, Greek and Cyrillic letters and the usual signs: what the fonts inside the compiler can show.
SHOWN = re.compile("[\u0020-\u04ff\u1e00-\u1fff\u2010-\u203a\u20ac]")
LEFT_OUT = {"Cf", "Mn", "Mc", "Me"}
LONG_WORD = re.compile(r"\S{39,}")


def compiled(source: Path, data: dict[str, object]) -> bytes:
    """The typst source as PDF/A-2a and PDF/UA-1, filled with `data`, which it reads as JSON in `sys.inputs.data`.

    Sources import from one another by paths that begin at the checkout. Raises `typst.TypstError` for what the source
    refuses.
    """
    # A compiler for each paper costs one millisecond and keeps nothing; a shared one refuses a second thread.
    return typst.compile(
        source,
        root=ROOT,
        format="pdf",
        pdf_standards=["a-2a", "ua-1"],
        ignore_system_fonts=True,  # the same bytes on every machine
        sys_inputs={"data": json.dumps(data)},
    )


def printable(text: str) -> str:
    """The text on one line, with U+FFFD for what no font shows: one missing glyph would make the whole paper fail.

    Invisible signs are left out, and so are accents that do not compose with their letter.
    """
    kept = [sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) not in LEFT_OUT]
    one_line = " ".join("".join(kept).split())
    return "".join(sign if sign.isprintable() and SHOWN.match(sign) else "\ufffd" for sign in one_line)


def breakable(line: str) -> str:
    """The line, in which a word too long for any place may be broken anywhere."""
    return LONG_WORD.sub(lambda word: "\u200b".join(word[0]), line)
