"""Moments come from PostgreSQL as Django itself would read them, on a connection of the portal's own."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DataError
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg.pq import Format

from banking_portal.postgresql.moments import TIMESTAMPTZ, InZone, read_fast
from tests.portal.test_bounded_waits import opened
from tests.postgres import own_server

WRITTEN = [
    "2026-11-30 12:00:00+00",
    "2026-03-29 03:00:00.123456+02",
    "0001-01-01 00:00:00+00",
    "9999-12-31 23:59:59+00",
]
NOT_PYTHONS = ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC"]
QUESTION = "SELECT %s::timestamptz"


@pytest.fixture(scope="module")
def server():
    with own_server() as server:
        yield server


@pytest.fixture
def database(server, django_db_blocker):
    with django_db_blocker.unblock(), opened(server, {}) as database:
        yield database


def read(database, text, adapters=None):
    with database.cursor() as cursor:
        if adapters:
            cursor.adapters.register_loader(TIMESTAMPTZ, adapters.get_loader(TIMESTAMPTZ, Format.TEXT))
        cursor.execute(QUESTION, [text])
        return cursor.fetchone()[0]


@pytest.mark.slow
@pytest.mark.parametrize("text", [*WRITTEN, None])
def test_each_is_djangos(database, text):
    expected = read(database, text, get_adapters_template(True, database.timezone))
    assert (read(database, text), getattr(read(database, text), "tzinfo", None)) == (expected, text and UTC)
    assert text is None or expected == datetime.fromisoformat(text)


@pytest.mark.slow
@pytest.mark.parametrize("text", NOT_PYTHONS)
def test_what_python_has_no_moment_for_is_refused(database, text):
    with pytest.raises(DataError):
        read(database, text)


@pytest.mark.slow
def test_it_is_read_by_the_reader_of_psycopg(database):
    assert read(database, WRITTEN[0])
    reader = database.connection.adapters.get_loader(TIMESTAMPTZ, Format.TEXT)
    assert issubclass(reader, InZone)
    assert reader.timezone == database.timezone


def test_each_zone_has_its_own_reader():
    zones = [UTC, timezone(timedelta(hours=2))]
    for zone in zones:
        reader = read_fast(get_adapters_template(True, zone)).get_loader(TIMESTAMPTZ, Format.TEXT)
        moment = reader(TIMESTAMPTZ).load(b"2026-11-30 12:00:00+00")
        assert (reader.timezone, moment.tzinfo, moment.hour) == (zone, zone, 12)
