"""A printed list: ordered, opened by the workshop, activated, asked for at a login; with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import activate_list, arrive, asked, fill_list_code, fits, looked_at, opened, order_list
from tests.journeys.test_story import log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def slipped(code):
    first, last = code
    return f"{first} {last[:-1]}{(int(last[-1]) + 1) % 10}"


@SIZES
def test_customer_orders_a_list_activates_it_and_logs_in_with_it(new_page, customer, demo, size):
    """A private window is asked « code n° 12 », is told of a slip, and takes the code as it is printed."""
    page = new_page(size)
    arrive(page, customer)
    page.goto("/mon-profil/moyens/liste/")
    looked_at(page)
    order_list(page, customer)
    looked_at(page)
    number, codes = opened(demo)
    page.goto("/mon-profil/moyens/liste/activer/")
    looked_at(page)
    activate_list(page, customer, number, codes)
    looked_at(page)
    other = new_page(size)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    looked_at(other)
    field = other.get_by_label(f"Code n° {asked(other)}")
    field.fill(slipped(codes[asked(other)]))
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_role("alert")).to_contain_text("Un chiffre est mal recopié")
    looked_at(other)
    field.fill(" ".join(codes[asked(other)]))
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")


def test_everything_works_without_javascript(new_page, customer, demo):
    """Ordered, activated, and shown at a login in another window, which counts down what is left."""
    page = new_page(PHONE, java_script_enabled=False)
    arrive(page, customer)
    order_list(page, customer)
    fits(page)
    letter, codes = opened(demo)
    activate_list(page, customer, letter, codes)
    fits(page)
    other = new_page(PHONE, java_script_enabled=False)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    fits(other)
    other.locator("#id_list_code").fill(slipped(codes[asked(other)]))
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_role("alert")).to_contain_text("Un chiffre est mal recopié")
    fits(other)
    fill_list_code(other, codes)
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")
    other.goto("/mon-profil/moyens/")
    expect(other.get_by_text("Il reste 38 codes.")).to_be_visible()
