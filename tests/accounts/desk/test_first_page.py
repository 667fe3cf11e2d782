"""What the first page of the desk says of one's own logins: the one before, and the failures since."""

import html
import re

import pytest

from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
DESK = "/admin/"


def log_in(password=makers.PASSWORD, name="claire.dubois", **options):
    browser = StrictBrowser(**options)
    browser.post("/admin/login/?next=/admin/", {"username": name, "password": password})
    return browser


def first_page(browser):
    answer = browser.get(DESK)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))


def test_first_login_ever_is_said_to_be_one(advisor):
    page = first_page(log_in())
    assert "C’est votre première connexion." in page
    assert "refusée" not in page


def test_login_before_is_told_with_browser_and_network(advisor):
    log_in(REMOTE_ADDR="192.0.2.7", headers={"user-agent": FIREFOX})
    page = first_page(log_in())
    assert re.search(r"Votre dernière connexion : .*, Firefox sur Linux", page)
    assert "depuis une autre connexion Internet (192.0.2.7)" in page
    assert "prévenez tout de suite un administrateur" in page


def test_failures_since_are_told_and_only_in_the_session_after_them(advisor):
    log_in()
    for _ in range(2):
        log_in("wrong")
    browser = log_in()
    assert "2 connexions refusées sous votre nom depuis votre dernière connexion" in first_page(browser)
    log_in("wrong")
    assert "2 connexions refusées" in first_page(browser)
    page = first_page(log_in())
    assert "1 connexion refusée sous votre nom" in page


def test_failures_of_others_are_not_told(advisor):
    makers.make_advisor("paul.durand")
    log_in("wrong", "paul.durand")
    assert "refusée" not in first_page(log_in())
