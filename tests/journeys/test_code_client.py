"""« J’ai perdu mon code client », on the telephone: found, checked, read digit by digit, and told to the client."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in
from tests.journeys.test_story import log_in, open_sheet, staff_log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@SIZES
def test_code_client_is_given_back_on_the_telephone(demo, new_page, customer, size):
    advisor, number = new_page(size), customer["client_code"]
    staff_log_in(advisor, demo)
    open_sheet(advisor, number)
    expect(advisor.get_by_role("main")).not_to_contain_text(re.compile(r"\d{4}\s\d{3}\s\d{3}"))
    advisor.get_by_role("link", name="Redonner le code client").click()
    expect(advisor.get_by_role("heading", level=1)).to_have_text("Redonner le code client")
    advisor.get_by_role("link", name="Au téléphone").click()
    expect(advisor.get_by_role("link", name="Au téléphone")).to_have_attribute("aria-current", "page")
    assert faults_in(advisor) == []
    advisor.get_by_role("button", name="Montrer le code client").click()
    expect(advisor.get_by_role("main")).to_contain_text("Vérifiez d’abord")
    for check in ("Nom, prénoms et date de naissance", "Adresse postale", "Un compte, un contrat"):
        advisor.get_by_label(check).check()
    advisor.get_by_role("button", name="Montrer le code client").click()
    digits = advisor.locator(".code-shown__digits [aria-hidden]")
    expect(digits).to_have_text(f"{number[:4]}\u00a0{number[4:7]}\u00a0{number[7:]}")
    assert faults_in(advisor) == []

    advisor.get_by_role("button", name="L’envoyer par courrier").click()
    expect(advisor.locator(".messagelist")).to_contain_text("Le code client part par courrier")

    client = new_page(PHONE)
    log_in(client, number, customer["secret_code"])
    expect(client).to_have_url(f"{demo.url}/espace-client/")
    client.goto("/mon-profil/journal/")
    told = client.get_by_role("main")
    expect(told).to_contain_text("Votre code client a été montré à un conseiller")
    expect(told).to_contain_text("Votre code client vous a été envoyé par courrier")
    expect(told.get_by_text("Votre fiche client a été consultée")).to_have_count(1)


def test_acts_of_a_sheet_are_within_three_tabs(demo, page, customer):
    staff_log_in(page, demo)
    open_sheet(page, customer["client_code"])
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text(re.compile("contenu"))
    page.keyboard.press("Enter")
    for name in ("Redonner le code client", "Modifier la fiche", "Ouvrir un compte"):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(name)
