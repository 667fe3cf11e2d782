"""The rooms of the two apps and who imports whom: lines as the contracts of pyproject.toml, imports as the code."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PORTAL, UPPER, LOWER = "banking_portal", "accounts", "auth_codes"
# Tables' history and Django's own declaration stand in no line.
WITHOUT_A_LINE = {"migrations", "apps"}
# The one room that may reach what holds secrets, to play the print workshop and the postman.
PLAYING = "demo"


@dataclass(frozen=True)
class Room:
    """A package, or a module of its own, right under an app."""

    name: str
    is_package: bool

    @property
    def label(self) -> str:
        """The name as a listing of files shows it."""
        return f"{self.name}/" if self.is_package else f"{self.name}.py"


@dataclass(frozen=True)
class App:
    """The rooms of an app, line by line from the top, and which imports which."""

    lines: list[list[Room]]
    imports: frozenset[tuple[str, str]]


def code_graph() -> grimp.ImportGraph:
    """What each module imports, read from the code without running it."""
    return grimp.build_graph(PORTAL, UPPER, LOWER, cache_dir=None)


def app(name: str, graph: grimp.ImportGraph) -> App:
    """The app `name`, without the imports that a longer way tells too."""
    lines = [[_room(name, room, graph) for room in line] for line in _contract_lines(name)]
    within = {(a.room, b.room) for a, b in _imports(graph) if a.app == b.app == name and a.room != b.room}
    return App(lines, frozenset(_reduced(_without_a_line_left_out(within))))


def doors(graph: grimp.ImportGraph) -> dict[str, set[str]]:
    """By room of the lower app, the rooms of the upper one that import it."""
    entering: dict[str, set[str]] = {}
    for a, b in _imports(graph):
        if (a.app, b.app) == (UPPER, LOWER):
            entering.setdefault(b.room, set()).add(a.room)
    return entering


@dataclass(frozen=True)
class _Place:
    app: str
    room: str


def _imports(graph: grimp.ImportGraph) -> Iterable[tuple[_Place, _Place]]:
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            yield _place(module), _place(imported)


def _place(module: str) -> _Place:
    app_name, _, rest = module.partition(".")
    return _Place(app_name, rest.partition(".")[0])


def _room(app_name: str, room: str, graph: grimp.ImportGraph) -> Room:
    return Room(room, is_package=bool(graph.find_children(f"{app_name}.{room}")))


def _contract_lines(app_name: str) -> list[list[str]]:
    """The lines of rooms that the contract of this app gives, from the top."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    [contract] = [c for c in tools["importlinter"]["contracts"] if c.get("containers") == [app_name]]
    return [[room.strip() for room in line.split("|")] for line in contract["layers"]]


def _without_a_line_left_out(imports: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(a, b) for a, b in imports if not {a, b} & WITHOUT_A_LINE}


def _reduced(imports: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The imports that no chain of others makes up: contracts let them go down only, so there is no circle."""
    below: dict[str, set[str]] = {}
    for a, b in imports:
        below.setdefault(a, set()).add(b)
    return {(a, b) for a, b in imports if not any(b in _all_below(c, below) for c in below[a] - {b})}


def _all_below(room: str, below: dict[str, set[str]]) -> set[str]:
    direct = below.get(room, set())
    return direct.union(*(_all_below(lower, below) for lower in direct))
