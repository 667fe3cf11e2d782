"""What the documents say of the code is still so: the picture, links, paths, commands."""

import re
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest
from django.core.management import get_commands

from docs import draw_rooms, take_screens

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# What stands between backquotes and names a file or folder of the checkout; `<...>` and `*` stand for any name.
NAMED_PATH = re.compile(r"`([\w.-]+/(?:[\w.-]+/)*[\w.-]*)`")
COMMAND = re.compile(r"manage\.py (\w+)")
MODULE = re.compile(r"python -m ((?:tests|docs|benchmarks|banking_portal)[\w.]*)")
MADE_BY_THE_PORTAL = ("var/",)
APPS = ("accounts", "auth_codes")


def prose(path):
    """The text without its blocks of code, in which `# ` begins a comment and no heading."""
    return re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(path):
    """The anchors of the headings, as GitHub makes them."""
    plain = [re.sub(r"[`*«»]", "", heading).strip().lower() for heading in HEADING.findall(prose(path))]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def test_the_picture_of_the_rooms_is_what_the_code_says():
    assert draw_rooms.PICTURE.read_text() == draw_rooms.picture(), "draw it again: python -m docs.draw_rooms"


def test_pictures_of_the_pages_are_small_and_all_on_one_page():
    taken = {path.name for path in take_screens.SCREENS.glob("*.webp")}
    shown = set(LINK.findall(take_screens.INDEX.read_text()))
    pages, ways = take_screens.names(), list(product(take_screens.SIZES, take_screens.SCHEMES))
    assert taken == shown == {take_screens.file_of(page, *way) for page in pages for way in ways}
    assert {*take_screens.PUBLIC, *take_screens.PRIVATE, *take_screens.DESK} <= pages
    assert take_screens.weight() < take_screens.BUDGET


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_finds_its_file_and_its_place(document):
    for target in LINK.findall(prose(document)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_is_named_exists(document):
    """A room may be named within its app: `ledger/`."""
    named = {path for path in NAMED_PATH.findall(document.read_text()) if not path.startswith(MADE_BY_THE_PORTAL)}
    assert {path for path in named if not any((ROOT / app / path).exists() for app in ("", *APPS))} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_is_named_exists(document):
    text = document.read_text()
    assert set(COMMAND.findall(text)) <= set(get_commands())
    assert [module for module in MODULE.findall(text) if find_spec(module.rstrip(".")) is None] == []
