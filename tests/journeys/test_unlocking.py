"""Who has had a moyen for long undoes his lock himself; whoever has a young one is told who helps him."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import (
    activate_list,
    add_app,
    add_passkey,
    age,
    arrive,
    fill_list_code,
    fits,
    looked_at,
    number,
    opened,
    order_list,
)
from tests.journeys.test_story import log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
WRONG = "296503"


def lock(page):
    """From « Mon profil », up to the receipt."""
    page.goto("/mon-profil/")
    page.get_by_role("main").get_by_role("link", name="Verrouiller mon accès").click()
    page.wait_for_url("**/mon-profil/verrouiller/")
    page.get_by_role("button", name="Verrouiller maintenant").click()
    page.wait_for_url("**/verrouiller/recu/")


def type_codes(page, somebody):
    """Of a locked access: they lead to the page that opens it."""
    log_in(page, somebody["client_code"], somebody["secret_code"])
    page.wait_for_url("**/deverrouiller/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre accès est verrouillé")


def unlocked(page, somebody):
    """The page says so, and the codes open the space again: on this device the moyen was shown a moment ago."""
    page.wait_for_url("**/connexion/")
    expect(page.get_by_role("status").first).to_contain_text("Votre accès est déverrouillé")
    arrive(page, somebody)


@SIZES
def test_passkey_older_than_the_lock_undoes_it(at_localhost, customer, demo, size):
    """From the receipt to the page that tells how, past a wrong code and a key that does not know who holds it."""
    page = at_localhost(size)
    arrive(page, customer)
    key = add_passkey(page, customer)
    age(demo, customer, days=90)
    page.goto("/mon-profil/verrouiller/")
    looked_at(page)
    lock(page)
    looked_at(page)
    page.get_by_role("link", name="Saisir mes deux codes").click()
    page.wait_for_url("**/connexion/")
    log_in(page, customer["client_code"], WRONG)
    expect(page.get_by_role("alert")).to_contain_text("Code client ou code secret incorrect")
    looked_at(page)
    type_codes(page, customer)
    expect(page.get_by_role("heading", name="Déverrouiller tout de suite")).to_be_visible()
    looked_at(page)
    key.knows_holder(False)
    page.get_by_role("button", name="Déverrouiller mon accès").click()
    expect(page.get_by_role("alert")).to_contain_text("cet essai ne compte pas")
    looked_at(page)
    key.knows_holder(True)
    page.get_by_role("button", name="Déverrouiller mon accès").click()
    page.wait_for_url("**/connexion/")
    looked_at(page)
    unlocked(page, customer)


@SIZES
def test_passkey_younger_than_the_lock_opens_nothing_and_the_page_says_who_does(at_localhost, customer, demo, size):
    page = at_localhost(size)
    arrive(page, customer)
    add_passkey(page, customer)
    lock(page)
    age(demo, customer, days=0)  # since the lock
    type_codes(page, customer)
    told = page.get_by_role("status").first
    expect(told).to_contain_text("il ne peut pas déverrouiller votre accès")
    expect(told).to_contain_text("Appelez-nous, ou venez en agence")
    expect(page.get_by_role("button", name="Déverrouiller mon accès")).to_have_count(0)
    expect(page.get_by_role("heading", name="Appelez ou venez en agence")).to_be_visible()
    expect(page.get_by_role("link", name="Saisir mes deux codes")).to_have_count(0)
    looked_at(page)


@pytest.mark.parametrize("kind", ["app", "list"])
def test_without_javascript_an_app_or_a_list_undoes_it(new_page, customer, demo, kind):
    page = new_page(PHONE, java_script_enabled=False)
    arrive(page, customer)
    if kind == "app":
        key, codes = add_app(page, customer, look=fits), {}
    else:
        order_list(page, customer)
        letter, codes = opened(demo)
        activate_list(page, customer, letter, codes)
    age(demo, customer, days=90)
    lock(page)
    fits(page)
    type_codes(page, customer)
    fits(page)
    if kind == "app":
        page.locator("#id_code").fill(number(key, -2880))
    else:
        page.locator("#id_list_code").fill("1234 5670")
    page.get_by_role("button", name="Déverrouiller mon accès").click()
    expect(page.get_by_role("alert")).to_be_visible()
    fits(page)
    if kind == "app":
        page.locator("#id_code").fill(number(key, 1))
    else:
        fill_list_code(page, codes)
    page.get_by_role("button", name="Déverrouiller mon accès").click()
    unlocked(page, customer)
