"""A font of our own as wide as the widest in use, so that a layout is judged alike whatever a machine has installed.

Every sign is a box of the width it has in the bold of Verdana or DejaVu Serif. Written by hand because no wheel brings
a font, and a text font that happens to be installed proves nothing elsewhere.
https://learn.microsoft.com/typography/opentype/spec/
"""

import struct

EM = 1000
ORDINARY = 720
WIDTHS = {" ": 370, "\u00a0": 370, "\u202f": 370, ",": 370, ".": 370, "−": 870, "+": 870}
RANGES = ((0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x203A), (0x20AC, 0x20AC), (0x2190, 0x2193), (0x2212, 0x2212))
ASCENT, DESCENT = 900, -250


def font() -> bytes:
    """A TrueType font: the box of each sign of RANGES, after the one for those that are missing."""
    signs = [chr(code) for first, last in RANGES for code in range(first, last + 1)]
    widths = [ORDINARY, *(WIDTHS.get(sign, ORDINARY) for sign in signs)]
    boxes = [b"", *(b"" if sign.isspace() else _box(WIDTHS.get(sign, ORDINARY)) for sign in signs)]
    offsets = [sum(map(len, boxes[:number])) for number in range(len(boxes) + 1)]
    return _file(
        {
            b"OS/2": _os2(),
            b"cmap": _cmap(),
            b"glyf": b"".join(boxes),
            b"head": struct.pack(
                ">IIIIHHQQ4hHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, EM, 0, 0, 0, 0, EM, EM, 0, 8, 2, 1, 0
            ),
            b"hhea": struct.pack(
                ">IhhhHhhhhhh8xhH", 0x10000, ASCENT, DESCENT, 0, max(widths), 0, 0, EM, 1, 0, 0, 0, len(widths)
            ),
            b"hmtx": b"".join(struct.pack(">Hh", width, 0) for width in widths),
            b"loca": struct.pack(f">{len(offsets)}I", *offsets),
            b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, len(widths), 4, 1, *[0] * 11),
            b"name": struct.pack(">HHH", 0, 0, 6),
            b"post": struct.pack(">IIhhI16x", 0x30000, 0, -100, 50, 0),
        }
    )


def _box(width: int) -> bytes:
    """Four corners on the curve, padded to four bytes."""
    low, high, left, right = 0, 700, 60, width - 60
    outline = struct.pack(">hhhhhHH4B", 1, left, low, right, high, 3, 0, 1, 1, 1, 1)
    across = struct.pack(">4h", left, 0, right - left, 0)
    up = struct.pack(">4h", low, high - low, 0, low - high)
    drawn = outline + across + up
    return drawn + bytes(-len(drawn) % 4)


def _cmap() -> bytes:
    """Format 12: in each range the glyphs follow one another."""
    groups, glyph = b"", 1
    for first, last in RANGES:
        groups += struct.pack(">III", first, last, glyph)
        glyph += last - first + 1
    table = struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(RANGES)) + groups
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table


def _os2() -> bytes:
    metrics = struct.pack(">HhHHH11h", 3, ORDINARY, 700, 5, 0, *[0] * 11)
    return metrics + bytes(10 + 16) + b"none" + struct.pack(
        ">HHHhhhHHIIhhHHH", 64, 0x20, 0x2212, ASCENT, DESCENT, 0, ASCENT, -DESCENT, 0, 0, 500, 700, 0, 32, 0
    )  # fmt: skip


def _file(tables: dict[bytes, bytes]) -> bytes:
    """The tables behind their directory, each on a multiple of four bytes; browsers do not mind the checksums."""
    directory = struct.pack(">IHHHH", 0x10000, len(tables), 128, 3, len(tables) * 16 - 128)
    bodies, start = b"", len(directory) + 16 * len(tables)
    for tag, body in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag, _checksum(body), start + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    return directory + bodies


def _checksum(body: bytes) -> int:
    padded = body + bytes(-len(body) % 4)
    return sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
