"""How much a page or a command reads of the database: by the real plans of PostgreSQL, by the steps of SQLite."""

import json
from collections.abc import Callable

from django.db import connection, transaction

EXPLAINED = ("SELECT", "WITH", "UPDATE", "DELETE")
# SQLite tells of so many steps at once.
STEPS = 20


def read_by(act: Callable[[], object]) -> int:
    """Rows and blocks that `act` has PostgreSQL read, or steps that SQLite takes; what `act` writes is taken back."""
    counting = {"postgresql": _rows_and_blocks, "sqlite": _steps}[connection.vendor]
    with transaction.atomic():
        found = counting(act)
        transaction.set_rollback(True)
    return found


def _rows_and_blocks(act: Callable[[], object]) -> int:
    found: list[float] = []

    def explain(execute, sql, params, many, context):
        if not many and str(sql).lstrip().upper().startswith(EXPLAINED):
            found.append(_explained(str(sql), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        act()
    return round(sum(found))


def _explained(sql: str, params) -> float:
    """The statement is carried out to be counted, and taken back."""
    with connection.connection.cursor() as cursor:
        cursor.execute("SAVEPOINT explained")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
        [[told]] = cursor.fetchall()
        cursor.execute("ROLLBACK TO explained")
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return rows_of(plan) + plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def rows_of(plan) -> float:
    """All that its scans of tables looked at, also what a filter then threw away."""
    own = 0.0
    if "Relation Name" in plan:
        own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    return own * plan["Actual Loops"] + sum(map(rows_of, plan.get("Plans", [])))


def _steps(act: Callable[[], object]) -> int:
    found = []
    connection.connection.set_progress_handler(lambda: found.append(1) and None, STEPS)
    try:
        act()
    finally:
        connection.connection.set_progress_handler(None, STEPS)
    return len(found) * STEPS
