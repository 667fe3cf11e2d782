"""A customer changes his contacts himself: by an app, by a key, without JavaScript, on a telephone."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import add_app, add_passkey, arrive, fits, looked_at, number

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def type_new_contacts(page):
    page.goto("/mon-profil/")
    page.get_by_role("link", name="Modifier mes coordonnées").click()
    page.wait_for_url("**/modifier/")
    page.locator("#id_email").fill("nouvelle.adresse@example.net")
    page.locator("#id_street").fill("1 rue Neuve")


@SIZES
def test_customer_changes_them_with_an_app_and_answers_for_the_new_address(new_page, customer, size):
    page = new_page(size)
    arrive(page, customer)
    page.goto("/mon-profil/coordonnees/modifier/")
    expect(page.get_by_text("La liste imprimée ne suffit pas")).to_be_visible()
    looked_at(page)
    key = add_app(page, customer)
    type_new_contacts(page)
    looked_at(page)
    page.locator("#id_mobile_phone").fill("12")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("n’est pas reconnu")
    looked_at(page)
    page.locator("#id_mobile_phone").fill("07 98 76 54 32")
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/confirmer/")
    looked_at(page)
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_label("Nombre à six chiffres").fill(number(key, -2880))
    page.get_by_role("button", name="Modifier mes coordonnées").click()
    expect(page.get_by_role("alert")).to_contain_text("Code secret ou nombre incorrect")
    looked_at(page)
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_label("Nombre à six chiffres").fill(number(key, 1))
    page.get_by_role("button", name="Modifier mes coordonnées").click()
    page.wait_for_url("**/mon-profil/")
    expect(page.get_by_role("status")).to_contain_text("C’est fait")
    looked_at(page)
    page.get_by_role("button", name="Oui, j’y reçois vos messages").click()
    expect(page.get_by_role("status")).to_contain_text("cette adresse électronique est confirmée")


def test_without_javascript_the_app_confirms_it(new_page, customer):
    page = new_page(java_script_enabled=False)
    arrive(page, customer)
    key = add_app(page, customer, look=fits)
    type_new_contacts(page)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/confirmer/")
    page.locator("#id_password").fill(customer["secret_code"])
    page.locator("#id_code").fill(number(key, 1))
    page.get_by_role("button", name="Modifier mes coordonnées").click()
    page.wait_for_url("**/mon-profil/")
    expect(page.get_by_text("nouvelle.adresse@example.net").first).to_be_visible()


def test_key_signs_what_was_read(at_localhost, customer):
    page = at_localhost()
    arrive(page, customer)
    add_passkey(page, customer)
    type_new_contacts(page)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/confirmer/")
    looked_at(page)
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_role("button", name="Modifier mes coordonnées").click()
    page.wait_for_url("**/mon-profil/")
    expect(page.get_by_role("status")).to_contain_text("C’est fait")
