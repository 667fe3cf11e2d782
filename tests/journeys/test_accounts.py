"""A customer at his accounts: overview, search, IBAN, downloads, on a desk, on a phone and by ear."""

import re

import pytest
from ofxtools.Parser import OFXTree
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_story import log_in

# The texts of the elements that stand on more than one line.
LINES_BROKEN = """(selector) => [...document.querySelectorAll(selector)].filter((element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1;
}).map((element) => element.textContent)"""


@pytest.fixture
def julien(demo):
    return demo.person("personal")


@pytest.fixture
def account(demo, page, julien):
    """The page of his current account."""
    enter(page, julien)
    return page


def enter(page, person):
    log_in(page, person["client_code"], person["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.get_by_role("link", name=re.compile("^Compte courant")).first.click()
    page.wait_for_url("**/comptes/*/")


def rows(page):
    return page.get_by_role("table", name="Opérations", exact=True).get_by_role("row")


def search(page, text):
    page.get_by_label("Libellé ou montant").fill(text)
    page.get_by_role("button", name="Filtrer").click()


def test_overview_tells_what_is_to_come_and_which_account_is_closed(demo, page, julien):
    log_in(page, julien["client_code"], julien["secret_code"])
    current = page.get_by_role("link", name=re.compile("^Compte courant N°")).first
    expect(current).to_contain_text(re.compile(r"3 opérations à venir\s: −60,10\s€"))
    expect(current).to_contain_text(re.compile(r"Disponible\s: "))
    expect(page.get_by_role("table", name="Dernières opérations").get_by_role("row")).to_have_count(6)
    expect(page.get_by_role("region", name="Comptes clôturés").get_by_role("link")).to_have_count(1)


def test_operations_are_searched_and_all_of_them_found_again(account):
    search(account, "electricite")
    expect(account.get_by_role("status").filter(has_text="trouvées")).to_contain_text("14 opérations trouvées")
    for row in rows(account).all()[1:]:
        expect(row).to_contain_text("Électricité")
    search(account, "introuvable")
    expect(account.get_by_role("main")).to_contain_text("Aucune opération ne correspond.")
    account.get_by_role("link", name="Voir toutes les opérations").click()
    expect(rows(account)).to_have_count(51)


def test_a_month_is_chosen_and_kept_with_the_direction(account):
    month = account.get_by_label("Période").locator("option").nth(3).get_attribute("value")
    account.get_by_label("Période").select_option(month)
    account.get_by_label("Sens").select_option("Débits")
    account.get_by_role("button", name="Filtrer").click()
    account.wait_for_url(f"**period={month}**")
    expect(account.get_by_label("Période")).to_have_value(month)
    year, number = month.split("-")
    for row in rows(account).all()[1:]:
        expect(row).to_contain_text(re.compile(rf"/{number}/{year}.*−", re.DOTALL))


def test_pages_lead_to_the_oldest_operation_and_back(account):
    first = rows(account).nth(1).inner_text()
    account.get_by_role("link", name="Opérations plus anciennes").click()
    account.wait_for_url("**before=**")
    account.get_by_role("link", name="Opérations plus anciennes").click()
    expect(account.get_by_role("link", name="Opérations plus anciennes")).to_have_count(0)
    for _ in range(2):
        account.get_by_role("link", name="Opérations plus récentes").click()
        account.wait_for_url("**after=**")
    expect(account.get_by_role("link", name="Opérations plus récentes")).to_have_count(0)
    assert rows(account).nth(1).inner_text() == first


def test_iban_is_copied_whole_and_the_success_is_told(demo, new_page, julien):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    enter(page, julien)
    page.get_by_role("button", name="Copier l’IBAN").click()
    expect(page.get_by_role("status").filter(has_text="copié")).to_have_text("IBAN copié.")
    shown = page.locator(".selectable").first.inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == "".join(shown.split())
    page.get_by_role("button", name="Copier le BIC").click()
    expect(page.get_by_role("status").filter(has_text="copié")).to_have_text("BIC copié.")


def test_copy_that_the_browser_refuses_is_said(account):
    account.evaluate("() => { Clipboard.prototype.writeText = () => Promise.reject(new Error('refused')); }")
    account.get_by_role("button", name="Copier l’IBAN").click()
    expect(account.get_by_role("status").filter(has_text="refusé")).to_contain_text("sélectionnez le numéro")


def test_without_javascript_the_iban_is_text_and_the_filters_work(demo, new_page, julien):
    page = new_page(java_script_enabled=False)
    enter(page, julien)
    expect(page.get_by_role("button", name=re.compile("Copier"))).to_have_count(0)
    expect(page.locator(".selectable").first).to_have_text(re.compile(r"^FR\d\d( \d{4}){5} \d{3}$"))
    search(page, "loyer")
    expect(rows(page).nth(1)).to_contain_text("Loyer")


def test_operations_are_downloaded_as_they_are_filtered(account, tmp_path):
    search(account, "électricité")
    saved = {}
    for name in ("CSV", "OFX"):
        with account.expect_download() as download:
            account.get_by_role("link", name=re.compile(f"^{name}")).click()
        saved[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[name])
    lines = saved["CSV"].read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 15
    assert all("Électricité" in line for line in lines[1:])
    tree = OFXTree()
    tree.parse(saved["OFX"])
    [statement] = tree.convert().statements
    assert [operation.name for operation in statement.transactions] == ["Électricité"] * 14


def test_rib_opens_as_pdf(account, tmp_path):
    address = account.get_by_role("link", name=re.compile("RIB")).get_attribute("href")
    answer = account.request.get(address)
    (tmp_path / "rib.pdf").write_bytes(answer.body())
    text = PdfReader(tmp_path / "rib.pdf").pages[0].extract_text()
    assert "".join(account.locator(".selectable").first.inner_text().split()) in "".join(text.split())


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_operations_are_a_table_by_ear_and_no_amount_is_broken(demo, new_page, julien, size):
    page = new_page(size)
    enter(page, julien)
    table = page.get_by_role("table", name="Opérations", exact=True)
    headers = [header.text_content() for header in table.get_by_role("columnheader").all()]
    assert headers == ["Date", "Opération", "Montant", "Solde après"]
    expect(table.get_by_role("row").nth(1).get_by_role("cell")).to_have_count(4)
    expect(page.get_by_role("search", name="Filtrer les opérations")).to_have_count(1)
    broken = page.evaluate(LINES_BROKEN, "td.table__amount, .total__amount, .account-head__amounts dd")
    assert broken == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_keyboard_alone_searches(account):
    account.get_by_label("Libellé ou montant").focus()
    account.keyboard.type("loyer")
    account.keyboard.press("Enter")
    account.wait_for_url("**search=loyer**")
    expect(account.get_by_label("Libellé ou montant")).to_have_value("loyer")
