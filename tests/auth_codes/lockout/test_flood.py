"""A flood at the login is refused before it costs anything, and keeps nobody else waiting."""

from ipaddress import ip_network

import pytest

from auth_codes import middleware
from auth_codes.devices import remembered
from auth_codes.lockout.flood import Flood
from auth_codes.models import AttemptCounter, FailedAttempt
from tests import makers

pytestmark = pytest.mark.django_db

UNKNOWN = "5724816039"
MALFORMED = "1234567890"
FEW = 3
LINE = [("192.0.2.1", 1)]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Few unverified attempts make a flood."""
    monkeypatch.setattr(middleware, "Flood", lambda: Flood(most=FEW))


def flood(browser, number=MALFORMED, times=FEW):
    return [makers.log_in(browser, number, makers.CODE).status_code for _ in range(times)]


def test_network_floods_once_it_has_sent_too_many_within_the_window():
    counted = Flood(most=2, window=10)
    for now in (100.0, 101.0):
        assert not counted.is_on(LINE, now)
        counted.note(LINE, now)
    assert counted.is_on(LINE, 109.9)
    assert counted.seconds_left(103.0) == 7
    assert not counted.is_on([("192.0.2.2", 1)], 102.0)
    assert not counted.is_on(LINE, 110.0)
    assert not counted.is_on([("192.0.2.1", 2)], 109.9)
    counted.note(LINE, 110.0)
    assert counted.seconds_left(110.0) == 10


def test_two_hundred_within_ten_seconds_are_a_flood():
    counted = Flood()
    for _ in range(199):
        counted.note(LINE, 100.0)
    assert not counted.is_on(LINE, 100.0)
    counted.note(LINE, 100.0)
    assert counted.is_on(LINE, 109.9)
    assert not counted.is_on(LINE, 110.0)


def test_within_the_last_second_one_is_told_and_never_none():
    counted = Flood(most=1, window=10)
    counted.note(LINE, 100.0)
    assert [counted.seconds_left(now) for now in (108.9, 109.2, 109.8, 110.0)] == [1, 1, 1, 1]


def test_network_that_sent_nothing_is_let_in_where_a_single_one_would_be_too_many():
    counted = Flood(most=1)
    counted.note([("192.0.2.2", 1)], 100.0)
    assert not counted.is_on(LINE, 100.0)


def test_memory_of_networks_is_bounded(monkeypatch):
    monkeypatch.setattr("auth_codes.lockout.flood.NETWORKS_AT_MOST", 100)
    counted = Flood()
    for place in range(1000):
        counted.note([(str(place), 1)], 1.0)
    assert len(counted._counts) <= 102


def test_flood_is_refused_without_a_query_or_a_hash(browser, client_, hashes, django_assert_num_queries):
    assert flood(browser) == [200] * FEW
    hashes.clear()
    with django_assert_num_queries(0):
        answers = [makers.log_in(browser, number, makers.CODE) for number in (MALFORMED, UNKNOWN, client_.client_code)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(429, answers[0].content)}
    assert int(answers[0]["Retry-After"]) in range(1, 11)
    assert hashes == []


def test_refused_flood_counts_nothing(browser, client_):
    flood(browser)
    flood(browser, client_.client_code)
    assert not AttemptCounter.objects.exists()
    assert not FailedAttempt.objects.exists()


def test_other_networks_log_in_meanwhile(browser, client_):
    flood(browser)
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    fields = {"username": client_.client_code, "password": makers.CODE}
    assert browser.post("/connexion/", fields, **elsewhere).status_code == 302


def test_known_device_of_the_same_network_logs_in_meanwhile(browser, client_):
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post("/deconnexion/")
    flood(browser)
    assert flood(browser, UNKNOWN, 1) == [429]
    spaced = f"{client_.client_code[:4]} {client_.client_code[4:7]} {client_.client_code[7:]}"
    assert makers.log_in(browser, spaced, makers.CODE).status_code == 302


def test_device_that_remembers_its_number_logs_in_meanwhile_and_a_made_up_handle_does_not(browser, client_):
    makers.log_in(browser, client_.client_code, makers.CODE, keep="on")
    browser.post("/deconnexion/")
    handle = browser.get("/connexion/").context["form"].remembered.handle
    flood(browser)
    assert browser.post("/connexion/", {"remembered": "0" * 64, "password": makers.CODE}).status_code == 429
    cookie = browser.cookies.pop(remembered.COOKIE)
    assert browser.post("/connexion/", {"remembered": handle, "password": makers.CODE}).status_code == 429
    browser.cookies[remembered.COOKIE] = cookie.value
    assert browser.post("/connexion/", {"remembered": handle, "password": makers.CODE}).status_code == 302


def test_verified_attempts_are_no_flood(browser, client_):
    assert flood(browser, UNKNOWN, 5) == [200] * 4 + [429]
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


def test_blocked_attempts_are(browser):
    assert flood(browser, UNKNOWN, 5 + FEW) == [200] * 4 + [429] * (1 + FEW)
    assert "Trop d’essais à la fois" in makers.log_in(browser, UNKNOWN, makers.CODE).content.decode()


def test_page_itself_opens_meanwhile(browser):
    flood(browser)
    assert browser.get("/connexion/").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(("address", "status"), [("2001:db8:1:ffff::1", 429), ("2001:db8:2::1", 302)])
def test_ipv6_lines_of_one_network_are_one_flood(browser, client_, address, status):
    for line in range(FEW * 16):
        browser.post("/connexion/", {"username": MALFORMED}, REMOTE_ADDR=f"2001:db8:1:{line << 8:x}::1")
    fields = {"username": client_.client_code, "password": makers.CODE}
    assert browser.post("/connexion/", fields, REMOTE_ADDR=address).status_code == status


@pytest.mark.slow
def test_carriers_address_stands_for_as_many_lines_as_it_is_allowed_failures(browser, client_, settings):
    settings.CARRIER_NETWORKS = ((ip_network("127.0.0.0/8"), 10 * settings.NETWORK_FAILURES_PER_HOUR),)
    flood(browser, times=10 * FEW - 1)
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


def test_number_behind_many_blanks_is_the_number_typed(client_, rf):
    """Else one remembered handle of one's own would pass the shield for every number."""
    request = rf.post("/connexion/", {"username": " " * 300 + client_.client_code, "remembered": "x" * 64})
    asked = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(middleware.remembered, "has_cookie", lambda *args: asked.append("handle") or True)
        assert middleware.is_from_known_device(request) is False
    assert asked == []
