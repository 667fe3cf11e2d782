"""The changes that `python -m tests.mutants` tries, and that they reach functions which others have imported."""

import ast
import time
import types

import pytest

from tests import mutants

UNCHANGED = mutants.Mutant(0, "", "", ast.parse(""))


def tried(source):
    return [(mutant.before, mutant.after) for mutant in mutants.mutants(source)]


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a < b", [("a < b", "a <= b")]),
        ("a in b", [("a in b", "a not in b")]),
        ("a and b", [("a and b", "a or b")]),
        ("a + 1", [("a + 1", "a - 1"), ("1", "2")]),
        ("x = True", [("True", "False")]),
        ("if a: f()", [("if a:\n    f()", "if not a:\n    f()"), ("f()", "None")]),
        ("def f(): return a", [("return a", "return None")]),
        ("def f(): return None", []),
        ("def f(a: int | None) -> int | None: pass", []),
        ("a: int | None = 1", [("1", "2")]),
        ("'text'", []),
    ],
)
def test_what_is_changed(source, changes):
    assert tried(source) == changes


def test_one_change_at_a_time_and_the_rest_as_it_was():
    sources = [ast.unparse(mutant.tree) for mutant in mutants.mutants("a < 1\nb < 2")]
    assert sources == ["a <= 1\nb < 2", "a < 1\nb <= 2", "a < 2\nb < 2", "a < 1\nb < 3"]


def test_function_imported_before_does_what_the_changed_module_does():
    module = types.ModuleType("changed")
    module.__file__ = "changed.py"
    exec("LIMIT = 5\ndef is_over(count, most=1):\n    return count > LIMIT", vars(module))
    imported = module.is_over
    assert not imported(5)
    mutants.put_in_place(module, ast.parse("LIMIT = 5\ndef is_over(count, most=2):\n    return count >= LIMIT"))
    assert imported(5)
    assert imported.__defaults__ == (2,)


def test_class_imported_before_stays_the_same_and_does_what_the_changed_module_does():
    module = types.ModuleType("changed")
    module.__file__ = "changed.py"
    source = "class Spent(Exception):\n    def left(self):\n        return 1\ndef take():\n    raise Spent"
    exec(source, vars(module))
    imported, take = module.Spent, module.take
    mutants.put_in_place(module, ast.parse(source.replace("return 1", "return 2")))
    with pytest.raises(imported) as raised:
        take()
    assert raised.value.left() == 2


def test_method_that_no_longer_asks_its_parent_is_changed_too():
    module = types.ModuleType("changed")
    module.__file__ = "changed.py"
    source = "class Blocked(Exception):\n    def __init__(self, until):\n        super().__init__('until')"
    exec(source, vars(module))
    imported = module.Blocked
    assert str(imported("noon")) == "until"
    mutants.put_in_place(module, ast.parse(source.replace("super().__init__('until')", "None")))
    assert str(imported("noon")) == "noon"


@pytest.mark.parametrize(("ended", "passed"), [(0, True), (1, False)])
def test_change_is_noticed_when_a_test_fails(monkeypatch, ended, passed):
    monkeypatch.setattr(mutants, "run_changed", lambda *run: ended)
    assert mutants.passes(ast, UNCHANGED, [], seconds=600) is passed


def test_change_that_no_longer_ends_is_noticed(monkeypatch):
    monkeypatch.setattr(mutants, "run_changed", lambda *run: time.sleep(600))
    assert not mutants.passes(ast, UNCHANGED, [], seconds=0.1)
