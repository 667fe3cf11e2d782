"""Further back than 90 days: the moyen once, and back to the same search; without JavaScript, on a telephone too."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import add_app, arrive, fits, looked_at, number

WAYS = pytest.mark.parametrize(
    ("size", "has_scripts"), [(DESK, True), (PHONE, True), (PHONE, False)], ids=["desk", "phone", "no JavaScript"]
)


@WAYS
def test_customer_shows_his_app_once_and_comes_back_to_his_search(new_page, customer, size, has_scripts):
    page = new_page(size, java_script_enabled=has_scripts)
    look = looked_at if has_scripts else fits
    arrive(page, customer)
    key = add_app(page, customer, look)
    page.context.clear_cookies(name=re.compile("session"))
    arrive(page, customer)  # a known device, on which it was shown: the codes are enough
    look(page)
    page.locator("a.account").first.click()
    page.wait_for_url("**/comptes/*/")
    look(page)
    page.goto(f"{page.url}?search=e&direction=out")
    expect(page.get_by_role("heading", name="La recherche s’arrête à 90 jours")).to_be_visible()
    look(page)
    address = page.url
    page.get_by_role("link", name="Voir plus loin que 90 jours").click()
    page.wait_for_url("**/plus-loin/?suite=*")
    look(page)
    page.locator("#id_code").fill("000000")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Ce n’est pas le nombre attendu").first).to_be_visible()
    look(page)
    page.locator("#id_code").fill(number(key, 1))
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url(address)
    expect(page.get_by_role("heading", name="La recherche s’arrête à 90 jours")).to_have_count(0)
