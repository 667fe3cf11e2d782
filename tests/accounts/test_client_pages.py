"""What a client sees: overview, an account, his profile."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import BankAccount, ServiceContract
from accounts.opening import open_account, open_service_contract
from auth_codes.models import SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

OVERVIEW, PROFILE = "/espace-client/", "/mon-profil/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def text_of(answer) -> str:
    return re.sub(r"[ \n\u00a0]+", " ", unescape(answer.content.decode()))


def page_of(account) -> str:
    return f"/espace-client/comptes/{account.pk}/"


def pages_of(client) -> list[str]:
    return [OVERVIEW, page_of(client.bank_accounts.first()), PROFILE]


def book(account, count: int, amount: str = "1.00"):
    makers.make_operations(account, *[amount] * count, days=1)


def queries_of(browser, page) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(page).status_code == 200
    return len(queries)


@pytest.mark.parametrize("place", range(3))
def test_anonymous_is_sent_to_login_and_back_here_afterwards(browser, client_, place):
    page = pages_of(client_)[place]
    answer = browser.get(page)
    assert (answer.status_code, answer.url) == (302, f"/connexion/?next={page}")


@pytest.mark.parametrize("place", range(3))
def test_staff_find_nothing(advisor_browser, client_, place):
    assert advisor_browser.get(pages_of(client_)[place]).status_code == 404


@pytest.mark.parametrize("place", range(3))
def test_default_code_opens_no_page_but_the_one_that_replaces_it(new_client, place):
    browser = StrictBrowser.logged_in(new_client.user)
    answer = browser.get(pages_of(new_client)[place])
    assert (answer.status_code, answer.url) == (302, "/mon-profil/code-secret/")


@pytest.mark.parametrize("place", range(3))
def test_page_opens_and_stays_in_no_cache(client_browser, client_, place):
    answer = client_browser.get(pages_of(client_)[place])
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_account_of_another_client_is_not_found(client_browser, advisor):
    other = makers.make_personalised_client(advisor, family_name="Autre")
    assert client_browser.get(page_of(other.bank_accounts.get())).status_code == 404


def test_account_that_does_not_exist_is_not_found(client_browser):
    assert client_browser.get("/espace-client/comptes/999999/").status_code == 404
    assert client_browser.get("/espace-client/comptes/99999999999999999999999/").status_code == 404


def test_overview_shows_each_account_its_balance_and_the_total(client_browser, client_, advisor):
    current = client_.bank_accounts.get()
    savings = open_account(client_, kind=BankAccount.Kind.SAVINGS, by=advisor)
    book(current, 2, "-600.25")
    book(savings, 1, "3000")
    page = text_of(client_browser.get(OVERVIEW))
    for shown in ("Compte courant", "\u22121\u202f200,50 €", "à découvert", "Livret d’épargne", "3\u202f000,00 €"):
        assert shown in page
    assert "1\u202f799,50 €" in page
    assert f'href="{page_of(current)}"' in page


def test_overview_shows_nothing_of_another_client(client_browser, advisor):
    other = makers.make_personalised_client(advisor, given_names="Zoé", family_name="Autre")
    open_service_contract(other, kind=ServiceContract.Kind.CARD, by=advisor)
    page = text_of(client_browser.get(OVERVIEW))
    for hidden in ("AUTRE", other.bank_accounts.get().number_display, other.service_contracts.get().number):
        assert hidden.replace("\u00a0", " ") not in page


def test_overview_lists_the_contracts(client_browser, client_, advisor):
    contract = open_service_contract(client_, kind=ServiceContract.Kind.INSURANCE, by=advisor)
    page = text_of(client_browser.get(OVERVIEW))
    assert "Assurance" in page
    assert contract.number in page


def test_client_with_a_contract_alone_is_told_that_there_is_no_account_yet(client_browser, client_):
    client_.holdings.all().delete()
    assert "Vous n’avez pas encore de compte" in text_of(client_browser.get(OVERVIEW))


def test_overview_costs_as_many_queries_for_many_accounts_as_for_one(client_browser, client_, advisor):
    queries_of(client_browser, OVERVIEW)
    few = queries_of(client_browser, OVERVIEW)
    for _ in range(5):
        book(open_account(client_, kind=BankAccount.Kind.SAVINGS, by=advisor), 3)
    assert queries_of(client_browser, OVERVIEW) == few


def test_account_shows_number_iban_balance_and_entries_the_latest_first(client_browser, client_):
    account = client_.bank_accounts.get()
    book(account, 3)
    page = text_of(client_browser.get(page_of(account)))
    for shown in (account.number_display, account.iban_display, "3,00 €"):
        assert shown.replace("\u00a0", " ") in page
    assert page.index("Opération 2") < page.index("Opération 1") < page.index("Opération 0")


def test_account_without_entries_says_so(client_browser, client_):
    page = text_of(client_browser.get(page_of(client_.bank_accounts.get())))
    assert "Aucune opération sur ce compte pour le moment." in page


@pytest.mark.parametrize(
    ("asked", "number", "shown"),
    [("", 1, 50), ("?page=2", 2, 50), ("?page=3", 3, 7), ("?page=99", 3, 7), ("?page=-1", 3, 7), ("?page=x", 1, 50)],
)
def test_entries_come_fifty_to_a_page(client_browser, client_, asked, number, shown):
    account = client_.bank_accounts.get()
    book(account, 107)
    page = client_browser.get(page_of(account) + asked).context["page"]
    assert (page.number, len(page.object_list)) == (number, shown)


def test_every_entry_is_on_exactly_one_page(client_browser, client_):
    account = client_.bank_accounts.get()
    makers.make_operations(account, *["1.00"] * 120)
    pages = [client_browser.get(f"{page_of(account)}?page={number}").context["page"] for number in (1, 2, 3)]
    seen = [entry.pk for page in pages for entry in page]
    assert sorted(seen) == sorted(account.entries.values_list("pk", flat=True))


def test_thousands_of_entries_cost_as_many_queries_as_a_few(client_browser, client_):
    account = client_.bank_accounts.get()
    book(account, 60)
    queries_of(client_browser, page_of(account))
    few = queries_of(client_browser, page_of(account))
    makers.make_operations(account, *["1.00"] * 5000, day=date(2026, 6, 1))
    assert queries_of(client_browser, f"{page_of(account)}?page=100") == few


def test_profile_shows_identity_and_code_client(client_browser, client_):
    page = text_of(client_browser.get(PROFILE))
    for shown in (
        "Inès Léa", "Martin", "25 juillet 1988", "12 rue des Lilas", "69003 LYON", "06 12 34 56 78", "ines@example.org",
        "Claire Dubois", client_.client_code_display,
    ):  # fmt: skip
        assert shown.replace("\u00a0", " ") in page


def test_profile_lists_this_client_s_connections_alone(client_browser, client_, advisor):
    other = makers.make_personalised_client(advisor, family_name="Autre")
    SecurityEvent.objects.create(kind="logged_in", owner=client_.user, user_agent=FIREFOX)
    SecurityEvent.objects.create(kind="logged_in", owner=other.user, user_agent="Windows Edg/1")
    page = text_of(client_browser.get(PROFILE))
    assert "Firefox sur Linux" in page
    assert "Edge" not in page


def test_first_connection_is_welcomed(client_browser):
    assert "Première connexion" in text_of(client_browser.get(OVERVIEW))


def test_last_connection_is_the_one_before_this_session(client_browser, client_):
    earlier = timezone.now().replace(year=2025, month=3, day=14, hour=8, minute=5)
    SecurityEvent.objects.create(kind="logged_in", owner=client_.user, at=earlier)
    page = text_of(client_browser.get(OVERVIEW))
    assert re.search(r"Dernière connexion\s: <time[^>]*>vendredi 14 mars 2025", page)


def test_no_page_holds_a_secret_code(client_browser, client_):
    for page in pages_of(client_):
        assert makers.CODE not in client_browser.get(page).content.decode()


@pytest.mark.parametrize("page", ["/", "/code-client-oublie/", "/code-secret-oublie/", "/conseils-securite/"])
def test_public_page_opens_for_all(browser, client_browser, advisor_browser, page):
    for visitor in (browser, client_browser, advisor_browser):
        assert visitor.get(page).status_code == 200


def test_inactive_client_is_out_at_once(client_browser, client_):
    get_user_model().objects.filter(pk=client_.user.pk).update(is_active=False)
    assert client_browser.get(OVERVIEW).status_code == 302
