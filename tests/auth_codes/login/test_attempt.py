"""One attempt: its entrance is worked out once, and what changes before it is counted is not missed."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from auth_codes.lockout import counters
from auth_codes.login import attempt as attempts
from auth_codes.login import gate
from auth_codes.measures.series import Door
from auth_codes.models import AttemptCounter
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

UNKNOWN = "5724816039"


@pytest.fixture
def known_browser(client_):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post("/deconnexion/")
    return browser


def request_of(browser):
    """A request of this browser at the clients' door."""
    request = browser.get("/connexion/").wsgi_request
    attempts.begin(request, Door.CLIENT)
    return request


def fail(browser, client, times=5):
    for _ in range(times):
        makers.log_in(browser, client.client_code, makers.WRONG_CODE)


def test_entrance_asked_for_again_costs_no_query(client_, known_browser, django_assert_num_queries):
    request = request_of(known_browser)
    entrance = attempts.of(request).enter(request, client_.client_code)
    with django_assert_num_queries(0):
        assert attempts.of(request).enter(request, client_.client_code) is entrance
    assert entrance.device


def test_another_name_is_another_attempt(client_, known_browser):
    request = request_of(known_browser)
    attempt = attempts.of(request)
    with attempt.admitted(request, client_.client_code, attempt.enter(request, client_.client_code)):
        attempt.owner = client_.user
    assert attempt.is_counted
    assert attempt.enter(request, UNKNOWN).counter == counters.client_counter(UNKNOWN)
    assert (attempt.is_counted, attempt.owner, attempt.device) == (False, None, None)


def test_device_used_up_after_its_entrance_was_worked_out_enters_as_an_unknown_one(client_, known_browser):
    request = request_of(known_browser)
    attempt, number = attempts.of(request), client_.client_code
    entrance = attempt.enter(request, number)
    fail(known_browser, client_)
    with attempt.admitted(request, number, entrance) as admission:
        assert admission.entrance.counter == counters.client_counter(number)
    assert (attempt.is_counted, attempt.device, attempt.refusal) == (True, None, None)


def test_block_that_begins_after_the_entrance_was_worked_out_is_not_missed(browser, client_):
    request = request_of(browser)
    attempt, number = attempts.of(request), client_.client_code
    entrance = attempt.enter(request, number)
    fail(StrictBrowser(), client_)
    assert attempt.refusal is None
    with pytest.raises(PermissionDenied), attempt.admitted(request, number, entrance):
        pytest.fail("no hash may be computed")
    assert isinstance(attempt.refusal, counters.Blocked)
    assert (attempt.is_counted, AttemptCounter.objects.get().count) == (False, 5)


@pytest.mark.django_db(transaction=True)
def test_attempt_inside_an_open_transaction_is_refused(browser, client_):
    request, number = request_of(browser), client_.client_code
    with transaction.atomic(), pytest.raises(RuntimeError):
        gate.admit(request, number, gate.client_entrance(request, number))
    assert not AttemptCounter.objects.exists()
