"""Every page and state is without a fault that axe-core finds, on a phone in light and on a desk in dark colours."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_layout import PRIVATE, PUBLIC
from tests.journeys.test_story import log_in, open_sheet, search, staff_log_in
from tests.journeys.test_transfers import confirm, open_space, prepare, receipt_of, saver  # noqa: F401 - a fixture

# Evaluated and not linked: the page's Content-Security-Policy takes no script but the portal's. Without preloading, for
# which axe would write style sheets into the page.
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'], preload: false });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
}"""


@pytest.fixture(params=[(PHONE, "light"), (DESK, "dark")], ids=["phone, light", "desk, dark"])
def judged(request, new_page):
    """A window, and what axe finds in it, by page."""
    size, scheme = request.param
    page, found = new_page(size, color_scheme=scheme), {}

    def judge(*paths):
        for path in paths or [None]:
            if path:
                page.goto(path)
            page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
            page.evaluate(AXE)
            found[path or page.url] = page.evaluate(RUN)

    yield page, judge
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.proves("RGAA 11.1")
def test_public_pages_and_a_refused_login_have_no_fault(judged):
    page, judge = judged
    judge(*PUBLIC, "/deconnexion/")
    log_in(page, "1234 567 891", "12345")
    page.wait_for_selector("[role=alert]")
    judge()


def test_pages_of_a_customer_have_no_fault(demo, judged):
    page, judge = judged
    julien = demo.person("personal")
    log_in(page, julien["client_code"], julien["secret_code"])
    page.wait_for_url("**/espace-client/")
    account = page.locator("main a[href*='/comptes/']").first.get_attribute("href")
    page.goto("/espace-client/documents/?nature=statement")
    statement = page.locator("a.papers__title").first.get_attribute("href")
    judge(*PRIVATE, account, f"{account}?search=introuvable", "/espace-client/documents/", statement)


def test_pages_of_one_operation_a_transfer_and_a_pause_have_no_fault(demo, judged, customer):
    page, judge = judged
    julien = demo.person("personal")
    for _ in range(6):
        log_in(page, customer["client_code"], "135792")
    judge()
    log_in(page, julien["client_code"], julien["secret_code"])
    page.wait_for_url("**/espace-client/")
    account = page.locator("main a.account").first.get_attribute("href")
    judge(f"{account}operations/2/")
    page.goto("/espace-client/virements/nouveau/")
    page.get_by_role("group", name="Compte à débiter").get_by_label("Livret d’épargne").check()
    page.get_by_role("group", name="Compte à créditer").get_by_label("Compte courant").first.check()
    page.get_by_label("Montant en euros").fill("10,00")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Confirmer le virement").wait_for()
    judge()
    page.get_by_role("button", name="Annuler ce virement").click()  # other journeys find Julien's papers as they were


def test_pages_of_the_desk_have_no_fault(demo, judged):
    page, judge = judged
    judge("/admin/")
    staff_log_in(page, demo)
    judge("/admin/", "/admin/auth_codes/renewal/", "/admin/accounts/accessrequest/", "/admin/password_change/")
    judge("/admin/accounts/client/", "/admin/accounts/client/add/")
    search(page, "moreau")
    expect(page.locator("#result_list")).to_be_visible()
    judge()
    open_sheet(page, demo.person("personal")["client_code"])
    sheet = page.url.partition("change/")[0]
    judge(*(f"{sheet}{act}/" for act in ("change", "modifier", "code-client", "history", "renouveler", "fermer")))


def test_transfer_that_is_done_has_no_fault(judged, saver):  # noqa: F811
    page, judge = judged
    open_space(page, saver)
    prepare(page, "20,50", "Vacances")
    confirm(page, saver["secret_code"])
    receipt_of(page)
    judge()
