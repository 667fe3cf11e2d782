"""A printed list: ordered, opened by the workshop, activated, asked for at a login; with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_second_step import looked_at
from tests.journeys.test_story import log_in
from tests.pdfs import read

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def opened(demo):
    """What the demo's workshop prints of the list that was just ordered: its letter's number, its codes."""
    folder = demo.var / "demo_letters"
    before = set(folder.glob("*.pdf"))
    demo.manage("demo_post")
    papers = [read(path.read_bytes()) for path in set(folder.glob("*.pdf")) - before]
    texts = [" ".join(paper.pages[0].extract_text().split()) for paper in papers]
    [text] = [text for text in texts if "Votre liste de codes" in text]
    codes = {int(number): code for number, *code in re.findall(r"\b(\d{1,2}) (\d{4}) (\d{4})\b", text)}
    assert len(codes) == 40
    return re.search("[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", text)[0], codes


def order(page, somebody):
    page.goto("/mon-profil/moyens/liste/")
    page.locator("#id_password").fill(somebody["secret_code"])
    page.get_by_role("button", name="Commander la liste").click()
    page.wait_for_url("**/mon-profil/moyens/")
    expect(page.get_by_role("heading", name="Votre liste de codes est commandée")).to_be_visible()


def asked(page):
    return int(page.locator("input[name=number]").get_attribute("value"))


def activate(page, somebody, number, codes):
    page.goto("/mon-profil/moyens/liste/activer/")
    page.locator("#id_password").fill(somebody["secret_code"])
    page.get_by_label("Numéro du courrier").fill(number)
    page.get_by_label(f"Code n° {asked(page)}").fill(" ".join(codes[asked(page)]))
    page.get_by_role("button", name="Activer la liste").click()
    page.wait_for_url("**/mon-profil/moyens/")
    expect(page.get_by_text("Il reste 39 codes.")).to_be_visible()


def slipped(code):
    first, last = code
    return f"{first} {last[:-1]}{(int(last[-1]) + 1) % 10}"


@SIZES
def test_customer_orders_a_list_activates_it_and_logs_in_with_it(new_page, customer, demo, size):
    """A private window is asked « code n° 12 », is told of a slip, and takes the code as it is printed."""
    page = new_page(size)
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.goto("/mon-profil/moyens/liste/")
    looked_at(page)
    order(page, customer)
    looked_at(page)
    number, codes = opened(demo)
    page.goto("/mon-profil/moyens/liste/activer/")
    looked_at(page)
    activate(page, customer, number, codes)
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
    page = new_page(java_script_enabled=False)
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    order(page, customer)
    activate(page, customer, *opened(demo))
