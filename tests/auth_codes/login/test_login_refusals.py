"""Refusals that must not tell one number from another, blocks, and the two doors."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.letters import letter_numbers
from auth_codes.lockout import counters, watch
from auth_codes.login import attempt
from auth_codes.login.axes_handler import PortalHandler
from auth_codes.measures.series import Door
from auth_codes.models import AttemptCounter, FailedAttempt, SealedLetter, SecretCode, SecurityEvent
from tests import makers
from tests.auth_codes.login.test_no_oracle import VOLATILE_HEADERS
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

UNKNOWN = "5724816039"
ALMOST_A_MINUTE = timedelta(seconds=59, microseconds=999999)
ANOTHER_LETTER = letter_numbers.draw()


def without_token_and_number(answer, number):
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    # The seconds left, which change between two requests; that they count from the same moment the page's time shows.
    return re.sub(r'data-pause="\d+"', "", body).replace(number, "NUMBER")


def refusal(number, code, letter=""):
    """All that an attacker can see or, by the time it takes, guess of an answer."""
    browser = StrictBrowser()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = makers.log_in(browser, number, code, letter=letter)
    statements = [re.findall(r"^\s*[A-Z]+|(?:FROM|INTO|UPDATE) \S+", query["sql"]) for query in queries]
    headers = {name: value for name, value in answer.headers.items() if name not in VOLATILE_HEADERS}
    return answer.status_code, without_token_and_number(answer, number), headers, sorted(answer.cookies), statements


def wrong_code(client):
    return client.client_code, makers.WRONG_CODE


def inactive(client):
    type(client.user).objects.filter(pk=client.user.pk).update(is_active=False)
    return client.client_code, makers.CODE


def without_code(client):
    SecretCode.objects.filter(owner=client.user).delete()
    return client.client_code, makers.CODE


def unreadable(client):
    SecretCode.objects.filter(owner=client.user).update(ciphertext=b"x" * 48)
    return client.client_code, makers.CODE


@pytest.mark.parametrize("known", [wrong_code, inactive, without_code, unreadable])
def test_unknown_number_is_refused_like_a_known_one(client_, hashes, known):
    number, code = known(client_)
    hashes.clear()
    assert refusal(number, code) == refusal(UNKNOWN, code)
    assert len(hashes) == 2


def test_expired_default_code_is_refused_like_an_unknown_number(new_client, hashes):
    SealedLetter.objects.update(issued_at=timezone.now() - timedelta(days=45))
    code = makers.default_code(new_client)
    hashes.clear()
    assert refusal(new_client.client_code, code) == refusal(UNKNOWN, code)
    assert len(hashes) == 2


def test_another_letters_number_is_refused_like_an_unknown_number(new_client, hashes):
    code = makers.default_code(new_client)
    hashes.clear()
    assert refusal(new_client.client_code, code, ANOTHER_LETTER) == refusal(UNKNOWN, code, ANOTHER_LETTER)
    assert len(hashes) == 2


def test_number_without_online_space_is_refused_like_an_unknown_one(person, hashes):
    makers.open_account(person, kind=makers.BankAccount.Kind.CURRENT, by=Actor(person.advisor))
    assert refusal(person.client_code, makers.CODE) == refusal(UNKNOWN, makers.CODE)
    assert len(hashes) == 2


def test_refusal_says_what_to_do_and_repeats_no_code(browser, client_):
    answer = makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    text = html.unescape(answer.content.decode())
    assert "Code client ou code secret incorrect." in text
    assert makers.WRONG_CODE not in text
    assert f'value="{client_.client_code}"' in text


def fail(number, times):
    return [makers.log_in(StrictBrowser(), number, makers.WRONG_CODE) for _ in range(times)]


def let_the_block_pass():
    counter = AttemptCounter.objects.get()
    AttemptCounter.objects.update(filled_at=counter.filled_at - counters.FIRST_BLOCK)


@pytest.mark.parametrize("issued", [True, False])
def test_failure_that_fills_the_series_is_the_pause_whoever_made_the_others(client_, issued):
    number = client_.client_code if issued else UNKNOWN
    answers = fail(number, 6)
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert len({without_token_and_number(answer, number) for answer in answers[:4]}) == 1


def test_block_says_until_when_and_how_long(client_):
    blocked = fail(client_.client_code, 5)[-1]
    until = timezone.localtime(AttemptCounter.objects.get().filled_at + counters.FIRST_BLOCK + ALMOST_A_MINUTE)
    assert 890 < int(blocked["Retry-After"]) <= 900
    text = " ".join(html.unescape(blocked.content.decode()).split())
    assert f"{until.hour} h {until:%M}" in text
    assert "C’est dans 15 minutes environ" in text


def test_block_is_the_same_for_unknown_numbers(client_):
    for number in client_.client_code, UNKNOWN:
        fail(number, 5)
    AttemptCounter.objects.update(filled_at=timezone.now())
    pages = {without_token_and_number(fail(number, 1)[0], number) for number in (client_.client_code, UNKNOWN)}
    assert len(pages) == 1


@pytest.mark.parametrize("failures", [5, 20])
def test_block_says_that_another_known_device_still_works_in_the_same_bytes_for_all(client_, failures):
    numbers = client_.client_code, UNKNOWN
    for number in numbers:
        fail(number, 5)
    AttemptCounter.objects.update(count=failures, filled_count=failures, filled_at=timezone.now())
    [page] = {without_token_and_number(fail(number, 1)[0], number) for number in numbers}
    said = html.unescape(page).replace("\u202f", " ")
    assert "Vous avez un autre appareil connu ?" in said
    assert "Celui-ci n’est plus connu après cinq codes erronés, jusqu’à sa prochaine connexion réussie." in said
    assert ("Un nouveau code secret est nécessaire" in html.unescape(page)) == (failures == 20)


def test_blocked_client_is_refused_even_with_the_right_code_and_nothing_is_hashed(browser, client_, hashes):
    fail(client_.client_code, 5)
    hashes.clear()
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 429
    assert hashes == []
    assert browser.get("/espace-client/").status_code == 302


def test_after_the_block_the_right_code_opens_again(browser, client_):
    fail(client_.client_code, 6)
    let_the_block_pass()
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


def test_own_failures_are_given_back_by_the_same_browsers_success(browser, client_):
    for _ in range(4):
        makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert AttemptCounter.objects.get().count == 0


def test_failures_of_another_browser_are_not_given_back(browser, client_):
    fail(client_.client_code, 4)
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert AttemptCounter.objects.get().count == 4


def test_blocked_attempts_write_nothing(client_):
    fail(client_.client_code, 5)
    before = (FailedAttempt.objects.count(), SecurityEvent.objects.count(), AttemptCounter.objects.get().count)
    fail(client_.client_code, 3)
    assert before == (FailedAttempt.objects.count(), SecurityEvent.objects.count(), AttemptCounter.objects.get().count)


def request_at(door):
    request = RequestFactory().post("/")
    if door:
        attempt.begin(request, door)
    return request


def test_asking_axes_again_and_again_counts_nothing(client_):
    credentials = {"username": client_.client_code}
    assert all(PortalHandler().is_allowed(request_at(Door.CLIENT), credentials) for _ in range(20))
    fail(client_.client_code, 5)
    assert not any(PortalHandler().is_allowed(request_at(Door.CLIENT), credentials) for _ in range(20))
    assert AttemptCounter.objects.get().count == 5


def staff_login(browser, name, password, **extra):
    return browser.post("/admin/login/?next=/admin/", {"username": name, "password": password}, **extra)


def test_advisor_logs_in_at_the_desk(browser, advisor):
    answer = staff_login(browser, "claire.dubois", makers.PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_code_client_at_the_desk_is_refused_without_a_hash_and_without_counting(
    browser, client_, hashes, password_hashes
):
    hashes.clear()
    assert staff_login(browser, client_.client_code, makers.CODE).status_code == 200
    assert (hashes, password_hashes, AttemptCounter.objects.count()) == ([], [], 0)


def test_staff_name_at_the_client_door_is_refused_without_a_hash(browser, advisor, hashes, password_hashes):
    hashes.clear()
    password_hashes.clear()
    assert makers.log_in(browser, "claire.dubois", makers.PASSWORD).status_code == 200
    assert (hashes, password_hashes, AttemptCounter.objects.count()) == ([], [], 0)


@pytest.mark.parametrize(
    ("door", "name", "password"),
    [
        (Door.CLIENT, "claire.dubois", makers.PASSWORD),
        (Door.STAFF, UNKNOWN, makers.CODE),
        (None, "claire.dubois", makers.PASSWORD),
        (None, UNKNOWN, makers.CODE),
    ],
)
def test_backends_refuse_the_other_kind_of_name_and_any_other_door(
    advisor, hashes, password_hashes, door, name, password
):
    password_hashes.clear()
    assert authenticate(request_at(door), username=name, password=password) is None
    assert (hashes, password_hashes, AttemptCounter.objects.count()) == ([], [], 0)


def test_client_right_at_the_desks_door_is_no_staff(browser, client_):
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert browser.get("/admin/").status_code == 404
    assert browser.get("/admin/login/").status_code == 404


def test_unknown_staff_name_costs_the_same_as_a_known_one(browser, advisor, password_hashes):
    seen = []
    for name in "claire.dubois", "nobody.here":
        password_hashes.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = staff_login(browser, name, "wrong")
        seen.append((answer.status_code, without_token_and_number(answer, name), len(queries), len(password_hashes)))
    assert seen[0] == seen[1]
    assert seen[0][3] == 1


def test_staff_are_blocked_by_name_whatever_the_network(browser, advisor):
    statuses = [staff_login(browser, "claire.dubois", "wrong").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert staff_login(browser, "Claire.Dubois", makers.PASSWORD).status_code == 429
    assert staff_login(browser, "paul.petit", "wrong").status_code == 200
    assert staff_login(browser, "claire.dubois", makers.PASSWORD, REMOTE_ADDR="192.0.2.7").status_code == 429


def test_staff_block_computes_no_hash(browser, advisor, password_hashes):
    for _ in range(5):
        staff_login(browser, "claire.dubois", "wrong")
    password_hashes.clear()
    assert staff_login(browser, "claire.dubois", makers.PASSWORD).status_code == 429
    assert password_hashes == []


def too_many_numbers(settings):
    settings.ATTEMPT_COUNTERS_AT_MOST = 1
    counters.reserve(counters.client_counter(UNKNOWN), "browser", timezone.now())
    watch.watch_counters(timezone.now())


def spent_network(settings):
    settings.NETWORK_FAILURES_PER_HOUR = 1


@pytest.mark.parametrize(
    ("bring_about", "status", "why"),
    [
        (lambda settings: None, 429, "trop de mots de passe erronés"),
        (spent_network, 429, "depuis cette connexion Internet"),
        (too_many_numbers, 503, "un très grand nombre d’essais"),
    ],
)
def test_staff_who_wait_read_a_page_of_the_desk_and_nothing_of_clients(
    browser, advisor, settings, bring_about, status, why
):
    bring_about(settings)
    answer = [staff_login(browser, "claire.dubois", "wrong") for _ in range(6)][-1]
    page = html.unescape(answer.content.decode())
    assert (answer.status_code, why in page, 'href="/admin/login/"' in page) == (status, True, True)
    assert not [word for word in ("votre conseiller", "appareil connu", "code secret est nécessaire") if word in page]


@pytest.mark.parametrize("typed", [makers.CODE, f" {makers.CODE} ", "739 146", "739\u00a0146"])
def test_code_secret_typed_in_the_field_of_the_code_client_is_not_shown_again(browser, client_, typed):
    page = makers.log_in(browser, typed, client_.client_code).content.decode()
    assert "Vous avez peut-être saisi votre code secret ici" in page
    assert typed.strip() not in page


def test_staff_names_are_counted_over_a_whole_ipv6_line(advisor, password_hashes):
    answers = [
        staff_login(StrictBrowser(REMOTE_ADDR=f"2001:db8:1:1::{place:x}"), "claire.dubois", "guess").status_code
        for place in range(1, 9)
    ]
    assert (answers, len(password_hashes)) == ([200] * 5 + [429] * 3, 5)
