"""One person with two sheets: compared and asked for by one advisor, approved by another, read in one space."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in
from tests.journeys.test_story import log_in, open_sheet, search, staff_log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
# What another branch has typed years ago: her maiden name, a contract, the telephone of then.
SECOND_SHEET = """
from accounts.bank_accounts.opening import open_service_contract
from accounts.models import Client
from auth_codes.actor import SYSTEM
known = Client.objects.get(client_code="{}")
names = dict(title=known.title, given_names=known.given_names, family_name="Delorme-Vasseur")
home = dict(street="3 quai des Brumes", postcode="44000", city="Nantes", country=known.country)
ways = dict(email="autrefois.{}@example.org", mobile_phone="+33700000000", advisor=known.advisor)
sheet = Client.objects.create(birth_date=known.birth_date, **names, **home, **ways)
open_service_contract(sheet, kind="credit", by=SYSTEM)
sheet.refresh_from_db()
print("code", sheet.client_code)
"""


@SIZES
def test_two_sheets_of_one_person_become_one(demo, new_page, customer, size):
    number = customer["client_code"]
    other = re.search(r"code (\d{10})", demo.manage("shell", "-c", SECOND_SHEET.format(number, number)))[1]

    first = new_page(size)
    staff_log_in(first, demo, 0)
    open_sheet(first, number)
    first.get_by_text("Autres actes").click()
    first.get_by_role("link", name="Réunir avec une autre fiche…").click()
    first.get_by_label("Code client de l’autre fiche").fill(other)
    assert faults_in(first) == []
    first.get_by_role("button", name="Comparer les deux fiches").click()
    beside = first.get_by_role("table", name="Les deux fiches")
    expect(beside).to_contain_text("différent")
    expect(beside).to_contain_text("3 quai des Brumes")
    assert faults_in(first) == []
    first.get_by_label(re.compile(f"code client se terminant par {number[-3:]}")).check()
    first.get_by_label("Comment savez-vous que c’est la même personne").fill("Carte d’identité et acte de mariage vus")
    first.get_by_role("button", name="Demander la réunion").click()
    expect(first.locator(".messagelist")).to_contain_text("Demande enregistrée")

    second = new_page(size)
    staff_log_in(second, demo, 1)
    second.goto("/admin/accounts/joining/")
    second.locator("#result_list tbody th a").first.click()
    expect(second.get_by_role("main")).to_contain_text("Numéro à rappeler")
    expect(second.get_by_role("main")).to_contain_text("Contrats qui passent")
    assert faults_in(second) == []
    second.get_by_role("button", name="Approuver").click()
    expect(second.locator(".messagelist")).to_contain_text("cochez la case")
    second.get_by_label(re.compile("J’ai comparé les pièces")).check()
    second.get_by_role("button", name="Approuver").click()
    expect(second.locator(".messagelist")).to_contain_text("Réunion approuvée")

    search(first, other)
    expect(first.locator("#result_list")).to_contain_text("fiche réunie avec")
    open_sheet(first, number)
    expect(first.get_by_role("main")).to_contain_text("Fiche réunie avec")
    expect(first.get_by_role("link", name="revenir sur la réunion")).to_be_visible()
    assert faults_in(first) == []

    client = new_page(size)
    log_in(client, number, customer["secret_code"])
    expect(client).to_have_url(f"{demo.url}/espace-client/")
    client.goto("/espace-client/documents/")
    expect(client.get_by_role("main")).to_contain_text("Contrat de crédit")
    client.goto("/mon-profil/journal/")
    expect(client.get_by_role("main")).to_contain_text("Vos deux fiches client ont été réunies")
