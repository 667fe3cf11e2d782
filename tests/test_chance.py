"""The search for codes leaves out chance, and nothing that somebody wrote; no test looks a few digits up in a page."""

import ast
import base64
from pathlib import Path

import pytest

from tests.chance import without_chance

CODE = "739146"


@pytest.mark.parametrize(
    "text",
    [
        "22:05:03.739146",
        "datetime(2026, 11, 24, 22, 5, 3, 739146, tzinfo=utc)",
        "(0.000739146, 'SELECT')",
        "<Client object at 0x7f7391462a10>",
        "8a9ff0ce-45b5-4f7a-9f0b-739146b2f001",
        "x'00739146ff00aa11bb22'",
    ],
)
def test_chance_is_left_out(text):
    assert CODE not in without_chance(text)


@pytest.mark.parametrize(
    "text",
    ["739146", "code=739146", "password': '739146', 'x", "739 146 739146.", "<b>739146</b>", "7391462026", "a739146b"],
)
def test_code_that_somebody_wrote_is_found(text):
    assert CODE in without_chance(text)


def test_encoded_code_is_found():
    plain = CODE.encode()
    for form in (base64.b64encode(plain).decode(), plain.hex()):
        assert form in without_chance(f"session {form} end")


TESTS = Path(__file__).resolve().parent
FEWEST = 6  # fewer signs of a number are in some page by chance, in one run of some hundred


def short_ends(expression: ast.expr) -> list[str]:
    """The expression, where it is but the first or the last few signs of something."""
    if not (isinstance(expression, ast.Subscript) and isinstance(expression.slice, ast.Slice)):
        return []
    first, last = (end and ast.literal_eval(end) for end in (expression.slice.lower, expression.slice.upper))
    few = (last is None and -FEWEST < (first or 0) < 0) or (first is None and 0 < (last or 0) < FEWEST)
    return [ast.unparse(expression)] if few else []


def few_digits_refused(path: Path) -> list[str]:
    """Each place of a test module that asks whether something lacks these few signs."""
    asked = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare) and any(isinstance(operator, ast.NotIn) for operator in node.ops)
    ]
    return [f"{path.relative_to(TESTS)}:{node.lineno} {found}" for node in asked for found in short_ends(node.left)]


def test_absence_of_a_few_digits_is_never_asked():
    """« not in » of three digits of a number that was drawn finds a telephone that holds them, sooner or later."""
    modules = list(TESTS.rglob("test_*.py"))
    assert len(modules) > 100
    assert not [found for path in modules for found in few_digits_refused(path)]
