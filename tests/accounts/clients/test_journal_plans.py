"""What the pages of a client's journal cost beside a journal full of other people's lines: by the real plans."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from accounts.clients import client_journal, own_journal
from auth_codes.journal import subjects
from auth_codes.models import SecurityEvent
from tests import makers

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FEW, MANY = 2000, 14000
ON_A_PAGE = 25
PAGES = [client_journal.lines_about, own_journal.lines_of]


@pytest.fixture
def busy(advisor):
    return makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")


def fill(client, count):
    """Lines of that client, each younger than all before; then what the database knows of its tables is up to date."""
    for start in range(0, count, subjects.BATCH):
        at = [LONG_AGO + timedelta(seconds=start + number) for number in range(min(subjects.BATCH, count - start))]
        lines = [SecurityEvent(kind="logged_in", owner=client.user, by=client.user, at=moment) for moment in at]
        subjects.write_many(SecurityEvent.objects.bulk_create(lines))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def cost(queryset):
    """Rows that PostgreSQL reads, or instructions that SQLite runs."""
    if connection.vendor == "postgresql":
        return rows_read(json.loads(queryset.explain(analyze=True, format="json"))[0]["Plan"])
    steps = []
    connection.connection.set_progress_handler(lambda: steps.append(1) and None, 1)
    try:
        list(queryset)
    finally:
        connection.connection.set_progress_handler(None, 1)
    return len(steps)


def rows_read(plan):
    inner = plan.get("Plans", [])
    if inner:
        return sum(map(rows_read, inner))
    return (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]


def counted(queryset):
    """What `count()` asks, as a query that can be explained."""
    return queryset.order_by().values("pk")


@pytest.mark.parametrize("lines_of", PAGES)
def test_page_of_a_quiet_client_costs_the_same_however_full_the_journal_is(client_, busy, lines_of):
    costs = []
    for count in (FEW, MANY - FEW):
        fill(busy, count)
        lines = lines_of(client_)
        costs.append((cost(lines[:ON_A_PAGE]), cost(counted(lines))))
    (page, whole), (page_later, whole_later) = costs
    assert page_later <= page * 1.5
    assert whole_later <= whole * 1.5


@pytest.mark.parametrize("lines_of", PAGES)
def test_first_page_of_a_busy_client_costs_the_same_however_many_lines_he_has(busy, lines_of):
    costs = []
    for count in (FEW, MANY - FEW):
        fill(busy, count)
        costs.append(cost(lines_of(busy)[:ON_A_PAGE]))
    assert costs[1] <= costs[0] * 1.5


def test_plan_reads_one_index_and_sorts_nothing(client_, busy):
    fill(busy, FEW)
    plan = own_journal.lines_of(client_)[:ON_A_PAGE].explain()
    assert "journal_of_subject" in plan
    unwanted = {"postgresql": "Seq Scan on auth_codes", "sqlite": "SCAN "}[connection.vendor]
    assert unwanted not in plan
    assert connection.vendor == "postgresql" or "TEMP B-TREE" not in plan
