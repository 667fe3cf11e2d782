"""What is believed of a request: address, browser, mark."""

from datetime import timedelta

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from auth_codes import browser as seen
from auth_codes.models import AttemptCounter, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

FORGED = "203.0.113.66"


def request(**meta):
    return RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", **meta)


def test_without_proxies_the_peer_is_believed_and_the_header_is_not():
    assert seen.address(request(HTTP_X_FORWARDED_FOR=FORGED)) == "10.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (1, "192.0.2.7", "192.0.2.7"),
        (1, f"{FORGED}, 192.0.2.7", "192.0.2.7"),
        (1, f"{FORGED}, {FORGED}, 192.0.2.7 ", "192.0.2.7"),
        (2, "192.0.2.7, 10.0.0.2", "192.0.2.7"),
        (2, f"{FORGED}, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        (2, "10.0.0.2", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "2001:db8::0:1", "2001:db8::1"),
        (1, "nonsense", None),
        (1, f"{FORGED}, unknown", None),
        (1, "192.0.2.7:4711", "192.0.2.7"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "[2001:db8::1", "2001:db8::1"),
        (1, ":", None),
        (1, "9" * 9999, None),
    ],
)
def test_behind_proxies_exactly_their_number_is_counted_from_the_right(settings, proxies, header, address):
    settings.TRUSTED_PROXY_COUNT = proxies
    assert seen.address(request(HTTP_X_FORWARDED_FOR=header)) == address


def test_behind_a_proxy_a_request_without_the_header_has_its_peers_address(settings):
    settings.TRUSTED_PROXY_COUNT = 1
    assert seen.address(request()) == "10.0.0.1"


@pytest.mark.django_db
def test_link_local_address_is_noted_without_its_zone():
    answer = makers.log_in(StrictBrowser(REMOTE_ADDR="fe80::1%eth0"), "5724816039", makers.WRONG_CODE)
    assert answer.status_code == 200
    assert SecurityEvent.objects.latest("id").address == "fe80::1"


@pytest.mark.django_db
def test_socket_without_address_is_no_error():
    assert makers.log_in(StrictBrowser(REMOTE_ADDR=""), "5724816039", makers.WRONG_CODE).status_code == 200
    assert SecurityEvent.objects.latest("id").address is None


@pytest.mark.parametrize(
    ("sent", "noted"),
    [
        ("Mozilla/5.0", "Mozilla/5.0"),
        ("Evil\r\nSet-Cookie: x\x00\x1b[31m", "EvilSet-Cookie: x[31m"),
        ("x" * 10_000, "x" * 200),
        ("", ""),
    ],
)
def test_user_agent_is_noted_printable_and_short(sent, noted):
    assert seen.user_agent(request(HTTP_USER_AGENT=sent)) == noted


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox sur Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "Safari sur iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge sur Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36", "Chrome sur Android"),
        ("curl/8.0", "Navigateur inconnu"),
        ("", "Navigateur inconnu"),
    ],
)
def test_browser_is_described_in_words(agent, words):
    assert seen.describe(agent) == words


def with_mark(value):
    marked = request()
    marked.COOKIES[seen.MARK_COOKIE] = value
    return marked


def signed(value):
    return signing.get_cookie_signer(salt=seen.MARK_COOKIE).sign(value)


def test_mark_left_with_a_browser_is_read_back():
    asked, response = request(), HttpResponse()
    seen.keep_mark(asked, response)
    kept = response.cookies[seen.MARK_COOKIE].value
    assert seen.mark(with_mark(kept)) == seen.mark(asked)


@pytest.mark.parametrize("forged", ["", "a" * 32, f"{'a' * 32}:1abcde:{'b' * 43}"])
def test_mark_that_was_forged_is_replaced(forged):
    mark = seen.mark(with_mark(forged))
    assert len(mark) == 32
    assert mark not in forged


@pytest.mark.parametrize("content", ["", "a" * 31, "a" * 33, "A" * 32, "é", "x" * 3000])
def test_mark_of_another_form_is_replaced_even_when_it_is_signed(content):
    mark = seen.mark(with_mark(signed(content)))
    assert len(mark) == 32
    assert mark != content


def test_mark_signed_for_another_purpose_is_replaced():
    elsewhere = signing.get_cookie_signer(salt="session").sign("a" * 32)
    assert seen.mark(with_mark(elsewhere)) != "a" * 32


def test_mark_of_more_than_fifteen_minutes_is_replaced(monkeypatch):
    past = timezone.now() - timedelta(minutes=16)
    monkeypatch.setattr(signing.time, "time", past.timestamp)
    value = signed("a" * 32)
    monkeypatch.undo()
    assert seen.mark(with_mark(signed("a" * 32))) == "a" * 32
    assert seen.mark(with_mark(value)) != "a" * 32


@pytest.mark.django_db
def test_mark_is_kept_from_scripts_from_plain_http_and_from_neighbouring_domains(browser, client_):
    cookie = makers.log_in(browser, client_.client_code, makers.WRONG_CODE).cookies["__Host-attempts"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", 900)


@pytest.mark.django_db
def test_mark_is_given_only_after_a_failure(browser, client_):
    assert not browser.get("/connexion/").cookies.get("__Host-attempts")
    assert not makers.log_in(browser, client_.client_code, "12").cookies.get("__Host-attempts")
    assert not makers.log_in(browser, client_.client_code, makers.CODE).cookies.get("__Host-attempts")


@pytest.mark.django_db
def test_forged_mark_gives_nothing_back(client_):
    owner, attacker = StrictBrowser(), StrictBrowser()
    for _ in range(3):
        makers.log_in(attacker, client_.client_code, makers.WRONG_CODE)
    value = attacker.cookies["__Host-attempts"].value
    owner.cookies["__Host-attempts"] = value[:-1] + ("A" if value[-1] != "A" else "B")
    makers.log_in(owner, client_.client_code, makers.CODE)
    assert AttemptCounter.objects.get().count == 3


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.77", "203.0.113.x"),
        ("::ffff:203.0.113.77", "203.0.113.x"),
        ("2001:db8:1:42::7", "2001:db8:1:x"),
        ("2001:db8::7", "2001:db8:0:x"),
        ("2001:db8:1:42::/64", "2001:db8:1:x"),
        (None, ""),
    ],
)
def test_masked_address_tells_the_network_alone(address, shown):
    assert seen.masked(address) == shown
