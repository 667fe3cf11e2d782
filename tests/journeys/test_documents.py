"""« Mes documents » in a browser: finding one, reading it, saving its PDF, which carries the code client."""

import re
import zipfile

import pytest
from playwright.sync_api import expect

from tests import pdfs
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_story import log_in, open_sheet, staff_log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@pytest.fixture
def reader(demo):
    """The demo's client with a year of statements."""
    return demo.person("personal")


def open_documents(page, reader):
    log_in(page, reader["client_code"], reader["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.get_by_role("link", name="Mes documents", exact=True).click()
    page.wait_for_url("**/espace-client/documents/")


def choose(page, label):
    """Unfolds the kinds first."""
    page.locator("summary").filter(has_text="Nature").click()
    page.get_by_role("navigation", name="Nature").get_by_role("link", name=label).click()


@SIZES
def test_statement_is_found_read_and_saved(new_page, reader, size, tmp_path):
    page = new_page(size)
    open_documents(page, reader)
    choose(page, re.compile("^Relevés"))
    expect(page.locator(".papers__row")).to_have_count(25)  # a full page
    page.get_by_role("link", name=re.compile("^Relevé .*Compte courant")).first.click()
    page.wait_for_url("**/lire/")
    shown = page.locator(".client-code__digits [aria-hidden]").inner_text().replace("\u00a0", " ")
    assert re.sub(r"\D", "", shown) == reader["client_code"]
    expect(page.get_by_role("table", name="Vos opérations")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    with page.expect_download() as saving:
        page.get_by_role("link", name="Télécharger le PDF").click()
    saved = saving.value
    assert re.fullmatch(r"Relevé de compte \d{4}-\d\d \d{11}\.pdf", saved.suggested_filename)
    saved.save_as(tmp_path / "saved.pdf")
    text = pdfs.read((tmp_path / "saved.pdf").read_bytes()).pages[0].extract_text()
    assert shown in text.replace("\u00a0", " ")


@SIZES
def test_year_and_kind_stand_in_one_line_and_a_year_of_statements_is_saved(new_page, reader, size, tmp_path):
    page = new_page(size)
    open_documents(page, reader)
    year, kind = (page.locator("summary").filter(has_text=word).bounding_box() for word in ("Année", "Nature"))
    assert year["y"] == kind["y"]
    assert min(year["height"], kind["height"]) >= 44
    with page.expect_download() as saving:
        page.get_by_role("link", name=re.compile(r"^Relevés \d{4} \(ZIP\)$")).first.click()
    assert re.fullmatch(r"Relevés \d{4}\.zip", saving.value.suggested_filename)
    saving.value.save_as(tmp_path / "saved.zip")
    with zipfile.ZipFile(tmp_path / "saved.zip") as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) > 1


@SIZES
def test_filters_are_combined_and_taken_back(new_page, reader, size):
    page = new_page(size)
    open_documents(page, reader)
    choose(page, re.compile("^Contrats"))
    expect(page.locator(".papers__row")).to_have_count(1)
    expect(page.locator("summary").filter(has_text="Nature")).to_contain_text("Contrats")
    expect(page.locator(".choices__link[aria-current]").filter(has_text="Contrats")).to_have_count(1)
    choose(page, re.compile("^Tous "))
    page.get_by_role("link", name="Documents plus anciens").click()
    expect(page.get_by_text("Page 2 sur 2")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_list_and_page_work_without_javascript(new_page, reader):
    page = new_page(PHONE, java_script_enabled=False)
    open_documents(page, reader)
    choose(page, re.compile("^Courriers"))
    page.get_by_role("link", name=re.compile("Bienvenue")).first.click()
    page.wait_for_url("**/lire/")
    expect(page.get_by_role("heading", name="Votre code client", exact=True)).to_be_visible()


def test_advisor_writes_a_letter_and_the_client_reads_it(demo, new_page, somebody):
    desk = new_page()
    staff_log_in(desk, demo)
    open_sheet(desk, somebody["client_code"])
    desk.get_by_role("link", name="Écrire un courrier").click()
    desk.get_by_label("Objet").fill("Votre carte est arrivée")
    desk.get_by_label(re.compile("^Texte")).fill("Elle vous attend à l’agence.\n\nÀ bientôt.")
    desk.get_by_role("button", name="Envoyer le courrier").click()
    expect(desk.get_by_text("Courrier envoyé")).to_be_visible()
    page = new_page(PHONE)
    open_documents(page, somebody)
    page.get_by_role("link", name="Votre carte est arrivée").first.click()
    expect(page.get_by_text("Elle vous attend à l’agence.")).to_be_visible()
