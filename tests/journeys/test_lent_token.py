"""A token of the bank: put into use by its borrower, shown at a login, set right; without JavaScript too."""

import re
import time

import pytest
from playwright.sync_api import expect

from accounts.demo.tokens import SERIALS, key_of
from auth_codes.factors import totp
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import looked_at
from tests.journeys.test_story import log_in

SIZES = pytest.mark.parametrize(("size", "serial"), [(DESK, SERIALS[1]), (PHONE, SERIALS[2])], ids=["desk", "phone"])


LEND = """
from django.utils import timezone
from accounts.models import User
from auth_codes.actor import SYSTEM
from auth_codes.factors import tokens
tokens.lend(User.objects.get(username="{}"), "{}", by=SYSTEM, now=timezone.now())
"""


def number(serial, ahead=0):
    return totp.code_at(key_of(serial), int(time.time()) // totp.STEP_SECONDS + ahead)


def fill_two(page, serial, ahead=0):
    page.locator("#id_token_code").fill(number(serial, ahead - 1))
    page.locator("#id_token_code2").fill(number(serial, ahead))


def lend(demo, customer, serial):
    """As the desk does."""
    demo.manage("shell", "-v0", "-c", LEND.format(customer["client_code"], serial))


@SIZES
def test_customer_puts_the_token_into_use_logs_in_by_it_and_sets_it_right(new_page, customer, demo, size, serial):
    lend(demo, customer, serial)
    page = new_page(size)
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.goto("/mon-profil/moyens/")
    looked_at(page)
    page.get_by_role("link", name="Activer mon boîtier").click()
    expect(page.get_by_text(serial)).to_be_visible()
    looked_at(page)
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/boitier/confirmer/")
    looked_at(page)
    page.locator("#id_token_code").fill("000000")
    page.locator("#id_token_code2").fill("111111")
    page.get_by_role("button", name="Activer le boîtier").click()
    expect(page.get_by_role("alert")).to_contain_text("ne se suivent pas")
    looked_at(page)
    fill_two(page, serial)
    page.get_by_role("button", name="Activer le boîtier").click()
    page.wait_for_url("**/mon-profil/moyens/")
    expect(page.get_by_role("status")).to_contain_text("C’est fait")
    looked_at(page)
    other = new_page(size)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    looked_at(other)
    other.get_by_label("Nombre du boîtier").fill(number(serial, -2880))
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_role("alert")).to_contain_text("Ce n’est pas le nombre attendu")
    expect(other.get_by_label("Nombre suivant")).to_be_visible()
    looked_at(other)
    fill_two(other, serial, 1)
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")
    page.get_by_role("link", name=re.compile("^Recaler")).click()
    page.wait_for_url("**/recaler/")
    looked_at(page)
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    fill_two(page, serial, 3)
    page.get_by_role("button", name="Recaler le boîtier").click()
    page.wait_for_url("**/mon-profil/moyens/")
    expect(page.get_by_role("status")).to_contain_text("de nouveau à l’heure")


def test_everything_works_without_javascript(new_page, customer, demo):
    serial = SERIALS[3]
    lend(demo, customer, serial)
    page = new_page(java_script_enabled=False)
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.goto("/mon-profil/moyens/boitier/")
    page.locator("#id_password").fill(customer["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/confirmer/")
    fill_two(page, serial)
    page.get_by_role("button", name="Activer le boîtier").click()
    page.wait_for_url("**/mon-profil/moyens/")
    other = new_page(java_script_enabled=False)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    other.locator("#id_token_code").fill(number(serial, 1))
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")
