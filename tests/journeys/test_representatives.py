"""A child's accounts before a parent with codes of his own: asked for, approved by a second advisor, read, ended."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE, contacts_of
from tests.journeys.layout import faults_in
from tests.journeys.test_story import log_in, staff_log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def register_child(page, family_name):
    """By the desk's own form, with a first account; the child's sheet is open then."""
    page.goto("/admin/accounts/client/add/")
    typed = {
        "given_names": "Léo", "family_name": family_name, "birth_date": "12/03/2019",
        **contacts_of(family_name),
    }  # fmt: skip
    page.locator("#id_title").select_option("M.")
    for name, value in typed.items():
        page.locator(f"#id_{name}").fill(value)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Fiche enregistrée")
    page.get_by_role("link", name="Ouvrir un compte").click()
    page.get_by_role("button", name="Ouvrir un compte").click()
    expect(page.locator(".messagelist")).to_contain_text("Compte ouvert")


@SIZES
def test_parent_reads_the_childs_accounts_by_his_own_codes_until_it_ends(demo, new_page, somebody, size):
    family_name = {DESK["width"]: "Delorme", PHONE["width"]: "Gauvain"}[size["width"]]  # else the desk asks about twins
    claire, marc, parent = new_page(size), new_page(size), new_page(size)
    staff_log_in(claire, demo)
    register_child(claire, family_name)
    sheet = claire.url
    expect(claire.get_by_role("main")).to_contain_text("enregistrez qui agit pour elle")
    claire.get_by_role("link", name="Enregistrer un représentant").click()
    claire.get_by_label("Code client de cette personne").fill(somebody["client_code"])
    claire.get_by_label("Administrateur légal (parent)").check()
    claire.get_by_label("Consulter les comptes et les documents").check()
    claire.get_by_label("Papier qui le prouve").fill("Livret de famille, Nantes")
    claire.get_by_label("Date de ce papier").fill("01/04/2019")
    assert faults_in(claire) == []
    claire.get_by_role("button", name="Continuer").click()
    expect(claire.get_by_role("main")).to_contain_text("Livret de famille, Nantes")
    assert faults_in(claire) == []
    claire.get_by_role("button", name="Demander l’enregistrement").click()
    expect(claire.locator(".messagelist")).to_contain_text("Rien ne change avant qu’un second conseiller")

    staff_log_in(marc, demo, 1)
    marc.goto("/admin/accounts/representationrequest/")
    marc.get_by_role("link", name=re.compile(family_name.upper())).first.click()
    expect(marc.get_by_role("button", name="Approuver")).to_be_visible()
    assert faults_in(marc) == []
    marc.get_by_role("button", name="Approuver").click()
    expect(marc.locator(".messagelist")).to_contain_text("le représentant a accès aux comptes")

    log_in(parent, somebody["client_code"], somebody["secret_code"])
    expect(parent).to_have_url(f"{demo.url}/espace-client/")
    expect(parent.get_by_role("heading", name=re.compile(f"Au nom de M. Léo {family_name.upper()}"))).to_be_visible()
    parent.get_by_role("link", name="Comptes et documents").click()
    expect(parent.get_by_role("heading", level=1)).to_contain_text("Au nom de")
    assert faults_in(parent) == []
    parent.get_by_role("link", name="Tous les documents").click()
    expect(parent.get_by_role("heading", level=1)).to_contain_text("Documents de")
    parent.get_by_role("link", name="Bienvenue : voici votre code client", exact=True).click()
    expect(parent.get_by_role("link", name="Ouvrir le PDF")).to_be_visible()
    assert faults_in(parent) == []

    claire.goto(sheet)
    claire.get_by_role("link", name="Terminer la représentation").click()
    claire.get_by_label("Doute sur la personne").check()
    claire.get_by_role("button", name="Terminer la représentation").click()
    expect(claire.locator(".messagelist")).to_contain_text("n’a plus accès aux comptes")
    parent.goto("/espace-client/")
    expect(parent.get_by_role("heading", level=1)).to_be_visible()
    expect(parent.get_by_role("main")).not_to_contain_text("Au nom de")
