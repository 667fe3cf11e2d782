"""`purge_attempts`: everything whose time is over goes, nothing else, beside logins and beside another purge."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from threading import Event

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from auth_codes import batched_deletes
from auth_codes.devices import known_devices
from auth_codes.lockout import budgets
from auth_codes.lockout import counters as lockout
from auth_codes.models import AttemptCounter, Budget, FailedAttempt, KnownDevice
from tests import makers

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
COUNTER = lockout.client_counter("1000000000")
MINE = "a" * 32


def counters(count, *, days_ago, counting=0):
    """As many numbers, each last tried that long ago; their keys."""
    at = timezone.now() - days_ago * DAY
    keys = [lockout.counter_key("client", str(number)) for number in range(count)]
    rows = [AttemptCounter(key=key, count=counting, reserved_at=at, filled_count=0, filled_at=at) for key in keys]
    AttemptCounter.objects.bulk_create(rows)
    attempts = [FailedAttempt(counter_key=key, browser=MINE, reserved_at=at) for key in keys for _ in range(counting)]
    FailedAttempt.objects.bulk_create(attempts)
    return keys


def reserve_once(key):
    return makers.reserve(lockout.Counter(key, lockout.CLIENT_STEPS), MINE)


def counts_match():
    """Whether each counter counts its own attempts, neither more nor fewer."""
    counted = dict(AttemptCounter.objects.values_list("key", "count"))
    keys = list(FailedAttempt.objects.values_list("counter_key", flat=True))
    return counted == {key: keys.count(key) for key in counted} and set(keys) <= set(counted)


def purged():
    said = StringIO()
    call_command("purge_attempts", stdout=said)
    return json.loads(said.getvalue())


def test_command_says_what_went_of_each_kind(client_):
    long_ago = timezone.now() - 400 * DAY
    counters(2, days_ago=366, counting=3)
    Budget.objects.create(key="a" * 64, since=long_ago, spent=1)
    KnownDevice.objects.create(owner=client_.user, digest="d", label="Firefox", last_seen_at=long_ago)
    assert purged() == {"failures": 6, "counters": 2, "budgets": 1, "devices": 1, "remembered": 0}
    assert purged() == {"failures": 0, "counters": 0, "budgets": 0, "devices": 0, "remembered": 0}


def test_what_is_still_of_use_stays(client_):
    lockout.fail(makers.reserve(COUNTER, MINE))
    now = timezone.now()
    Budget.objects.create(key="a" * 64, since=now - timedelta(minutes=59), spent=1)
    KnownDevice.objects.create(owner=client_.user, digest="d", label="Firefox", last_seen_at=now - 399 * DAY)
    assert purged() == {"failures": 0, "counters": 0, "budgets": 0, "devices": 0, "remembered": 0}
    assert AttemptCounter.objects.get().count == 1


def test_more_than_one_transaction_holds_is_purged_to_the_end(monkeypatch):
    monkeypatch.setattr(lockout, "PURGED_AT_ONCE", 7)
    monkeypatch.setattr(batched_deletes, "AT_ONCE", 7)
    monkeypatch.setattr(batched_deletes, "FOUND_AT_ONCE", 10)
    counters(20, days_ago=366, counting=5)
    assert purged() == {"failures": 100, "counters": 20, "budgets": 0, "devices": 0, "remembered": 0}


def test_numbers_that_nobody_holds_lapse_by_the_same_clock(client_):
    known, unknown = lockout.client_counter(client_.client_code), COUNTER
    for counter in (known, unknown):
        makers.reserve(counter, MINE, timezone.now() - 366 * DAY)
        makers.reserve(counter, MINE, timezone.now() - 364 * DAY)
    lockout.purge(timezone.now())
    assert [AttemptCounter.objects.get(key=counter.key).count for counter in (known, unknown)] == [1, 1]


def test_count_begun_anew_after_a_year_is_right_even_when_a_purge_stops_half_way(monkeypatch):
    monkeypatch.setattr(lockout, "PURGED_AT_ONCE", 2)
    [key] = counters(1, days_ago=366, counting=4)
    reserve_once(key)
    lockout._lapse_oldest(timezone.now())
    assert FailedAttempt.objects.count() == 3
    assert AttemptCounter.objects.get().count == 1


def test_lapsed_attempts_without_a_counter_go_too():
    counters(3, days_ago=366, counting=1)
    AttemptCounter.objects.all().delete()
    assert purged()["failures"] == 3


def test_attempts_at_the_instant_of_a_purge_keep_their_count(race):
    """Counters that count nothing are deleted while each of them is reserved again."""
    keys = counters(30, days_ago=8)
    race(lambda key: reserve_once(key) if key else lockout.purge(timezone.now()), [*keys[:15], None, *keys[15:], None])
    assert AttemptCounter.objects.filter(count=1).count() == 30
    assert FailedAttempt.objects.count() == 30


@contextmanager
def held(key):
    """The counter's row, as a login holds it."""
    is_held, is_over = Event(), Event()

    def hold():
        with transaction.atomic():
            AttemptCounter.objects.select_for_update().get(key=key)
            is_held.set()
            is_over.wait(60)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        assert is_held.wait(60)
        try:
            yield
        finally:
            is_over.set()
            holder.result()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks the whole database")
def test_purge_waits_for_no_login_and_takes_what_it_held_the_next_time():
    busy, idle = counters(2, days_ago=366, counting=3)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '10s'")
    try:
        with held(busy):
            assert lockout.purge(timezone.now()) == lockout.Purged(failures=3, counters=1)
            assert set(FailedAttempt.objects.values_list("counter_key", flat=True)) == {busy}
        assert lockout.purge(timezone.now()) == lockout.Purged(failures=3, counters=1)
    finally:
        connection.close()
    assert not AttemptCounter.objects.filter(key__in=[busy, idle]).exists()


def test_attempts_at_the_instant_when_earlier_ones_lapse_keep_their_count(race):
    keys = counters(10, days_ago=366, counting=4)
    race(lambda key: reserve_once(key) if key else lockout.purge(timezone.now()), [*keys, None, *keys, None, *keys])
    lockout.purge(timezone.now())
    assert counts_match()
    assert set(AttemptCounter.objects.values_list("count", flat=True)) == {3}


def test_successes_at_the_instant_of_a_purge_give_back_their_own(race):
    keys = counters(10, days_ago=366, counting=4)
    reserved = [reserve_once(key) for key in keys]

    def act(reservation):
        return lockout.give_back(reservation, MINE) if reservation else lockout.purge(timezone.now())

    race(act, [*reserved[:5], None, *reserved[5:], None])
    lockout.purge(timezone.now())
    assert set(AttemptCounter.objects.values_list("count", flat=True)) <= {0}
    assert not FailedAttempt.objects.exists()


def test_several_purges_at_once_delete_each_row_once(race, monkeypatch):
    monkeypatch.setattr(lockout, "PURGED_AT_ONCE", 50)
    monkeypatch.setattr(batched_deletes, "AT_ONCE", 50)
    counters(200, days_ago=366, counting=2)
    outcomes = race(lambda _: lockout.purge(timezone.now()), range(4))
    left = lockout.purge(timezone.now())
    assert sum(done.failures for done in outcomes) + left.failures == 400
    assert sum(done.counters for done in outcomes) + left.counters == 200


def test_budget_spent_again_at_the_instant_of_a_purge_is_not_lost(race, rf):
    over = timezone.now() - timedelta(hours=2)
    requests = [rf.get("/", REMOTE_ADDR=f"192.0.2.{number}") for number in range(20)]
    for request in requests:
        budgets.spend("login", request, 5, over)
    race(
        lambda request: (
            budgets.purge(timezone.now()) if request is None else budgets.spend("login", request, 5, timezone.now())
        ),
        [*requests, None, None],
    )
    assert list(Budget.objects.values_list("spent", flat=True)) == [1] * 20


def test_device_seen_again_at_the_instant_of_a_purge_is_kept(race, client_):
    expired = timezone.now() - known_devices.COOKIE_LIFETIME
    made = [KnownDevice(id=uuid.uuid4(), owner=client_.user, digest="d", last_seen_at=expired) for _ in range(5)]
    KnownDevice.objects.bulk_create(made)

    def act(device):
        if device is None:
            return known_devices.purge(timezone.now())
        return device if known_devices._renew(device, "secret", timezone.now()) else None

    kept = [device for device in race(act, [None, *made, None])[1:-1] if device]
    assert set(KnownDevice.objects.values_list("pk", flat=True)) == {device.pk for device in kept}
