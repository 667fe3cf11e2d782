"""What is gathered is made by one statement of PostgreSQL, all of it or nothing; SQLite makes it one by one."""

from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from auth_codes.models import FailedAttempt, JournalSubject, KnownDevice, OpenSession, SecurityEvent
from auth_codes.prepared import KEY, MOMENT
from auth_codes.prepared_changes import InsertUnlessThere, PreparedChange, PreparedInsert, PreparedInsertOfTwo
from auth_codes.prepared_together import Gathered, gathered

pytestmark = pytest.mark.django_db

ATTEMPT, SESSION, DEVICE = PreparedInsert(FailedAttempt), PreparedInsert(OpenSession), InsertUnlessThere(KnownDevice)
SEEN = PreparedChange(lambda key: User.objects.filter(pk=key), sets=("last_login",), key=KEY, last_login=MOMENT)
LINE = PreparedInsertOfTwo(SecurityEvent, JournalSubject, "event_id")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite makes each at once")


class Refused(Exception):
    """Of this test."""


def attempt(browser):
    return FailedAttempt(counter_key="k", browser=browser, reserved_at=timezone.now())


def line(owner):
    event = SecurityEvent(kind=SecurityEvent.Kind.LOGGED_IN, owner=owner)
    return event, JournalSubject(subject=7, at=event.at)


def together(*acts):
    with transaction.atomic(), gathered():
        for act in acts:
            act()


def test_all_is_made_and_everybody_has_his_key(advisor):
    first, second, event, now = attempt("a"), attempt("b"), line(advisor), timezone.now()
    device = KnownDevice(owner=advisor, digest="d")
    with transaction.atomic(), CaptureQueriesContext(connection) as queries, gathered():
        ATTEMPT.save(first)
        LINE.save(*event)
        SEEN.must(Refused(), key=advisor.pk, last_login=now)
        DEVICE.must(device, Refused())
        ATTEMPT.save(second)
    assert [each.browser for each in FailedAttempt.objects.filter(pk__in=[first.pk, second.pk]).order_by("pk")] == [
        "a",
        "b",
    ]
    assert JournalSubject.objects.get(subject=7, event__owner=advisor).event_id == event[0].pk == event[1].pk
    assert User.objects.get(pk=advisor.pk).last_login == now
    assert KnownDevice.objects.get(pk=device.pk).digest == "d"
    assert not any(row._state.adding for row in (first, second, *event, device))
    assert len(queries) == (1 if connection.vendor == "postgresql" else 6)


def test_nothing_is_kept_of_what_was_gathered_before(advisor):
    for browser in ("a", "b"):
        row = attempt(browser)
        change = partial(SEEN.must, Refused(), key=advisor.pk, last_login=timezone.now())
        together(partial(ATTEMPT.save, row), change)
        assert FailedAttempt.objects.get(pk=row.pk).browser == browser


def test_a_change_of_nothing_is_refused_and_undoes_all(advisor):
    change = partial(SEEN.must, Refused(), key=advisor.pk + 1000, last_login=timezone.now())
    with pytest.raises(Refused):
        together(partial(ATTEMPT.save, attempt("a")), change)
    assert not FailedAttempt.objects.exists()


def test_a_row_that_is_there_is_refused_and_undoes_all(advisor):
    device = KnownDevice.objects.create(owner=advisor, digest="d")
    add = partial(DEVICE.must, KnownDevice(pk=device.pk, owner=advisor, digest="other"), Refused())
    with pytest.raises(Refused):
        together(partial(ATTEMPT.save, attempt("a")), add)
    assert not FailedAttempt.objects.exists()
    assert KnownDevice.objects.get(pk=device.pk).digest == "d"


def test_alone_both_refuse_at_once(advisor):
    device = KnownDevice.objects.create(owner=advisor, digest="d")
    with pytest.raises(Refused):
        SEEN.must(Refused(), key=advisor.pk + 1000, last_login=timezone.now())
    with pytest.raises(Refused):
        DEVICE.must(KnownDevice(pk=device.pk, owner=advisor, digest="other"), Refused())
    SEEN.must(Refused(), key=advisor.pk, last_login=timezone.now())
    other = KnownDevice(owner=advisor, digest="other")
    DEVICE.must(other, Refused())
    assert KnownDevice.objects.filter(pk=other.pk).exists()


def test_an_error_of_the_database_ends_the_transaction(advisor):
    without_moment = line(advisor)[0], JournalSubject(subject=7)
    with pytest.raises(IntegrityError):
        together(partial(ATTEMPT.save, attempt("a")), partial(LINE.save, *without_moment))
    assert not FailedAttempt.objects.exists()


def test_what_an_error_leaves_is_never_written(advisor):
    def fail():
        raise DatabaseError

    with pytest.raises(DatabaseError):
        together(partial(ATTEMPT.save, attempt("a")), fail)
    together(partial(ATTEMPT.save, attempt("b")))
    assert [each.browser for each in FailedAttempt.objects.all()] == ["b"]


def test_nothing_gathered_asks_for_nothing():
    with transaction.atomic(), CaptureQueriesContext(connection) as queries, gathered():
        pass
    assert not queries.captured_queries


@pytest.mark.django_db(transaction=True)
def test_rows_are_gathered_within_a_transaction():
    with pytest.raises(TransactionManagementError), gathered():
        pass


def test_rows_are_gathered_once():
    with gathered(), pytest.raises(TransactionManagementError), gathered():
        pass
    with gathered():  # the first has ended
        pass


@on_postgresql
def test_one_pair_is_gathered_at_a_time(advisor):
    with pytest.raises(TransactionManagementError):
        together(*[partial(LINE.save, *line(advisor)) for _ in range(2)])


@pytest.mark.django_db(transaction=True)
def test_each_thread_gathers_its_own(race, advisor):
    def write(row):
        session = OpenSession(owner=advisor, row_key=row.browser, began_at=timezone.now())
        together(partial(ATTEMPT.save, row), partial(SESSION.save, session))
        return row.pk

    rows = [attempt(str(number)) for number in range(8)]
    keys = race(write, rows)
    found = dict(FailedAttempt.objects.values_list("pk", "browser"))
    assert found == {key: row.browser for key, row in zip(keys, rows, strict=True)}
    assert sorted(OpenSession.objects.values_list("row_key", flat=True)) == sorted(found.values())


def test_parts_have_names_of_their_own():
    rows = Gathered()
    rows.append("SELECT 1", [], 1, lambda _: None, name="one")
    with pytest.raises(TransactionManagementError):
        rows.append("SELECT 2", [], 1, lambda _: None, name="one")
