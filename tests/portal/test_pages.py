"""What holds for every page: French errors in the same layout, headers, no cache."""

import re

import pytest
from django.db import OperationalError, connection
from django.template import Context, Template
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver, reverse

from banking_portal import typography
from banking_portal.logs import OneLineForNoDatabase
from banking_portal.middleware import DemoGuardMiddleware
from tests import makers
from tests.conftest import StrictBrowser

PUBLIC_PAGES = ["home", "login", "forgotten_client_code", "forgotten_secret_code", "security_advice"]
PRIVATE_PAGES = ["overview", "profile", "own_journal", "secret_code", "it_was_not_me"]
LAYOUT = '<html lang="fr"'


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_public_page_answers_anybody_in_french(browser, name):
    answer = browser.get(reverse(name))
    assert answer.status_code == 200
    assert LAYOUT in answer.content.decode()


@pytest.mark.parametrize("name", PUBLIC_PAGES + PRIVATE_PAGES)
def test_no_page_may_be_cached_or_framed_or_run_foreign_scripts(client_browser, name):
    answer = client_browser.get(reverse(name))
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["Referrer-Policy"] == "same-origin"


def every_address(patterns=None, prefix="/"):
    """One address for each URL pattern, the desk's included, each parameter being 1."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = re.sub(r"\(.*\)|<[^>]+>", "1", str(entry.pattern)).strip("^$").removesuffix("\\Z")
        if isinstance(entry, URLPattern):
            yield prefix + route
        else:
            yield from every_address(entry.url_patterns, prefix + route)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["get", "post", "options"])
def test_no_answer_may_be_stored_whatever_is_asked_and_by_whom(client_, advisor, method):
    answered = set()
    for address in every_address():
        logged_in = map(StrictBrowser.logged_in, (client_.user, advisor))
        for visitor in (StrictBrowser(), *logged_in):
            answer = getattr(visitor, method)(address)
            answered.add(answer.status_code)
            assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", ")), address
    assert answered >= ({200, 302} if method == "options" else {200, 302, 403, 404, 405})
    assert max(answered) < 500


def test_failing_page_may_not_be_stored_either(client_, monkeypatch):
    browser = StrictBrowser.logged_in(client_.user, raise_request_exception=False)
    monkeypatch.setattr("accounts.pages.profile.ProfileView.get_context_data", lambda self: 1 / 0)
    answer = browser.get("/mon-profil/")
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (500, True)


@pytest.mark.django_db
def test_unknown_address_is_answered_in_french(browser):
    answer = browser.get("/nulle-part/")
    assert answer.status_code == 404
    assert LAYOUT in answer.content.decode()


@pytest.mark.parametrize("address", ["/admin/nulle-part/", "/admin/accounts/client/999999/adresse/", "/nulle-part/"])
def test_unknown_address_leads_staff_back_to_their_desk(advisor_browser, address):
    answer = advisor_browser.get(address)
    assert (answer.status_code, 'href="/admin/"' in answer.content.decode()) == (404, True)
    assert "Vos comptes" not in answer.content.decode()


def test_staff_without_a_right_are_told_whom_to_ask(advisor_browser):
    answer = advisor_browser.get("/admin/accounts/user/")
    page = answer.content.decode()
    assert (answer.status_code, "Demandez ce droit à votre responsable." in page, 'href="/admin/"' in page) == (
        403, True, True,
    )  # fmt: skip


def test_no_client_and_no_stranger_is_led_to_the_desk(browser, client_browser):
    for visitor in (browser, client_browser):
        page = visitor.get("/nulle-part/").content.decode()
        assert "Vos comptes ne sont pas concernés" in page
        assert "/admin/" not in page


@pytest.mark.django_db
def test_missing_csrf_token_is_answered_in_french_with_a_way_back():
    answer = StrictBrowser(enforce_csrf_checks=True).post("/connexion/", {"username": "x"})
    assert answer.status_code == 403
    assert LAYOUT in answer.content.decode()
    assert 'href="/connexion/"' in answer.content.decode()


def test_old_form_of_a_second_tab_leads_on_to_the_espace_client(client_):
    browser = StrictBrowser.logged_in(client_.user, enforce_csrf_checks=True)
    answer = makers.log_in(browser, client_.client_code, makers.CODE)
    assert answer.status_code == 403
    assert 'href="/espace-client/"' in answer.content.decode()


def test_old_form_of_the_desk_leads_back_to_the_desk(advisor):
    answer = StrictBrowser.logged_in(advisor, enforce_csrf_checks=True).post("/admin/accounts/client/add/")
    assert (answer.status_code, 'href="/admin/"' in answer.content.decode()) == (403, True)


@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_page_is_compressed_for_who_brings_no_cookie_alone(client_browser, name):
    """Of a page made for somebody, the compressed length would tell what it holds."""
    first, again, logged_in = (Browser(headers={"Accept-Encoding": "gzip, br"}) for _ in range(3))
    again.cookies["csrftoken"] = "k" * 32
    logged_in.cookies = client_browser.cookies
    answers = [visitor.get(reverse(name)) for visitor in (first, again, logged_in)]
    assert [answer.get("Content-Encoding") for answer in answers] == ["gzip", None, None]


@pytest.mark.django_db
def test_failing_page_is_answered_in_french_without_details(monkeypatch):
    browser = StrictBrowser(raise_request_exception=False)
    monkeypatch.setattr("accounts.pages.client.PublicPage.get_context_data", lambda self: 1 / 0)
    answer = browser.get("/")
    assert answer.status_code == 500
    assert LAYOUT in answer.content.decode()
    assert "ZeroDivisionError" not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "said"), [("fr", "Réessayez dans une minute"), ("en", "Try again in a minute")])
def test_page_that_finds_no_database_says_so_and_when_to_come_back(language, said):
    browser = StrictBrowser(raise_request_exception=False, headers={"accept-language": language})
    with connection.execute_wrapper(gone):
        answer = browser.get("/espace-client/", headers={"cookie": "__Host-session=" + "k" * 32})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert f'<html lang="{language}"' in answer.content.decode()
    assert said in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_page_that_finds_no_database_takes_one_line_of_the_log(caplog):
    caplog.handler.addFilter(OneLineForNoDatabase())
    with connection.execute_wrapper(gone):
        StrictBrowser(raise_request_exception=False).get("/", headers={"cookie": "__Host-session=" + "k" * 32})
    assert [record.message for record in caplog.records] == ["Service Unavailable: /"]
    assert "Traceback" not in caplog.text


def gone(execute, *arguments):
    raise OperationalError("gone")


@pytest.mark.django_db
def test_health_is_ok_while_the_database_answers(browser):
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db(transaction=True)
def test_health_is_503_when_the_database_does_not_answer(browser):
    class Refusing:
        def __call__(self, execute, *arguments):
            raise OperationalError("gone")

    with connection.execute_wrapper(Refusing()):
        assert browser.get("/healthz").status_code == 503


@pytest.mark.django_db
def test_well_known_address_leads_to_the_code_page(browser):
    answer = browser.get("/.well-known/change-password")
    assert (answer.status_code, answer["Location"]) == (302, "/mon-profil/code-secret/")


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ("127.0.0.1", {"HTTP_FORWARDED": "for=127.0.0.1"}, 403),
    ],
)
def test_demo_answers_its_own_machine_alone(settings, peer, headers, status):
    settings.DEMO = True

    class Passed:
        status_code = 200

    guard = DemoGuardMiddleware(lambda request: Passed)
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    assert guard(request).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-16", "utf-7"])
def test_form_in_a_charset_that_cannot_be_read_is_answered_once_in_french(browser, charset):
    content_type = f"application/x-www-form-urlencoded; charset={charset}"
    answer = StrictBrowser(enforce_csrf_checks=True).post("/connexion/", b"username=x", content_type=content_type)
    assert answer.status_code in {400, 403}
    assert LAYOUT in answer.content.decode()


@pytest.mark.django_db
def test_address_of_a_form_opened_as_a_page_is_answered_in_french(browser):
    answer = browser.get("/deconnexion/")
    assert answer.status_code == 405
    assert LAYOUT in answer.content.decode()


def test_long_address_may_break_after_its_signs_and_is_text():
    assert typography.breakable("anne.b@example.org") == "anne.<wbr>b@<wbr>example.<wbr>org"
    written = Template("{{ address|breakable }}").render(Context({"address": "<b>\"x\"</b>&.@'y'"}))
    assert written == "&lt;b&gt;&quot;x&quot;&lt;/b&gt;&amp;.<wbr>@<wbr>&#x27;y&#x27;"
