"""In which language a page comes: the one chosen, else the browser's, else French; and French alone at the desk."""

import threading

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from auth_codes import wording
from banking_portal import languages
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

LOGIN = "/connexion/"
COOKIE = settings.LANGUAGE_COOKIE_NAME


def language_of(response):
    said = response.content.decode().split('<html lang="', 1)[1][:2]
    assert response["Content-Language"] == said
    return said


def accepting(header):
    return {"headers": {"Accept-Language": header}}


def choose(browser, language="en", page=LOGIN):
    """By the form in the footer of `page`, whose address the browser tells as our policy lets it."""
    return browser.post(reverse("language"), {"language": language}, headers={"Referer": f"http://testserver{page}"})


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de-DE,de;q=0.9,en;q=0.5", "en"),
        ("EN_us", "fr"),
        ("en;q=0.3,fr-CA;q=0.8", "fr"),
        ("ro,es;q=0.8", "fr"),
        ("*", "fr"),
        ("", "fr"),
        (";;;q=,,=", "fr"),
        ("en;q=abc", "fr"),
        ("en\0", "fr"),
        ("é☃", "fr"),
        ("../../etc/passwd", "fr"),
        ("en," * 4000, "en"),
        ("x" * 10_000, "fr"),
    ],
)
def test_browser_is_answered_in_its_language_and_in_french_where_it_says_none(header, language):
    assert language_of(StrictBrowser().get(LOGIN, **accepting(header))) == language


def test_browser_that_says_nothing_is_answered_in_french():
    assert language_of(StrictBrowser().get(LOGIN)) == "fr"


@pytest.mark.parametrize("value", ["", "de", "EN", "en\0", "../en", "x" * 4000, "fr-FR; en", "é"])
def test_cookie_that_we_did_not_write_chooses_nothing_wrong(value):
    browser = StrictBrowser()
    browser.cookies[COOKIE] = value
    assert language_of(browser.get(LOGIN)) in {"fr", "en"}


def test_choice_wins_over_what_the_browser_asks_for():
    browser = StrictBrowser()
    choose(browser, "fr")
    assert language_of(browser.get(LOGIN, **accepting("en"))) == "fr"


def test_each_page_offers_the_other_language_in_its_own_words():
    for language, offer in (("fr", 'value="en" lang="en">English<'), ("en", 'value="fr" lang="fr">Français<')):
        assert offer in StrictBrowser().get(LOGIN, **accepting(language)).content.decode()


def test_choosing_opens_the_same_page_in_the_other_language():
    browser = StrictBrowser()
    response = choose(browser, page="/conseils-securite/?a=b")
    assert (response.status_code, response["Location"]) == (302, "/conseils-securite/?a=b")
    assert language_of(browser.get("/")) == "en"


def test_choice_is_kept_where_no_script_and_no_other_site_reads_it():
    cookie = choose(StrictBrowser()).cookies[COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", 365 * 24 * 3600)


@pytest.mark.parametrize("language", ["", "de", "EN", "en ", "e\0n", "x" * 10_000])
def test_what_is_no_language_of_ours_is_not_kept(language):
    response = choose(StrictBrowser(), language)
    assert response.status_code == 302
    assert COOKIE not in response.cookies


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "https://ailleurs.example/connexion/",
        "http://testserver.ailleurs.example/connexion/",
        "http://testserver@ailleurs.example/connexion/",
        "http://testserver//ailleurs.example/",
        "http://testserver/\\ailleurs.example/",
        "//ailleurs.example/",
        "javascript:alert(1)",
        "/connexion/",
        "http://[",
        "http://testserver:99999999/connexion/",
        "\0http://ailleurs.example/connexion/",
        "http://testserver/" + "x" * 10_000,
        "http://testserver/nulle-part/",
        "http://testserver/deconnexion/",
        "http://testserver/session/prolonger/",
    ],
)
def test_choosing_leads_to_no_other_site_and_to_no_address_without_a_page(referer):
    response = StrictBrowser().post(reverse("language"), {"language": "en"}, headers={"Referer": referer})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert response.cookies[COOKIE].value == "en"


def test_choosing_needs_the_token_of_a_form():
    browser = StrictBrowser(enforce_csrf_checks=True)
    response = choose(browser)
    assert response.status_code == 403
    assert COOKIE not in response.cookies


def test_choice_outlives_login_and_logout_and_is_kept_for_the_mails(client_):
    browser = StrictBrowser()
    choose(browser)
    browser.force_login(client_.user, backend="auth_codes.login.backends.ClientBackend")
    assert language_of(browser.get("/mon-profil/")) == "en"
    browser.post("/deconnexion/")
    assert language_of(browser.get(LOGIN)) == "en"


def test_choice_made_before_the_login_is_his_who_logs_in(client_):
    browser = StrictBrowser()
    choose(browser)
    makers.log_in(browser, client_.client_code, makers.CODE)
    client_.user.refresh_from_db()
    assert client_.user.language == "en"


def test_wrong_code_keeps_no_language_for_the_owner_of_the_number(client_):
    browser = StrictBrowser()
    choose(browser)
    makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    client_.user.refresh_from_db()
    assert client_.user.language == ""


def test_choice_of_who_is_logged_in_is_kept_on_his_row(client_):
    browser = StrictBrowser.logged_in(client_.user)
    choose(browser)
    client_.user.refresh_from_db()
    assert client_.user.language == "en"


def test_guess_from_the_browser_is_kept_nowhere(client_):
    StrictBrowser.logged_in(client_.user).get("/mon-profil/", **accepting("en"))
    client_.user.refresh_from_db()
    assert client_.user.language == ""


def test_desk_is_french_whatever_the_browser_says_or_chose(advisor):
    browser = StrictBrowser.logged_in(advisor)
    choose(browser)
    assert language_of(browser.get("/admin/", **accepting("en"))) == "fr"
    advisor.refresh_from_db()
    assert advisor.language == ""


def test_no_language_stays_behind_for_the_next_request_of_the_thread():
    StrictBrowser().get(LOGIN, **accepting("en"))
    assert translation.get_language() == "fr"


def test_pages_say_on_what_they_depend_and_files_do_not():
    assert {"Accept-Language", "Cookie"} <= set(StrictBrowser().get(LOGIN)["Vary"].split(", "))
    assert "Content-Language" not in StrictBrowser().get("/robots.txt")


def test_in_french_holds_for_threads_that_share_a_function():
    """Django's `override` keeps the language before it on itself: as a decorator two threads would mix theirs."""
    entered, may_leave, seen = threading.Event(), threading.Event(), []

    @wording.in_french()
    def paper(first):
        if first:
            entered.set()
            may_leave.wait(5)

    def english():
        with translation.override("en"):
            paper(first=True)
            seen.append(translation.get_language())

    thread = threading.Thread(target=english)
    thread.start()
    entered.wait(5)
    with translation.override("fr"):
        paper(first=False)
    may_leave.set()
    thread.join()
    assert seen == ["en"]


def test_error_pages_without_any_context_come_in_the_readers_language():
    for path, status in (("/deconnexion/", 405), ("/nulle-part/", 404)):
        response = StrictBrowser().get(path, **accepting("en"))
        assert (response.status_code, language_of(response)) == (status, "en")


def test_every_language_is_known_to_the_middleware():
    assert {language for language, _name in settings.LANGUAGES} == {"fr", "en"}
    assert languages.FRENCH == "fr"
