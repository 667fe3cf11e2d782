"""A small journal, chained, and somebody who writes in the database behind the portal's back."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from auth_codes.journal import chain, chaining, subjects, verification
from auth_codes.journal.verification import BreachFound
from auth_codes.models import SecurityEvent

NOW = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
LATER = NOW + chaining.SETTLED_AFTER + timedelta(minutes=1)
KEYS = {"journal-1": bytes(range(32))}
GUARDS = {
    "postgresql": ["DROP TRIGGER journal_is_kept ON auth_codes_securityevent"],
    "sqlite": ["DROP TRIGGER journal_is_kept", "DROP TRIGGER journal_is_never_updated"],
}


def write(count: int, **fields) -> list[SecurityEvent]:
    """Lines that are all filled in, a second apart."""
    filled = {"kind": "logged_in", "address": "192.0.2.7", "user_agent": "Firefox/140.0", "details": {"n": 1, "é": "x"}}
    start = fields.pop("at", NOW - timedelta(minutes=5))
    lines = [
        SecurityEvent.objects.create(**filled | fields, at=start + timedelta(seconds=number)) for number in range(count)
    ]
    subjects.write_many(lines)
    return lines


def chain_lines(now: datetime = NOW) -> chain.Place:
    return chaining.chain_new_lines(now, lambda count: None).head


def chain_lines_later() -> chain.Place:
    """A run so late that what was chained at NOW is settled."""
    write(1)
    return chain_lines(LATER)


def findings(now: datetime = NOW, expected: chain.Place | None = None) -> list[BreachFound]:
    told: list[BreachFound] = []
    verification.verify(now, told.append, lambda count: None, expected)
    return told


def problems(now: datetime = NOW, expected: chain.Place | None = None) -> list[tuple[str, int]]:
    """What a reading finds: the name of each problem and its position."""
    return [(finding.problem.name, finding.position) for finding in findings(now, expected)]


def drop_guards() -> None:
    """What the owner of the database can do: the triggers are gone, for the rest of this test's transaction."""
    with connection.cursor() as cursor:
        for statement in GUARDS[connection.vendor]:
            cursor.execute(statement)


def run(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
