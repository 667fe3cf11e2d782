"""A passkey in Chromium's own virtual authenticator: added, shown, refused, removed; and what is said without it."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import add_app, add_passkey, arrive, looked_at, number
from tests.journeys.test_story import log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@SIZES
def test_customer_adds_a_passkey_logs_in_with_it_and_removes_it(at_localhost, customer, size):
    page = at_localhost(size)
    arrive(page, customer)
    key = add_passkey(page, customer)
    other = at_localhost(size)
    moved = key.moved_to(other)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    looked_at(other)
    moved.knows_holder(False)
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_role("alert")).to_contain_text("cet essai ne compte pas")
    looked_at(other)
    moved.knows_holder(True)
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")
    other.goto("/mon-profil/moyens/")
    other.get_by_role("link", name=re.compile("^Retirer")).click()
    other.wait_for_url("**/retirer/")
    looked_at(other)
    other.get_by_role("button", name="Retirer ce moyen").click()
    expect(other.get_by_role("alert")).to_contain_text("Saisissez votre code secret pour retirer ce moyen")
    other.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    other.get_by_role("button", name="Retirer ce moyen").click()
    other.wait_for_url("**/mon-profil/moyens/")
    expect(other.get_by_role("status")).to_contain_text("est retiré")


def test_key_that_holds_one_already_makes_no_second(at_localhost, customer):
    page = at_localhost()
    arrive(page, customer)
    add_passkey(page, customer)
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.wait_for_url("**/cle/")
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/cle/confirmer/")
    page.get_by_role("button", name="Créer ma clé d’accès").click()
    expect(page.get_by_role("alert")).to_contain_text("est déjà l’un de vos moyens")


def test_without_javascript_the_page_names_the_app_which_serves(at_localhost, customer):
    page = at_localhost()
    arrive(page, customer)
    add_passkey(page, customer)
    key = add_app(page, customer)
    other = at_localhost(PHONE, java_script_enabled=False)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    other.get_by_role("link", name="clé d’accès").click()
    other.wait_for_url("**/connexion/second/?moyen=passkey")
    expect(other.get_by_role("main")).to_contain_text("Prenez un autre de vos moyens, ci-dessous.")
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_role("alert")).to_contain_text("n’a rien montré")
    other.get_by_role("link", name="application d’authentification").click()
    other.wait_for_url("**/connexion/second/?moyen=totp")
    other.locator("#id_code").fill(number(key, 1))
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")


def test_demo_at_a_number_says_to_open_localhost(new_page, demo, customer):
    page = new_page()
    arrive(page, customer)
    page.goto("/mon-profil/moyens/cle/")
    address = demo.url.replace("127.0.0.1", "localhost")
    expect(page.get_by_role("link", name=f"{address}/mon-profil/moyens/cle/")).to_be_visible()
    looked_at(page)
