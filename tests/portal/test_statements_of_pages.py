"""How many statements each page of a customer asks the database for: one more is a decision, and is written here."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.bank_accounts.opening import open_account
from accounts.models import BankAccount
from auth_codes.actor import Actor
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.slow

ACCOUNT = "/espace-client/comptes/{}/"
PAGES = {
    "/": 3,
    "/conseils-securite/": 3,
    "/code-client-oublie/": 3,
    "/code-secret-oublie/": 3,
    "/espace-client/": 17,
    ACCOUNT: 10,
    f"{ACCOUNT}?search=cafe": 11,
    f"{ACCOUNT}operations/1/": 8,
    f"{ACCOUNT}rib/": 6,
    "/espace-client/virements/": 8,
    "/espace-client/virements/nouveau/": 7,
    "/espace-client/documents/": 6,
    "/mon-profil/": 15,
    "/mon-profil/journal/": 4,
    "/mon-profil/code-secret/": 5,
    "/mon-profil/connexions/ce-n-etait-pas-moi/": 8,
}

PUBLIC = ["/", "/connexion/", "/conseils-securite/", "/code-client-oublie/", "/code-secret-oublie/"]


@pytest.fixture
def customer(client_):
    """Of two accounts with operations, who logged in once before."""
    account = client_.bank_accounts.get()
    for held in (account, makers.make_savings(client_, "50")):
        makers.make_operation(held, "Café du Pont", "12.50")
    makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.get("/mon-profil/")  # takes off what the first page after a login tells
    return browser, account


def asked_by(browser, page):
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    return [query["sql"] for query in queries]


@pytest.mark.parametrize(("page", "number"), PAGES.items())
def test_page_asks_no_statement_more(customer, page, number):
    browser, account = customer
    asked = asked_by(browser, page.format(account.pk))
    assert len(asked) == number, [sql[:160] for sql in asked]


@pytest.mark.django_db
@pytest.mark.parametrize("page", PUBLIC)
def test_who_is_not_logged_in_costs_the_database_nothing(page):
    assert asked_by(StrictBrowser(), page) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_asks_the_same_twice(customer, page):
    browser, account = customer
    asked = Counter(asked_by(browser, page.format(account.pk)))
    assert not [sql for sql, times in asked.items() if times > 1]


def test_closing_to_confirm_asks_no_statement_more_nor_twice(customer, client_, advisor):
    empty = open_account(client_, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor))
    asked = asked_by(customer[0], makers.ask_closing(empty, client_, by=advisor).get_absolute_url())
    assert len(asked) == 11, [sql[:160] for sql in asked]
    assert not [sql for sql, times in Counter(asked).items() if times > 1]
