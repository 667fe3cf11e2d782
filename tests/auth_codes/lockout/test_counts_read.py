"""What is read of the counts without changing them, and what lifting, renewing and purging leave of them."""

from datetime import UTC, datetime, timedelta

import pytest

from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, FailedAttempt
from tests import makers

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COUNTER, OTHER, UNTRIED = (counters.client_counter(number) for number in ("1000000000", "2000000000", "3000000000"))
MINE, STRANGER = "a" * 32, "b" * 32


def fail(times=1, *, now=NOON, browser=MINE, counter=COUNTER):
    for _ in range(times):
        counters.fail(makers.reserve(counter, browser, now), now)


def succeed(now=NOON):
    counters.give_back(makers.reserve(COUNTER, MINE, now), MINE, now)


def test_counts_that_hold_something_are_told_by_their_key_with_the_block_that_stands():
    fail(1)
    fail(5, counter=OTHER)
    told = counters.standings([COUNTER, OTHER, UNTRIED], NOON)
    assert {key: (told[key].failures, bool(told[key].block)) for key in told} == {
        COUNTER.key: (1, False), OTHER.key: (5, True)
    }  # fmt: skip
    assert told[OTHER.key].block.until == NOON + 15 * MINUTE


def test_block_that_has_passed_leaves_its_failures_told():
    fail(5)
    assert counters.standings([COUNTER], NOON + 15 * MINUTE) == {COUNTER.key: counters.Standing(5, None)}


def test_count_that_was_given_back_is_not_told():
    succeed()
    assert counters.standings([COUNTER], NOON) == {}


def test_failures_are_those_that_count_what_is_being_verified_included():
    assert counters.failures_of(COUNTER) == 0
    fail(2)
    makers.reserve(COUNTER, STRANGER, NOON)
    assert counters.failures_of(COUNTER) == 3
    assert counters.failures_of(OTHER) == 0


def test_answer_is_awaited_for_a_minute_and_no_longer_than_it_takes():
    attempt = makers.reserve(COUNTER, MINE, NOON)
    later = NOON + MINUTE - timedelta(seconds=1)
    assert counters.awaits_answers(COUNTER, later)
    assert not counters.awaits_answers(OTHER, later)
    assert not counters.awaits_answers(COUNTER, NOON + MINUTE)
    counters.fail(attempt, NOON)
    assert not counters.awaits_answers(COUNTER, later)


def test_answer_of_this_moment_is_awaited_where_no_moment_is_given():
    makers.reserve(COUNTER, MINE)
    assert counters.awaits_answers(COUNTER)


def test_moyen_has_the_growing_pauses_of_a_number_and_on_a_known_device_five_attempts():
    known, unknown = counters.factor_counter("moyen", "device"), counters.factor_counter("moyen")
    fail(5, counter=unknown)
    assert counters.block_of(known, NOON) is None
    fail(5, counter=known)
    assert counters.block_of(unknown, NOON).until == NOON + 15 * MINUTE
    assert counters.block_of(known, NOON).until is None


def test_block_says_until_when_it_stands_or_that_a_renewal_alone_ends_it():
    assert str(counters.Blocked(NOON)) == "blocked until 12:00"
    assert str(counters.Blocked(None)) == "blocked until the code is renewed"


@pytest.mark.parametrize(("series", "pause"), [(0, 15 * MINUTE), (1, 60 * MINUTE), (3, counters.UNTIL_RENEWAL)])
def test_attempt_that_leaves_one_tells_how_long_the_next_would_block(series, pause):
    for earlier in range(series):
        fail(5, now=NOON - timedelta(days=7 - 2 * earlier))
    attempts = [makers.reserve(COUNTER, MINE, NOON) for _ in range(5)]
    told = [counters.next_block(COUNTER, attempt, MINE) for attempt in attempts]
    assert told == [None, None, None, pause, None]
    assert [attempt.fills_series for attempt in attempts] == [False, False, False, False, True]


def test_next_block_is_told_to_nobody_where_another_browser_failed_in_between():
    for browser in (MINE, STRANGER, MINE):
        makers.reserve(COUNTER, browser, NOON)
    fourth = makers.reserve(COUNTER, MINE, NOON)
    assert counters.next_block(COUNTER, fourth, MINE) is None


@pytest.mark.parametrize("lift", [counters.lift, counters.lift_passing])
def test_count_that_a_success_brings_down_to_one_after_a_lift_blocks_nobody(lift):
    fail(browser=STRANGER)
    fail(4)
    assert lift(COUNTER)
    succeed()
    assert counters.failures_of(COUNTER) == 1
    assert counters.block_of(COUNTER, NOON) is None
    makers.reserve(COUNTER, MINE, NOON)


def test_success_says_when_the_failures_that_it_gives_back_were_answered():
    fail()
    fail(browser=STRANGER)
    fail(now=NOON + MINUTE)
    right = makers.reserve(COUNTER, MINE, NOON + 2 * MINUTE)
    assert sorted(counters.give_back(right, MINE, NOON + 2 * MINUTE)) == [NOON, NOON + MINUTE]


def test_renewal_ends_a_block_and_leaves_what_is_being_verified_alone():
    fail(4)
    makers.reserve(COUNTER, STRANGER, NOON)
    assert counters.block_of(COUNTER, NOON)
    counters.forget(COUNTER, NOON)
    assert counters.failures_of(COUNTER) == FailedAttempt.objects.count() == 1
    assert counters.block_of(COUNTER, NOON) is None
    fail(3)
    assert counters.block_of(COUNTER, NOON) is None


def test_last_failure_lapses_also_where_its_owner_logs_in_every_day():
    fail(browser=STRANGER)
    lapses = NOON + counters.LAPSE
    succeed(lapses - MINUTE)
    assert counters.purge(lapses) == counters.Purged(failures=1, counters=0)
    assert AttemptCounter.objects.get().count == 0


def test_purge_says_how_many_rows_went_as_they_go():
    fail(2)
    fail(3, counter=OTHER)
    told = []
    assert counters.purge(NOON + counters.LAPSE, told.append) == counters.Purged(failures=5, counters=2)
    assert sum(told) == 7
