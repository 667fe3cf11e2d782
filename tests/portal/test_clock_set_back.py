"""A server whose clock is set back, or whose keys are another server's: it lets nobody in and gives no new attempts."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.utils import timezone

from auth_codes.lockout.counters import FAILURES_BEFORE_BLOCK
from auth_codes.sessions import limits
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

OVERVIEW = "/espace-client/"
NOW = timezone.now()


@pytest.fixture
def set_clock(monkeypatch):
    """`set_clock(minutes)`: the portal's clock stands at so many from now."""

    def set_to(minutes):
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=minutes))

    set_to(0)
    return set_to


def opens(browser):
    return browser.get(OVERVIEW).status_code == 200


def log_in(client, code=makers.CODE):
    browser = StrictBrowser()
    makers.log_in(browser, client.user.username, code)
    return browser


@pytest.mark.parametrize("until_then", [FAILURES_BEFORE_BLOCK, 2])
def test_a_clock_set_back_gives_no_more_attempts(client_, hashes, set_clock, until_then):
    for turn in range(3 * FAILURES_BEFORE_BLOCK):
        set_clock(0 if turn < until_then else -10 * turn)
        log_in(client_, makers.WRONG_CODE)
    assert not opens(log_in(client_))
    assert len(hashes) == FAILURES_BEFORE_BLOCK


@pytest.mark.parametrize("minutes", [-3, -60, -60 * 24 * 30])
def test_session_is_not_prolonged_by_a_clock_that_is_set_back(client_, set_clock, minutes):
    browser = log_in(client_)
    assert opens(browser)
    set_clock(minutes)
    assert not opens(browser)
    set_clock(0)
    assert not opens(browser)  # it has ended for good


def test_session_outlasts_clocks_of_two_servers_that_differ_a_little(client_, set_clock):
    browser = log_in(client_)
    set_clock(-limits.CLOCKS_DIFFER.total_seconds() / 60)
    assert opens(browser)


def test_session_that_ended_is_not_open_again_when_the_clock_goes_back(client_, set_clock):
    browser = log_in(client_)
    set_clock(6)
    assert not opens(browser)
    set_clock(1)
    assert not opens(browser)


def test_code_that_has_expired_waits_for_no_clock(new_client, set_clock):
    code = makers.default_code(new_client)
    set_clock(60 * 24 * 365)
    assert not opens(StrictBrowser.logged_in(new_client.user))
    browser = StrictBrowser()
    assert makers.log_in(browser, new_client.user.username, code).status_code != 302


def test_session_of_another_servers_key_opens_nothing_here_and_stays_open_there(client_, settings):
    browser, there, here = log_in(client_), StrictBrowser(), settings.SECRET_KEY
    there.cookies = deepcopy(browser.cookies)
    settings.SECRET_KEY = "another-servers-" + "n" * 50
    assert not opens(there)
    settings.SECRET_KEY = here
    assert opens(browser)


def test_code_sealed_by_another_servers_key_lets_nobody_in(client_, settings):
    here = settings.SECRET_CODE_KEYS
    settings.SECRET_CODE_KEYS = {key_id: bytes(32) for key_id in here}
    assert not opens(log_in(client_))
    settings.SECRET_CODE_KEYS = here
    assert opens(log_in(client_))
