"""Draws the icons that need pixels from the mark in static/img/favicon.svg: `python -m docs.draw_icons`.

A telephone's home screen takes PNG alone, and old programs ask for /favicon.ico whatever a page names.
"""

import struct
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.chromium import launch_options

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
MARK = IMAGES / "favicon.svg"
PAPER = "#f7f2e8"
# Side of the square, ground (none: transparent), and the share of the side that the mark takes. Of a maskable icon a
# telephone may cut all but the middle circle of 80 %.
ICONS = {
    "icon-192.png": (192, "", 1.0),
    "icon-512.png": (512, "", 1.0),
    "icon-maskable-512.png": (512, PAPER, 0.58),
    "apple-touch-icon.png": (180, PAPER, 0.7),
}
FAVICON_SIDES = (16, 32, 48)


def main() -> None:
    """Writes them beside the mark."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page()
        for name, (side, ground, share) in ICONS.items():
            (IMAGES / name).write_bytes(drawn(page, side, ground, share))
        pictures = {side: drawn(page, side, "", 1.0) for side in FAVICON_SIDES}
        browser.close()
    (IMAGES / "favicon.ico").write_bytes(as_ico(pictures))


def drawn(page: Page, side: int, ground: str, share: float) -> bytes:
    """The mark as a PNG of `side` pixels, in the middle of its ground."""
    page.set_viewport_size({"width": side, "height": side})
    shown = f"display: grid; place-items: center; height: 100vh; margin: 0; background: {ground or 'transparent'}"
    page.set_content(f'<body style="{shown}">{MARK.read_text()}')
    page.locator("svg").evaluate("(mark, width) => { mark.style.width = width }", f"{round(side * share)}px")
    return page.screenshot(omit_background=True)


def as_ico(pictures: dict[int, bytes]) -> bytes:
    """One file of several PNG. https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)"""
    offset = 6 + 16 * len(pictures)
    entries = b""
    for side, png in pictures.items():
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(png), offset)
        offset += len(png)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(pictures.values())


if __name__ == "__main__":
    main()
