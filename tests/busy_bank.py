"""A bank that has been at work: many clients, and what each of them leaves in the tables, written by the thousand.

For tests and benchmarks of what pages and commands read. All is years of ordinary life that has ended: letters used,
acts decided, mails sent. What waits today is the same however big the bank is, and is left to who asks for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from accounts.demo import crowd, loading
from accounts.models import Client, User
from auth_codes.lockout import hours
from auth_codes.models import LoginSlice, SecurityEvent

HOURS_OF_LOGINS = 240
# A bigger bank hands over more letters at a time, not more batches.
BATCHES = 40


class Dialect(NamedTuple):
    """What the databases write differently; `ago` is a number of minutes before now, from an expression."""

    uuid: str
    ago: str
    json: str
    day: str


DIALECTS = {
    "postgresql": Dialect(
        uuid="gen_random_uuid()",
        ago="%(now)s - ({0}) * interval '1 minute'",
        json="'{{}}'::jsonb",
        day="date '1980-01-01'",
    ),
    "sqlite": Dialect(
        uuid="lower(hex(randomblob(16)))",
        ago="strftime('%%Y-%%m-%%d %%H:%%M:%%f', %(now)s, '-' || ({0}) || ' minutes')",
        json="'{{}}'",
        day="'1980-01-01'",
    ),
}
YEAR = "525600"
BATCH = f"'B' || %(last_client)s || '-' || (owner %% {BATCHES})"
# New clients alone: `owner` is the user's number, which follows no other order.
NEW = "(SELECT id AS client, user_id AS owner, client_code FROM accounts_client WHERE id > %(last_client)s) AS new"


def _lines(kind: str, ago: str, *, by: str = "owner", one_in: int = 1) -> str:
    return f"""
    INSERT INTO auth_codes_securityevent (at, kind, owner_id, by_id, user_agent, details)
    SELECT {ago}, '{kind}', owner, {by}, '', {{json}} FROM {NEW} WHERE owner %% {one_in} = 0
    """


def _decided(table: str, columns: str, values: str) -> str:
    """Acts of two advisors that one client in ten has led to, a year ago and more."""
    ago = f"{YEAR} + owner"
    return f"""
    INSERT INTO {table} (token, started_at, decision, decided_at, started_by_id, decided_by_id, {columns})
    SELECT {{uuid}}, {{ago:{ago}}}, 'approved', {{ago:{ago}}}, %(advisor)s, %(second)s, {values}
    FROM {NEW} WHERE owner %% 10 = 0
    """


def _batches(table: str, figure: str, other: str) -> str:
    return f"""
    INSERT INTO {table} (id, exported_at, last_written_at, confirmed_at, {figure}, {other})
    SELECT batch, {{ago:{YEAR} + place}}, {{ago:{YEAR} + place}}, {{ago:{YEAR} + place}}, number, 0
    FROM (SELECT {BATCH} AS batch, min(owner) AS place, count(*) AS number FROM {NEW} GROUP BY 1) AS batches
    """


# The journal of years, which is most of what a bank keeps.
JOURNAL = [
    _lines("logged_in", f"{{ago:owner * 7 %% ({HOURS_OF_LOGINS} * 60)}}"),
    _lines("login_failed", f"{{ago:owner * 11 %% ({HOURS_OF_LOGINS} * 60)}}", by="NULL", one_in=5),
    _lines("client_consulted", "{ago:owner * 13 %% 43200}", by="%(second)s"),
    _lines("client_registered", f"{{ago:{YEAR} - owner %% 1000}}", by="%(second)s"),
    """
    INSERT INTO auth_codes_journalsubject (event_id, subject, at)
    SELECT line.id, client.id, line.at FROM auth_codes_securityevent AS line
    JOIN accounts_client AS client ON client.user_id = line.owner_id WHERE line.id > %(last_line)s
    """,
]
STATEMENTS = [
    *JOURNAL,
    _batches("auth_codes_letterbatch", "letters_confirmed", "voided_confirmed"),
    f"""
    INSERT INTO auth_codes_sealedletter
        (id, owner_id, occasion, number_digest, issued_at, batch_id, first_used_at, personalised_at)
    SELECT {{uuid}}, owner, 'first', 'digest ' || owner, {{ago:{YEAR} + owner}}, {BATCH},
        {{ago:{YEAR}}}, {{ago:{YEAR}}} FROM {NEW}
    """,
    f"""
    INSERT INTO auth_codes_secretcode (id, owner_id, role, kind, letter_id, created_at, memory_kib, iterations,
        parallelism, salt, format_version, key_id, nonce, ciphertext)
    SELECT {{uuid}}, owner, 'present', 'personal', letter.id, {{ago:{YEAR}}}, 8, 1, 1, '', 1, 'test-1', '', ''
    FROM {NEW} JOIN auth_codes_sealedletter AS letter ON letter.owner_id = owner
    """,
    f"""
    INSERT INTO auth_codes_renewalrequest
        (client_code, requested_at, last_asked_at, network, handled_at, outcome)
    SELECT client_code, {{ago:600}}, {{ago:600}}, '192.0.2.0/24', {{ago:500}}, 'unknown' FROM {NEW}
    WHERE owner %% 5 = 0
    """,
    _decided("auth_codes_renewal", "owner_id, identity_check", "owner, 'branch'"),
    _decided(
        "accounts_identitychange",
        "client_id, old_title, old_given_names, old_family_name, old_birth_date, title_asked, given_names, family_name,"
        " birth_date",
        "client, 'Mme', 'Léa', 'Petit', {day}, 'Mme', 'Léa', 'Grand', {day}",
    ),
    _decided(
        "accounts_accessrequest",
        '"right", agreement, account_id, person_id',
        "'see', 'branch', (SELECT account_id FROM accounts_holding WHERE client_id = client), client",
    ),
    f"""
    INSERT INTO accounts_closingrequest (account_id, started_by_id, started_at, last_day, outcome, ended_at)
    SELECT account_id, %(advisor)s, {{ago:{YEAR} + owner}}, {{day}}, 'closed', {{ago:{YEAR} + owner}}
    FROM {NEW} JOIN accounts_holding ON client_id = client WHERE owner %% 10 = 0
    """,
    f"""
    INSERT INTO accounts_closingagreement (request_id, holder_id, signer_id, answer, answered_at, confirmed_by_id)
    SELECT request.id, client, client, 'agreed', request.ended_at, owner FROM {NEW}
    JOIN accounts_holding AS holding ON holding.client_id = client
    JOIN accounts_closingrequest AS request ON request.account_id = holding.account_id
    """,
    _decided(
        "accounts_staffrequest",
        "kind, username, first_name, last_name, email",
        "'new', 'membre' || owner, 'Léa', 'Petit', 'lea@example.org'",
    ),
    f"""
    INSERT INTO auth_codes_notice (kind, owner_id, recipient, salutation, facts, at, sent_at)
    SELECT 'new_device', owner, '', '', {{json}}, {{ago:owner}}, {{ago:owner}} FROM {NEW}
    """,
    f"""
    INSERT INTO auth_codes_knowndevice (id, owner_id, digest, earlier_digest, label, first_seen_at, last_seen_at)
    SELECT {{uuid}}, owner, '', '', 'Firefox', {{ago:{YEAR}}}, {{ago:owner %% 1000}} FROM {NEW}
    """,
    _batches("accounts_postbatch", "items_posted", "pages_posted"),
    f"""
    INSERT INTO accounts_postalitem (id, client_id, title, address, contents, queued_at, pages, sha256, batch_id,
        ended_at)
    SELECT {{uuid}}, client, 'Bienvenue', '', '', {{ago:{YEAR}}}, 1, '', {BATCH},
        {{ago:{YEAR}}} FROM {NEW}
    """,
    f"""
    INSERT INTO accounts_contactchange (client_id, contact, old, new, why, changed_at, changed_by_id, confirmed_at,
        confirmed_by_id)
    SELECT client, 'email', '', 'lea@example.org', '', {{ago:{YEAR}}}, %(advisor)s, {{ago:{YEAR}}}, %(second)s
    FROM {NEW} WHERE owner %% 10 = 0
    """,
]


class _Ago:
    """`{ago:EXPRESSION}` of a statement."""

    def __init__(self, dialect: Dialect):
        self.dialect = dialect

    def __format__(self, expression: str) -> str:
        return self.dialect.ago.format(expression)


def grow(count: int, *, advisor: User, second: User) -> None:
    """Makes the bank bigger by `count` clients who have lived with it; then the database knows its tables."""
    last_client = _last(Client)
    crowd.make(count, [advisor], lambda made: None)
    live(last_client, advisor=advisor, second=second)


def live(last_client: int, *, advisor: User, second: User, statements: Sequence[str] = STATEMENTS) -> None:
    """What the clients that were made after this one have left in the tables."""
    now, last_line = timezone.now(), _last(SecurityEvent)
    told = {"now": now, "last_client": last_client, "last_line": last_line}
    for statement in statements:
        _run(statement, told | {"advisor": advisor.pk, "second": second.pk})
    LoginSlice.objects.all().delete()
    hours.keep(now)
    loading.analyze()


def _last(model: type) -> int:
    return model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _run(statement: str, told: dict[str, int | datetime]) -> None:
    dialect = DIALECTS[connection.vendor]
    written = statement.format(ago=_Ago(dialect), uuid=dialect.uuid, json=dialect.json.format(), day=dialect.day)
    with connection.cursor() as cursor:
        cursor.execute(written, told)
