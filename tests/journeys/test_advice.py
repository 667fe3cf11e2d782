"""The card of advice after a login, as somebody meets it on a new device and on a computer that is not his own."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in
from tests.journeys.test_story import log_in, log_out

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def new_device_on(page):
    return page.get_by_role("region", name="Nouvel appareil")


def leaving_on(page):
    return page.get_by_role("region", name="Cet appareil n’est pas à vous")


def log_in_at_the_library(page, somebody):
    page.goto("/connexion/")
    page.get_by_label("Cet appareil n’est pas à moi").check()
    page.get_by_label("Code client", exact=True).fill(somebody["client_code"])
    page.get_by_label("Code secret", exact=True).fill(somebody["secret_code"])
    page.get_by_role("button", name="Me connecter").click()


def log_out_at_the_library(page):
    page.get_by_role("banner").get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/connexion/?au-revoir&public")


@SIZES
def test_new_device_of_ones_own_asks_for_nothing_and_the_card_does_not_come_back(new_page, somebody, size):
    page = new_page(size)
    log_in(page, somebody["client_code"], somebody["secret_code"])
    expect(new_device_on(page)).to_contain_text("rien à faire")
    assert faults_in(page) == []
    new_device_on(page).get_by_role("link", name="Nouvel appareil").click()
    expect(page.get_by_role("heading", name="Un appareil connu")).to_be_in_viewport()
    page.get_by_role("link", name="Mes comptes").click()
    expect(page.get_by_role("heading", name="Mes comptes")).to_be_visible()
    expect(new_device_on(page)).to_have_count(0)
    log_out(page)
    log_in(page, somebody["client_code"], somebody["secret_code"])
    expect(page.get_by_role("heading", name="Mes comptes")).to_be_visible()
    expect(new_device_on(page)).to_have_count(0)


@SIZES
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_new_device_of_somebody_else_is_given_up_by_one_button(new_page, somebody, size, scripts):
    page = new_page(size, java_script_enabled=scripts)
    log_in(page, somebody["client_code"], somebody["secret_code"])
    new_device_on(page).get_by_role("button", name="Cet appareil n’est pas à moi").click()
    expect(page.get_by_role("status").first).to_contain_text("Cet appareil n’est plus connu")
    expect(leaving_on(page)).to_contain_text("Fermez toutes les fenêtres du navigateur")
    assert faults_in(page) == []
    page.get_by_role("link", name="Mon profil").click()
    expect(page.get_by_role("region", name="Mes appareils connus")).to_contain_text("Aucun pour le moment")
    log_out_at_the_library(page)


@SIZES
def test_public_computer_is_left_step_by_step(new_page, somebody, size):
    page = new_page(size)
    log_in_at_the_library(page, somebody)
    expect(leaving_on(page).get_by_role("listitem")).to_have_text(
        [re.compile("Se déconnecter"), re.compile("Fermez toutes les fenêtres"), re.compile("Modifier mon code secret")]
    )
    assert faults_in(page) == []
    page.reload()
    expect(page.get_by_role("heading", name="Mes comptes")).to_be_visible()
    expect(leaving_on(page)).to_have_count(0)
    log_out_at_the_library(page)
    left = page.get_by_role("status")
    expect(left).to_be_focused()
    expect(left.get_by_role("listitem")).to_have_count(2)
    assert faults_in(page) == []
    left.get_by_role("link").click()
    expect(page.get_by_role("heading", name="L’appareil d’un autre")).to_be_in_viewport()
