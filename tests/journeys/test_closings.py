"""A closing that its holder confirms, or refuses, in his own space: asked at the desk, answered, carried out."""

import re

from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in
from tests.journeys.test_desk_acts import SIZES, start, told
from tests.journeys.test_story import log_in, open_sheet, staff_log_in

WRONG = "804263"


def ask_for_the_closing_of_a_new_account(page, demo, customer):
    """Of one without money, from the sheet of its holder."""
    staff_log_in(page, demo)
    open_sheet(page, customer["client_code"])
    start(page, "Ouvrir un compte")
    page.get_by_label("Nature").select_option("savings")
    page.get_by_role("button", name="Ouvrir un compte").click()
    expect(told(page)).to_contain_text("Compte ouvert")
    page.get_by_role("link", name="Clôturer", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clôturer un compte")
    assert faults_in(page) == []
    page.get_by_role("group", name=re.compile("Sans signature")).get_by_role("checkbox").check()
    page.get_by_role("button", name="envoyer la demande").click()
    expect(told(page)).to_contain_text("Demande envoyée")


def read_the_request(page, demo, customer):
    log_in(page, customer["client_code"], customer["secret_code"])
    expect(page).to_have_url(f"{demo.url}/espace-client/")
    expect(page.get_by_role("heading", name="Demandes à confirmer")).to_be_visible()
    assert faults_in(page) == []
    page.get_by_role("link", name="Lire la demande").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirmer la clôture d’un compte")
    expect(page.get_by_role("main")).to_contain_text("le compte est à zéro")
    assert faults_in(page) == []


@SIZES
def test_holder_confirms_by_his_code_and_the_advisor_closes(demo, new_page, customer, size):
    client, advisor = new_page(size), new_page(size)
    ask_for_the_closing_of_a_new_account(advisor, demo, customer)
    read_the_request(client, demo, customer)
    client.get_by_label("Code secret", exact=True).fill(WRONG)
    client.get_by_role("button", name="Confirmer la clôture").click()
    expect(client.get_by_role("main")).to_contain_text("Ce n’est pas votre code secret. Rien n’est confirmé.")
    client.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    client.get_by_role("button", name="Confirmer la clôture").click()
    expect(client.get_by_role("heading", level=1)).to_have_text("Votre accord est enregistré")
    assert faults_in(client) == []

    advisor.goto("/admin/")
    mine = advisor.get_by_role("region", name="Clôtures demandées en ligne")
    expect(mine).to_contain_text("tous les accords demandés en ligne sont donnés")
    assert faults_in(advisor) == []
    mine.get_by_role("link").first.click()
    expect(advisor.get_by_role("main")).to_contain_text("accord donné en ligne")
    assert faults_in(advisor) == []
    advisor.get_by_role("button", name="Clôturer le compte").click()
    expect(told(advisor)).to_contain_text("Compte clôturé")
    client.reload()
    expect(client.get_by_role("heading", level=1)).to_have_text("Le compte est clôturé")


@SIZES
def test_holder_refuses_by_a_click_and_a_confirmation(demo, new_page, customer, size):
    client, advisor = new_page(size), new_page(size)
    ask_for_the_closing_of_a_new_account(advisor, demo, customer)
    read_the_request(client, demo, customer)
    client.get_by_role("link", name="Refuser", exact=True).click()
    expect(client.get_by_role("heading", level=1)).to_have_text(re.compile("Refuser cette clôture"))
    assert faults_in(client) == []
    client.get_by_role("button", name="Oui, refuser").click()
    expect(client.get_by_role("heading", level=1)).to_have_text("Vous avez refusé la clôture")
    client.goto("/espace-client/")
    expect(client.get_by_role("heading", name="Demandes à confirmer")).to_have_count(0)

    advisor.goto("/admin/")
    mine = advisor.get_by_role("region", name="Clôtures demandées en ligne")
    expect(mine).to_contain_text("refusée par l’une des personnes")
    mine.get_by_role("link").first.click()
    expect(advisor.get_by_role("main")).to_contain_text("refus en ligne")


def test_request_is_taken_back_at_the_desk_before_it_is_answered(demo, new_page, customer):
    client, advisor = new_page(PHONE), new_page(DESK)
    ask_for_the_closing_of_a_new_account(advisor, demo, customer)
    read_the_request(client, demo, customer)
    advisor.get_by_role("link", name="Clôturer", exact=True).last.click()
    expect(advisor.get_by_role("main")).to_contain_text("réponse attendue en ligne")
    advisor.get_by_role("button", name="Retirer la demande").click()
    expect(told(advisor)).to_contain_text("Demande retirée")
    client.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    client.get_by_role("button", name="Confirmer la clôture").click()
    expect(client.get_by_role("heading", level=1)).to_have_text("Cette clôture n’est plus à confirmer")
