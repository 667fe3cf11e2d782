"""A forgotten code, renewed by a letter: asked for online, or by two advisors."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_story import OWN_CODE, choose_code, log_in, log_out, open_sheet, print_letters, staff_log_in

CODE_PAGE = "/mon-profil/code-secret/"


def post_what_waits(demo):
    """Letters that other journeys have left: the next one to be printed is then this one's own."""
    demo.manage("demo_post")


def only_letter(demo):
    """Code and letter number in the one letter that waits."""
    [text] = print_letters(demo)
    return re.search(r"(?<!\d)\d{6}(?!\d)", text)[0], re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text)[0]


def log_in_by_letter(page, client_code, secret_code, letter_number):
    page.goto("/connexion/")
    page.get_by_label("Code client", exact=True).fill(client_code)
    page.get_by_label("Code secret", exact=True).fill(secret_code)
    page.get_by_text("J’ai reçu un nouveau code par courrier").click()
    page.get_by_label("Numéro du courrier").fill(letter_number)
    page.get_by_role("button", name="Me connecter").click()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_code_asked_for_online_replaces_the_old_one_when_it_is_first_used(demo, new_page, customer, size):
    post_what_waits(demo)
    page = new_page(size)
    page.goto("/connexion/")
    page.get_by_role("link", name="Code secret oublié ?").click()
    page.get_by_label("Code client", exact=True).fill(customer["client_code"])
    page.get_by_role("button", name="Recevoir un code par courrier").click()
    expect(page.get_by_role("status")).to_contain_text("Votre demande est enregistrée")
    demo.manage("issue_requested_letters")
    code, number = only_letter(demo)

    log_in(page, customer["client_code"], customer["secret_code"])
    expect(page).to_have_url(f"{demo.url}/espace-client/")
    log_out(page)
    log_in(page, customer["client_code"], code)
    expect(page.get_by_role("alert")).to_contain_text("incorrect")
    log_in_by_letter(page, customer["client_code"], code, number)
    expect(page).to_have_url(demo.url + CODE_PAGE)
    choose_code(page, code, OWN_CODE)
    expect(page).to_have_url(f"{demo.url}/espace-client/")


def test_code_renewed_by_two_advisors_replaces_the_old_one_at_once(demo, new_page, customer):
    post_what_waits(demo)
    client, first, second = new_page(), new_page(), new_page()
    log_in(client, customer["client_code"], customer["secret_code"])
    expect(client).to_have_url(f"{demo.url}/espace-client/")

    staff_log_in(first, demo, 0)
    open_sheet(first, customer["client_code"])
    first.get_by_role("link", name="Renouveler le code secret").click()
    first.get_by_label("pièce d’identité vue en agence").check()
    first.get_by_role("button", name="Demander un nouveau code secret").click()
    expect(first.locator(".messagelist")).to_contain_text("Renouvellement demandé")

    staff_log_in(second, demo, 1)
    second.get_by_role("link", name="Renouvellements de code secret").first.click()
    second.locator("#result_list tbody a").first.click()
    second.get_by_role("button", name="Approuver").click()
    expect(second.locator(".messagelist")).to_contain_text("l’ancien code est annulé")

    client.goto("/espace-client/")
    expect(client).to_have_url(re.compile("/connexion/"))
    log_in(client, customer["client_code"], customer["secret_code"])
    expect(client.get_by_role("alert")).to_contain_text("incorrect")
    code, _ = only_letter(demo)
    log_in(client, customer["client_code"], code)
    expect(client).to_have_url(demo.url + CODE_PAGE)
