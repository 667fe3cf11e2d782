"""What a page or a command reads stays the same when the bank is ten times as big: by real plans, none forced."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from auth_codes.models import RenewalRequest, SealedLetter
from tests import busy_bank, makers, new_tables
from tests.readings import readings
from tests.reads import reading_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FEW, MANY = 300, 3000
# An index grows by a level now and then, and a table of two blocks is rightly read as a whole.
TOLERATED, SLACK = 1.5, 100
# Rows of a table that is read one after the other, without an index.
LARGE = MANY / 3
MAY_BE_SCANNED: dict[str, set[str]] = {}


def read_by_all():
    """By people who are new: what the database knows of its tables is from before them."""
    with transaction.atomic():
        newcomer = makers.make_advisor("zoe.nouvelle")
        client = makers.make_personalised_client(newcomer)
        make_work(client)
        found = {name: reading_of(act) for name, act in readings(newcomer, client).items()}
        transaction.set_rollback(True)
    return found


def make_work(client):
    """As much to do at a big as at a small bank: a letter to issue, an expired code, acts to approve, a closing."""
    RenewalRequest.objects.create(client_code=client.client_code, network="192.0.2.0/24")
    makers.ask_closing(client.bank_accounts.get(), client, by=client.advisor)
    makers.make_new_client(client.advisor, email="lea@example.org")
    SealedLetter.objects.filter(personalised_at=None).update(issued_at=timezone.now() - timedelta(days=60))


def test_no_page_and_no_command_reads_more_when_the_bank_has_grown():
    new_tables.make()
    advisor, second, read = makers.make_advisor(), makers.make_advisor("marc.lefevre"), []
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # so that what it knows of its tables does not hang on a sample
            cursor.execute("SET LOCAL default_statistics_target = 10000")
    for clients in (FEW, MANY - FEW):
        busy_bank.grow(clients, advisor=advisor, second=second)
        read.append(read_by_all())
    before, after = ({name: one.cost for name, one in each.items()} for each in read)
    assert {name: (before[name], now) for name, now in after.items() if now > before[name] * TOLERATED + SLACK} == {}
    assert large_tables_scanned(read[-1]) == {}


def large_tables_scanned(read):
    """Which act reads a table that has grown row by row, but what may be."""
    return {
        name: tables
        for name, one in read.items()
        if (tables := {table for table, rows in one.scanned.items() if rows >= LARGE} - MAY_BE_SCANNED.get(name, set()))
    }
