"""A second step: added, shown at a login, removed; without JavaScript, on a telephone, and heard as it is seen."""

import base64
import re
import time

import pytest
from playwright.sync_api import expect

from auth_codes.factors import totp
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in
from tests.journeys.test_axe import AXE, RUN
from tests.journeys.test_story import log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def looked_at(page):
    page.evaluate(AXE)
    assert page.evaluate(RUN) == []
    assert faults_in(page) == []


def key_on(page):
    expect(page.get_by_role("heading", name="Relier l’application")).to_be_visible()
    written = page.locator("strong", has_text=re.compile("^[A-Z2-7 ]{39}$")).inner_text()
    return base64.b32decode(written.replace(" ", ""))


def number(key, ahead=0):
    return totp.code_at(key, int(time.time()) // totp.STEP_SECONDS + ahead)


def two_numbers(key):
    step = int(time.time()) // totp.STEP_SECONDS
    return totp.code_at(key, step - 1), totp.code_at(key, step)


def add_app(page, somebody):
    """The key of the app that is added."""
    page.goto("/mon-profil/moyens/application/")
    looked_at(page)
    page.get_by_label("Code secret", exact=True).fill(somebody["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/confirmer/")
    looked_at(page)
    key = key_on(page)
    first, second = two_numbers(key)
    page.get_by_label("Premier nombre").fill(first)
    page.get_by_label("Nombre suivant").fill(second)
    page.get_by_role("button", name="Ajouter ce moyen").click()
    page.wait_for_url("**/mon-profil/moyens/")
    expect(page.get_by_role("status")).to_contain_text("C’est fait")
    looked_at(page)
    return key


@SIZES
def test_customer_adds_an_app_logs_in_with_it_and_removes_it(new_page, customer, size):
    """A private window is asked, refuses yesterday's number in words, and takes the one of the moment."""
    page = new_page(size)
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
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
    page = new_page(java_script_enabled=False)
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.goto("/mon-profil/moyens/application/")
    page.locator("#id_password").fill(customer["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/confirmer/")
    key = key_on(page)
    for field, typed in zip(("#id_code", "#id_code2"), two_numbers(key), strict=True):
        page.locator(field).fill(typed)
    page.get_by_role("button", name="Ajouter ce moyen").click()
    page.wait_for_url("**/mon-profil/moyens/")
    other = new_page(java_script_enabled=False)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    other.locator("#id_code").fill(number(key, 1))
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")
