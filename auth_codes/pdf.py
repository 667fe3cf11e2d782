"""The bank's papers as PDF: tagged, filled with plain texts only, the same bytes for the same contents."""

from __future__ import annotations

import json
import re
from pathlib import Path

import typst

ROOT = Path(__file__).resolve().parent.parent
# The portal's two families from their whole files, and behind them those inside the compiler. `paper.typ` names the
# same ones, in the order that suits each place.
FAMILIES = ("Atkinson Hyperlegible Next", "Source Serif 4", "Libertinus Serif", "DejaVu Sans Mono")
FONTS = typst.Fonts(include_system_fonts=False, font_paths=[Path(__file__).with_name("fonts")])
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
        font_paths=FONTS,
        format="pdf",
        pdf_standards=["a-2a", "ua-1"],
        ignore_system_fonts=True,  # the same bytes on every machine
        sys_inputs={"data": json.dumps(data)},
    )


def breakable(line: str) -> str:
    """The line, in which a word too long for any place may be broken anywhere."""
    return LONG_WORD.sub(lambda word: "\u200b".join(word[0]), line)
