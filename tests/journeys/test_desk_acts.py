"""What advisors start, end and take back, alone or by two, and what the customer meets of it."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in
from tests.journeys.test_story import log_in, open_sheet, register, staff_log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
WRONG = "804263"


def start(page, act, heading=None):
    """Opens the page of an act from the sheet, also of one that stands behind « Autres actes »."""
    if page.locator("details.desk-more").get_by_role("link", name=act, exact=True, include_hidden=True).count():
        page.get_by_text("Autres actes").click()
    page.get_by_role("link", name=act, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading or act)
    assert faults_in(page) == []


def told(page):
    return page.locator(".messagelist")


def open_last_waiting(page, requests):
    """As the second advisor does, from the first page."""
    page.goto("/admin/")
    page.get_by_role("link", name=requests).first.click()
    page.locator("#result_list tbody th a, #result_list tbody td a").first.click()
    expect(page.get_by_role("button", name="Approuver")).to_be_visible()


@SIZES
def test_sessions_are_ended_and_an_access_is_closed_by_one_advisor(demo, new_page, customer, size):
    client, advisor = new_page(), new_page(size)
    log_in(client, customer["client_code"], customer["secret_code"])
    expect(client).to_have_url(f"{demo.url}/espace-client/")
    staff_log_in(advisor, demo)
    open_sheet(advisor, customer["client_code"])
    start(advisor, "Fermer les sessions")
    advisor.get_by_role("radio").first.check()
    advisor.get_by_role("button", name="Fermer les sessions").click()
    expect(told(advisor)).to_contain_text("tous les appareils sont déconnectés")

    client.goto("/espace-client/")
    expect(client).to_have_url(re.compile("/connexion/"))
    log_in(client, customer["client_code"], customer["secret_code"])
    expect(client).to_have_url(f"{demo.url}/espace-client/")

    start(advisor, "Fermer l’accès")
    advisor.get_by_role("radio").first.check()
    advisor.get_by_role("button", name="Fermer l’accès").click()
    expect(told(advisor)).to_contain_text("Accès fermé")
    client.goto("/espace-client/")
    expect(client).to_have_url(re.compile("/connexion/"))
    log_in(client, customer["client_code"], customer["secret_code"])
    expect(client.get_by_role("alert")).to_contain_text("incorrect")


@SIZES
def test_block_is_ended_by_two_advisors(demo, new_page, customer, size):
    client, first, second = new_page(size), new_page(size), new_page(size)
    for _ in range(4):
        log_in(client, customer["client_code"], WRONG)
        expect(client.get_by_role("alert")).to_contain_text("incorrect")
    log_in(client, customer["client_code"], WRONG)
    expect(client.get_by_role("heading", level=1)).to_contain_text("la connexion est en pause")
    staff_log_in(first, demo, 0)
    open_sheet(first, customer["client_code"])
    expect(first.get_by_role("main")).to_contain_text("après 5 codes erronés")
    start(first, "Lever la suspension")
    first.get_by_label("pièce d’identité vue en agence").check()
    first.get_by_role("button", name="Lever la suspension").click()
    expect(told(first)).to_contain_text("Fin de la suspension demandée")

    staff_log_in(second, demo, 1)
    open_last_waiting(second, "Fins de suspension")
    expect(second.get_by_role("main")).to_contain_text("après 5 codes erronés")
    assert faults_in(second) == []
    second.get_by_role("button", name="Approuver").click()
    expect(told(second)).to_contain_text("Suspension levée")
    log_in(client, customer["client_code"], customer["secret_code"])
    expect(client).to_have_url(f"{demo.url}/espace-client/")


@SIZES
def test_end_of_a_client_noted_in_error_is_taken_back_by_two(demo, new_page, customer, size):
    client, first, second = new_page(size), new_page(size), new_page(size)
    staff_log_in(first, demo, 0)
    open_sheet(first, customer["client_code"])
    start(first, "Noter la fin de la relation")
    first.get_by_label("décès", exact=False).first.check()
    first.get_by_label("J’ai sous les yeux").check()
    first.get_by_role("button", name="Noter la fin de la relation").click()
    expect(told(first)).to_contain_text("Fin de la relation notée")
    log_in(client, customer["client_code"], customer["secret_code"])
    expect(client.get_by_role("alert")).to_contain_text("incorrect")

    first.get_by_role("link", name=re.compile("Revenir sur")).first.click()
    expect(first.get_by_role("heading", level=1)).to_contain_text("Revenir sur")
    first.get_by_label("Ce qui a été fait par erreur").fill("Homonyme : l’acte de décès nomme une autre personne.")
    first.get_by_role("button", name="Demander").click()
    expect(told(first)).to_contain_text("Demande enregistrée")
    staff_log_in(second, demo, 1)
    open_last_waiting(second, "Retours sur un acte")
    expect(second.get_by_role("main")).to_contain_text("l’acte de décès nomme une autre personne")
    assert faults_in(second) == []
    second.get_by_role("button", name="Approuver").click()
    expect(told(second)).to_contain_text("l’acte est annulé")


def test_contract_ends_with_a_reason_and_the_customer_keeps_its_paper(demo, new_page, customer):
    client, advisor = new_page(), new_page()
    staff_log_in(advisor, demo)
    open_sheet(advisor, customer["client_code"])
    start(advisor, "Souscrire un contrat")
    advisor.get_by_role("button", name="Souscrire un contrat").click()
    expect(told(advisor)).to_contain_text("Contrat souscrit")
    advisor.get_by_role("link", name="Terminer").first.click()
    expect(advisor.get_by_role("heading", level=1)).to_contain_text("Terminer")
    advisor.get_by_role("radio").first.check()
    advisor.get_by_role("button", name="Terminer").click()
    expect(told(advisor)).to_contain_text("Contrat terminé")

    log_in(client, customer["client_code"], customer["secret_code"])
    expect(client).to_have_url(f"{demo.url}/espace-client/")
    client.goto("/mon-profil/journal/")
    expect(client.get_by_role("main")).to_contain_text("contrat", ignore_case=True)


@SIZES
def test_names_in_another_order_ask_whether_it_is_the_same_person(demo, new_page, size):
    advisor = new_page(size)
    family = {DESK["width"]: "Fantasio", PHONE["width"]: "Spirou"}[size["width"]]
    staff_log_in(advisor, demo)
    register(advisor, family, "Hélène Rose")
    expect(told(advisor)).to_be_visible()
    register(advisor, family.upper(), "Rose Hélène")
    expect(advisor.get_by_role("main")).to_contain_text("même personne")
    expect(advisor.locator("#id_given_names")).to_have_value("Rose Hélène")
    assert faults_in(advisor) == []
