"""Registering somebody who has one name and of whom nothing else is known; a letter leaves for him."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE, contacts_of
from tests.journeys.layout import faults_in
from tests.journeys.test_story import staff_log_in

pytestmark = pytest.mark.slow

ADDRESS = ("street", "postcode", "city")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_person_of_one_name_without_telephone_nor_e_mail(demo, new_page, size):
    surname = {DESK["width"]: "Sukarno", PHONE["width"]: "Suharto"}[size["width"]]  # else the desk asks about twins
    page = new_page(size)
    staff_log_in(page, demo)
    page.goto("/admin/accounts/client/add/")
    page.locator("#id_title").select_option("Mme")
    address = {field: value for field, value in contacts_of(surname).items() if field in ADDRESS}
    for field, value in ({"family_name": surname, "birth_year": "1961"} | address).items():
        page.locator(f"#id_{field}").fill(value)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    main = page.get_by_role("main")
    for asked in ("n’a qu’un nom.", "dites que cette personne n’en a pas", "n’a pas de téléphone."):
        expect(main).to_contain_text(asked)
    assert faults_in(page) == []

    for box in ("Cette personne n’a qu’un nom", "N’a pas d’adresse électronique", "N’a pas de téléphone"):
        page.get_by_label(box).check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("heading", name="Fiche client")).to_contain_text(f"Mme {surname.upper()}")
    for said in ("Née en 1961, jour et mois inconnus", "Aucune adresse électronique", "Aucun téléphone"):
        expect(main).to_contain_text(said)
    assert faults_in(page) == []

    page.get_by_role("link", name="Ouvrir un compte").click()
    expect(main).to_contain_text("1961, jour et mois inconnus")
    page.get_by_label("Nature").select_option("current")
    page.get_by_role("button", name="Ouvrir un compte").click()
    expect(main).to_contain_text("La lettre de bienvenue part par courrier.")
    expect(main).to_contain_text(f"Mme {surname.upper()}")
