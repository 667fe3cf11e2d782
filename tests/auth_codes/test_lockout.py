"""Counting attempts, with the clock passed in; the races are in test_lockout_race.py."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from auth_codes import lockout
from auth_codes.models import AttemptCounter, FailedAttempt

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
KEY = lockout.counter_key("client", "1000000000")
MINE, STRANGER = "a" * 32, "b" * 32


def fail(times=1, *, now=NOON, browser=MINE, key=KEY):
    for _ in range(times):
        lockout.fail(lockout.reserve(key, now), browser, now)


def succeed(now=NOON, *, browser=MINE):
    lockout.give_back(lockout.reserve(KEY, now), browser, now)


def counted():
    return AttemptCounter.objects.get(key=KEY).count


def test_five_attempts_are_allowed_then_the_next_is_blocked():
    fail(5)
    with pytest.raises(lockout.Blocked):
        lockout.reserve(KEY, NOON)


def test_block_lasts_fifteen_minutes_from_the_fifth_attempt():
    fail(4)
    fail(now=NOON + 3 * MINUTE)
    with pytest.raises(lockout.Blocked) as blocked:
        lockout.reserve(KEY, NOON + 10 * MINUTE)
    assert blocked.value.until == NOON + 18 * MINUTE == lockout.blocked_until(KEY, NOON + 10 * MINUTE)


def test_block_holds_to_its_last_second_and_not_longer():
    fail(5)
    assert lockout.blocked_until(KEY, NOON + 15 * MINUTE - SECOND) == NOON + 15 * MINUTE
    assert lockout.blocked_until(KEY, NOON + 15 * MINUTE) is None
    with pytest.raises(lockout.Blocked):
        lockout.reserve(KEY, NOON + 15 * MINUTE - SECOND)
    lockout.reserve(KEY, NOON + 15 * MINUTE)


def test_after_the_block_five_more_are_allowed_then_blocked_again():
    fail(5)
    fail(5, now=NOON + 15 * MINUTE)
    with pytest.raises(lockout.Blocked) as blocked:
        lockout.reserve(KEY, NOON + 16 * MINUTE)
    assert blocked.value.until == NOON + 30 * MINUTE


def test_trying_during_a_block_neither_counts_nor_prolongs_it():
    fail(5)
    for minute in range(1, 15):
        with pytest.raises(lockout.Blocked) as blocked:
            lockout.reserve(KEY, NOON + minute * MINUTE)
        assert blocked.value.until == NOON + 15 * MINUTE
    assert counted() == 5


def test_four_attempts_never_block():
    fail(4)
    assert lockout.blocked_until(KEY, NOON) is None


def test_number_never_tried_is_not_blocked():
    assert lockout.blocked_until(KEY, NOON) is None


def test_counters_are_apart():
    fail(5)
    lockout.reserve(lockout.counter_key("client", "2000000000"), NOON)


def test_attempt_never_answered_counts_as_failed():
    for _ in range(5):
        lockout.reserve(KEY, NOON)  # the worker was killed before its answer
    with pytest.raises(lockout.Blocked):
        lockout.reserve(KEY, NOON)


def test_success_gives_back_its_own_attempt_and_the_same_browsers_failures():
    fail(4)
    succeed()
    assert counted() == 0
    assert not FailedAttempt.objects.exists()


def test_success_leaves_the_failures_of_strangers():
    fail(2, browser=STRANGER)
    fail(2)
    succeed()
    assert counted() == 2
    assert set(FailedAttempt.objects.values_list("browser", flat=True)) == {STRANGER}


def test_success_leaves_the_same_browsers_failures_at_other_numbers():
    other = lockout.counter_key("client", "2000000000")
    fail(3, key=other)
    succeed()
    assert AttemptCounter.objects.get(key=other).count == 3
    assert FailedAttempt.objects.filter(counter_key=other).count() == 3


@pytest.mark.parametrize(("answered", "left"), [(15 * MINUTE - SECOND, 0), (15 * MINUTE, 3)])
def test_success_forgives_failures_answered_less_than_fifteen_minutes_ago(answered, left):
    fail(3)
    succeed(NOON + answered)
    assert counted() == left


def test_failure_is_given_back_only_once():
    fail(2, browser=STRANGER)
    fail(2)
    succeed()
    succeed()
    assert counted() == 2


def test_strangers_fill_the_series_whatever_the_owner_gives_back_in_between():
    for _ in range(4):
        fail(browser=STRANGER)
        succeed()
    fail(browser=STRANGER)
    with pytest.raises(lockout.Blocked):
        lockout.reserve(KEY, NOON)


def test_success_lifts_the_block_that_its_own_attempt_filled():
    fail(4, browser=STRANGER)
    succeed()
    assert counted() == 4
    assert lockout.blocked_until(KEY, NOON) is None


def test_count_brought_down_to_an_earlier_multiple_of_five_does_not_block():
    fail(5, browser=STRANGER)
    later = NOON + 15 * MINUTE
    slow = lockout.reserve(KEY, later)
    fail(4, now=later)
    assert lockout.blocked_until(KEY, later)
    lockout.give_back(slow, MINE, later)
    assert counted() == 5
    assert lockout.blocked_until(KEY, later) is None
    lockout.reserve(KEY, later)


def test_count_never_falls_below_zero():
    reservation = lockout.reserve(KEY, NOON)
    for _ in range(3):
        lockout.give_back(reservation, MINE, NOON)
    assert counted() == 0


def test_failures_lapse_after_a_year_without_attempt():
    fail(4)
    fail(now=NOON + timedelta(days=365))
    assert counted() == 1


def test_failures_of_less_than_a_year_still_count():
    fail(4)
    fail(now=NOON + timedelta(days=365) - SECOND)
    assert counted() == 5


@pytest.mark.parametrize("earlier", range(1, 12))
def test_after_a_lapse_exactly_five_are_allowed_whatever_the_count_was(earlier):
    for attempt in range(earlier):
        fail(now=NOON + attempt * 15 * MINUTE)
    later = NOON + timedelta(days=400)
    fail(now=later)
    row = AttemptCounter.objects.get(key=KEY)
    assert (row.count, row.filled_count, lockout.blocked_until(KEY, later)) == (1, 0, None)
    fail(4, now=later)
    assert lockout.blocked_until(KEY, later) == later + 15 * MINUTE


def test_key_tells_neither_number_nor_name():
    assert "1000000000" not in KEY
    assert len(KEY) == 64
    assert lockout.counter_key("staff", "1000000000") != KEY


@pytest.mark.django_db(transaction=True)
def test_reservation_inside_an_open_transaction_is_refused():
    with transaction.atomic(), pytest.raises(RuntimeError):
        lockout.reserve(KEY, NOON)
    assert not AttemptCounter.objects.exists()
