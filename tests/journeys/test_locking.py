"""A frightened customer locks his access; nobody gets in until two advisors, or he by an older moyen, unlock it."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import add_app, looked_at, number
from tests.journeys.test_story import log_in, open_sheet, print_letters, staff_log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
LOCK_CODE = re.compile(r"Code de verrouillage\s*:\s*([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})")


def opens_nothing(page, demo, person):
    """The right codes reach the page that says how the access is unlocked, and no other."""
    log_in(page, person["client_code"], person["secret_code"])
    expect(page).to_have_url(f"{demo.url}/deverrouiller/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre accès est verrouillé")
    page.goto("/espace-client/")
    expect(page).to_have_url(re.compile("/connexion/"))


def unlock(new_page, demo, client_code):
    """By two advisors."""
    first, second = new_page(), new_page()
    staff_log_in(first, demo, 0)
    open_sheet(first, client_code)
    expect(first.locator(".errornote")).to_contain_text("Accès verrouillé")
    first.locator(".errornote").get_by_role("link", name="Déverrouiller").click()
    first.get_by_label("pièce d’identité vue en agence").check()
    first.locator("#content").get_by_role("button", name="Déverrouiller l’accès").click()
    expect(first.locator(".messagelist")).to_contain_text("Déverrouillage demandé")

    staff_log_in(second, demo, 1)
    second.get_by_role("link", name="Déverrouillages d’accès").first.click()
    second.locator("#result_list tbody a").first.click()
    second.get_by_role("button", name="Approuver").click()
    expect(second.locator(".messagelist")).to_contain_text("Accès déverrouillé")


@SIZES
def test_access_locked_by_both_codes_opens_again_by_two_advisors(demo, new_page, customer, size):
    inside, outside = new_page(size), new_page(size)
    log_in(inside, customer["client_code"], customer["secret_code"])
    expect(inside).to_have_url(f"{demo.url}/espace-client/")

    outside.goto("/connexion/")
    outside.get_by_role("link", name="Une crainte ? Verrouiller mon accès").click()
    expect(outside).to_have_url(f"{demo.url}/verrouiller/")
    outside.get_by_label("Code client", exact=True).fill(customer["client_code"])
    outside.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    outside.get_by_role("button", name="Verrouiller maintenant").click()
    expect(outside).to_have_url(f"{demo.url}/verrouiller/recu/")
    expect(outside.get_by_role("heading", level=1)).to_contain_text("votre accès est verrouillé")

    inside.goto("/espace-client/")
    expect(inside).to_have_url(re.compile("/connexion/"))
    opens_nothing(inside, demo, customer)
    unlock(new_page, demo, customer["client_code"])

    log_in(inside, customer["client_code"], customer["secret_code"])
    expect(inside).to_have_url(f"{demo.url}/espace-client/")
    inside.goto("/espace-client/documents/")
    expect(inside.get_by_text("Reçu de verrouillage").first).to_be_visible()


@SIZES
def test_access_locked_by_the_code_of_the_letter(demo, new_page, newcomer, size):
    letter = next(text for text in print_letters(demo) if newcomer["secret_code"] in text)
    page = new_page(size)
    page.goto("/verrouiller/")
    page.get_by_label("Code de verrouillage", exact=True).fill(LOCK_CODE.search(letter)[1].lower().replace("-", " "))
    page.get_by_role("button", name="Verrouiller avec ce code").click()
    expect(page).to_have_url(f"{demo.url}/verrouiller/recu/")
    opens_nothing(page, demo, newcomer)


@SIZES
def test_access_locked_from_the_profile(demo, new_page, customer, size):
    page = new_page(size)
    log_in(page, customer["client_code"], customer["secret_code"])
    expect(page).to_have_url(f"{demo.url}/espace-client/")
    page.goto("/mon-profil/")
    page.locator("#content, main").get_by_role("link", name="Verrouiller mon accès").click()
    expect(page).to_have_url(f"{demo.url}/mon-profil/verrouiller/")
    page.get_by_role("button", name="Verrouiller maintenant").click()
    expect(page).to_have_url(f"{demo.url}/verrouiller/recu/")
    opens_nothing(page, demo, customer)


@SIZES
def test_who_has_an_app_unlocks_his_access_himself(demo, new_page, customer, size):
    """Where nothing rests, as in the demo. A wrong number is told in words, and the right one leads to the login."""
    page = new_page(size)
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    key = add_app(page, customer)
    page.goto("/mon-profil/verrouiller/")
    page.get_by_role("button", name="Verrouiller maintenant").click()
    page.wait_for_url("**/verrouiller/recu/")
    opens_nothing(page, demo, customer)
    page.goto("/deverrouiller/")
    expect(page.get_by_role("heading", name="Déverrouiller tout de suite")).to_be_visible()
    looked_at(page)
    page.get_by_label("Nombre à six chiffres").fill(number(key, -2880))
    page.get_by_role("button", name="Déverrouiller mon accès").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas le nombre attendu")
    looked_at(page)
    page.get_by_label("Nombre à six chiffres").fill(number(key, 1))
    page.get_by_role("button", name="Déverrouiller mon accès").click()
    page.wait_for_url("**/connexion/")
    expect(page.get_by_role("status").first).to_contain_text("Votre accès est déverrouillé")
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
