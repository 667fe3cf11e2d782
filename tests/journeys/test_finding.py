"""An advisor with somebody on the telephone: from the first word to his sheet, and back."""

import re

from playwright.sync_api import expect

from tests.journeys.test_story import staff_log_in


def ask(page, said):
    """From whatever page is open, as the keyboard alone does it."""
    box = page.get_by_role("searchbox", name="Retrouver un client")
    box.fill(said)
    box.press("Enter")
    expect(page.get_by_role("searchbox", name="Retrouver un client")).to_have_value(said)


def test_advisor_finds_a_client_as_he_is_called_and_no_address_tells_it(demo, page):
    staff_log_in(page, demo)
    asked_for = []
    page.on("request", lambda request: asked_for.append(request.url.casefold()))
    expect(page.get_by_role("searchbox", name="Retrouver un client")).to_be_focused()
    results = page.locator("#result_list tbody tr")
    for said in ("moreau julien 02/11/1984", "Julien MOREAU", "moreau nov. 1984", "jul mor", "moreau 1984"):
        ask(page, said)
        expect(results.first).to_contain_text("Julien MOREAU")
    ask(page, "morau julien")
    expect(page.get_by_text("voici ceux dont le nom se prononce ainsi")).to_be_visible()
    expect(results.first).to_contain_text("Julien MOREAU")
    ask(page, f"code client {demo.person('personal')['client_code']}")
    expect(results).to_have_count(1)
    assert not [url for url in asked_for if re.search(r"moreau|julien|1984", url)]


def test_results_are_still_there_after_a_sheet(demo, page):
    staff_log_in(page, demo)
    ask(page, "julien moreau")
    page.get_by_role("link", name=re.compile("Julien MOREAU")).click()
    expect(page).to_have_url(re.compile("/change/"))
    page.go_back()
    expect(page.locator("#result_list tbody tr").first).to_contain_text("Julien MOREAU")
    page.goto("/admin/auth_codes/renewal/")
    ask(page, "ab")
    expect(page.locator(".messagelist")).to_contain_text("Tapez au moins 3 lettres")


def test_who_searches_without_javascript_finds_as_much(demo, new_page):
    page = new_page(java_script_enabled=False)
    staff_log_in(page, demo)
    ask(page, "julien moreau")
    expect(page.locator("#result_list tbody tr").first).to_contain_text("Julien MOREAU")
