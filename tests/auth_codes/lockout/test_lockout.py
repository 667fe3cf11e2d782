"""Counting attempts, with the clock passed in; the races are in test_lockout_race.py."""

from datetime import UTC, datetime, timedelta

import pytest

from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, FailedAttempt
from tests import makers

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
COUNTER = counters.client_counter("1000000000")
MINE, STRANGER = "a" * 32, "b" * 32


def reserve(now=NOON, *, browser=MINE, counter=COUNTER):
    return makers.reserve(counter, browser, now)


def fail(times=1, *, now=NOON, browser=MINE, counter=COUNTER):
    for _ in range(times):
        counters.fail(reserve(now, browser=browser, counter=counter), now)


def succeed(now=NOON, *, browser=MINE):
    counters.give_back(reserve(now, browser=browser), browser, now)


def row():
    return AttemptCounter.objects.get(key=COUNTER.key)


def counted():
    """The count, which is always that of the attempts not given back."""
    assert row().count == FailedAttempt.objects.filter(counter_key=COUNTER.key).count()
    return row().count


def block_ends(now=NOON, counter=COUNTER):
    """When the block that stands ends; False when none does, None when a renewal alone ends it."""
    block = counters.block_of(counter, now)
    return block.until if block else False


@pytest.mark.proves("RTS 4(3)(b)")
def test_five_attempts_are_allowed_then_the_next_is_blocked():
    fail(5)
    with pytest.raises(counters.Blocked):
        reserve(NOON)


def test_block_lasts_fifteen_minutes_from_the_fifth_attempt():
    fail(4)
    fail(now=NOON + 3 * MINUTE)
    with pytest.raises(counters.Blocked) as blocked:
        reserve(NOON + 10 * MINUTE)
    assert blocked.value.until == NOON + 18 * MINUTE == block_ends(NOON + 10 * MINUTE)


def test_block_holds_to_its_last_second_and_not_longer():
    fail(5)
    assert block_ends(NOON + 15 * MINUTE - SECOND) == NOON + 15 * MINUTE
    assert block_ends(NOON + 15 * MINUTE) is False
    with pytest.raises(counters.Blocked):
        reserve(NOON + 15 * MINUTE - SECOND)
    reserve(NOON + 15 * MINUTE)


LADDER = [(5, 15 * MINUTE), (10, timedelta(hours=1)), (15, timedelta(days=1)), (20, counters.UNTIL_RENEWAL)]


@pytest.mark.proves("RTS 4(4)")
@pytest.mark.parametrize("counter", [COUNTER, counters.letter_counter("d" * 64)])
def test_blocks_grow_from_fifteen_minutes_to_an_hour_a_day_and_until_renewal(counter):
    now = NOON
    for failures, lasts in LADDER:
        fail(5, now=now, counter=counter)
        ends = None if failures == 20 else now + lasts
        assert block_ends(now, counter) == block_ends(now + lasts - SECOND, counter) == ends
        with pytest.raises(counters.Blocked) as blocked:
            reserve(now + lasts - SECOND, counter=counter)
        assert blocked.value.until == ends
        now += lasts
    assert block_ends(now, counter) is False


def test_block_until_renewal_outlasts_all_that_an_attacker_tries():
    fill(20)
    for day in range(2, 365, 7):
        with pytest.raises(counters.Blocked) as blocked:
            reserve(NOON + timedelta(days=day))
        assert blocked.value.until is None
    assert counted() == 20


def fill(failures):
    """As many failures as that, each as soon as it is allowed, the last one at noon at the latest."""
    now = NOON - timedelta(days=2)
    for _ in range(failures):
        now = max(now, block_ends(now) or now)
        fail(now=now)


def test_renewal_ends_the_last_block():
    fill(20)
    counters.forget(COUNTER)
    fail(5)
    assert block_ends() == NOON + 15 * MINUTE


def test_owners_word_lifts_a_block_but_gives_only_five_more_before_the_next():
    fill(20)
    assert counters.lift(COUNTER)
    assert block_ends() is False
    fail(5)
    assert block_ends() is None
    assert counted() == 25


def test_nothing_is_lifted_where_no_block_stands():
    fail(3)
    assert not counters.lift(COUNTER)
    assert not counters.lift(counters.client_counter("2000000000"))


def test_staff_are_never_blocked_until_a_renewal():
    counter, now = counters.staff_counter("claire.dubois"), NOON
    for lasts in (15 * MINUTE, timedelta(hours=1), *[timedelta(days=1)] * 4):
        fail(5, now=now, counter=counter)
        assert block_ends(now, counter) == now + lasts
        now += lasts


def test_staff_name_is_counted_whatever_its_capitals():
    assert counters.staff_counter("Claire.Dubois") == counters.staff_counter("claire.dubois")


def test_known_device_has_five_attempts_and_no_more():
    counter = counters.device_counter("c" * 32)
    fail(5, counter=counter)
    assert block_ends(NOON + timedelta(days=364), counter) is None


def test_trying_during_a_block_neither_counts_nor_prolongs_it():
    fail(5)
    for minute in range(1, 15):
        with pytest.raises(counters.Blocked) as blocked:
            reserve(NOON + minute * MINUTE)
        assert blocked.value.until == NOON + 15 * MINUTE
    assert counted() == 5


def test_four_attempts_never_block():
    fail(4)
    assert block_ends(NOON) is False


def test_number_never_tried_is_not_blocked():
    assert block_ends(NOON) is False


def test_counters_are_apart():
    fail(5)
    reserve(counter=counters.client_counter("2000000000"))


def test_attempt_never_answered_counts_as_failed():
    for _ in range(5):
        reserve(NOON)  # the worker was killed before its answer
    with pytest.raises(counters.Blocked):
        reserve(NOON)


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
    other = counters.client_counter("2000000000")
    fail(3, counter=other)
    succeed()
    assert AttemptCounter.objects.get(key=other.key).count == 3
    assert FailedAttempt.objects.filter(counter_key=other.key).count() == 3


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
    with pytest.raises(counters.Blocked):
        reserve(NOON)


def test_success_lifts_the_block_that_its_own_attempt_filled():
    fail(4, browser=STRANGER)
    succeed()
    assert counted() == 4
    assert block_ends(NOON) is False


def test_count_brought_down_to_an_earlier_multiple_of_five_does_not_block():
    fail(5, browser=STRANGER)
    later = NOON + 15 * MINUTE
    slow = reserve(later)
    fail(4, now=later)
    assert block_ends(later)
    counters.give_back(slow, MINE, later)
    assert counted() == 5
    assert block_ends(later) is False
    reserve(later)


def test_count_never_falls_below_zero():
    reservation = reserve(NOON)
    for _ in range(3):
        counters.give_back(reservation, MINE, NOON)
    assert counted() == 0


def test_failures_lapse_after_a_year_without_attempt():
    fail(4)
    fail(now=NOON + timedelta(days=365))
    assert row().count == 1
    counters.purge(NOON + timedelta(days=365))
    assert counted() == 1


def test_each_failure_lapses_by_itself_after_a_year():
    for month in range(4):
        fail(now=NOON + timedelta(days=30 * month))
    counters.purge(NOON + timedelta(days=365 + 30))
    assert counted() == 2
    counters.purge(NOON + timedelta(days=365 + 90) - SECOND)
    assert counted() == 1


@pytest.mark.slow
def test_one_slip_every_hundred_days_never_blocks():
    for slip in range(40):
        now = NOON + timedelta(days=100 * slip)
        counters.purge(now)
        fail(now=now)
        assert block_ends(now) is False
    assert counted() == 4


def test_purge_deletes_counters_that_count_nothing_for_a_week():
    succeed()
    assert counters.purge(NOON + timedelta(days=7) - SECOND).counters == 0
    assert counters.purge(NOON + timedelta(days=7)).counters == 1
    assert not AttemptCounter.objects.exists()


def test_purge_keeps_what_still_counts():
    fail(3)
    assert counters.purge(NOON + timedelta(days=364)).counters == 0
    assert counted() == 3


def test_what_is_still_being_verified_is_not_given_back():
    in_flight = reserve()
    succeed()
    assert counted() == 1
    counters.fail(in_flight, NOON)
    assert counted() == 1


def test_failures_of_less_than_a_year_still_count():
    fail(4)
    fail(now=NOON + timedelta(days=365) - SECOND)
    assert counted() == 5


@pytest.mark.parametrize("earlier", range(1, 13))
def test_after_a_lapse_exactly_five_are_allowed_whatever_the_count_was(earlier):
    for attempt in range(earlier):
        fail(now=NOON + attempt * timedelta(hours=1))
    later = NOON + timedelta(days=400)
    fail(now=later)
    assert (row().count, row().filled_count, block_ends(later)) == (1, 0, False)
    fail(4, now=later)
    assert block_ends(later) == later + 15 * MINUTE


def test_key_tells_neither_number_nor_name():
    key = COUNTER.key
    assert "1000000000" not in key
    assert len(key) == 64
    assert len({key, counters.letter_counter("1000000000").key, counters.device_counter("1000000000").key}) == 3


def test_what_is_being_verified_while_the_code_is_renewed_goes_on_counting():
    in_flight = [reserve() for _ in range(3)]
    counters.forget(COUNTER, NOON)
    assert counted() == 3
    fail(2)
    assert block_ends() == NOON + 15 * MINUTE
    for reservation in in_flight:
        counters.fail(reservation, NOON)
    assert counted() == 5


def test_five_in_flight_at_a_renewal_block_at_once():
    for _ in range(5):
        reserve()
    counters.forget(COUNTER, NOON)
    assert block_ends() == NOON + 15 * MINUTE


def test_attempt_of_a_server_long_killed_does_not_outlive_a_renewal():
    reserve()
    counters.forget(COUNTER, NOON + MINUTE)
    assert not AttemptCounter.objects.exists()
