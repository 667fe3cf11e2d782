"""What a client sees of himself, and what holds for all the pages of the Espace Client."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts import client_codes
from accounts.models import Client
from auth_codes.models import SecurityEvent
from tests import makers
from tests.pages import text_of

OVERVIEW, PROFILE = "/espace-client/", "/mon-profil/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def page_of(account) -> str:
    return f"/espace-client/comptes/{account.pk}/"


def pages_of(client) -> list[str]:
    return [OVERVIEW, page_of(client.bank_accounts.first()), PROFILE]


@pytest.mark.parametrize("place", range(3))
def test_page_opens_and_stays_in_no_cache(client_browser, client_, place):
    answer = client_browser.get(pages_of(client_)[place])
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_profile_shows_identity_and_code_client(client_browser, client_):
    page = text_of(client_browser.get(PROFILE)).replace("<wbr>", "")
    for shown in (
        "Inès Léa", "Martin", "25 juillet 1988", "12 rue des Lilas", "69003 LYON", "06 12 34 56 78", "ines@example.org",
        "Claire Dubois", client_codes.display(client_.client_code),
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


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("anne.b@example.org", "anne.<wbr>b@<wbr>example.<wbr>org"),
        ("", "Aucune, nous vous écrivons par courrier postal"),
    ],
)
def test_profile_breaks_a_long_address_after_its_signs_or_says_that_there_is_none(
    client_browser, client_, email, shown
):
    Client.objects.filter(pk=client_.pk).update(email=email)
    page = client_browser.get(PROFILE).content.decode()
    assert f"<dt>Adresse électronique</dt><dd>{shown}</dd>" in page
