"""Somebody who reads no French: guessed from the browser, chosen on the page, and kept through login and logout."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE, close


@pytest.mark.parametrize("has_javascript", [True, False])
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_english_is_chosen_at_the_bottom_of_a_page_and_stays(new_page, customer, size, has_javascript):
    page = new_page(size, java_script_enabled=has_javascript)
    page.goto("/connexion/")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url("/connexion/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_label("Customer number", exact=True).fill(customer["client_code"])
    page.get_by_label("Secret code", exact=True).fill(customer["secret_code"])
    page.locator("main").get_by_role("button", name="Log in").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("status").first).to_contain_text("You are logged out")
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_what_scripts_say_is_english_too(chromium, demo):
    context = chromium.new_context(base_url=demo.url, viewport=PHONE, locale="en-GB")
    page = context.new_page()
    page.goto("/connexion/")
    page.get_by_role("button", name="Show the code").click()
    expect(page.get_by_role("button", name="Hide the code")).to_be_visible()
    page.get_by_text("Type it on the screen").click()
    keypad = page.get_by_role("group", name="Digits of the secret code")
    keypad.get_by_role("button", name="7").click()
    expect(keypad.get_by_role("status")).to_have_text("1 digit of 6")
    close(context)
