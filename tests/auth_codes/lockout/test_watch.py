"""The alarms: too many numbers tried, too many failures; what waits, what passes, what ends them."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from auth_codes.lockout import counters, watch
from auth_codes.lockout import hours as login_hours
from auth_codes.models import AttemptCounter, FailedAttempt, SecurityEvent, StandingAlarm
from tests import makers, pages
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UNKNOWN, TRIED_BEFORE = "5724816039", "1000000005"
MINE = "a" * 32


def lines(kind):
    return SecurityEvent.objects.filter(kind=kind)


def count_failures(*numbers, now=NOON, times=1):
    for number in numbers:
        for _ in range(times):
            counters.fail(makers.reserve(counters.client_counter(number), MINE, now), now)


def write_failures(count, *, at):
    SecurityEvent.objects.bulk_create(SecurityEvent(kind=Kind.LOGIN_FAILED, at=at) for _ in range(count))


@pytest.fixture
def full(settings):
    """More numbers were tried than are allowed."""
    settings.ATTEMPT_COUNTERS_AT_MOST = 2
    count_failures(TRIED_BEFORE, "another", "a third", now=timezone.now())
    watch.watch_counters(timezone.now())


def test_alarm_stands_from_the_most_allowed_on_and_is_told_once(settings, caplog):
    settings.ATTEMPT_COUNTERS_AT_MOST = 2
    count_failures("1")
    assert watch.watch_counters(NOON) == 1
    assert not watch.counters_are_full()
    count_failures("2")
    for minutes in range(0, 30, 5):
        assert watch.watch_counters(NOON + minutes * MINUTE) == 2
    assert watch.counters_are_full()
    assert StandingAlarm.objects.get().since == NOON
    assert [line.details for line in lines(Kind.COUNTERS_FULL)] == [{"counters": 2, "failures": 2}]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_counters_that_count_nothing_raise_no_alarm(settings):
    settings.ATTEMPT_COUNTERS_AT_MOST = 2
    for number in ("1", "2", "3"):
        counters.give_back(makers.reserve(counters.client_counter(number), MINE, NOON), MINE, NOON)
    assert watch.watch_counters(NOON) == 0
    assert not watch.counters_are_full()


def test_failures_kept_under_few_numbers_are_bounded_too(settings):
    settings.ATTEMPT_COUNTERS_AT_MOST = 5
    count_failures("1", "2", "3", "4", times=5)
    watch.watch_counters(NOON)
    assert watch.counters_are_full()


def test_alarm_ends_by_itself_after_a_purge(settings, full):
    later = timezone.now() + counters.LAPSE
    counters.purge(later)
    assert watch.counters_are_full()
    watch.watch_counters(later)
    assert not watch.counters_are_full()


def test_alarm_does_not_come_and_go_at_the_limit_itself(settings):
    settings.ATTEMPT_COUNTERS_AT_MOST = 100
    count_failures(*map(str, range(100)))
    watch.watch_counters(NOON)
    for left, stands in ((96, True), (95, True), (94, False)):
        AttemptCounter.objects.filter(pk__in=list(AttemptCounter.objects.values_list("pk", flat=True)[left:])).delete()
        watch.watch_counters(NOON)
        assert watch.counters_are_full() is stands


def test_raising_the_limit_ends_the_alarm(settings, full):
    settings.ATTEMPT_COUNTERS_AT_MOST = 1000
    watch.watch_counters(timezone.now())
    assert not watch.counters_are_full()


def waits(answer):
    """The whole answer, which says to come again in a quarter of an hour."""
    assert (answer.status_code, answer["Retry-After"]) == (503, "900")
    return (
        pages.without_token(answer),
        sorted(set(answer.headers.items()) - {(name, answer[name]) for name in ("Expires", "X-Request-ID")}),
        sorted(answer.cookies),
    )


def test_unknown_devices_wait_alike_whatever_the_number_and_the_code(full, client_, hashes):
    before = list(AttemptCounter.objects.order_by("key").values())
    journal, attempts = SecurityEvent.objects.count(), FailedAttempt.objects.count()
    hashes.clear()
    tries = [
        (UNKNOWN, makers.CODE),
        (TRIED_BEFORE, makers.CODE),
        (client_.client_code, makers.WRONG_CODE),
        (client_.client_code, makers.CODE),
    ]
    answers = [waits(makers.log_in(StrictBrowser(), *typed)) for typed in tries]
    assert all(answer == answers[0] for answer in answers)
    assert list(AttemptCounter.objects.order_by("key").values()) == before
    assert (SecurityEvent.objects.count(), FailedAttempt.objects.count(), hashes) == (journal, attempts, [])


def test_blocked_number_waits_like_the_others(full):
    counter = counters.client_counter(UNKNOWN)
    AttemptCounter.objects.create(key=counter.key, count=5, reserved_at=NOON, filled_count=5, filled_at=timezone.now())
    waits(makers.log_in(StrictBrowser(), UNKNOWN, makers.CODE))


def test_known_device_logs_in_while_others_wait(settings, client_, browser):
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post("/deconnexion/")
    settings.ATTEMPT_COUNTERS_AT_MOST = 1
    count_failures("1", "2")
    watch.watch_counters(NOON)
    waits(makers.log_in(StrictBrowser(), client_.client_code, makers.CODE))
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


def test_holder_of_a_letter_logs_in_while_others_wait(full, client_):
    letter = makers.make_pending_code(client_)
    answer = makers.log_in(StrictBrowser(), client_.client_code, letter.secret_code, letter=letter.letter_number)
    assert answer.status_code == 302


def test_staff_wait_as_well_since_anybody_may_try_their_names(full, advisor):
    fields = {"username": advisor.username, "password": makers.PASSWORD}
    waits(StrictBrowser().post("/admin/login/", fields))


@pytest.mark.django_db(transaction=True)
def test_login_reads_once_a_minute_whether_the_alarm_stands(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [watch.counters_are_full(now=second) for second in range(60)] == [False] * 60
    StandingAlarm.objects.create(name=watch.COUNTERS_FULL, since=NOON)
    assert watch.counters_are_full(now=61)


@pytest.mark.django_db(transaction=True)
def test_alarm_is_believed_for_sixty_seconds_and_read_at_once_after_a_count(settings):
    assert not watch.counters_are_full(now=0.0)
    StandingAlarm.objects.create(name=watch.COUNTERS_FULL, since=NOON)
    assert not watch.counters_are_full(now=59.9)
    assert watch.counters_are_full(now=60.0)
    assert watch.watch_counters(NOON) == 0
    assert not watch.counters_are_full(now=60.0)


def write_unbound(*, kind=Kind.LOGIN_FAILED, at=NOON, binding="broken"):
    SecurityEvent.objects.create(kind=kind, at=at, details={"binding": binding} if binding else {})


def test_owner_who_is_not_bound_sounds_an_alarm_that_stands_for_a_day(caplog):
    write_unbound()
    write_unbound(kind=Kind.BINDING_BROKEN, binding="")
    write_unbound(binding="")
    write_unbound(at=NOON - timedelta(days=1))
    day = timedelta(days=1)
    assert watch.watch_bindings(NOON) == watch.watch_bindings(NOON + day - MINUTE) == 2
    assert watch.alarms(NOON + day - MINUTE) == [watch.Alarm(watch.BINDING_BROKEN, NOON)]
    assert [(record.levelname, record.args) for record in caplog.records] == [("ERROR", (2,))] * 2
    assert watch.watch_bindings(NOON + day) == 0
    assert watch.alarms(NOON + day) == []


def test_alarms_are_told_the_gravest_first_each_since_its_cause_is_known(settings):
    settings.ATTEMPT_COUNTERS_AT_MOST = settings.LOGIN_FAILURES_ALARM = 1
    later = NOON + 10 * MINUTE
    count_failures("1")
    watch.watch_counters(NOON)
    write_unbound(at=later)
    watch.watch_bindings(later)
    assert watch.alarms(later) == [
        watch.Alarm(watch.BINDING_BROKEN, later),
        watch.Alarm(watch.COUNTERS_FULL, NOON),
        watch.Alarm(watch.MANY_FAILURES, later - timedelta(hours=1)),
    ]


def test_failures_sound_one_alarm_an_hour_as_long_as_they_last(settings, caplog):
    settings.LOGIN_FAILURES_ALARM = 10
    now = timezone.now()
    write_failures(10, at=now)
    for minutes in range(0, 60, 5):
        assert watch.watch_failures(now + minutes * MINUTE) == 10
    assert [line.details for line in lines(Kind.FAILURE_ALARM)] == [{"failures": 10}]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    write_failures(10, at=now + 61 * MINUTE)
    watch.watch_failures(now + 61 * MINUTE)
    assert lines(Kind.FAILURE_ALARM).count() == 2


def test_fewer_failures_than_the_threshold_and_older_ones_are_no_alarm(settings, caplog):
    settings.LOGIN_FAILURES_ALARM = 10
    write_failures(9, at=NOON)
    write_failures(50, at=NOON - timedelta(hours=1))
    assert watch.watch_failures(NOON) == 9
    assert watch.alarms(NOON) == []
    assert not lines(Kind.FAILURE_ALARM).exists()
    assert not caplog.records


def said(command, **options):
    output = StringIO()
    call_command(command, stdout=output, **options)
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_command_says_counters_failures_and_the_alarms_that_stand(settings, full):
    settings.LOGIN_FAILURES_ALARM = 1
    write_failures(1, at=timezone.now())
    assert said("watch_logins") == [
        {"counters": 3, "failures": 1, "alarms": [watch.COUNTERS_FULL, watch.MANY_FAILURES]}
    ]


def test_quiet_day_is_no_alarm():
    assert said("watch_logins") == [{"counters": 0, "failures": 0, "alarms": []}]


@pytest.mark.django_db(transaction=True)
def test_several_watches_at_once_tell_the_journal_once(race, settings):
    settings.ATTEMPT_COUNTERS_AT_MOST = settings.LOGIN_FAILURES_ALARM = 1
    count_failures("1")
    write_failures(1, at=timezone.now())
    race(lambda _: call_command("watch_logins", stdout=StringIO()), range(4))
    assert [lines(kind).count() for kind in (Kind.COUNTERS_FULL, Kind.FAILURE_ALARM)] == [1, 1]


def test_hours_are_listed_the_newest_first_also_the_empty_ones():
    write_failures(3, at=NOON - timedelta(minutes=1))
    hours = login_hours.hours(NOON, 3)
    assert [(hour.since, hour.failures) for hour in hours] == [
        (NOON, 0),
        (NOON - timedelta(hours=1), 3),
        (NOON - timedelta(hours=2), 0),
    ]


def test_each_kind_is_counted_in_its_column(client_):
    kinds = [Kind.LOGGED_IN] * 2 + [Kind.LOGIN_FAILED] * 3 + [Kind.LOGIN_BLOCKED] * 4 + [Kind.NETWORK_SPENT] * 5
    user = client_.user
    SecurityEvent.objects.bulk_create(SecurityEvent(kind=kind, at=NOON, owner=user) for kind in kinds)
    write_failures(6, at=NOON)
    assert login_hours.hours(NOON, 1) == [
        login_hours.Hour(NOON, logins=2, failures_known=3, failures_unknown=6, blocks=4, networks=5)
    ]


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)])
def test_no_hour_is_missing_or_counted_twice_when_the_clock_changes(day):
    moments = [day - place * timedelta(hours=1) for place in range(24)]
    for moment in moments:
        write_failures(1, at=moment)
    hours = login_hours.hours(day, 24)
    assert [(hour.since, hour.failures) for hour in hours] == [(moment, 1) for moment in moments]


def test_command_lists_an_hour_a_line_in_paris_time(settings):
    settings.LOGIN_FAILURES_ALARM = 2
    write_failures(2, at=timezone.now())
    first, second = said("list_login_hours", hours=2)
    assert datetime.fromisoformat(first["since"]) <= timezone.now()
    assert first["since"][-6:] in {"+01:00", "+02:00"}
    assert (first["failures_unknown"], first["alarm"], second["alarm"]) == (2, True, False)


@pytest.mark.parametrize("hours", [0, -1, 100_000])
def test_impossible_number_of_hours_is_refused_in_a_sentence(hours):
    with pytest.raises(CommandError, match="--hours doit être compris entre 1 et"):
        call_command("list_login_hours", hours=hours)
