"""Does a test notice? Changes one module in one place at a time, and runs its tests against each change.

    python -m tests.mutants auth_codes/weakness.py tests/auth_codes/test_weakness.py

Known tools copy the checkout and start pytest with Django anew for each change, some ten seconds each. Here the portal
is loaded once; each change is made in a fork of that process, in the functions that others have imported already. What
survives is printed: a test is missing there, or the change makes no difference.
"""

import ast
import copy
import importlib
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

SECONDS_AT_MOST = 600
# How many times as long as unchanged: what takes longer no longer ends, which is noticed too.
TIMES_AS_LONG, SECONDS_AT_LEAST = 5, 30
# Of one run, so that all share one database: each fork leaves it as it found it.
os.environ.setdefault("PYTEST_XDIST_TESTRUNUID", f"mutants-{os.getpid()}")
OPPOSITES: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Div: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


class Mutant(NamedTuple):
    """The module with one change, and what was changed where."""

    line: int
    before: str
    after: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """All changes, in the order of the lines."""
    whole = ast.parse(source)
    promised = {part for node in ast.walk(whole) for kind in annotations(node) for part in ast.walk(kind)}
    for number, node in enumerate(ast.walk(whole)):
        for change in changes(node) if node not in promised else ():
            tree = copy.deepcopy(whole)
            changed = next(node for place, node in enumerate(ast.walk(tree)) if place == number)
            before = ast.unparse(changed)
            change(changed)
            yield Mutant(node.lineno, before, ast.unparse(changed), ast.fix_missing_locations(tree))


def annotations(node: ast.AST) -> Iterator[ast.expr]:
    """The types that a node names: no test runs them."""
    for field in ("annotation", "returns"):
        if (kind := getattr(node, field, None)) is not None:
            yield kind


def changes(node: ast.AST) -> Iterator[Callable]:
    """What may be done to a node, each as something that changes it in its place."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in OPPOSITES:
            yield lambda found: found.ops.__setitem__(0, OPPOSITES[type(found.ops[0])]())
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in OPPOSITES:
            yield lambda found: setattr(found, "op", OPPOSITES[type(found.op)]())
        case ast.Constant(value=bool()):
            yield lambda found: setattr(found, "value", not found.value)
        case ast.Constant(value=int() | float()):
            yield lambda found: setattr(found, "value", found.value + 1)
        case ast.If() | ast.IfExp() | ast.While():
            yield lambda found: setattr(found, "test", ast.UnaryOp(ast.Not(), found.test))
        case ast.Return(value=ast.expr() as value) if not is_none(value):
            yield lambda found: setattr(found, "value", ast.Constant(None))
        case ast.Expr(value=ast.Call()):
            yield lambda found: setattr(found, "value", ast.Constant(None))


def is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def put_in_place(module: types.ModuleType, tree: ast.Module) -> None:
    """Runs the changed module, and gives its code to the functions and classes that were imported before."""
    before = dict(vars(module))
    exec(compile(tree, module.__file__, "exec"), vars(module))
    hand_over(before, vars(module))
    # The classes stay who they were: an exception made anew would not be caught by those who imported the old one.
    for name, old in before.items():
        new = vars(module)[name]
        if isinstance(old, type) and isinstance(new, type) and old is not new:
            hand_over(methods(old), methods(new))
            for method, function in functions_that_close_otherwise(old, new):
                setattr(old, method, function)
            setattr(module, name, old)


def functions_that_close_otherwise(old: type, new: type) -> Iterator[tuple[str, object]]:
    """The methods whose code cannot be handed over: one that says `super()` and one that no longer does."""
    for name, function in vars(new).items():
        code, before = (getattr(vars(cls).get(name), "__code__", None) for cls in (new, old))
        if code and before and len(code.co_freevars) != len(before.co_freevars):
            yield name, function


def methods(cls: type) -> dict[str, object]:
    """The functions of a class, those of its properties included, each by a name of its own."""
    found = {}
    for name, member in vars(cls).items():
        found[name] = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    return found


def hand_over(before: dict, after: dict) -> None:
    for name, old in before.items():
        new = after.get(name)
        if isinstance(old, types.FunctionType) and isinstance(new, types.FunctionType) and old is not new:
            with suppress(ValueError):  # what closes over other names stays as it was
                old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
            if hasattr(old, "__wrapped__") and hasattr(new, "__wrapped__"):
                hand_over({name: old.__wrapped__}, {name: new.__wrapped__})


def survives(module: types.ModuleType, mutant: Mutant, tests: list[str], seconds: float) -> bool:
    """Whether all tests pass, the quick ones first."""
    return all(passes(module, mutant, ["-m", marks, *tests], seconds) for marks in ("not slow", "slow"))


def passes(module: types.ModuleType, mutant: Mutant, tests: list[str], seconds: float) -> bool:
    """Whether these tests pass in a process of their own, within the time allowed."""
    child = os.fork()
    if not child:
        os._exit(run_changed(module, mutant, tests))
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def run_changed(module: types.ModuleType, mutant: Mutant, tests: list[str]) -> int:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    try:
        put_in_place(module, mutant.tree)
        ended = pytest.main(["-x", "-q", "-n", "0", "--reuse-db", "-p", "no:cacheprovider", *tests])
        return int(ended not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED))
    except BaseException:
        return 1


def main(path: str, *tests: str) -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    source, began = Path(path).read_text(), time.monotonic()
    # Put in place like each change: where that alone makes a test fail, every change would seem to be noticed.
    if not survives(module, Mutant(0, "", "", ast.parse(source)), list(tests), SECONDS_AT_MOST):
        print(f"{path} : les tests échouent déjà sans changement.", file=sys.stderr)
        return 2
    seconds = max(SECONDS_AT_LEAST, TIMES_AS_LONG * (time.monotonic() - began))
    found = sorted(mutants(source), key=lambda mutant: mutant.line)
    alive = 0
    for mutant in found:
        if survives(module, mutant, list(tests), seconds):
            alive += 1
            print(f"{path}:{mutant.line}: {mutant.before!r} -> {mutant.after!r}", flush=True)
    print(f"{path}: {len(found)} changes, {len(found) - alive} noticed, {alive} not", flush=True)
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
