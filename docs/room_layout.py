"""Where each room stands in its line, so that few arrows cross and most go straight: a layered drawing, as Sugiyama's.

An arrow that passes lines on its way holds a narrow place in each. Every line is ordered by the mean place of its
neighbours, again and again, and the order with the fewest crossings is kept. The same code gives the same drawing on
every Python: sums are exact, and ties leave the order as it was.
"""

from dataclasses import dataclass
from itertools import combinations, pairwise
from math import fsum

from docs.room_graph import App, Room

ROUNDS = 60
# In pixels: the least width of a room, a sign of its label in bold, what stands beside the label.
LEAST_WIDTH, SIGN_WIDTH, BESIDE = 126, 8, 26
ARROW_WIDTH, GAP = 6, 13
PULL = 0.8


@dataclass(frozen=True)
class Stop:
    """What holds a place in a line: a room, or an arrow on its way past it."""

    name: str
    line: int
    width: int


Lines = list[list[Stop]]
Links = dict[Stop, list[Stop]]
Way = list[Stop]


@dataclass(frozen=True)
class Layout:
    """The stops of rooms, all middles from the left edge, the way of each arrow, and the width of all."""

    rooms: dict[str, Stop]
    middles: dict[Stop, float]
    ways: list[Way]
    width: float


def lay_out(app: App) -> Layout:
    """Gives each room of `app` its place in its line."""
    rooms = {room.name: _stop(room, number) for number, line in enumerate(app.lines) for room in line}
    ways = [_way(rooms[importing], rooms[imported]) for importing, imported in sorted(app.imports)]
    lines = [[rooms[room.name] for room in line] for line in app.lines]
    for stop in (stop for way in ways for stop in way[1:-1]):
        lines[stop.line].append(stop)
    upper, lower = _links(ways)
    middles = _placed(_ordered(lines, upper, lower), upper, lower)
    left = min(middle - stop.width / 2 for stop, middle in middles.items())
    right = max(middle + stop.width / 2 for stop, middle in middles.items())
    return Layout(rooms, {stop: middle - left for stop, middle in middles.items()}, ways, right - left)


def _stop(room: Room, line: int) -> Stop:
    return Stop(room.name, line, max(LEAST_WIDTH, SIGN_WIDTH * len(room.label) + BESIDE))


def _way(importing: Stop, imported: Stop) -> Way:
    passed = range(importing.line + 1, imported.line)
    return [importing, *(Stop(f"{importing.name} > {imported.name}", line, ARROW_WIDTH) for line in passed), imported]


def _links(ways: list[Way]) -> tuple[Links, Links]:
    """The neighbours of each stop in the line above it, and in the line below it."""
    upper: Links = {}
    lower: Links = {}
    for above, below in (pair for way in ways for pair in pairwise(way)):
        upper.setdefault(below, []).append(above)
        lower.setdefault(above, []).append(below)
    return upper, lower


def _ordered(lines: Lines, upper: Links, lower: Links) -> Lines:
    """The best of many sweeps, down and up in turn."""
    best = lines
    for _ in range(ROUNDS):
        lines = _swept(lines, upper)
        lines = _swept(lines[::-1], lower)[::-1]
        best = min(best, lines, key=lambda order: _crossings(order, lower))
    return best


def _swept(lines: Lines, links: Links) -> Lines:
    """Each line ordered by the places that its neighbours have in the line before it."""
    swept = lines[:1]
    for line in lines[1:]:
        place = _places(swept[-1]) | _places(line)
        swept.append(sorted(line, key=lambda stop: _mean([place[other] for other in links.get(stop, [stop])])))
    return swept


def _places(line: list[Stop]) -> dict[Stop, float]:
    return {stop: number - len(line) / 2 for number, stop in enumerate(line)}


def _crossings(lines: Lines, lower: Links) -> int:
    place = {stop: number for line in lines for number, stop in enumerate(line)}
    return sum(
        (place[a] - place[b]) * (place[to_a] - place[to_b]) < 0
        for line in lines
        for a, b in combinations(line, 2)
        for to_a in lower.get(a, [])
        for to_b in lower.get(b, [])
    )


def _placed(lines: Lines, upper: Links, lower: Links) -> dict[Stop, float]:
    """Middles as near as may be to the mean of all neighbours', in the order of the lines; 0 is the middle of all.

    Each is drawn a little to that middle: else a few rooms at one end pull the whole picture aslant.
    """
    middles = {stop: place * LEAST_WIDTH for line in lines for stop, place in _places(line).items()}
    for _ in range(ROUNDS):
        for line in (*lines, *reversed(lines)):
            wanted = [PULL * _mean([middles[near] for near in _near(stop, upper, lower)]) for stop in line]
            middles |= dict(zip(line, _apart(line, wanted), strict=True))
    return middles


def _near(stop: Stop, upper: Links, lower: Links) -> list[Stop]:
    return upper.get(stop, []) + lower.get(stop, []) or [stop]


def _apart(line: list[Stop], wanted: list[float]) -> list[float]:
    """The wanted middles, moved as far as the widths ask: half by pushing to the right, half to the left."""
    steps = [(a.width + b.width) / 2 + GAP for a, b in pairwise(line)]
    pushed_right, pushed_left = wanted[:1], wanted[-1:]
    for step, middle in zip(steps, wanted[1:], strict=True):
        pushed_right.append(max(middle, pushed_right[-1] + step))
    for step, middle in zip(reversed(steps), reversed(wanted[:-1]), strict=True):
        pushed_left.append(min(middle, pushed_left[-1] - step))
    return [(right + left) / 2 for right, left in zip(pushed_right, reversed(pushed_left), strict=True)]


def _mean(numbers: list[float]) -> float:
    return fsum(numbers) / len(numbers)
