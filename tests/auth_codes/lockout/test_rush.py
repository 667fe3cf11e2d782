"""When the whole bank is guessed at, from however many networks: unknown devices share one queue."""

from datetime import timedelta

import pytest
from django.utils import timezone

from auth_codes.lockout import counters, rush
from auth_codes.models import AttemptCounter, Budget, FailedAttempt, SecurityEvent
from tests import makers
from tests.auth_codes.lockout.test_networks import number
from tests.auth_codes.lockout.test_watch import waits
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

USUAL = 60  # an hour: the queue takes two a minute
A_MINUTE = 2


@pytest.fixture(autouse=True)
def usual(settings):
    settings.LOGIN_FAILURES_ALARM = USUAL


def fail_everywhere(count, at=None):
    FailedAttempt.objects.bulk_create(
        FailedAttempt(counter_key="elsewhere", browser="", reserved_at=at or timezone.now()) for _ in range(count)
    )


def is_on(now):
    question, values = rush.asked(now)
    return question.first(**values) is not None


@pytest.fixture
def rushed():
    fail_everywhere(USUAL)


def try_number(place, code=makers.WRONG_CODE, client_code=None):
    """Each from a network of its own, far from the others."""
    browser = StrictBrowser(REMOTE_ADDR=f"2a{place % 256:02x}:{place:x}::1")
    return makers.log_in(browser, client_code or number(place), code)


def statuses(places):
    return [try_number(place).status_code for place in places]


def test_below_the_usual_rate_nobody_queues():
    fail_everywhere(USUAL - 10)
    assert statuses(range(9)) == [200] * 9


def test_past_the_usual_rate_unknown_devices_are_verified_at_twice_that_rate_at_most(rushed, hashes):
    hashes.clear()
    assert statuses(range(20)) == [200] * A_MINUTE + [503] * 18
    assert len(hashes) == A_MINUTE


def test_next_minute_takes_as_many_again(rushed):
    statuses(range(A_MINUTE + 1))
    Budget.objects.update(since=timezone.now() - timedelta(minutes=1))
    assert statuses(range(10, 13 + A_MINUTE)) == [200] * A_MINUTE + [503] * 3


def test_rush_of_an_hour_ago_is_over():
    fail_everywhere(USUAL, timezone.now() - timedelta(hours=1))
    assert statuses(range(5)) == [200] * 5


def test_rush_begins_with_the_very_failure_that_reaches_the_usual_and_lasts_an_hour():
    now = timezone.now()
    fail_everywhere(USUAL - 1, now)
    assert not is_on(now)
    fail_everywhere(1, now)
    assert is_on(now)
    assert is_on(now + timedelta(minutes=60, seconds=-1))
    assert not is_on(now + timedelta(minutes=60))


def test_queue_is_full_for_a_minute_once_its_places_are_taken_and_each_door_has_its_own():
    now = timezone.now()
    for _ in range(A_MINUTE):
        assert not rush.is_full("login", now)
        assert not rush.queue_up("login", now).is_last
    assert rush.is_full("login", now + timedelta(seconds=59))
    with pytest.raises(rush.QueueFull):
        rush.queue_up("login", now + timedelta(seconds=59))
    assert not rush.is_full("login", now + timedelta(minutes=1))
    assert not rush.is_full("staff login", now)


def test_whoever_waits_is_answered_alike_and_nothing_is_counted(rushed, client_, hashes):
    blocked = counters.client_counter(number(99))
    AttemptCounter.objects.create(
        key=blocked.key, count=5, reserved_at=timezone.now(), filled_count=5, filled_at=timezone.now()
    )
    statuses(range(A_MINUTE))
    tables = (AttemptCounter, FailedAttempt, Budget, SecurityEvent)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    hashes.clear()
    mine = client_.client_code
    tries = [
        {"client_code": mine, "code": makers.CODE}, {"client_code": mine}, {}, {"code": makers.CODE},
        {"client_code": number(99)},
    ]  # fmt: skip
    answers = [waits(try_number(50 + place, **typed)) for place, typed in enumerate(tries)]
    assert all(answer == answers[0] for answer in answers)
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
    assert hashes == []


def test_right_code_gives_its_place_back(rushed, client_):
    for place in range(A_MINUTE + 2):
        assert try_number(place, makers.CODE, client_.client_code).status_code == 302


def test_known_device_and_holder_of_a_letter_never_wait(client_, browser):
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post("/deconnexion/")
    fail_everywhere(USUAL)
    assert statuses(range(A_MINUTE + 1))[-1] == 503
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302
    letter = makers.make_pending_code(client_)
    answer = makers.log_in(StrictBrowser(), client_.client_code, letter.secret_code, letter=letter.letter_number)
    assert answer.status_code == 302


def test_queue_of_the_clients_shuts_no_staff_out(rushed, advisor):
    assert statuses(range(A_MINUTE + 1))[-1] == 503
    fields = {"username": advisor.username, "password": makers.PASSWORD}
    assert StrictBrowser().post("/admin/login/", fields).status_code == 302


def test_full_queue_is_told_as_no_spent_network(rushed):
    statuses(range(A_MINUTE))
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.NETWORK_SPENT).exists()


@pytest.mark.parametrize(("usual_rate", "most"), [(1, 1), (30, 1), (31, 2), (1000, 34), (60_000, 2000)])
def test_queue_takes_twice_the_usual_of_a_minute(settings, usual_rate, most):
    settings.LOGIN_FAILURES_ALARM = usual_rate
    assert rush.a_minute() == most


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_than_the_queue_takes(race, hashes):
    fail_everywhere(USUAL)
    hashes.clear()
    assert race(lambda place: try_number(place).status_code, range(20)).count(200) == A_MINUTE
    assert len(hashes) == A_MINUTE
