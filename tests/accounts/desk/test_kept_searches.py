"""What was typed into the search stands in no address, no log and no row, and comes back to who has typed it alone."""

import pytest

from accounts.desk import kept_searches
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of

CLIENTS = "/admin/accounts/client/"
pytestmark = pytest.mark.django_db


def address_of(browser, said) -> str:
    return browser.post(CLIENTS, {"said": said}).url


@pytest.mark.parametrize("said", ["Martin", "06 12 34 56 78", "FR76 9999 9000 0112 3456 7890 152", "Łucja Ελένη 李"])
def test_address_of_results_tells_nothing_of_what_was_typed(advisor_browser, said):
    address = address_of(advisor_browser, said)
    assert not any(word.casefold() in address.casefold() for word in said.split() if len(word) > 3)
    assert f'value="{said}"' in advisor_browser.get(address).content.decode()


def test_same_text_has_another_address_each_time(advisor_browser):
    assert address_of(advisor_browser, "Martin") != address_of(advisor_browser, "Martin")


def test_page_of_results_is_found_again_from_a_sheet_and_beside_other_searches(advisor_browser, client_):
    first = address_of(advisor_browser, "Martin")
    for _ in range(20):
        address_of(advisor_browser, "Dupont")
    assert "MARTIN" in text_of(advisor_browser.get(first))


def test_nobody_else_opens_it(advisor_browser, client_):
    address = address_of(advisor_browser, "Martin")
    other = StrictBrowser.logged_in(makers.make_advisor("marc.lefevre"))
    answer = other.get(address)
    assert "retapez-la" in text_of(answer)
    assert "MARTIN" not in text_of(answer)


@pytest.mark.parametrize("token", ["x", "%00", "é", "gAAAAA", "١٢", "a" * 5000])
def test_token_of_nobody_is_no_failure(advisor_browser, token):
    answer = advisor_browser.get(f"{CLIENTS}?recherche={token}")
    assert answer.status_code == 200
    assert "retapez-la" in text_of(answer)


def test_token_ends_with_the_day(advisor, monkeypatch):
    token = kept_searches.sealed("Martin", advisor)
    monkeypatch.setattr(kept_searches, "KEPT_FOR", -kept_searches.KEPT_FOR)
    assert kept_searches.opened(token, advisor) is None


def test_earlier_address_searches_nothing_and_says_where_to_type(advisor_browser, client_):
    answer = advisor_browser.get(CLIENTS, {"q": "martin"}, follow=True)
    assert answer.redirect_chain == [(CLIENTS, 302)]
    assert "tapez votre recherche dans la case du haut" in text_of(answer)
    assert "MARTIN" not in text_of(answer)


@pytest.mark.parametrize("page", ["/admin/", CLIENTS, f"{CLIENTS}add/", "/admin/auth_codes/renewal/"])
def test_box_is_on_each_page_and_waits_for_the_first_word_where_nothing_else_is_typed(advisor_browser, page):
    text = advisor_browser.get(page).content.decode()
    assert text.count('role="search"') == 1
    assert f'method="post" action="{CLIENTS}"' in text
    assert ("autofocus" in text.split('role="search"')[1].split("</form>")[0]) == (page in ("/admin/", CLIENTS))


def test_who_may_see_no_client_has_no_box(db):
    clerk = makers.make_advisor("sans.droit")
    clerk.groups.clear()
    assert 'role="search"' not in StrictBrowser.logged_in(clerk).get("/admin/").content.decode()
