"""Figures of the logins that a timer keeps by slices: the same whether it has run, late, twice or never."""

from datetime import UTC, datetime, timedelta

import pytest

from auth_codes.journal import purging
from auth_codes.lockout import hours
from auth_codes.models import LoginSlice, SecurityEvent

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 29, 12, 37, 20, tzinfo=UTC)  # the day of a clock change
Kind = SecurityEvent.Kind


def write(*minutes_ago, kind=Kind.LOGGED_IN, owner=None):
    SecurityEvent.objects.bulk_create(
        SecurityEvent(kind=kind, at=NOW - timedelta(minutes=minutes), owner=owner) for minutes in minutes_ago
    )


@pytest.fixture
def two_days(client_):
    """Lines of each kind, some on the bounds of slices and hours, and some that nobody counts."""
    for place, kind in enumerate([*hours.KINDS, Kind.LOGGED_OUT]):
        write(*range(place, 2940, 37 + place), kind=kind, owner=client_.user if place % 2 else None)
    write(2.33, 7.33, 37.33, 97.33, 3000)


def test_page_says_the_same_whether_the_timer_has_run_or_not(two_days):
    live = hours.hours(NOW, 50)
    assert sum(hour.logins for hour in live) > 70
    hours.keep(NOW)
    assert LoginSlice.objects.count() == 2 * 24 * 12
    assert hours.hours(NOW, 50) == live


def test_what_is_younger_than_the_last_slice_is_counted_at_once(two_days):
    hours.keep(NOW)
    before = hours.hours(NOW, 1)[0].failures_unknown
    write(0, 1, 9, kind=Kind.LOGIN_FAILED)
    assert hours.hours(NOW, 1)[0].failures_unknown == before + 3


@pytest.mark.parametrize("moments", [[0, 5, 10], [0, 0], [1, 2, 3], [0, 3000], [0, 1500]])
def test_timer_that_runs_often_twice_or_late_counts_nothing_twice(two_days, moments):
    later = NOW + timedelta(minutes=moments[-1])
    live = hours.hours(later, 120)
    for minutes in moments:
        hours.keep(NOW + timedelta(minutes=minutes))
    assert hours.hours(later, 120) == live


def test_hours_from_before_the_first_slice_are_counted_from_the_journal(two_days):
    write(*range(4000, 6000, 50))
    live = hours.hours(NOW, 120)
    hours.keep(NOW)
    assert hours.hours(NOW, 120) == live


def test_line_of_an_act_that_ended_late_is_not_lost():
    hours.keep(NOW)
    write(9)
    hours.keep(NOW + timedelta(minutes=5))
    assert sum(hour.logins for hour in hours.hours(NOW + timedelta(minutes=5), 3)) == 1


@pytest.mark.parametrize(("seconds", "latest"), [(0, 20), (-1, 15)])
def test_slice_is_kept_ten_minutes_after_its_end_and_not_sooner(seconds, latest):
    at = NOW.replace(minute=35, second=0)
    hours.keep(at + timedelta(seconds=seconds))
    assert LoginSlice.objects.latest("since").since == at.replace(minute=latest)


def test_hour_is_alarming_from_the_rate_on_that_the_bank_is_not_used_to(settings):
    settings.LOGIN_FAILURES_ALARM = 5
    alarming = [hours.Hour(NOW, 0, known, unknown, 0, 0).is_alarming for known, unknown in ((2, 2), (2, 3), (5, 0))]
    assert alarming == [False, True, True]


def test_slices_are_let_go_of_once_no_line_of_the_journal_is_as_old():
    no_longer, longest = timedelta(days=403, seconds=1), timedelta(days=403)
    assert NOW - longest < NOW - purging.KEPT_FOR
    figures = dict.fromkeys(hours.COUNTED, 1)
    for age in (no_longer, longest, timedelta(days=1)):
        LoginSlice.objects.create(since=NOW - age, **figures)
    hours.keep(NOW)
    assert LoginSlice.objects.earliest("since").since == NOW - longest
