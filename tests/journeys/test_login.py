"""The login as people meet it again and again: the number remembered, the code typed on the screen, a bookmark."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in
from tests.journeys.test_story import log_in, log_out

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def log_in_button(page):
    return page.get_by_role("main").get_by_role("button", name="Me connecter")


def code_field(page):
    return page.get_by_label("Code secret", exact=True)


def log_in_and_out_remembered(page, demo, somebody):
    page.goto("/connexion/")
    page.get_by_label("Code client", exact=True).fill(somebody["client_code"])
    code_field(page).fill(somebody["secret_code"])
    keep = page.get_by_label("Retenir mon code client")
    expect(keep).not_to_be_checked()
    keep.check()
    log_in_button(page).click()
    expect(page).to_have_url(f"{demo.url}/espace-client/")
    log_out(page)


@SIZES
def test_code_client_that_is_remembered_is_shown_by_its_last_digits_until_it_is_forgotten(
    demo, new_page, somebody, size
):
    page, number = new_page(size), somebody["client_code"]
    log_in_and_out_remembered(page, demo, somebody)
    page.goto("/espace-client/")
    expect(code_field(page)).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text(f"se terminant par {number[-3:]}")
    assert number not in page.content()
    assert faults_in(page) == []
    code_field(page).fill("296503")
    log_in_button(page).click()
    expect(page.get_by_role("alert")).to_contain_text("incorrect")
    expect(page.get_by_role("main")).to_contain_text(f"se terminant par {number[-3:]}")
    page.get_by_role("link", name="Un autre code client").click()
    expect(page.get_by_label("Code client", exact=True)).to_be_visible()
    page.goto("/connexion/")
    code_field(page).fill(somebody["secret_code"])
    code_field(page).press("Enter")
    expect(page).to_have_url(f"{demo.url}/espace-client/")
    log_out(page)
    page.goto("/connexion/")
    page.get_by_role("button", name="Oublier celui-ci").click()
    expect(page.get_by_role("status")).to_contain_text("ne retient plus votre code client")
    expect(page.get_by_label("Code client", exact=True)).to_be_focused()


@SIZES
def test_code_is_typed_on_the_screen_by_mouse_and_by_keyboard(demo, new_page, somebody, size):
    page, code = new_page(size), somebody["secret_code"]
    page.goto("/connexion/")
    page.get_by_label("Code client", exact=True).fill(somebody["client_code"])
    opens = page.get_by_text("Le saisir à l’écran")
    opens.focus()
    page.keyboard.press("Enter")
    keypad = page.get_by_role("group", name="Chiffres du code secret")
    expect(keypad.get_by_role("button")).to_have_count(11)
    keypad.get_by_role("button", name="0").click()
    expect(keypad.get_by_role("status")).to_have_text("1 chiffre sur 6")
    keypad.get_by_role("button", name="Effacer le dernier chiffre").press("Enter")
    expect(code_field(page)).to_have_value("")
    for place, digit in enumerate(code):
        button = keypad.get_by_role("button", name=digit)
        button.press("Space") if place % 2 else button.click()
    keypad.get_by_role("button", name="5").click()  # a seventh is none
    expect(code_field(page)).to_have_value(code)
    expect(keypad.get_by_role("status")).to_have_text("6 chiffres sur 6")
    assert faults_in(page) == []
    log_in_button(page).click()
    expect(page).to_have_url(f"{demo.url}/espace-client/")


def test_without_javascript_there_is_no_keypad_and_the_number_is_remembered_all_the_same(demo, new_page, somebody):
    page = new_page(PHONE, java_script_enabled=False)
    page.goto("/connexion/")
    expect(page.get_by_text("Le saisir à l’écran")).to_have_count(0)
    log_in_and_out_remembered(page, demo, somebody)
    page.goto("/connexion/")
    code_field(page).fill(somebody["secret_code"])
    log_in_button(page).click()
    expect(page).to_have_url(f"{demo.url}/espace-client/")


def test_one_tab_leads_from_field_to_field_and_the_button_is_on_the_first_screen_of_a_phone(new_page):
    page = new_page(PHONE)
    page.goto("/espace-client/")  # a bookmark
    expect(page.get_by_label("Code client", exact=True)).to_be_focused()
    expect(page.get_by_role("main")).not_to_contain_text(re.compile("pris fin"))
    page.keyboard.press("Tab")
    expect(code_field(page)).to_be_focused()
    box = log_in_button(page).bounding_box()
    assert box["y"] + box["height"] <= PHONE["height"]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_first_login_goes_in_steps_and_asks_the_provisional_code_once(demo, new_page, newcomer, scripts):
    page = new_page(PHONE, java_script_enabled=scripts)
    log_in(page, newcomer["client_code"], newcomer["secret_code"])
    expect(page).to_have_url(f"{demo.url}/mon-profil/code-secret/")
    expect(page.get_by_role("main")).to_contain_text("étape 2 sur 3")
    expect(page.get_by_role("main").get_by_role("listitem").filter(has_text="Mon code secret")).to_have_attribute(
        "aria-current", "step"
    )
    expect(page.locator("#id_old_password")).to_have_count(0)
    if scripts:
        assert faults_in(page) == []
    for chosen, refused in (("123456", "suite de chiffres"), ("804263", "")):
        page.locator("#id_new_password1").fill(chosen)
        page.locator("#id_new_password2").fill(chosen)
        page.get_by_role("button", name="Enregistrer mon code secret").click()
        if refused:
            expect(page.get_by_role("alert")).to_contain_text(refused)
            expect(page.locator("#id_old_password")).to_have_count(0)
    expect(page).to_have_url(f"{demo.url}/espace-client/")
    expect(page.get_by_role("main")).to_contain_text("Votre code secret est enregistré")
