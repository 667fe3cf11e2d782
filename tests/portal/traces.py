"""Looking for codes in everything that the portal leaves behind."""

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from prometheus_client import CollectorRegistry, generate_latest

from accounts.management.figures import Database
from auth_codes.measures import series
from auth_codes.sessions.store import SessionStore
from banking_portal.json_logs import PortalJsonFormatter
from tests.chance import without_chance


class Traces:
    """Gathers response bodies and log lines while a test runs, and reads the rest at its end."""

    def __init__(self):
        self.texts: list[tuple[str, bytes]] = []

    def keep(self, place: str, content: bytes | str) -> None:
        self.texts.append((place, content if isinstance(content, bytes) else content.encode()))

    def logger(self) -> logging.Handler:
        """A handler that keeps each line, its arguments and its traceback."""
        traces = self

        class Keeper(logging.Handler):
            def emit(self, record):
                traces.keep(f"log {record.name}", f"{self.format(record)} {record.args!r}")

        return Keeper(level=logging.DEBUG)

    def json_logger(self) -> logging.Handler:
        """One that keeps each line as LOG_FORMAT=json writes it."""
        traces = self

        class Keeper(logging.Handler):
            def emit(self, record):
                traces.keep(f"JSON log {record.name}", self.format(record))

        keeper = Keeper(level=logging.DEBUG)
        keeper.setFormatter(PortalJsonFormatter())
        return keeper

    def keep_figures(self) -> None:
        """What Prometheus is shown by now."""
        registry = CollectorRegistry()
        registry.register(Database(leave=lambda: None))
        self.keep("figures", generate_latest(registry) + generate_latest(series.REGISTRY))

    def places_of(self, code: str) -> list[str]:
        """Where the code stands: in clear, in base64 or in hexadecimal."""
        found = [place for place, content in self.texts if stands_in(content, code)]
        found += [place for place, content in database_cells() if stands_in(content, code)]
        found += [place for place, content in elsewhere() if stands_in(content, code)]
        return found

    def places_of_any(self, forms: list[bytes]) -> set[str]:
        """Where one of these stands, sign by sign."""
        contents = [*self.texts, *database_cells(), *elsewhere()]
        return {place for place, content in contents if any(form in content for form in forms)}


@contextmanager
def gathered() -> Iterator[Traces]:
    """Everything logged meanwhile, down to the SQL and its parameters."""
    traces, root = Traces(), logging.getLogger()
    handlers, level = (traces.logger(), traces.json_logger()), root.level
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    connection.force_debug_cursor = True
    yield traces
    connection.force_debug_cursor = False
    root.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


def stands_in(content: bytes, code: str) -> bool:
    content = without_chance(content.decode("latin-1")).encode("latin-1")
    plain = code.encode()
    return any(form in content for form in (plain, base64.b64encode(plain), plain.hex().encode()))


def database_cells():
    """Every value of every table, as bytes."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column.name if hasattr(column, "name") else column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    content = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    yield f"{table}.{column}", content


def elsewhere():
    """The database's files where it is one, decoded sessions, the cache, the mails."""
    if connection.vendor == "sqlite":
        name = Path(connection.settings_dict["NAME"])
        for path in name.parent.glob(f"{name.name}*"):
            yield path.name, path.read_bytes()
    for session in Session.objects.all():
        yield "session", repr(SessionStore.data_of(session)).encode()
    yield "cache", repr(getattr(cache, "_cache", {})).encode()
    for message in mail.outbox:
        yield "mail", message.message().as_bytes()


@pytest.fixture(name="traces")
def traces_of_all():
    """Everything logged, down to the SQL and its parameters, and all that is answered."""
    with gathered() as traces:
        yield traces
