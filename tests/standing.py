"""Fixtures whose rows are made once for all tests of a module that ask for them, and not again for each.

They stand in one transaction that is never committed, each above those that it takes, behind a savepoint of its own. A
test is one more savepoint on top, so it finds the rows as they were made and leaves no trace; what the fixtures give
is copied for each test, so that nothing lives on in memory either. A test that commits makes all that it asks for
itself. One whose own settings must hold while its people are made calls tests/makers.py.
"""

import copy
import functools
import inspect
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

import pytest
from django.db import connection, transaction

FRESH_SECONDS = 60  # sessions end, and what was done just now is soon some time ago


class Recipe(NamedTuple):
    """How something is made: by which function, and of what, by the names of its arguments."""

    make: Callable
    needed: tuple[tuple[str, "Recipe"], ...]


class Standing(NamedTuple):
    """What stands on top of what, and the block that ends where it goes.

    `made` is all up to here, as it then was; `since` is in seconds of the monotonic clock.
    """

    recipe: Recipe
    block: transaction.Atomic
    made: dict[Recipe, object]
    since: float


_makers: dict[Callable, Callable] = {}  # by their fixtures
_places: dict[Callable, int] = {}
_standing: list[Standing] = []
_module: list[object] = []
_copies: dict[Callable, object] = {}


def made_once(make: Callable):
    """A fixture of what `make` gives; it takes `db` or other such fixtures, and does nothing but write rows.

    What they tell must hold as long as a module takes: a session that ends in five minutes is for each test.
    """

    @functools.wraps(make)
    def as_made(**arguments):
        return _copies[make] if make in _copies else make(**arguments)

    _makers[as_made] = make
    _places[make] = len(_places)
    return pytest.fixture(as_made)


def commits(item: pytest.Item) -> bool:
    """Whether other threads and processes see what this test writes."""
    marker = item.get_closest_marker("django_db")
    return "transactional_db" in item.fixturenames or bool(marker and marker.kwargs.get("transaction"))


def order(item: pytest.Item) -> list[int]:
    """Sorts together the tests of a module that ask for the same."""
    return [_places[recipe.make] for recipe in _recipes(item)]


def prepare(item: pytest.Item) -> None:
    """What the test asks for stands in the database, and nothing else."""
    asked = _recipes(item)
    _take_down(to=_kept(asked) if _module == [item.module] else 0)
    _module[:] = [item.module]
    for recipe in asked[len(_standing) :]:
        _set_up(recipe)
    _defer_constraints()
    _copies.update({recipe.make: made for recipe, made in _all_made().items()})


def clear() -> None:
    """Nothing stands any more."""
    _take_down(to=0)


def _recipes(item: pytest.Item) -> list[Recipe]:
    """Of all that a test asks for, each after what it needs."""
    if commits(item):
        return []
    asked = {recipe for name in item.fixturenames for recipe in _asked(item, name) if recipe}
    in_places = sorted(asked, key=lambda recipe: _places[recipe.make])
    return list(dict.fromkeys(made for recipe in in_places for made in _in_the_making(recipe)))


def _in_the_making(recipe: Recipe) -> Iterator[Recipe]:
    """All that it needs, then itself: a module may declare anew what a fixture of all modules takes."""
    for _, needed in recipe.needed:
        yield from _in_the_making(needed)
    yield recipe


def _asked(item: pytest.Item, name: str) -> Iterator[Recipe | None]:
    """By the definition of this name that is nearest to the test, and by each that it takes under the same name."""
    for above, definition in enumerate(_definitions(item, name)):
        yield _recipe(item, name, above)
        if name not in definition.argnames:
            return


def _recipe(item: pytest.Item, name: str, above: int) -> Recipe | None:
    """By the definition that has so many `above` it; None of one that is for each test, and of what takes one."""
    definition = next(islice(_definitions(item, name), above, None), None)
    if definition is None or definition.func not in _makers:
        return None
    arguments = [argument for argument in definition.argnames if argument != "db"]
    needed = [_recipe(item, argument, above + 1 if argument == name else 0) for argument in arguments]
    if None in needed:
        return None
    return Recipe(_makers[definition.func], tuple(zip(arguments, needed, strict=True)))


def _definitions(item: pytest.Item, name: str) -> Iterator[pytest.FixtureDef]:
    """The nearest to the test first."""
    return reversed(item._fixtureinfo.name2fixturedefs.get(name, ()))


def _kept(asked: list[Recipe]) -> int:
    """How many of those that stand may stay; none that is old, or whose transaction a test has broken."""
    if connection.closed_in_transaction or connection.needs_rollback or _is_old():
        return 0
    same = 0
    for standing, recipe in zip(_standing, asked, strict=False):
        if standing.recipe != recipe:
            break
        same += 1
    return same


def _is_old() -> bool:
    return bool(_standing) and time.monotonic() - _standing[0].since > FRESH_SECONDS


def _set_up(recipe: Recipe) -> None:
    made = _all_made()
    block = transaction.atomic()
    block._from_testcase = True  # as the test's own: a durable block may begin in it
    block.__enter__()
    try:
        made[recipe] = recipe.make(**_arguments(recipe, made))
        connection.check_constraints()
    except BaseException:
        _roll_back(block)
        raise
    _standing.append(Standing(recipe, block, made, time.monotonic()))


def _defer_constraints() -> None:
    """PostgreSQL does not take back, with a test, that a block within it asked for constraints to hold at once."""
    if _standing and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _all_made() -> dict[Recipe, object]:
    """In one copy, in which what was one object for two is still one."""
    return copy.deepcopy(_standing[-1].made) if _standing else {}


def _arguments(recipe: Recipe, made: dict[Recipe, object]) -> dict[str, object]:
    taken = {"db": None} | {name: made[needed] for name, needed in recipe.needed}
    return {name: taken[name] for name in inspect.signature(recipe.make).parameters}


def _take_down(*, to: int) -> None:
    _copies.clear()
    while len(_standing) > to:
        _roll_back(_standing.pop().block)


def _roll_back(block: transaction.Atomic) -> None:
    transaction.set_rollback(True)
    block.__exit__(None, None, None)
