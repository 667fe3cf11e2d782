"""On PostgreSQL the portal runs under a role that owns no table: what its guards refuse, it cannot switch off."""

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from accounts.transfers import ordering
from auth_codes.models import JournalLink, SecurityEvent
from tests import makers
from tests.accounts.ledger import ledgers

GRANTS = (
    "CREATE ROLE {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "SET LOCAL ROLE {role}",
)


@pytest.fixture
def as_portal(client_):
    """The grants of docs/operating.md, from now to the end of the test, in a bank with a client."""
    role = connection.ops.quote_name(f"portal of {connection.settings_dict['NAME']}")
    for grant in GRANTS:
        ledgers.run(grant.format(role=role))


def test_client_logs_in_and_makes_a_transfer(as_portal, browser, client_):
    savings = makers.make_savings(client_, "50")
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302
    order = ordering.prepare(client_, savings, client_.bank_accounts.first(), Decimal("30.10"))
    browser.post(order.get_absolute_url(), {"password": makers.CODE, "seal": ordering.fingerprint(order)})
    order.refresh_from_db()
    assert order.is_confirmed
    assert browser.get(order.receipt.get_absolute_url()).status_code == 200
    assert ledgers.findings() == []


def test_timers_run(as_portal, client_):
    for command in (
        "watch_logins", "purge_attempts", "send_notices", "forget_former_contacts", "issue_requested_letters",
        "seal_journal", "purge_journal", "clearsessions",
    ):  # fmt: skip
        call_command(command)
    assert JournalLink.objects.count() == SecurityEvent.objects.count() > 0


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE accounts_entry, accounts_booking CASCADE",
        "ALTER TABLE accounts_entry DISABLE TRIGGER entry_is_kept",
        "ALTER TABLE auth_codes_securityevent DISABLE TRIGGER ALL",
        "DROP TRIGGER document_is_kept ON accounts_document",
        "SET session_replication_role = replica",
    ],
)
def test_guards_cannot_be_switched_off(as_portal, statement):
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        ledgers.run(statement)
