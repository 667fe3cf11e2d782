"""What a screen reader is given of numbers and amounts, by the accessibility tree of a real browser."""

import re

import pytest

from tests.journeys.conftest import PHONE
from tests.journeys.test_story import log_in

BY_SIGN = r"\d(?: \d)*(?:, \d(?: \d)*)*"
AMOUNT = re.compile(r"[+−]?\d{1,3}(?: \d{3})*,\d\d €")


@pytest.fixture
def reader(demo, page):
    """Somebody of the demo on « Mes comptes »."""
    julien = demo.person("personal")
    log_in(page, julien["client_code"], julien["secret_code"])
    page.wait_for_url("**/espace-client/")
    return page, julien


def heard_in(locator) -> str:
    """Its accessibility tree as text, in which every space is a plain one; where links lead is not heard."""
    return re.sub(r"\n *- /url: .*", "", locator.aria_snapshot())


def copied(locator) -> str:
    locator.evaluate("element => getSelection().selectAllChildren(element)")
    return locator.page.evaluate("() => getSelection().toString()").strip()


def test_code_client_is_heard_digit_by_digit_and_copied_as_it_is_seen(reader):
    page, julien = reader
    page.goto("/mon-profil/")
    code, shown = julien["client_code"], page.locator(".client-code__digits")
    groups = code[:4], code[4:7], code[7:]
    assert ", ".join(map(" ".join, groups)) in heard_in(shown)
    assert not re.search(r"\d\d", heard_in(shown))
    assert copied(shown) == "\u00a0".join(groups)


def test_numbers_of_an_account_are_heard_sign_by_sign_and_amounts_as_amounts(reader):
    page, _ = reader
    page.locator("main a.account").first.click()
    page.wait_for_url("**/comptes/*/")
    page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
    heard = heard_in(page.locator("main"))
    assert re.search(r"F R 7 6, 9 9 9 9, 9 0 0 0, 0 1(?: \d){2}(?:, \d \d \d \d){2}, \d \d \d\b", heard)
    assert re.search(rf"N° {BY_SIGN}", heard)
    assert not re.search(r"\d{5}", heard)  # no longer number is left to be read as one
    assert len(AMOUNT.findall(heard)) > 10
    assert "-" not in "".join(re.findall(r"\S*,\d\d €", heard))  # a minus is said, a hyphen is not
    iban = page.locator(".selectable").first
    assert re.fullmatch(r"FR76(?: \w{4}){5} \w{3}", copied(iban))


def test_journal_says_the_number_of_an_account_as_its_page_does(reader):
    page, _ = reader
    page.goto("/mon-profil/journal/")
    heard = heard_in(page.locator("table"))
    said = re.compile(r"N° \d \d \d, \d \d \d \d, \d \d \d \d")
    while not said.search(heard):  # other journeys may have written lines with other numbers above
        page.get_by_role("link", name="Lignes plus anciennes").click()
        page.wait_for_load_state()
        heard = heard_in(page.locator("table"))
    assert said.search(heard)


def test_journal_stays_a_table_to_a_screen_reader_where_a_phone_lays_it_out_as_blocks(reader):
    page, _ = reader
    page.set_viewport_size(PHONE)
    page.goto("/mon-profil/journal/")
    assert page.locator("tbody tr").first.evaluate("row => getComputedStyle(row).display") == "grid"
    assert {"- table ", "- row ", "- cell ", "- columnheader "} <= set(
        re.findall(r"- [a-z]+ ?", heard_in(page.locator("main")))
    )
