"""Draws docs/rooms.svg, the rooms of the two apps and who imports whom: `python -m docs.draw_rooms`.

The suite draws it again and compares: whoever adds a room or an import between rooms runs the command.
"""

import textwrap
from html import escape
from itertools import pairwise
from pathlib import Path

from docs import room_graph
from docs.room_graph import LOWER, PLAYING, PORTAL, UPPER, App, Room
from docs.room_layout import Layout, Stop, Way, lay_out
from docs.room_words import TITLES, WORDS

PICTURE = Path(__file__).resolve().parent / "rooms.svg"

MARGIN, PAD, BETWEEN = 24, 24, 56
ROOM_HEIGHT, PITCH = 62, 98
PANEL_TOP, FIRST_LINE = 168, 84
DOOR, PORT = 11, 22
SIGNS_IN_A_LINE = 18

STYLE = """
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1a2a2e }
.title { font-size: 21px; font-weight: 700 }
.about { font-size: 14px; fill: #4a585c }
.name { font-size: 14.5px; font-weight: 650; text-anchor: middle }
.words { font-size: 11.5px; fill: #4a585c; text-anchor: middle }
.count { font-size: 11.5px; font-weight: 700; text-anchor: middle; fill: #fffdf9 }
.alone .count { fill: #774900 }
.panel { fill: #fffdf9; stroke: #ddd3c2 }
.line { fill: #f1ebdf; opacity: .55 }
.room { fill: #fff; stroke: #0b4f5c; stroke-width: 1.3 }
.room.module { stroke: #747f81; stroke-dasharray: 4 3 }
.arrow { fill: none; stroke: #0b4f5c; stroke-width: 1.6; opacity: .8 }
.between { fill: none; stroke: #774900; stroke-width: 3 }
.door { fill: #774900; stroke: #774900; stroke-width: 1.5 }
.alone .door { fill: #fcf1d6 }
"""


def main() -> None:
    """Writes the picture and says where."""
    PICTURE.write_text(picture())
    print(PICTURE)


def picture() -> str:
    """The whole picture as SVG text."""
    graph = room_graph.code_graph()
    upper, lower = room_graph.app(UPPER, graph), room_graph.app(LOWER, graph)
    upper_layout, lower_layout = lay_out(upper), lay_out(lower)
    lower_left = MARGIN + _panel_width(upper_layout) + BETWEEN
    width = lower_left + _panel_width(lower_layout) + MARGIN
    height = PANEL_TOP + _panel_height(upper, lower) + 104
    parts = [
        _portal(width),
        _panel(upper, UPPER, MARGIN, upper_layout, _panel_height(upper, lower)),
        _panel(lower, LOWER, lower_left, lower_layout, _panel_height(upper, lower)),
        _between(lower_left),
        _rooms(UPPER, upper, MARGIN + PAD, upper_layout),
        _rooms(LOWER, lower, lower_left + PAD, lower_layout),
        *_doors(room_graph.doors(graph), lower_left + PAD, lower_layout),
        _legend(height - 80),
    ]
    return _svg(width, height, "\n".join(parts))


def _svg(width: int, height: int, content: str) -> str:
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<title>The rooms of the portal and who imports whom</title>
<style>{STYLE}</style>
<defs>
<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="#0b4f5c"/></marker>
<marker id="broad" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="15" markerHeight="15" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="#774900"/></marker>
</defs>
<rect width="{width}" height="{height}" fill="#f8f4ec"/>
{content}
</svg>
"""  # noqa: E501


def _panel_width(layout: Layout) -> int:
    return round(layout.width) + 2 * PAD


def _panel_height(*apps: App) -> int:
    return FIRST_LINE + max(len(app.lines) for app in apps) * PITCH - PITCH + ROOM_HEIGHT + PAD


def _portal(width: int) -> str:
    """The bar of the uppermost package, and its arrow down: it imports what stands below, by its settings too."""
    return f"""<rect class="panel" x="{MARGIN}" y="{MARGIN}" width="{width - 2 * MARGIN}" height="88" rx="14"/>
<text class="title" x="{MARGIN + PAD}" y="{MARGIN + 38}">{PORTAL}/</text>
<text class="about" x="{MARGIN + PAD}" y="{MARGIN + 64}">{TITLES[PORTAL]}</text>
<path class="between" d="M{MARGIN + 120} {MARGIN + 88}V{PANEL_TOP - 3}" marker-end="url(#broad)"/>"""


def _panel(app: App, app_name: str, left: int, layout: Layout, height: int) -> str:
    """The ground of an app: its name, and a band for each line of rooms."""
    bands = [
        f'<rect class="line" x="{left + 10}" y="{_top(line) - 9}" width="{_panel_width(layout) - 20}" '
        f'height="{ROOM_HEIGHT + 18}" rx="10"/>'
        for line in range(len(app.lines))
    ]
    return f"""<rect class="panel" x="{left}" y="{PANEL_TOP}" width="{_panel_width(layout)}" height="{height}" rx="14"/>
<text class="title" x="{left + PAD}" y="{PANEL_TOP + 36}">{app_name}/</text>
<text class="about" x="{left + PAD}" y="{PANEL_TOP + 59}">{TITLES[app_name]}</text>
""" + "\n".join(bands)


def _between(lower_left: int) -> str:
    y = PANEL_TOP + 40
    return f'<path class="between" d="M{lower_left - BETWEEN} {y}H{lower_left - 3}" marker-end="url(#broad)"/>'


def _rooms(app_name: str, app: App, left: int, layout: Layout) -> str:
    arrows = [_arrow(way, left, layout) for way in layout.ways]
    boxes = [
        _box(
            room,
            WORDS[app_name][room.name],
            layout.rooms[room.name],
            left + round(layout.middles[layout.rooms[room.name]]),
        )
        for line in app.lines
        for room in line
    ]
    return "\n".join(arrows + boxes)


def _box(room: Room, words: str, stop: Stop, middle: int) -> str:
    kind = "room" if room.is_package else "room module"
    top = _top(stop.line)
    texts = "".join(
        f'<text class="words" x="{middle}" y="{top + 40 + 14 * number}">{escape(line)}</text>'
        for number, line in enumerate(textwrap.wrap(words, SIGNS_IN_A_LINE))
    )
    left, width = middle - stop.width // 2, stop.width
    return (
        f'<rect class="{kind}" x="{left}" y="{top}" width="{width}" height="{ROOM_HEIGHT}" rx="8"/>'
        f'<text class="name" x="{middle}" y="{top + 22}">{room.label}</text>{texts}'
    )


def _top(line: int) -> int:
    return PANEL_TOP + FIRST_LINE + line * PITCH


def _arrow(way: Way, left: int, layout: Layout) -> str:
    """A curve between each line and the next, straight past the rooms of the lines on the way."""
    passing = [round(layout.middles[stop]) for stop in way[1:-1]]
    across = [left + x for x in (_port(way, 0, layout), *passing, _port(way, -1, layout))]
    path = f"M{across[0]} {_top(way[0].line) + ROOM_HEIGHT}"
    for (above, x), (below, to_x) in pairwise(zip(way, across, strict=True)):
        y, to_y = _top(above.line) + ROOM_HEIGHT, _top(below.line)
        path += f"V{y}C{x} {y + 24} {to_x} {to_y - 24} {to_x} {to_y}"
    return f'<path class="arrow" d="{path}" marker-end="url(#head)"/>'


def _port(way: Way, end: int, layout: Layout) -> int:
    """Where an arrow leaves its room (`end` 0) or reaches it (-1): beside the others of that side, in their order."""
    near = {0: 1, -1: -2}[end]
    beside = sorted((other for other in layout.ways if other[end] == way[end]), key=lambda w: layout.middles[w[near]])
    place = beside.index(way) - (len(beside) - 1) / 2
    return round(layout.middles[way[end]] + place * min(PORT, (way[end].width - 30) / len(beside)))


def _doors(entering: dict[str, set[str]], left: int, layout: Layout) -> list[str]:
    """A mark on each room of the lower app that the upper one imports, with the number of the rooms that do."""
    stops = [layout.rooms[name] for name in sorted(entering)]
    return [
        _door(
            left + round(layout.middles[stop]) - stop.width // 2,
            _top(stop.line),
            len(entering[stop.name]),
            is_alone=entering[stop.name] == {PLAYING},
        )
        for stop in stops
    ]


def _door(x: int, y: int, count: int, *, is_alone: bool) -> str:
    kind = "alone" if is_alone else "many"
    return (
        f'<g class="{kind}"><circle class="door" cx="{x}" cy="{y}" r="{DOOR}"/>'
        f'<text class="count" x="{x}" y="{y + 4}">{count}</text></g>'
    )


def _legend(y: int) -> str:
    x, right = MARGIN + PAD, MARGIN + PAD + 620
    return f"""<path class="arrow" d="M{x} {y}H{x + 46}" marker-end="url(#head)"/>
{_said(x + 62, y, "imports. What a longer way tells too is left out; imports only go down.")}
<path class="between" d="M{x} {y + 36}H{x + 44}" marker-end="url(#broad)"/>
{_said(x + 62, y + 36, "imports as a whole, never the other way.")}
{_door(right, y, 7, is_alone=False)}
{_said(right + 24, y, f"the number of rooms of {UPPER} that import this room of {LOWER}.")}
{_door(right, y + 36, 1, is_alone=True)}
{_said(right + 24, y + 36, f"{UPPER}/{PLAYING} alone imports it, to play the print workshop.")}"""


def _said(x: int, y: int, words: str) -> str:
    return f'<text class="about" x="{x}" y="{y + 5}">{words}</text>'


if __name__ == "__main__":
    main()
