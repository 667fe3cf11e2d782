"""How much a page or a command reads of the database: by the real plans of PostgreSQL, by the steps of SQLite."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.db import connection, transaction

EXPLAINED = ("SELECT", "WITH", "UPDATE", "DELETE")
# SQLite tells of so many steps at once.
STEPS = 20


class Read(NamedTuple):
    """Rows and blocks that PostgreSQL read, or steps that SQLite took; and of which tables PostgreSQL read how many
    rows one after the other, without an index."""

    cost: int
    scanned: Counter[str]


def read_by(act: Callable[[], object]) -> int:
    """What `act` has the database read, as one figure; what it writes is taken back."""
    return reading_of(act).cost


def reading_of(act: Callable[[], object]) -> Read:
    counting = {"postgresql": _by_plans, "sqlite": _by_steps}[connection.vendor]
    with transaction.atomic():
        found = counting(act)
        transaction.set_rollback(True)
    return found


def _by_plans(act: Callable[[], object]) -> Read:
    plans: list[dict] = []

    def explain(execute, sql, params, many, context):
        if not many and str(sql).lstrip().upper().startswith(EXPLAINED):
            plans.append(_explained(str(sql), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        act()
    blocks = sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans)
    nodes = [node for plan in plans for node in _nodes(plan)]
    scanned: Counter[str] = Counter()
    for node in nodes:
        if node["Node Type"] == "Seq Scan":
            scanned[node["Relation Name"]] = max(scanned[node["Relation Name"]], round(_looked_at(node)))
    return Read(round(sum(map(_looked_at, nodes)) + blocks), scanned)


def _explained(sql: str, params) -> dict:
    """The statement is carried out to be counted, and taken back."""
    with connection.connection.cursor() as cursor:
        cursor.execute("SAVEPOINT explained")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
        [[told]] = cursor.fetchall()
        cursor.execute("ROLLBACK TO explained")
    return (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]


def _nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _looked_at(node: dict) -> float:
    """All that a scan of a table looked at, also what a filter then threw away."""
    if "Relation Name" not in node:
        return 0
    thrown_away = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return (node["Actual Rows"] + thrown_away) * node["Actual Loops"]


def _by_steps(act: Callable[[], object]) -> Read:
    found = []
    connection.connection.set_progress_handler(lambda: found.append(1) and None, STEPS)
    try:
        act()
    finally:
        connection.connection.set_progress_handler(None, STEPS)
    return Read(len(found) * STEPS, Counter())
