"""What each outcome of a login asks of the database: the statements are counted, and what costs one is asked once.

The same on SQLite and PostgreSQL. The alarm and the costs in use, which a process keeps for a minute, are read anew
within a test's transaction: one statement more for the first where an unknown device is judged, two for the second
where a code is verified.
"""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auth_codes.devices import known_devices, remembered
from auth_codes.letters import letter_numbers
from auth_codes.models import RememberedNumber, SealedLetter, SecurityEvent
from auth_codes.sessions import open_sessions
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

UNKNOWN = "5724816039"
STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE)\b")
TABLE = re.compile(r'(?:\bFROM|\bINTO|^UPDATE) "?(\w+)')


def asked_by(attempt):
    """The answer to `attempt`, and what it asked of the database in its order: « SELECT auth_codes_knowndevice »."""
    with CaptureQueriesContext(connection) as queries:
        answer = attempt()
    asked = [sql for query in queries for sql in in_parts(query["sql"].strip()) if STATEMENT.match(sql)]
    return answer, [f"{sql.split()[0]} {TABLE.search(sql)[1]}" for sql in asked]


def in_parts(sql):
    """The statements of which PostgreSQL is sent several as one: SQLite is sent them one after the other."""
    parts, left = [], sql
    while named := re.match(r"(?:WITH|,)\s+\w+(?: \(\w+\))? AS \(", left):
        end = closing(left, named.end())
        parts.append(left[named.end() : end].strip())
        left = left[end + 1 :].strip()
    for asked in re.finditer(r"LEFT JOIN \((?=SELECT)", sql if " AS once " in sql else ""):
        parts.append(sql[asked.end() : closing(sql, asked.end())])
    # What reads no more than they have written asks the database for nothing.
    return [sql] if not parts else parts if left.startswith("SELECT") else [*parts, left]


def closing(sql, opened):
    """Where the bracket closes that was opened before this place."""
    open_ones = 1
    for place in range(opened, len(sql)):
        open_ones += {"(": 1, ")": -1}.get(sql[place], 0)
        if not open_ones:
            return place
    raise AssertionError(f"not closed: {sql}")


def log_in(client, code, browser=None, **fields):
    """An attempt that is still to be made; from an unknown device unless `browser` is one."""
    return partial(makers.log_in, browser or StrictBrowser(), client.client_code, code, **fields)


def staff_login(password, name="claire.dubois"):
    return partial(StrictBrowser().post, "/admin/login/?next=/admin/", {"username": name, "password": password})


def known_device(client, failures=0):
    browser = StrictBrowser()
    log_in(client, makers.CODE, browser)()
    browser.post("/deconnexion/")
    for _ in range(failures):
        log_in(client, makers.WRONG_CODE, browser)()
    return browser


def fail(attempt, times):
    for _ in range(times):
        attempt()


def right(client):
    return log_in(client, makers.CODE)


def right_on_a_public_computer(client):
    return log_in(client, makers.CODE, public="on")


def right_and_remembered(client):
    return log_in(client, makers.CODE, keep="on")


def remembering(client):
    browser = StrictBrowser()
    log_in(client, makers.CODE, browser, keep="on")()
    browser.post("/deconnexion/")
    handle = browser.get("/connexion/").context["form"].remembered.handle
    return lambda code: partial(browser.post, "/connexion/", {"remembered": handle, "password": code})


def remembered_right(client):
    return remembering(client)(makers.CODE)


def remembered_wrong(client):
    return remembering(client)(makers.WRONG_CODE)


def dead_handle(client):
    attempt = remembering(client)(makers.CODE)
    RememberedNumber.objects.all().delete()
    return attempt


def made_up_handle(client):
    return partial(StrictBrowser().post, "/connexion/", {"remembered": "0" * 64, "password": makers.CODE})


def wrong(client):
    return log_in(client, makers.WRONG_CODE)


def free_number(client):
    return partial(makers.log_in, StrictBrowser(), UNKNOWN, makers.CODE)


def wrong_for_the_fourth_time(client):
    fail(log_in(client, makers.WRONG_CODE), 3)
    return log_in(client, makers.WRONG_CODE)


def wrong_for_the_fifth_time(client):
    fail(log_in(client, makers.WRONG_CODE), 4)
    return log_in(client, makers.WRONG_CODE)


def malformed_number(client):
    return partial(makers.log_in, StrictBrowser(), "12345", makers.CODE)


def malformed_code(client):
    return log_in(client, "12")


def blocked(client):
    fail(log_in(client, makers.WRONG_CODE), 5)
    return log_in(client, makers.CODE)


def default_code(client):
    client = makers.make_new_client(client.advisor, given_names="Paul", email="paul@example.org")
    return log_in(client, makers.default_code(client))


def expired_default_code(client):
    attempt = default_code(client)
    SealedLetter.objects.update(issued_at=timezone.now() - timedelta(days=45))
    return attempt


def letter(client):
    contents = makers.make_pending_code(client)
    return log_in(client, contents.secret_code, letter=contents.letter_number)


def letter_with_a_wrong_code(client):
    contents = makers.make_pending_code(client)
    return log_in(client, makers.WRONG_CODE, letter=contents.letter_number)


def made_up_letter(client):
    return log_in(client, makers.CODE, letter=letter_numbers.draw())


def known_device_right(client):
    return log_in(client, makers.CODE, known_device(client))


def known_device_wrong(client):
    return log_in(client, makers.WRONG_CODE, known_device(client))


def known_device_wrong_for_the_fifth_time(client):
    return log_in(client, makers.WRONG_CODE, known_device(client, failures=4))


def device_no_longer_known(client):
    return log_in(client, makers.WRONG_CODE, known_device(client, failures=5))


def staff_right(client):
    return staff_login(makers.PASSWORD)


def staff_known_device_right(client):
    browser = StrictBrowser()
    fields = {"username": "claire.dubois", "password": makers.PASSWORD}
    browser.post("/admin/login/?next=/admin/", fields)
    browser.post("/admin/logout/")
    return partial(browser.post, "/admin/login/?next=/admin/", fields)


def staff_wrong(client):
    return staff_login("wrong")


def staff_unknown(client):
    return staff_login("wrong", "nobody.here")


def staff_blocked(client):
    fail(staff_login("wrong"), 5)
    return staff_login(makers.PASSWORD)


@pytest.mark.parametrize(
    ("outcome", "status", "statements"),
    [
        (right, 302, 28),
        (right_on_a_public_computer, 302, 26),
        (right_and_remembered, 302, 31),
        (remembered_right, 302, 20),
        (remembered_wrong, 200, 11),
        (dead_handle, 200, 1),
        (made_up_handle, 200, 0),
        (default_code, 302, 39),
        (letter, 302, 58),
        (wrong, 200, 13),
        (free_number, 200, 13),
        (expired_default_code, 200, 13),
        (made_up_letter, 200, 14),
        (letter_with_a_wrong_code, 200, 10),
        (wrong_for_the_fourth_time, 200, 14),
        (wrong_for_the_fifth_time, 429, 16),
        (malformed_number, 200, 0),
        (malformed_code, 200, 0),
        (blocked, 429, 4),
        (known_device_right, 302, 19),
        (known_device_wrong, 200, 10),
        (known_device_wrong_for_the_fifth_time, 200, 15),
        (device_no_longer_known, 200, 14),
        (staff_right, 302, 26),
        (staff_known_device_right, 302, 19),
        (staff_wrong, 200, 11),
        (staff_unknown, 200, 11),
        (staff_blocked, 429, 4),
    ],
)
def test_statements_of_each_outcome(client_, outcome, status, statements):
    answer, asked = asked_by(outcome(client_))
    assert (answer.status_code, len(asked)) == (status, statements), asked


@pytest.mark.parametrize("attempt", [right, staff_right])
def test_statements_of_a_spent_network(client_, settings, attempt):
    settings.NETWORK_FAILURES_PER_HOUR = 1
    fail(log_in(client_, makers.WRONG_CODE), 1)
    fail(staff_login("wrong"), 1)
    answer, asked = asked_by(attempt(client_))
    assert (answer.status_code, len(asked)) == (429, 4), asked


def test_statements_of_a_busy_server(no_slot, client_):
    answer, asked = asked_by(right(client_))
    assert (answer.status_code, len(asked)) == (503, 4), asked


@pytest.mark.parametrize("attempt", [known_device_right, known_device_wrong])
def test_known_device_and_its_count_are_looked_up_once_before_the_attempt_is_counted(client_, attempt):
    _, asked = asked_by(attempt(client_))
    before = asked[: asked.index("INSERT auth_codes_attemptcounter")]
    assert before == ["SELECT auth_codes_knowndevice", "SELECT auth_codes_attemptcounter"]
    assert asked.count("SELECT auth_codes_knowndevice") == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("outcome", "transactions"), [(right, 4), (known_device_right, 3)])
def test_transactions_of_a_login(client_, outcome, transactions):
    """It is counted, given back, opens a session, makes the device known; a line by itself needs none."""
    attempt = outcome(client_)
    with CaptureQueriesContext(connection) as queries:
        attempt()
    lines_by_themselves = 0 if connection.vendor == "postgresql" else 1
    assert [query["sql"] for query in queries].count("COMMIT") == transactions + lines_by_themselves


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", [(known_devices, "_label"), (open_sessions, "_written"), (remembered, "_digest")])
def test_right_codes_leave_their_line_whatever_fails_after_it(client_, monkeypatch, place):
    """Whoever has found them must not be able to undo what tells their owner so."""

    def fail(*_given):
        raise DatabaseError

    attempt = right_and_remembered(client_)
    monkeypatch.setattr(*place, fail)
    with pytest.raises(DatabaseError):
        attempt()
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.LOGGED_IN, owner=client_.user).exists()
