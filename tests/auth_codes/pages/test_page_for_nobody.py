"""The login page that is made once is, byte by byte and header by header, the one that is made for each visitor."""

import re

import pytest

from auth_codes.pages import page_for_nobody
from auth_codes.pages.login import LoginView
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import without_token

pytestmark = pytest.mark.django_db

LOGIN = "/connexion/"
VOLATILE = {"Expires", "X-Request-ID"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def told(answer):
    headers = {name: value for name, value in answer.headers.items() if name not in VOLATILE}
    return answer.status_code, without_token(answer), headers, sorted(answer.cookies)


def visitor(**headers):
    return StrictBrowser(headers=headers)


def made_each_time(monkeypatch, ask):
    with monkeypatch.context() as patched:
        patched.setattr(LoginView, "has_a_word", lambda view: True)
        return ask()


VISITORS = [
    {},
    {"accept-language": "en"},
    {"accept-language": "de, en;q=0.5"},
    {"user-agent": "<script>", "referer": "https://example.org/?code=123456", "x-forwarded-for": "203.0.113.9"},
]


@pytest.mark.parametrize("headers", VISITORS)
def test_page_is_the_one_made_for_each_visitor(monkeypatch, headers):
    expected = made_each_time(monkeypatch, lambda: visitor(**headers).get(LOGIN))
    first, again = (visitor(**headers).get(LOGIN) for _ in range(2))
    assert told(first) == told(again) == told(expected)


def test_languages_that_alternate_do_not_mix():
    asked = [visitor(**{"accept-language": language}).get(LOGIN) for language in ("fr", "en") * 3]
    pages = [without_token(answer) for answer in asked]
    assert pages[0::2] == [pages[0]] * 3
    assert pages[1::2] == [pages[1]] * 3
    assert ['lang="fr"' in pages[0], "Me connecter" in pages[0], "Me connecter" in pages[1]] == [True, True, False]


def test_every_visitor_has_a_token_of_his_own_that_serves(client_):
    browsers = [StrictBrowser(enforce_csrf_checks=True) for _ in range(3)]
    tokens = [TOKEN.findall(browser.get(LOGIN).content.decode()) for browser in browsers]
    assert [len(set(found)) for found in tokens] == [1] * 3
    assert len({found[0] for found in tokens}) == 3
    fields = {"username": client_.client_code, "password": makers.CODE, "next": ""}
    for browser, other in ((browsers[0], tokens[1]), (browsers[1], tokens[1])):
        answer = browser.post(LOGIN, fields | {"csrfmiddlewaretoken": other[0]})
        assert answer.status_code == (302 if browser is browsers[1] else 403)


def test_nothing_of_who_came_first_stays_in_it(client_):
    first = StrictBrowser(headers={"user-agent": "Premier/1.0", "accept-language": "fr"}, REMOTE_ADDR="203.0.113.7")
    first.cookies["csrftoken"] = "z" * 32
    first.get(LOGIN)
    page = StrictBrowser().get(LOGIN).content.decode()
    assert not [trace for trace in ("Premier", "203.0.113.7", "z" * 32) if trace in page]


def remembered(client_):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE, keep="on")
    browser.post("/deconnexion/")
    return browser


def test_who_is_remembered_who_is_logged_in_and_who_is_told_something_get_their_own(client_, advisor_browser):
    StrictBrowser().get(LOGIN)
    page = remembered(client_).get(LOGIN).content.decode()
    last = (
        f"<strong>{client_.client_code[-3:]}</strong>"  # not the digits alone, which a telephone of the foot may hold
    )
    assert last in page
    assert StrictBrowser.logged_in(client_.user).get(LOGIN).status_code == 302
    assert "Poste de travail" in advisor_browser.get(LOGIN).content.decode()
    for word in ("au-revoir", "fin", "oublie", "autre", "next=/mon-profil/"):
        assert without_token(StrictBrowser().get(f"{LOGIN}?{word}")) != without_token(StrictBrowser().get(LOGIN)), word
    assert last not in StrictBrowser().get(LOGIN).content.decode()


def test_page_is_made_once_for_each_language(monkeypatch):
    drawn = []
    ask = page_for_nobody._nobodys
    monkeypatch.setattr(page_for_nobody, "_nobodys", lambda request: drawn.append(request) or ask(request))
    for language in ("fr", "en", "fr", "en"):
        visitor(**{"accept-language": language}).get(LOGIN)
    assert len(drawn) == 2
