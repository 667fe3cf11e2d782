"""A second step: added, shown at a login, removed; without JavaScript, on a telephone, and heard as it is seen."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import add_app, arrive, fits, looked_at, number
from tests.journeys.test_story import log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@SIZES
def test_customer_adds_an_app_logs_in_with_it_and_removes_it(new_page, customer, size):
    """A private window is asked, refuses yesterday's number in words, and takes the one of the moment."""
    page = new_page(size)
    arrive(page, customer)
    key = add_app(page, customer)
    other = new_page(size)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    looked_at(other)
    other.get_by_label("Nombre à six chiffres").fill(number(key, -2880))
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_label("Nombre à six chiffres")).to_have_value("")
    expect(other.get_by_role("alert")).to_contain_text("Ce n’est pas le nombre attendu")
    looked_at(other)
    other.get_by_label("Nombre à six chiffres").fill(number(key, 1))
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")
    page.get_by_role("link", name="Je n’ai plus mon téléphone").click()
    page.wait_for_url("**/perdu/")
    looked_at(page)
    page.goto("/mon-profil/moyens/")
    page.get_by_role("link", name=re.compile("^Retirer")).click()
    page.wait_for_url("**/retirer/")
    looked_at(page)


def test_everything_works_without_javascript(new_page, customer):
    page = new_page(PHONE, java_script_enabled=False)
    arrive(page, customer)
    key = add_app(page, customer, look=fits)
    other = new_page(PHONE, java_script_enabled=False)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    fits(other)
    other.locator("#id_code").fill(number(key, 1))
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")
