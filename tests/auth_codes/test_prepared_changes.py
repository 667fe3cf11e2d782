"""Changes compiled once: the same rows as the ORM's own leave, and nothing of one change in the next."""

from datetime import timedelta

import pytest
from axes.models import AccessLog
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Upper
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from auth_codes.models import FailedAttempt, JournalSubject, KnownDevice, OpenSession, SecurityEvent
from auth_codes.prepared import KEY, MOMENT, TEXT
from auth_codes.prepared_changes import (
    InsertUnlessThere,
    PreparedChange,
    PreparedDelete,
    PreparedInsert,
    PreparedInsertOfTwo,
    PreparedUpsert,
)

pytestmark = pytest.mark.django_db

KIND = SecurityEvent.Kind.LOGGED_IN


def attempts(*browsers, answered_at=None):
    made = [FailedAttempt(counter_key="k", browser=browser, answered_at=answered_at) for browser in browsers]
    return FailedAttempt.objects.bulk_create(made)


def line(owner=None, **fields):
    return SecurityEvent(kind=KIND, owner=owner, details={"device": "known", "été": 1}, **fields)


@pytest.mark.parametrize("address", [None, "203.0.113.5", "2001:db8::1"])
def test_row_is_written_as_the_orm_writes_it(advisor, address):
    by_orm, own = line(advisor, address=address), line(advisor, address=address)
    by_orm.save()
    PreparedInsert(SecurityEvent).save(own)
    assert model_to_dict(SecurityEvent.objects.get(pk=own.pk)) == model_to_dict(by_orm) | {"id": own.pk, "at": own.at}
    assert (own._state.adding, own._state.db) == (False, "default")


def test_defaults_are_drawn_for_each_row(advisor):
    insert = PreparedInsert(KnownDevice)
    devices = [KnownDevice(owner=advisor, digest=digest) for digest in ("one", "two")]
    assert all(insert.save(device) for device in devices)
    assert {device.pk for device in KnownDevice.objects.all()} == {device.pk for device in devices}
    assert devices[0].pk != devices[1].pk


def test_nothing_is_kept_of_the_row_before(advisor):
    insert = PreparedInsert(SecurityEvent)
    insert.save(line(advisor, address="203.0.113.5", user_agent="Firefox"))
    insert.save(SecurityEvent(kind=KIND))
    last = SecurityEvent.objects.order_by("pk").last()
    assert (last.owner, last.address, last.user_agent, last.details) == (None, None, "", {})


def test_statement_is_compiled_once(advisor, monkeypatch):
    insert, compiled = PreparedInsert(SecurityEvent), []
    compile_once = insert._compile
    monkeypatch.setattr(insert, "_compile", lambda connection: compiled.append(1) or compile_once(connection))
    for _ in range(3):
        insert.save(line(advisor))
    assert (len(compiled), SecurityEvent.objects.count()) == (1, 3)


def test_column_is_computed_by_the_statement_itself(advisor):
    insert = PreparedInsert(OpenSession, row_key=Upper)
    for key in ("one", "two"):
        insert.save(OpenSession(owner=advisor, began_at=timezone.now()), row_key=key)
    assert set(OpenSession.objects.values_list("row_key", flat=True)) == {"ONE", "TWO"}


@pytest.mark.parametrize("computed", [{}, {"row_key": "one", "owner": 1}, {"owner": 1}])
def test_every_computed_value_is_given_and_no_other(advisor, computed):
    with pytest.raises(TypeError):
        PreparedInsert(OpenSession, row_key=Upper).save(OpenSession(owner=advisor), **computed)


def test_row_that_is_given_a_value_when_it_is_saved_is_the_orms():
    with pytest.raises(ImproperlyConfigured, match="AccessLog"):
        PreparedInsert(AccessLog)  # whose moment is set then


def test_moment_that_an_insert_would_keep_is_refused(advisor):
    insert = PreparedInsert(OpenSession, began_at=lambda blank: Value(timezone.now(), output_field=MOMENT))
    with pytest.raises(ImproperlyConfigured):
        insert.save(OpenSession(owner=advisor, row_key="one"), began_at=timezone.now())


def test_what_is_typed_stays_a_value():
    row = line(user_agent="'); DROP TABLE auth_codes_securityevent; -- %s %(at)s")
    PreparedInsert(SecurityEvent).save(row)
    assert SecurityEvent.objects.get().user_agent == row.user_agent


def test_error_ends_the_transaction_as_the_orms_does(advisor):
    insert = PreparedInsert(OpenSession)
    with transaction.atomic():
        insert.save(OpenSession(owner=advisor, row_key="one", began_at=timezone.now()))
        with pytest.raises(IntegrityError):
            insert.save(OpenSession(owner=advisor, row_key="one", began_at=timezone.now()))
        assert transaction.get_connection().needs_rollback
    assert not OpenSession.objects.exists()


def test_row_that_is_there_stays_as_it_is():
    insert, later = InsertUnlessThere(Session), timezone.now()
    assert insert.save(Session("key", "first", later))
    assert not insert.save(Session("key", "second", later))
    assert Session.objects.get().session_data == "first"


def test_row_that_is_there_takes_over_what_is_named(advisor, client_):
    upsert, now = PreparedUpsert(OpenSession, unique="row_key", updates=("owner", "ended_at")), timezone.now()
    upsert.save(OpenSession(owner=advisor, row_key="one", began_at=now, ended_at=now))
    upsert.save(OpenSession(owner=client_.user, row_key="one", began_at=now + timedelta(1)))
    kept = OpenSession.objects.get()
    assert (kept.owner, kept.ended_at, kept.began_at) == (client_.user, None, now)


def test_change_says_how_many_rows_it_made():
    attempts("one", "two", "one")
    change = PreparedChange(
        lambda browser: FailedAttempt.objects.filter(browser=browser),
        sets=("answered_at",), browser=TEXT, answered_at=MOMENT,
    )  # fmt: skip
    now = timezone.now()
    assert [change.make(browser=browser, answered_at=now) for browser in ("one", "two", "none")] == [2, 1, 0]
    assert set(FailedAttempt.objects.values_list("answered_at", flat=True)) == {now}


def by_browser(browsers):
    return FailedAttempt.objects.filter(browser__in=browsers).values_list("browser", "answered_at")


def test_deleted_rows_are_read_as_the_queryset_reads_them():
    now = timezone.now()
    attempts("one", answered_at=now)
    attempts("two", "three")
    delete = PreparedDelete(by_browser, browsers=TEXT)
    with CaptureQueriesContext(connection) as queries:
        deleted = delete.make(browsers=["one", "two"])
    assert (sorted(deleted), len(queries)) == ([("one", now), ("two", None)], 1)
    assert delete.make(browsers=["one", "two"]) == []
    assert FailedAttempt.objects.get().browser == "three"


def test_rows_that_others_hang_on_are_not_deleted_so(advisor):
    delete = PreparedDelete(lambda key: User.objects.filter(pk=key).values_list("pk"), key=KEY)
    with pytest.raises(ImproperlyConfigured):
        delete.make(key=advisor.pk)
    assert User.objects.filter(pk=advisor.pk).exists()


def test_delete_may_compare_columns_of_its_row():
    attempts("one", "k")
    delete = PreparedDelete(
        lambda key: FailedAttempt.objects.filter(counter_key=key, browser=F("counter_key")).values_list("pk"), key=TEXT
    )
    assert len(delete.make(key="k")) == 1


@pytest.mark.django_db(transaction=True)
def test_each_thread_writes_by_its_own_connection(race, advisor):
    insert = PreparedInsert(OpenSession)
    rows = [OpenSession(owner=advisor, row_key=str(number), began_at=timezone.now()) for number in range(8)]
    assert race(insert.save, rows) == [True] * 8
    assert sorted(OpenSession.objects.values_list("pk", flat=True)) == sorted(row.pk for row in rows)


def test_two_rows_are_written_together_and_the_second_names_the_first(advisor):
    both = PreparedInsertOfTwo(SecurityEvent, JournalSubject, "event_id")
    for subject in (7, 8):
        event = line(advisor, address="203.0.113.5")
        row = JournalSubject(subject=subject, at=event.at)
        with CaptureQueriesContext(connection) as queries:
            both.save(event, row)
        found = JournalSubject.objects.select_related("event").get(pk=event.pk)
        assert (row.pk, found.subject, found.at) == (event.pk, subject, event.at)
        assert model_to_dict(found.event) == model_to_dict(event)
        assert (event._state.adding, row._state.adding, row._state.db) == (False, False, "default")
        assert len(queries) == (1 if connection.vendor == "postgresql" else 2)


@pytest.mark.parametrize("number", [7, None])
def test_second_row_may_hold_what_the_statement_finds(number):
    both = PreparedInsertOfTwo(SecurityEvent, JournalSubject, "event_id", subject=lambda blank: Coalesce(blank, 0))
    event = line()
    both.save(event, JournalSubject(at=event.at), subject=number)
    assert JournalSubject.objects.get(pk=event.pk).subject == (number or 0)


def test_neither_of_two_rows_is_there_without_the_other(advisor):
    """The second is refused for a moment that is missing."""
    both = PreparedInsertOfTwo(SecurityEvent, JournalSubject, "event_id")
    with pytest.raises(IntegrityError), transaction.atomic():
        both.save(line(advisor), JournalSubject(subject=7))
    assert not SecurityEvent.objects.filter(owner=advisor, kind=KIND).exists()


@pytest.mark.django_db(transaction=True)
def test_neither_is_there_outside_of_a_transaction_either():
    both = PreparedInsertOfTwo(SecurityEvent, JournalSubject, "event_id")
    before = SecurityEvent.objects.count()
    with pytest.raises(IntegrityError):
        both.save(line(), JournalSubject(subject=7))
    assert SecurityEvent.objects.count() == before
