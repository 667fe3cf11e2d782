"""At most five wrong codes in a row are verified, whatever the number of attempts at the same instant."""

import secrets

import pytest
from django.db import connection, connections

from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, FailedAttempt, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db(transaction=True)

COUNTER = counters.client_counter("1000000000")
MINE = "a" * 32
THREADS = 40
# PostgreSQL of the tests takes 200 connections, some of them kept for itself.
STAFF_GUESSES = 180 if connection.vendor == "postgresql" else 200
CHOSEN_PASSWORD = "lampe tigre ruisseau comptoir"
GUESSES = [f"{code:06}" for code in range(862417, 862437)]


def is_reserved(_attempt):
    try:
        makers.reserve(COUNTER, MINE)
    except counters.Blocked:
        return False
    return True


def guess(client):
    """Logs in with a code, each time from a browser of its own; gives the status."""
    return lambda code: makers.log_in(StrictBrowser(), client.client_code, code).status_code


def counter():
    return AttemptCounter.objects.get()


def test_exactly_five_of_many_attempts_at_once_are_reserved(race):
    assert race(is_reserved, range(3 * THREADS)).count(True) == 5
    assert counter().count == 5


def test_after_a_block_exactly_five_of_many_at_once_are_reserved(race):
    race(is_reserved, range(THREADS))
    AttemptCounter.objects.update(filled_at=counter().filled_at - counters.FIRST_BLOCK)
    assert race(is_reserved, range(THREADS)).count(True) == 5


def test_one_success_among_the_first_five_allows_one_more_and_not_five(race):
    for _ in range(3):
        counters.fail(makers.reserve(COUNTER, "b" * 32))
    right = makers.reserve(COUNTER, MINE)

    def act(attempt):
        return counters.give_back(right, MINE) if attempt == 0 else is_reserved(attempt)

    late = [outcome for outcome in race(act, range(THREADS)) if outcome]
    late += [True for attempt in range(3) if is_reserved(attempt)]
    assert len(late) == 2
    assert counter().count == 5


def test_successes_at_once_give_back_the_same_failures_once(race):
    for browser in "ccc", MINE, MINE:
        counters.fail(makers.reserve(COUNTER, browser))
    reservations = [makers.reserve(COUNTER, MINE), makers.reserve(COUNTER, MINE)]
    race(lambda reservation: counters.give_back(reservation, MINE), reservations)
    assert counter().count == 1
    assert FailedAttempt.objects.count() == 1


@pytest.mark.proves("RTS 4(3)(b)", "ASVS 6.3.1")
def test_exactly_five_of_many_wrong_codes_at_once_are_hashed(race, client_, hashes):
    hashes.clear()
    statuses = race(guess(client_), GUESSES)
    assert (len(hashes), statuses.count(200), statuses.count(429)) == (5, 4, len(GUESSES) - 4)


def test_exactly_five_codes_at_once_are_hashed_for_a_number_that_nobody_holds(race, hashes):
    statuses = race(lambda code: makers.log_in(StrictBrowser(), "5724816039", code).status_code, GUESSES)
    assert (len(hashes), statuses.count(429)) == (5, len(GUESSES) - 4)  # the fifth reads of the pause too


def test_right_code_after_the_five_does_not_get_in(race, client_, hashes):
    race(guess(client_), GUESSES)
    hashes.clear()
    assert race(guess(client_), [makers.CODE] * 20) == [429] * 20
    assert hashes == []


def test_right_code_at_the_same_instant_gives_the_others_nothing(race, client_, hashes):
    hashes.clear()
    statuses = race(guess(client_), [makers.CODE, *GUESSES[1:]])
    wrong_and_verified = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.LOGIN_FAILED).count()
    # At most two fill a series, one before and one after the right one is given back, and read of the pause.
    assert wrong_and_verified - 2 <= statuses.count(200) <= wrong_and_verified <= 5
    assert len(hashes) == wrong_and_verified + statuses.count(302) <= 6


def test_right_code_among_the_first_five_makes_six_hashes(race, client_, hashes):
    hashes.clear()
    assert [guess(client_)(code) for code in [*GUESSES[:4], makers.CODE]] == [200] * 4 + [302]
    statuses = race(guess(client_), GUESSES)
    assert (len(hashes), statuses.count(200)) == (6, 0)  # the sixth is the fifth wrong one


def test_five_hold_also_when_every_request_is_a_transaction(race, client_, hashes, monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)
    hashes.clear()
    statuses = race(guess(client_), GUESSES)
    assert (len(hashes), statuses.count(200), statuses.count(429)) == (5, 4, len(GUESSES) - 4)


def code_page_guess(browser_and_code):
    browser, code = browser_and_code
    fields = {"old_password": code, "new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    return browser.post("/mon-profil/code-secret/", fields).status_code


@pytest.mark.parametrize("atomic_requests", [False, True])
def test_exactly_five_wrong_current_codes_at_once_are_hashed(race, client_, hashes, monkeypatch, atomic_requests):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", atomic_requests)
    browsers = StrictBrowser.tabs(client_.user, len(GUESSES))
    hashes.clear()
    statuses = race(code_page_guess, list(zip(browsers, GUESSES, strict=True)))
    assert (len(hashes), statuses.count(200), statuses.count(429)) == (5, 4, len(GUESSES) - 4)


@pytest.mark.proves("ASVS 6.1.3", "ASVS 6.3.4")
def test_code_page_and_login_share_one_count(client_, client_browser, hashes):
    hashes.clear()
    assert [guess(client_)(code) for code in GUESSES[:3]] == [200] * 3
    assert [code_page_guess((client_browser, code)) for code in GUESSES[3:6]] == [200, 429, 429]
    assert guess(client_)(makers.CODE) == 429
    assert len(hashes) == 5


def staff_guess(password):
    address = f"192.0.2.{secrets.randbelow(200) + 1}"
    fields = {"username": "claire.dubois", "password": password}
    return StrictBrowser(REMOTE_ADDR=address).post("/admin/login/?next=/admin/", fields).status_code


@pytest.mark.proves("ASVS 6.3.1")
def test_exactly_five_of_two_hundred_passwords_at_once_from_many_networks_are_hashed(race, advisor, password_hashes):
    password_hashes.clear()
    statuses = race(staff_guess, [f"guess {place}" for place in range(STAFF_GUESSES)])
    assert (len(password_hashes), statuses.count(200)) == (5, 5)
    assert set(statuses) <= {200, 429, 503}  # 503: no slot in time, nothing counted
    password_hashes.clear()
    assert (staff_guess(makers.PASSWORD), password_hashes) == (429, [])


def test_exactly_five_passwords_at_once_are_hashed_for_a_staff_name_that_nobody_bears(race, password_hashes):
    statuses = race(staff_guess, [f"guess {place}" for place in range(THREADS)])
    assert (len(password_hashes), statuses.count(200)) == (5, 5)


def present_password_guess(browser):
    fields = {"old_password": "wrong", "new_password1": CHOSEN_PASSWORD, "new_password2": CHOSEN_PASSWORD}
    return browser.post("/admin/password_change/", fields).status_code


def test_exactly_five_wrong_present_passwords_at_once_are_hashed(race, advisor, password_hashes):
    browsers = StrictBrowser.tabs(advisor, THREADS // 2)
    password_hashes.clear()
    statuses = race(present_password_guess, browsers)
    assert (len(password_hashes), statuses.count(200)) == (5, 5)
