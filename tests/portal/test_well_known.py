"""What is asked for at addresses that are the same everywhere, and how a page presents itself to others."""

import json
import re
import struct
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.staticfiles import finders
from django.core.checks import run_checks
from django.urls import reverse
from django.utils import timezone

from banking_portal.environment import BadEnvironment, day, security_contact
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

SECURITY_TXT = "/.well-known/security.txt"
PUBLIC_PAGES = [
    "home", "login", "forgotten_client_code", "forgotten_secret_code", "security_advice", "legal_notice",
    "accessibility",
]  # fmt: skip
PRIVATE_PAGES = ["overview", "profile", "own_journal", "secret_code", "documents", "transfers", "new_transfer"]


@pytest.fixture
def named(settings):
    """A bank that says whom to tell of a flaw."""
    settings.SECURITY_CONTACT = "mailto:securite@banque.example"
    settings.SECURITY_TXT_EXPIRES = timezone.localdate() + timedelta(days=200)
    return settings


def described(page: str) -> str:
    [text] = re.findall(r'<meta name="description" content="([^"]*)">', page)
    return text


def test_icon_is_found_where_old_programs_look(browser):
    answer = browser.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, "/static/img/favicon.ico")


def test_icon_holds_three_sizes():
    with open(finders.find("img/favicon.ico"), "rb") as file:
        icon = file.read()
    assert struct.unpack("<HHH", icon[:6]) == (0, 1, 3)
    assert [icon[6 + 16 * place] for place in range(3)] == [16, 32, 48]


def test_manifest_names_icons_of_the_size_that_they_have(browser):
    answer = browser.get(reverse("manifest"))
    assert answer["Content-Type"] == "application/manifest+json"
    told = json.loads(answer.content)
    for icon in told["icons"]:
        with open(finders.find(icon["src"].removeprefix("/static/")), "rb") as file:
            width, height = struct.unpack(">II", file.read()[16:24])
        assert icon["sizes"] == f"{width}x{height}"
    assert {icon.get("purpose") for icon in told["icons"]} == {None, "maskable"}
    assert (told["lang"], told["start_url"], told["display"]) == ("fr", "/espace-client/", "browser")


def test_every_page_names_icon_and_manifest_and_the_policy_lets_them_load(browser):
    answer = browser.get("/")
    page = answer.content.decode()
    assert f'<link rel="manifest" href="{reverse("manifest")}">' in page
    assert 'rel="apple-touch-icon"' in page
    assert {"manifest-src 'self'", "font-src 'self'"} <= set(answer["Content-Security-Policy"].split("; "))


def test_search_engines_are_welcome_and_told_of_nothing_private(browser):
    answer = browser.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == "User-agent: *\nAllow: /\n"


def test_whoever_finds_a_flaw_is_told_whom_to_tell_and_until_when(browser, named):
    answer = browser.get(SECURITY_TXT)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert set(fields) == {"Contact", "Expires", "Preferred-Languages", "Canonical"}
    assert fields["Contact"] == "mailto:securite@banque.example"
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert expires.date() == named.SECURITY_TXT_EXPIRES
    assert fields["Canonical"] == f"http://testserver{SECURITY_TXT}"


def test_nobody_is_named_where_the_bank_named_nobody(browser, settings):
    settings.SECURITY_CONTACT = ""
    assert browser.get(SECURITY_TXT).status_code == 404
    assert "banking_portal.W001" in warnings()


@pytest.mark.parametrize(("days", "warned"), [(200, False), (31, False), (30, True), (0, True), (-1, True)])
def test_operators_are_warned_a_month_before_it_ends(named, days, warned):
    named.SECURITY_TXT_EXPIRES = timezone.localdate() + timedelta(days=days)
    assert ("banking_portal.W002" in warnings()) == warned


def warnings() -> set[str]:
    return {message.id for message in run_checks(include_deployment_checks=True)}


@pytest.mark.parametrize(
    "text", ["securite@banque.example", "javascript:x", "mailto:", "mailto:a b@c", "http://banque.example"]
)
def test_contact_that_nobody_could_use_is_refused(monkeypatch, text):
    monkeypatch.setenv("SECURITY_CONTACT", text)
    with pytest.raises(BadEnvironment, match="ne commence pas par mailto:"):
        security_contact(demo=False)


@pytest.mark.parametrize("text", ["demain", "2027-13-01", "01/11/2027", "2027-11-01T00:00", "\u0662027-11-01"])
def test_day_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("SECURITY_TXT_EXPIRES", text)
    with pytest.raises(BadEnvironment, match="n’est pas un jour"):
        day("SECURITY_TXT_EXPIRES", default=date(2027, 11, 1))


def test_the_demo_alone_names_an_address_that_nobody_reads(monkeypatch):
    monkeypatch.delenv("SECURITY_CONTACT", raising=False)
    assert (security_contact(demo=True), security_contact(demo=False)) == ("mailto:securite@banque.example", "")


def test_public_pages_describe_themselves_each_in_its_own_words(browser):
    told = [described(browser.get(reverse(name)).content.decode()) for name in PUBLIC_PAGES]
    assert len(set(told)) == len(PUBLIC_PAGES)
    assert all(50 < len(text) <= 160 for text in told)


def test_private_pages_and_errors_describe_the_portal(client_browser):
    pages = [client_browser.get(reverse(name)) for name in PRIVATE_PAGES]
    pages += [StrictBrowser().get("/nulle-part/"), StrictBrowser().get("/deconnexion/")]
    assert {described(page.content.decode())[:20] for page in pages} == {"Votre Espace Client\u00a0"}


def test_footer_of_every_page_leads_to_what_the_law_asks_for(browser):
    page = browser.get("/").content.decode()
    for name in ("legal_notice", "accessibility"):
        assert f'href="{reverse(name)}"' in page
    assert "Accessibilité\u00a0: non conforme" in page


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("legal_notice", ["Directrice de la publication", "Hébergeur", "Le médiateur", "L’appareil connu", "CNIL"]),
        ("accessibility", ["article 47", "non conforme", "RGAA", "Ce qui manque", "Défenseur des droits"]),
    ],
)
def test_page_says_what_the_law_asks_for(browser, name, said):
    page = browser.get(reverse(name)).content.decode()
    assert [words for words in said if words not in page] == []
