"""No journey reads a page, or leaves it, before the page that a click opens is there.

A click returns before the next page has come: what is read at once is the page before, or one without a body yet.
"""

import ast
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from tests.journeys.conftest import close

JOURNEYS = Path(__file__).resolve().parent
LEADS_ON = {".click", ".dblclick", ".press"}
# These take the page as it is, without waiting for anything.
HASTY = {
    "faults_in", ".evaluate", ".evaluate_all", ".goto", ".reload", ".go_back", ".content", ".inner_text",
    ".all_inner_texts", ".text_content", ".input_value", ".count", ".is_visible", ".is_checked",
    ".get_attribute", ".screenshot",
}  # fmt: skip


def calls_in(statement: ast.stmt) -> set[str]:
    """What a statement calls: a function by its name, a method as `.name`."""
    called = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return {
        f".{function.attr}" if isinstance(function, ast.Attribute) else ast.unparse(function) for function in called
    }


def functions() -> list[ast.FunctionDef]:
    """Those of all journeys that others call."""
    trees = [ast.parse(path.read_text()) for path in JOURNEYS.glob("*.py")]
    all_functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [function for function in all_functions if not function.name.startswith("test_")]


@cache
def leading_on() -> frozenset[str]:
    """What opens another page: a click, and each function that ends with one."""
    names = set(LEADS_ON)
    while (
        found := {one.name for one in functions() if calls_in(one.body[-1]) & names and waits_not(one.body[-1])} - names
    ):
        names |= found
    return frozenset(names)


@cache
def hasty() -> frozenset[str]:
    """What takes the page as it is, and each function that begins with it."""
    return HASTY | {one.name for one in functions() if calls_in(first_of(one)) & HASTY}


def first_of(function: ast.FunctionDef) -> ast.stmt:
    return function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]


def waits_not(statement: ast.stmt) -> bool:
    simple = isinstance(statement, ast.Expr | ast.Assign | ast.Assert | ast.AugAssign | ast.Return)
    return simple and not {"expect", ".wait_for_url"} & calls_in(statement)


def hasty_lines(source: str) -> list[int]:
    """Lines that take the page as it is right after a click."""
    blocks = [node.body for node in ast.walk(ast.parse(source)) if isinstance(getattr(node, "body", None), list)]
    return [
        after.lineno
        for block in blocks
        for before, after in pairwise(block)
        if isinstance(before, ast.Expr) and calls_in(before) & leading_on() and waits_not(before)
        if calls_in(after) & hasty() and waits_not(after)
    ]


@pytest.mark.parametrize("path", sorted(JOURNEYS.glob("*.py")), ids=lambda path: path.name)
def test_whoever_clicks_waits(path):
    assert hasty_lines(path.read_text()) == []


def test_haste_is_seen():
    assert hasty_lines("def walk(page):\n    page.click()\n    assert faults_in(page) == []") == [3]
    assert hasty_lines("def walk(page):\n    log_in(page)\n    page.goto('/')") == [3]
    assert hasty_lines("def walk(page):\n    page.click()\n    expect(page.locator('a').count())") == []


@pytest.mark.parametrize("path", sorted(JOURNEYS.glob("test_*.py")), ids=lambda path: path.name)
def test_no_window_is_closed_while_a_page_arrives(path):
    """`conftest.close` leads its pages away first; a browser that ends altogether needs no such care."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    assert {ast.unparse(call) for call in calls if ast.unparse(call).endswith(".close()")} <= {"browser.close()"}


def test_window_is_closed_while_pages_arrive(chromium, demo):
    """Without a hang, which no time limit of Playwright's ends."""
    for delay in range(30):
        context = chromium.new_context(base_url=demo.url)
        page = context.new_page()
        page.goto("/connexion/")
        page.evaluate("setTimeout(() => location.reload())")
        page.wait_for_timeout(delay)
        close(context)
