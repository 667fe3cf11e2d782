"""Writes docs/conformity.md from the rules of docs/requirements.py and from what tests say they prove.

    python -m docs.conformity

A test says so by `@pytest.mark.proves("RTS 4(3)(b)", "ASVS 6.3.1")`. `tests/portal/test_conformity.py` makes the page
again and compares: a test that is renamed or deleted is missed there, and so is a rule that nothing proves any more.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from docs.requirements import REQUIREMENTS, SOURCES, Requirement, State

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "conformity.md"
HEAD = """# What rules ask, and which tests prove it

Written by `python -m docs.conformity` from `docs/requirements.py` and from the tests that carry `@pytest.mark.proves`;
a test compares it. It is our own reading, not an audit. What is asked stands in our words; the texts themselves decide.
ASVS chapters 6 to 8 were read for what concerns a portal with one factor and no identity provider, NIST and RGAA for
what this page names; the rest of RGAA is told in the declaration of accessibility. Left out, because neither tests nor
documents of ours tell anything of them: RTS 22(1) and (4), 25(2)(b) and (d), 27(b), ASVS 6.4.5, 7.1.3, 7.2.2, 8.1.2 to
8.1.4, 8.2.4 and 8.3.3.
"""


def proofs() -> dict[str, list[str]]:
    """By the number of a requirement, the tests that prove it, as `file::test`."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, numbers in marked(ast.parse(path.read_text())):
            for number in numbers:
                found[number].append(f"{path.relative_to(ROOT / 'tests')}::{name}")
    return dict(found)


def marked(module: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """The tests of a module that say what they prove."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            for mark in filter(is_proof, node.decorator_list):
                yield node.name, [ast.literal_eval(argument) for argument in mark.args]


def is_proof(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.proves"


def page(proven: Mapping[str, list[str]]) -> str:
    """The whole page."""
    parts = [HEAD, summary()]
    for source, title in SOURCES.items():
        parts.append(f"## {title}\n")
        parts.append("| number | what is asked | met | by which tests, and what is missing |\n|---|---|---|---|")
        rules = [rule for rule in REQUIREMENTS if rule.source == source]
        parts.append("\n".join(line(rule, proven.get(rule.number, [])) for rule in rules) + "\n")
    return "\n".join(parts)


def summary() -> str:
    counted = {state: sum(rule.state == state for rule in REQUIREMENTS) for state in State}
    return (
        f"{len(REQUIREMENTS)} rules: "
        + ", ".join(f"{number} {state.value}" for state, number in counted.items())
        + ".\n"
    )


def line(rule: Requirement, tests: list[str]) -> str:
    told = [f"`{test}`" for test in tests] + ([rule.said] if rule.said else [])
    return f"| {rule.number} | {rule.asks} | {rule.state.value} | {'<br>'.join(told)} |"


def main() -> None:
    PAGE.write_text(page(proofs()))


if __name__ == "__main__":
    main()
