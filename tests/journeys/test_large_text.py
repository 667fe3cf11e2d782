"""Somebody whose browser shows letters of 24 or 32 px reads every page on a phone, without scrolling sideways."""

import pytest
from playwright.sync_api import expect

from tests.chromium import launch_options
from tests.journeys.conftest import PHONE
from tests.journeys.test_layout import PRIVATE, PUBLIC
from tests.journeys.test_story import log_in

# In the portal's own font. A word that is broken leaves no letter alone on a line, and what no-break spaces hold
# together, such as « 1 234,56 € », is not broken at all.
FAULTS = r"""() => {
  const root = document.documentElement;
  const faults = root.scrollWidth > root.clientWidth ? [`wider than the window: ${root.scrollWidth} px`] : [];
  const apart = '.visually-hidden, .spelled__heard, script, [hidden], .curve__months';
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const lines = (text, word) => {
    const found = {};
    const whole = document.createRange();
    whole.setStart(text, word.index);
    whole.setEnd(text, word.index + word[0].length);
    if (whole.getClientRects().length < 2) return [word[0]];
    for (let place = word.index; place < word.index + word[0].length; place++) {
      const range = document.createRange();
      range.setStart(text, place);
      range.setEnd(text, place + 1);
      const [box] = range.getClientRects();
      if (box) found[Math.round(box.bottom)] = (found[Math.round(box.bottom)] ?? '') + text.data[place];
    }
    return Object.values(found);
  };
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.parentElement.offsetParent || text.parentElement.closest(apart)) continue;
    for (const word of text.data.matchAll(/[^ \n]+/g)) {
      const parts = lines(text, word);
      const held = /\d[\u00a0\u202f]|[\u00a0\u202f][\d€]/.test(word[0]);
      if (parts.length > 1 && (held || parts.some((part) => part.length === 1))) faults.push(parts.join(' | '));
    }
  }
  return faults;
}"""


@pytest.fixture(params=[24, 32], ids="{} px".format)
def page_in_large_letters(request, demo, chromium):
    options = launch_options()
    options["args"] = [*options["args"], f"--blink-settings=defaultFontSize={request.param}"]
    browser = chromium.browser_type.launch(**options)
    page = browser.new_context(base_url=demo.url, viewport=PHONE, locale="fr-FR").new_page()
    page.goto("/")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{request.param}px"
    yield page
    browser.close()


def test_every_page_is_read_in_large_letters_on_a_phone(demo, page_in_large_letters):
    page, julien = page_in_large_letters, demo.person("personal")
    faults = faults_of(page, PUBLIC)
    log_in(page, julien["client_code"], "12345")
    expect(page.get_by_role("alert")).to_be_visible()
    faults |= {"refused": page.evaluate(FAULTS)}
    log_in(page, julien["client_code"], julien["secret_code"])
    page.wait_for_url("**/espace-client/")
    account = page.locator("main a[href*='/comptes/']").first.get_attribute("href")
    page.goto("/espace-client/documents/?nature=statement")
    statement = page.locator("a.papers__title").first.get_attribute("href")
    faults |= faults_of(
        page, [*PRIVATE, account, f"{account}?search=introuvable", "/espace-client/documents/", statement]
    )
    assert {path: found for path, found in faults.items() if found} == {}


def faults_of(page, paths) -> dict[str, list[str]]:
    found = {}
    for path in paths:
        page.goto(path)
        page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
        found[path] = page.evaluate(FAULTS)
    return found
