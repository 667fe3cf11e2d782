"""Whom to call: on every page, on those of errors without the database, in mails, as the bank's own settings say."""

import html
from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse

from accounts.kinds import Mail
from auth_codes import notices
from auth_codes.models import Notice
from banking_portal import bank_facts, variables, views
from banking_portal.environment import BadEnvironment
from tests.conftest import StrictBrowser
from tests.pages import seen

CALL_BANK = '<a class="phone" href="tel:+33199001234">01\u00a099\u00a000\u00a012\u00a034</a>'
CALL_CARD_STOP = '<a class="phone" href="tel:+33199005678">01\u00a099\u00a000\u00a056\u00a078</a>'
BUTTON = 'href="tel:+33199001234"><svg class="icon"'
HOURS = "du lundi au samedi, de 8\u202fh à 20\u202fh"
ERRORS = ["400.html", "403.html", "403_csrf.html", "404.html", "405.html", "500.html", "503.html"]
REFUSALS = ["blocked", "too_many_requests", "unknown_devices_wait", "network_spent", "flood"]
PUBLIC_PAGES = ["home", "login", "forgotten_client_code", "forgotten_secret_code", "security_advice"]
PRIVATE_PAGES = ["overview", "profile", "documents", "transfers", "it_was_not_me"]


def footer_of(page: str) -> str:
    return html.unescape(seen(page[page.index('<footer class="site-footer">') :]))


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_footer_of_every_public_page_tells_whom_to_call(browser, name):
    footer = footer_of(browser.get(reverse(name)).content.decode())
    assert CALL_BANK in footer
    assert CALL_CARD_STOP in footer
    assert HOURS in footer


@pytest.mark.parametrize("name", PRIVATE_PAGES)
def test_footer_of_every_page_of_a_client_tells_whom_to_call(client_browser, name):
    footer = footer_of(client_browser.get(reverse(name)).content.decode())
    assert CALL_BANK in footer
    assert CALL_CARD_STOP in footer


@pytest.mark.parametrize("template", [*ERRORS, *(f"auth_codes/login/{name}.html" for name in REFUSALS)])
def test_pages_of_errors_and_refusals_offer_the_call_and_ask_no_database(template):
    """Without the mark `django_db`, a single question would fail."""
    page = html.unescape(seen(render_to_string(template)))
    assert BUTTON in page
    assert CALL_CARD_STOP in page
    assert HOURS in page
    assert CALL_BANK in footer_of(page)


@pytest.mark.parametrize(("view", "status"), [(views.bad_request, 400), (views.server_error, 500)])
def test_error_views_tell_whom_to_call_while_the_database_is_away(view, status):
    answer = view(RequestFactory().get("/"))
    assert answer.status_code == status
    assert BUTTON in answer.content.decode()


@pytest.mark.parametrize("name", ["security_advice", "it_was_not_me"])
def test_advice_and_alarm_offer_the_call(client_browser, name):
    page = client_browser.get(reverse(name)).content.decode()
    assert BUTTON in page[: page.index("<footer")]


@pytest.mark.django_db
def test_page_after_the_alarm_offers_the_call(browser):
    page = html.unescape(seen(render_to_string("auth_codes/renewals/access_closed.html")))
    assert BUTTON in page
    assert f"Appelez tout de suite votre conseiller, au {CALL_BANK}." in page


def test_no_page_makes_a_telephone_link_of_a_code(client_browser):
    """Ten digits in a row are a telephone number to an iPhone that is not told otherwise."""
    pages = [client_browser.get(reverse("profile")).content.decode(), *map(render_to_string, ERRORS)]
    assert [page for page in pages if '<meta name="format-detection" content="telephone=no">' not in page] == []


@pytest.mark.parametrize("kind", [Notice.Kind.CODE_CHANGED, Notice.Kind.NEW_DEVICE, Mail.TRANSFER_MADE])
def test_mails_to_clients_tell_whom_to_call_and_to_compare(kind):
    at = datetime(2026, 6, 1, 21, 5, tzinfo=UTC)
    body = notices.message_of(Notice(pk=7, kind=kind, recipient="ines@example.org", at=at, facts={})).body
    assert f"01\u00a099\u00a000\u00a012\u00a034, {HOURS}\u00a0: c’est le numéro imprimé sur votre relevé" in body
    assert "Pour arrêter une carte, à toute heure\u00a0: 01\u00a099\u00a000\u00a056\u00a078." in body


@pytest.mark.parametrize(
    ("number", "link"),
    [
        ("36 39", '<a class="phone" href="tel:3639">36\u00a039</a>'),
        ("0 892 705 705", '<a class="phone" href="tel:+33892705705">08\u00a092\u00a070\u00a057\u00a005</a>'),
        ("+377 93 15 77 77", '<a class="phone" href="tel:+37793157777">+377\u00a093\u00a015\u00a077\u00a077</a>'),
    ],
)
def test_any_usual_number_is_dialled_and_shown_on_one_line(settings, number, link):
    settings.BANK_PHONE = number
    assert seen(Template("{% call_bank %}").render(Context())) == link


@pytest.mark.parametrize("number", ["", "   "])
def test_number_that_is_not_given_is_the_demos(monkeypatch, number):
    monkeypatch.setenv("BANK_PHONE", number)
    assert bank_facts.phone("BANK_PHONE", default=bank_facts.DEMO_PHONE) == "01 99 00 12 34"


@pytest.mark.parametrize(
    "number", ["12", "01-23", "0\u0661 23 45 67 89", "tel:0123456789", "01 23 45 67 89\x00", "1" * 16, "a", "01  23"]
)
def test_what_is_no_number_is_refused_by_its_name(monkeypatch, number):
    monkeypatch.setattr(variables.os, "environ", {"BANK_PHONE": number})
    with pytest.raises(BadEnvironment, match="BANK_PHONE n’est pas un numéro de téléphone"):
        bank_facts.phone("BANK_PHONE", default="1234")


def test_hours_keep_figure_and_h_together_and_must_fit(monkeypatch):
    monkeypatch.setenv("BANK_HOURS", "tous les jours, de 7 h à 22 h")
    assert bank_facts.hours("BANK_HOURS") == "tous les jours, de 7\u202fh à 22\u202fh"
    for unfit in ("x" * 81, "de 7 h\nà 22 h", "de 7\u202eh", "à toute heure 😀"):
        monkeypatch.setenv("BANK_HOURS", unfit)
        with pytest.raises(BadEnvironment, match="BANK_HOURS doit tenir"):
            bank_facts.hours("BANK_HOURS")


@pytest.mark.parametrize(
    ("french", "english", "said"),
    [
        ("", "", "Monday to Saturday, 8\u202fam to 8\u202fpm"),
        ("", "every day, 7 am to 9 pm", "every day, 7\u202fam to 9\u202fpm"),
        ("tous les jours, de 7 h à 22 h", "", "tous les jours, de 7\u202fh à 22\u202fh"),
        ("tous les jours, de 7 h à 22 h", "every day, 7 am to 10 pm", "every day, 7\u202fam to 10\u202fpm"),
    ],
)
def test_hours_are_english_where_the_bank_says_them_or_has_the_usual_ones(monkeypatch, french, english, said):
    monkeypatch.setenv("BANK_HOURS", french)
    monkeypatch.setenv("BANK_HOURS_EN", english)
    assert bank_facts.hours_in_english("BANK_HOURS_EN", bank_facts.hours("BANK_HOURS")) == said


@pytest.mark.parametrize(
    ("given", "hosts", "address"),
    [
        ("", ["10.0.0.1", ".banque.example", "*", "espace.banque.example"], "espace.banque.example"),
        ("", ["10.0.0.1", "*"], ""),
        ("ma.banque.example:8443", ["espace.banque.example"], "ma.banque.example:8443"),
    ],
)
def test_address_of_the_portal_is_the_one_given_or_its_first_host(monkeypatch, given, hosts, address):
    monkeypatch.setenv("PORTAL_ADDRESS", given)
    assert bank_facts.portal("PORTAL_ADDRESS", hosts, demo=False) == address


@pytest.mark.parametrize(
    "given", ["https://banque.example", "banque.example/", "banque example", "BANQUE", "bänque.example"]
)
def test_address_that_nobody_can_type_as_it_stands_is_refused(monkeypatch, given):
    monkeypatch.setenv("PORTAL_ADDRESS", given)
    with pytest.raises(BadEnvironment, match="PORTAL_ADDRESS n’est pas une adresse"):
        bank_facts.portal("PORTAL_ADDRESS", [], demo=False)


@pytest.mark.django_db
def test_answer_404_to_a_stranger_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = StrictBrowser().get("/nulle-part/")
    assert answer.status_code == 404
    assert BUTTON in answer.content.decode()
