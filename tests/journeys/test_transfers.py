"""A transfer as a client makes it, with his slips: a wrong code, a double click, the « back » button, no JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests import pdfs
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in, faults_of
from tests.journeys.test_story import log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
WRONG = "296503"
NEW, LIST = "/espace-client/virements/nouveau/", "/espace-client/virements/"
GIVE_SAVINGS = """
from decimal import Decimal
from django.db import transaction
from accounts.bank_accounts.opening import open_account
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import BankAccount, Booking, Client, InternalAccount
from auth_codes.actor import Actor
client = Client.objects.get(client_code="{}")
savings = open_account(client, kind=BankAccount.Kind.SAVINGS, by=Actor(client.advisor))
amount = Decimal(500)
books.book(Booking.Kind.CASH, [Leg(savings, amount, "Versement"), Leg(InternalAccount.CASH, -amount, "Versement")])
"""


@pytest.fixture
def saver(demo, somebody):
    """Somebody with 500 € on a second account."""
    demo.manage("shell", "-v0", "-c", GIVE_SAVINGS.format(somebody["client_code"]))
    return somebody


def open_space(page, saver):
    log_in(page, saver["client_code"], saver["secret_code"])
    page.wait_for_url("**/espace-client/")


def prepare(page, amount, reason=""):
    """From the savings to the current account, up to the review."""
    page.goto(NEW)
    page.get_by_role("group", name="Compte à débiter").get_by_label("Livret d’épargne").check()
    page.get_by_role("group", name="Compte à créditer").get_by_label("Compte courant").check()
    page.get_by_label("Montant en euros").fill(amount)
    page.get_by_label("Motif").fill(reason)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Relisez, puis confirmez")).to_be_visible()


def confirm(page, code):
    page.get_by_label("Code secret", exact=True).fill(code)
    page.get_by_role("button", name="Confirmer le virement").click()


def receipt_of(page):
    heading = page.get_by_role("heading", name="Virement effectué")
    expect(heading).to_be_visible()
    return page.url


def savings_left(page):
    page.goto("/espace-client/")
    account = page.get_by_role("link", name=re.compile("Livret d’épargne")).first
    return re.search(r"[\d\u202f]+,\d\d", account.inner_text())[0]


@SIZES
def test_transfer_is_made_from_the_overview_to_its_receipt(new_page, saver, size):
    page = new_page(size)
    open_space(page, saver)
    page.get_by_role("link", name="Faire un virement").click()
    page.wait_for_url(f"**{NEW}")
    expect(page.get_by_text("Étape 1 sur 3")).to_be_visible()
    assert faults_in(page) == []
    page.get_by_label("Montant en euros").fill("1.234")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("Voulez-vous dire 1 234 ou 1,23")
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.get_by_label("Montant en euros").input_value() == "1.234"
    assert faults_in(page) == []
    prepare(page, "120,50\u00a0€", "Vacances")
    expect(page.get_by_text("Étape 2 sur 3")).to_be_visible()
    order = page.get_by_role("region", name="Virement de")
    expect(order).to_contain_text("120,50")
    expect(order).to_contain_text("Vacances")
    assert faults_in(page) == []
    confirm(page, WRONG)
    expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas votre code secret")
    assert page.get_by_label("Code secret", exact=True).input_value() == ""
    assert faults_in(page) == []
    confirm(page, saver["secret_code"])
    receipt_of(page)
    expect(page.get_by_role("heading", name="Virement effectué")).to_be_focused()
    expect(page.get_by_text("Étape 3 sur 3")).to_be_visible()
    expect(page.get_by_role("region", name="Virement de")).to_contain_text("Solde après")
    assert faults_in(page) == []
    paper = page.get_by_role("link", name="Avis de virement (PDF)").get_attribute("href")
    answer = page.request.get(paper)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert saver["client_code"] in "".join(pdfs.read(answer.body()).pages[0].extract_text().split())
    page.get_by_role("link", name="Tous mes virements").click()
    page.get_by_role("link", name=re.compile("Vacances")).click()
    receipt_of(page)
    assert savings_left(page) == "379,50"


def test_all_that_is_wrong_is_said_at_once(new_page, saver):
    page = new_page(PHONE)
    open_space(page, saver)
    page.goto(NEW)
    for group in ("Compte à débiter", "Compte à créditer"):
        page.get_by_role("group", name=group).get_by_label("Livret d’épargne").check()
    page.get_by_label("Montant en euros").fill("20000")
    page.get_by_label("Motif").fill("x" * 61)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(4)
    assert page.get_by_label("Montant en euros").input_value() == "20000"
    assert faults_in(page) == []


def test_numbers_to_call_are_as_easy_to_touch_as_buttons(new_page, saver):
    page = new_page(PHONE)
    open_space(page, saver)
    heights = {}
    for path in (
        "/espace-client/",
        "/mon-profil/connexions/ce-n-etait-pas-moi/",
        "/conseils-securite/",
        "/nulle-part/",
    ):
        page.goto(path)
        for link in page.locator("footer a[href^='tel:'], .call a").all():
            heights[path, link.inner_text()] = link.bounding_box()["height"]
    assert heights
    assert {link: height for link, height in heights.items() if height < 44} == {}


def test_pages_of_a_transfer_fit_at_every_width(page, saver):
    open_space(page, saver)
    prepare(page, "20,50", "Vacances")
    confirm(page, saver["secret_code"])
    receipt = receipt_of(page)
    paper = page.get_by_role("link", name="Lire l’avis en page").get_attribute("href")
    prepare(page, "120,50", "Vacances")
    # Among the documents, the title of its paper holds the longest date.
    assert faults_of(page, [NEW, page.url, LIST, receipt, paper, "/espace-client/documents/"]) == {}


@SIZES
def test_double_click_back_reload_and_a_second_tab_book_once(new_page, saver, size):
    page = new_page(size)
    open_space(page, saver)
    prepare(page, "10")
    review = page.url
    tab = page.context.new_page()
    tab.goto(review)
    page.get_by_label("Code secret", exact=True).fill(saver["secret_code"])
    page.get_by_role("button", name="Confirmer le virement").dblclick()
    receipt = receipt_of(page)
    confirm(tab, saver["secret_code"])
    assert receipt_of(tab) == receipt == review
    page.reload()
    receipt_of(page)
    page.go_back()
    expect(page.get_by_label("Code secret", exact=True)).to_have_count(0)
    page.go_forward()
    receipt_of(page)
    assert savings_left(page) == "490,00"


@pytest.mark.parametrize("has_javascript", [True, False], ids=["javascript", "none"])
def test_order_is_cancelled_from_its_review_and_from_the_list(new_page, saver, has_javascript):
    page = new_page(PHONE, java_script_enabled=has_javascript)
    open_space(page, saver)
    prepare(page, "30")
    prepare(page, "20")
    review = page.url
    page.get_by_role("button", name="Annuler ce virement").dblclick()
    page.wait_for_url(f"**{LIST}")
    expect(page.get_by_role("status").first).to_contain_text("Virement annulé")
    waiting = page.get_by_role("region", name="À confirmer")
    expect(waiting.get_by_role("listitem")).to_have_count(1)
    waiting.get_by_role("button", name=re.compile("Annuler le virement de 30,00")).click()
    expect(waiting).to_have_count(0)
    expect(page.get_by_role("status").first).to_contain_text("rien n’est débité")
    page.goto(review)
    expect(page.get_by_role("heading", name="Ce virement n’est plus à confirmer")).to_be_visible()
    assert savings_left(page) == "500,00"


@SIZES
def test_enter_in_the_code_confirms_and_never_cancels(new_page, saver, size):
    page = new_page(size)
    open_space(page, saver)
    prepare(page, "10")
    assert faults_in(page) == []
    page.goto(LIST)
    assert faults_in(page) == []
    page.get_by_role("link", name=re.compile("10,00")).click()
    page.get_by_label("Code secret", exact=True).fill(saver["secret_code"])
    page.get_by_label("Code secret", exact=True).press("Enter")
    receipt_of(page)
    assert savings_left(page) == "490,00"


def test_form_sent_twice_by_a_script_books_once(page, saver):
    open_space(page, saver)
    prepare(page, "10")
    page.get_by_label("Code secret", exact=True).fill(saver["secret_code"])
    send = """async () => {
      const form = document.querySelector("main form");
      const sent = () => fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))});
      const answers = await Promise.all(Array.from({length: 20}, sent));
      return answers.map((answer) => `${answer.status} ${answer.url}`);
    }"""
    assert set(page.evaluate(send)) == {f"200 {page.url}"}
    page.reload()
    receipt_of(page)
    assert savings_left(page) == "490,00"


def test_whole_transfer_without_javascript(new_page, saver):
    page = new_page(PHONE, java_script_enabled=False)
    open_space(page, saver)
    prepare(page, "20")
    confirm(page, WRONG)
    expect(page.get_by_role("alert")).to_contain_text("Rien n’a été débité")
    confirm(page, saver["secret_code"])
    receipt_of(page)
    prepare(page, "20")
    expect(page.locator("main")).to_contain_text("Vous avez déjà fait ce virement")
    page.get_by_role("link", name="Modifier").click()
    expect(page.get_by_label("Montant en euros")).to_have_value("20,00")
    assert savings_left(page) == "480,00"


def test_tampered_form_voids_the_order(page, saver):
    open_space(page, saver)
    prepare(page, "20")
    page.locator("[name=seal]").evaluate("field => { field.value = field.value.split('').reverse().join('') }")
    confirm(page, saver["secret_code"])
    expect(page.get_by_role("status")).to_contain_text("n’est plus celui que vous avez relu")
    assert page.get_by_label("Montant en euros").input_value() == "20,00"
    assert savings_left(page) == "500,00"
