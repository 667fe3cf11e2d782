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
    enter_account(page)


def enter_account(page):
    page.get_by_role("link", name=re.compile("^Compte courant")).first.click()
    page.wait_for_url("**/comptes/*/")


def operations(page):
    return page.get_by_role("region", name="Opérations", exact=True).locator(".op")


def unfold_filter(page):
    if not page.get_by_label("Libellé ou montant").is_visible():
        page.get_by_text("Rechercher, filtrer").click()


def search(page, text):
    unfold_filter(page)
    page.get_by_label("Libellé ou montant").fill(text)
    page.get_by_role("button", name="Filtrer").click()


def test_overview_tells_what_is_to_come_and_which_account_is_closed(demo, page, julien):
    log_in(page, julien["client_code"], julien["secret_code"])
    current = page.get_by_role("link", name=re.compile("^Compte courant N°")).first
    expect(current).to_contain_text(re.compile(r"3 opérations à venir\s: −60,10\s€"))
    expect(current).to_contain_text(re.compile(r"Disponible\s: "))
    expect(page.get_by_role("region", name="Dernières opérations").locator(".op")).to_have_count(5)
    closed = page.get_by_role("link", name=re.compile(r"^Livret d’épargne \d \d \d"))
    expect(closed).to_have_count(0)
    page.get_by_text("Comptes clôturés").click()
    expect(closed).to_have_count(1)


def test_operations_are_searched_and_all_of_them_found_again(account):
    search(account, "electricite")
    expect(account.get_by_role("status").filter(has_text="trouvées")).to_contain_text("12 opérations trouvées")
    expect(operations(account)).to_have_count(12)
    for operation in operations(account).all():
        expect(operation).to_contain_text("Électricité")
    search(account, "introuvable")
    expect(account.get_by_role("main")).to_contain_text("Aucune opération ne correspond.")
    account.get_by_role("link", name="Voir toutes les opérations").click()
    expect(operations(account)).to_have_count(50)


def test_a_month_is_chosen_and_kept_with_the_direction(account):
    unfold_filter(account)
    month = account.get_by_label("Période").locator("option").nth(3).get_attribute("value")
    account.get_by_label("Période").select_option(month)
    account.get_by_label("Sens").select_option("Débits")
    account.get_by_role("button", name="Filtrer").click()
    account.wait_for_url(f"**period={month}**")
    expect(account.get_by_label("Période")).to_have_value(month)
    days = account.locator(".day time").all()
    assert days
    assert all(day.get_attribute("datetime").startswith(f"{month}-") for day in days)
    for operation in operations(account).all():
        expect(operation).to_contain_text("−")


def test_pages_lead_to_the_oldest_operation_and_back(account):
    first = operations(account).first.inner_text()
    account.get_by_role("link", name="Opérations plus anciennes").click()
    account.wait_for_url("**before=**")
    account.get_by_role("link", name="Opérations plus anciennes").click()
    expect(account.get_by_role("link", name="Opérations plus anciennes")).to_have_count(0)
    for _ in range(2):
        account.get_by_role("link", name="Opérations plus récentes").click()
        account.wait_for_url("**after=**")
    expect(account.get_by_role("link", name="Opérations plus récentes")).to_have_count(0)
    assert operations(account).first.inner_text() == first


def unfold_bank_details(page):
    page.get_by_text("IBAN, BIC, RIB en PDF").click()
    expect(page.locator("#rib .selectable").first).to_be_visible()


def test_iban_is_copied_whole_and_the_success_is_told(demo, new_page, julien):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    enter(page, julien)
    unfold_bank_details(page)
    page.get_by_role("button", name="Copier l’IBAN").click()
    expect(page.get_by_role("status").filter(has_text="copié")).to_have_text("IBAN copié.")
    shown = page.locator(".selectable [aria-hidden]").first.inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == "".join(shown.split())
    page.get_by_role("button", name="Copier le BIC").click()
    expect(page.get_by_role("status").filter(has_text="copié")).to_have_text("BIC copié.")


def test_copy_that_the_browser_refuses_is_said(account):
    account.evaluate("() => { Clipboard.prototype.writeText = () => Promise.reject(new Error('refused')); }")
    unfold_bank_details(account)
    account.get_by_role("button", name="Copier l’IBAN").click()
    expect(account.get_by_role("status").filter(has_text="refusé")).to_contain_text("sélectionnez l’IBAN")


def test_without_javascript_the_iban_is_text_and_the_filters_work(demo, new_page, julien):
    page = new_page(java_script_enabled=False)
    enter(page, julien)
    unfold_bank_details(page)
    expect(page.get_by_role("button", name=re.compile("Copier"))).to_have_count(0)
    expect(page.locator(".selectable [aria-hidden]").first).to_have_text(re.compile(r"^FR\d\d( \d{4}){5} \d{3}$"))
    search(page, "loyer")
    expect(operations(page).first).to_contain_text("Loyer")


def test_operations_are_downloaded_as_they_are_filtered(account, tmp_path):
    search(account, "électricité")
    saved = {}
    for name in ("CSV", "OFX"):
        with account.expect_download() as download:
            account.get_by_role("link", name=re.compile(f"^{name}")).click()
        saved[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[name])
    lines = saved["CSV"].read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 13
    assert all("Électricité" in line for line in lines[1:])
    tree = OFXTree()
    tree.parse(saved["OFX"])
    [statement] = tree.convert().statements
    assert [operation.name for operation in statement.transactions] == ["Électricité"] * 12


def test_rib_opens_as_pdf(account, tmp_path):
    unfold_bank_details(account)
    address = account.get_by_role("link", name=re.compile("RIB")).get_attribute("href")
    answer = account.request.get(address)
    (tmp_path / "rib.pdf").write_bytes(answer.body())
    text = PdfReader(tmp_path / "rib.pdf").pages[0].extract_text()
    assert "".join(account.locator(".selectable [aria-hidden]").first.inner_text().split()) in "".join(text.split())


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_operations_are_lists_under_their_days_by_ear_and_no_amount_is_broken(demo, new_page, julien, size):
    page = new_page(size)
    enter(page, julien)
    day = page.locator(".day").first
    title = day.get_by_role("heading", level=4).inner_text()
    items = page.get_by_role("region", name=title).get_by_role("listitem")
    assert re.match(r"\w+,? .*\d{4}$", title)
    expect(items.first).to_contain_text(re.compile(r"[−+]\d.*Solde −?\d", re.DOTALL))
    unfold_filter(page)
    expect(page.get_by_role("search", name="Filtrer les opérations")).to_have_count(1)
    assert page.evaluate(LINES_BROKEN, ".op .amount, .op__amount .small, .band__figure, .band__facts dd") == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_month_tells_its_sums_and_where_the_money_went_by_ear(demo, new_page, julien):
    page = new_page()
    log_in(page, julien["client_code"], julien["secret_code"])
    month = page.get_by_role("region", name="Ce mois-ci")
    expect(month).to_contain_text(re.compile(r"Entrées\s*\+?\d"))
    expect(month).to_contain_text(re.compile(r"Sorties\s*−?\d"))
    rows = page.get_by_role("table", name="Où est parti l’argent").get_by_role("row")
    for row in rows.all()[1:]:
        expect(row.get_by_role("cell")).to_contain_text("€")
    enter_account(page)
    head = page.get_by_role("region", name=re.compile(r"^\w+ \d{4}$")).first
    expect(head.get_by_role("heading", level=3)).to_have_count(1)
    expect(head).to_contain_text(re.compile(r"Entrées .*Sorties ", re.DOTALL))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_way_leads_from_overview_to_account_to_operation_and_back(demo, new_page, julien, size):
    page = new_page(size)
    enter(page, julien)
    operation = operations(page).filter(has_text="Électricité").first
    amount = operation.locator(".amount").first.inner_text()
    operation.get_by_role("link", name="Électricité").click()
    page.wait_for_url("**/operations/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Électricité")
    main = page.get_by_role("main")
    for said in (amount, "Prélèvement", "Factures et impôts", "Référence"):
        expect(main).to_contain_text(said)
    advice = page.get_by_text("pendant huit semaines")
    expect(advice).to_be_hidden()
    page.get_by_text("Je ne reconnais pas cette opération").click()
    expect(advice).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^Appeler le "))).to_have_attribute(
        "href", re.compile(r"^tel:\+?\d+$")
    )
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    main.get_by_role("link", name=re.compile("^Compte courant")).first.click()
    page.wait_for_url("**/comptes/*/")
    page.get_by_role("link", name="Tous mes comptes").click()
    page.wait_for_url("**/espace-client/")
    page.get_by_role("region", name="Dernières opérations").locator(".op__link").first.click()
    page.wait_for_url("**/operations/*/")
    page.go_back()
    page.wait_for_url("**/espace-client/")


def test_whole_line_leads_to_the_operation_and_keyboard_sees_where_it_is(account):
    line = operations(account).first
    box = line.bounding_box()
    line.get_by_role("link").focus()
    assert account.evaluate("getComputedStyle(document.activeElement, '::after').outlineStyle") == "solid"
    account.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    account.wait_for_url("**/operations/*/")


def test_first_operation_stands_high_on_a_phone(demo, new_page, julien):
    page = new_page(PHONE)
    enter(page, julien)
    box = operations(page).first.bounding_box()
    assert box["y"] + box["height"] <= 600


def test_twelve_months_are_read_as_a_table(demo, new_page, julien):
    page = new_page()
    enter(page, julien)
    rows = page.get_by_role("table", name="Douze mois, en euros").get_by_role("row")
    expect(rows).to_have_count(13)
    expect(rows.last).to_contain_text(page.locator(".band__figure").inner_text())


def test_keyboard_alone_searches(account):
    account.get_by_text("Rechercher, filtrer").focus()
    account.keyboard.press("Enter")
    account.keyboard.press("Tab")
    account.keyboard.type("loyer")
    account.keyboard.press("Enter")
    account.wait_for_url("**search=loyer**")
    expect(account.get_by_label("Libellé ou montant")).to_have_value("loyer")
