"""Telling issued code clients from free ones: by answer, by time, by block, by letter request. All must fail."""

import html
import re
import statistics
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import client_codes
from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, FailedAttempt, RenewalRequest, SealedLetter, SecretCode
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

UNKNOWN = "5724816039"
# The seconds left may change between two requests; that they are counted from the same moment shows in the page. The
# request's name is drawn anew each time.
VOLATILE_HEADERS = {"Content-Length", "Expires", "Retry-After", "X-Request-ID"}


def seen(browser, number, code):
    """All that comes back, and all that was computed and asked of the database, but for token and number."""
    with CaptureQueriesContext(connection) as queries:
        answer = makers.log_in(browser, number, code)
    volatile = r'name="csrfmiddlewaretoken" value="\w+"|data-pause="\d+"'
    body = re.sub(volatile, "", answer.content.decode()).replace(number, "NUMBER")
    headers = {name: value for name, value in answer.headers.items() if name not in VOLATILE_HEADERS}
    statements = [re.findall(r"^\s*[A-Z]+|(?:FROM|INTO|UPDATE) \S+", query["sql"]) for query in queries]
    return answer.status_code, body, headers, sorted(answer.cookies), statements


def within_one_minute(act):
    """What `act` gives, done again if the minute turned meanwhile: a pause that begins now names the minute it ends."""
    while True:
        minute = timezone.now().replace(second=0, microsecond=0)
        given = act()
        if timezone.now() - minute < timedelta(minutes=1):
            return given


def untouched(client):
    pass


def inactive(client):
    type(client.user).objects.filter(pk=client.user.pk).update(is_active=False)


def without_codes(client):
    SecretCode.objects.filter(owner=client.user).delete()


def with_devices(client):
    for _ in range(2):
        makers.log_in(StrictBrowser(), client.client_code, makers.CODE)


def with_a_pending_letter(client):
    makers.make_pending_code(client)


def let_fail(failures, *numbers):
    """As if this many attempts had failed at each of these numbers, the last one a moment ago."""
    now = timezone.now()
    filled = failures - failures % counters.FAILURES_BEFORE_BLOCK
    for number in numbers:
        key = counters.client_counter(number).key
        FailedAttempt.objects.filter(counter_key=key).delete()
        counted = {"count": failures, "reserved_at": now, "filled_count": filled, "filled_at": now}
        AttemptCounter.objects.update_or_create(key=key, defaults=counted)


STATES = [untouched, inactive, without_codes, with_devices, with_a_pending_letter]


@pytest.mark.proves("RTS 4(3)(a)", "ASVS 6.3.8")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("failures", range(21))
def test_every_step_of_the_ladder_is_alike_for_issued_and_free_numbers(client_, hashes, state, failures):
    state(client_)

    def ask():
        let_fail(failures, client_.client_code, UNKNOWN)
        told = []
        for number in client_.client_code, UNKNOWN:
            hashes.clear()
            told.append((*seen(StrictBrowser(), number, makers.WRONG_CODE), len(hashes)))
        return told

    known, free = within_one_minute(ask)
    assert known == free
    fills_a_series, is_blocked = failures % 5 == 4, failures in {5, 10, 15, 20}
    assert (known[0], known[-1]) == (429 if fills_a_series or is_blocked else 200, 0 if is_blocked else 1)


def series_of_one_browser(number, earlier, hashes):
    """All that a browser sees and costs that fails five times in a row, at a number with some earlier failures."""
    let_fail(earlier, number)
    browser, told = StrictBrowser(), []
    for _ in range(5):
        hashes.clear()
        told.append((*seen(browser, number, makers.WRONG_CODE), len(hashes)))
    return told


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("earlier", [0, 2])
def test_counting_aloud_is_alike_for_issued_and_free_numbers(client_, hashes, state, earlier):
    state(client_)
    numbers = client_.client_code, UNKNOWN
    known, free = within_one_minute(lambda: [series_of_one_browser(number, earlier, hashes) for number in numbers])
    assert known == free
    assert [answer[0] for answer in known[: 5 - earlier]] == [200] * (4 - earlier) + [429]


PAUSES = [(0, "pendant 15 minutes"), (5, "pendant une heure"), (10, "pendant un jour"), (15, "jusqu’à un nouveau code")]


@pytest.mark.proves("RTS 4(4)")
@pytest.mark.parametrize("issued", [True, False])
@pytest.mark.parametrize(("earlier", "pause"), PAUSES)
def test_fourth_own_failure_in_a_row_warns_of_the_pause_that_the_fifth_begins(client_, issued, earlier, pause):
    number, browser = client_.client_code if issued else UNKNOWN, StrictBrowser()
    let_fail(earlier, number)
    AttemptCounter.objects.update(filled_at=timezone.now() - timedelta(days=2))
    pages = [html.unescape(makers.log_in(browser, number, makers.WRONG_CODE).content.decode()) for _ in range(5)]
    assert ["Il vous reste un essai" in page for page in pages] == [False] * 3 + [True, False]
    assert pause in pages[3]
    assert "la connexion est en pause" in pages[4]


@pytest.mark.parametrize("issued", [True, False])
def test_failures_of_others_are_counted_aloud_to_nobody(client_, issued):
    number = client_.client_code if issued else UNKNOWN
    makers.log_in(StrictBrowser(), number, makers.WRONG_CODE)
    browser = StrictBrowser()
    answers = [makers.log_in(browser, number, makers.WRONG_CODE) for _ in range(4)]
    assert not ["Il vous reste un essai" for answer in answers if "reste un essai" in answer.content.decode()]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429]


def test_right_fifth_code_still_enters_after_the_warning(client_):
    browser = StrictBrowser()
    for _ in range(4):
        makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


def test_pause_that_begins_says_until_when_and_what_is_left_of_it_for_a_script(client_):
    browser = StrictBrowser()
    answer = [makers.log_in(browser, client_.client_code, makers.WRONG_CODE) for _ in range(5)][-1]
    [seconds] = re.findall(r'data-pause="(\d+)"', answer.content.decode())
    assert 0 < int(answer["Retry-After"]) <= int(seconds) < int(answer["Retry-After"]) + 61
    assert "js/pause" in answer.content.decode()


@pytest.mark.proves("RTS 4(4)")
def test_last_block_says_how_to_renew_and_not_until_when(client_):
    let_fail(20, client_.client_code)
    answer = makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)
    assert (answer.status_code, answer["Retry-After"]) == (429, "86400")
    assert "Un nouveau code secret est nécessaire" in answer.content.decode()
    assert "/code-secret-oublie/" in answer.content.decode()


@pytest.mark.parametrize("failures", [0, 4, 5, 20])
def test_right_code_of_a_blocked_number_is_answered_like_any_other(client_, hashes, failures):
    """Only before the block does the right code open; during one nothing tells that it was right."""
    let_fail(failures, client_.client_code, UNKNOWN)
    answers = [seen(StrictBrowser(), number, makers.CODE) for number in (client_.client_code, UNKNOWN)]
    assert (answers[0] == answers[1]) is (failures in {5, 20})


def test_expired_default_code_is_alike_at_every_step(new_client, hashes):
    SealedLetter.objects.update(issued_at=timezone.now() - timedelta(days=45))
    code = makers.default_code(new_client)
    for failures in range(0, 20, 3):
        let_fail(failures, new_client.client_code, UNKNOWN)
        assert seen(StrictBrowser(), new_client.client_code, code) == seen(StrictBrowser(), UNKNOWN, code)


@pytest.mark.parametrize("state", STATES)
def test_block_after_a_letter_request_is_alike(client_, state):
    state(client_)
    for number in client_.client_code, UNKNOWN:
        answer = StrictBrowser().post("/code-secret-oublie/", {"username": number})
        assert answer.status_code == 302
    call_command("issue_requested_letters", verbosity=0)
    assert not RenewalRequest.objects.filter(handled_at=None).exists()
    for failures in (0, 5, 19):
        let_fail(failures, client_.client_code, UNKNOWN)
        answers = [seen(StrictBrowser(), number, makers.WRONG_CODE) for number in (client_.client_code, UNKNOWN)]
        assert answers[0] == answers[1]


def test_network_budget_is_spent_alike(client_, settings):
    settings.NETWORK_FAILURES_PER_HOUR = 3
    series = []
    for number, address in (client_.client_code, "192.0.2.1"), (UNKNOWN, "192.0.2.2"):
        browser = StrictBrowser(REMOTE_ADDR=address)
        series.append([seen(browser, number, makers.WRONG_CODE) for _ in range(5)])
    assert series[0] == series[1]
    assert [answer[0] for answer in series[0]] == [200, 200, 200, 429, 429]


def test_another_clients_device_tells_nothing(advisor, client_):
    other = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    browser = StrictBrowser()
    makers.log_in(browser, other.client_code, makers.CODE)
    browser.post("/deconnexion/")
    answers = []
    for number in client_.client_code, UNKNOWN:
        copy = StrictBrowser()
        copy.cookies.load({name: morsel.value for name, morsel in browser.cookies.items() if "device" in name})
        answers.append(seen(copy, number, makers.WRONG_CODE))
    assert answers[0] == answers[1]


def shares_above(first, second):
    """The chance that one of `first` is larger than one of `second`: 0.5 where nothing tells them apart."""
    above = sum((a > b) + (a == b) / 2 for a in first for b in second)
    return above / (len(first) * len(second))


@pytest.mark.proves("ASVS 6.3.8")
def test_time_does_not_tell_apart_by_much(advisor):
    """A coarse guard against a forgotten branch; the fine measure is taken on a running server, at the real cost."""
    clients = [makers.make_personalised_client(advisor, given_names=f"Inès {'a' * place}") for place in range(1, 21)]
    times = {True: [], False: []}
    for client in clients:
        for issued, number in ((True, client.client_code), (False, client_codes.draw())):
            for _ in range(3):
                browser = StrictBrowser()
                started = time.perf_counter()
                makers.log_in(browser, number, makers.WRONG_CODE)
                times[issued].append(time.perf_counter() - started)
    assert 0.25 < shares_above(times[True], times[False]) < 0.75
    assert 0.7 < statistics.median(times[True]) / statistics.median(times[False]) < 1.4
