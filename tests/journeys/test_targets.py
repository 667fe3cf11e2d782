"""What is tapped on a phone is at least 44 px high; a link within a sentence is as high as its line (WCAG 2.5.5)."""

from tests.journeys.conftest import PHONE
from tests.journeys.test_layout import PRIVATE, PUBLIC
from tests.journeys.test_story import log_in

SMALL = r"""() => {
  const shown = (element) => element.offsetParent !== null && !element.closest('.visually-hidden, .skip-link');
  const inSentence = (link) => link.matches('a') && getComputedStyle(link).display === 'inline'
    && [...link.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const boxes = (element) => element.matches('input') ? [element.closest('.field, label') ?? element] : [element];
  return [...document.querySelectorAll('a, button, summary, input:not([type=hidden]), select')]
    .filter((element) => shown(element) && !inSentence(element))
    .filter((element) => boxes(element).every((box) => box.getBoundingClientRect().height < 43.5))
    .map((element) => `${Math.round(element.getBoundingClientRect().height)} px: ${element.outerHTML.slice(0, 150)}`);
}"""


def test_everything_that_is_tapped_is_a_finger_high(demo, new_page):
    page, julien = new_page(PHONE), demo.person("personal")
    small = small_on(page, PUBLIC)
    log_in(page, julien["client_code"], julien["secret_code"])
    page.wait_for_url("**/espace-client/")
    account = page.locator("main a[href*='/comptes/']").first.get_attribute("href")
    page.goto("/espace-client/documents/?nature=statement")
    statement = page.locator("a.papers__title").first.get_attribute("href")
    small |= small_on(page, [*PRIVATE, account, "/espace-client/documents/", statement])
    assert {path: found for path, found in small.items() if found} == {}


def small_on(page, paths) -> dict[str, list[str]]:
    found = {}
    for path in paths:
        page.goto(path)
        page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
        found[path] = page.evaluate(SMALL)
    return found
