"""The square that a telephone's camera reads, drawn into the page: as paths alone, so that no style is needed."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_variables

# Signs of 160 bits and two names fit into some 60 modules; each shows as this many units of the drawing.
SCALE = 4
BORDER = 4


@sensitive_variables()
def drawn(content: str) -> SafeString:
    """`content` as an <svg> element; black on white also in the dark, which cameras want."""
    out = io.BytesIO()
    code = segno.make(content, error="m", micro=False)
    code.save(
        out, kind="svg", scale=SCALE, border=BORDER, dark="#000", light="#fff", xmldecl=False, svgns=False,
        svgclass=None, lineclass=None, nl=False,
    )  # fmt: skip
    return mark_safe(out.getvalue().decode())  # noqa: S308 - numbers of segno's alone: the content is drawn, not written
