"""Every page fits its window, down to the smallest phone, and can be used by keyboard and screen reader."""

import pytest

from tests.journeys.test_story import log_in

PUBLIC = [
    "/", "/connexion/", "/code-client-oublie/", "/code-secret-oublie/", "/conseils-securite/", "/acces-ferme/?courrier",
    "/nulle-part/",
]  # fmt: skip
PRIVATE = [
    "/espace-client/", "/mon-profil/", "/mon-profil/journal/", "/mon-profil/code-secret/",
    "/mon-profil/connexions/ce-n-etait-pas-moi/", "/espace-client/virements/", "/espace-client/virements/nouveau/",
]  # fmt: skip
WIDTHS = [320, 390, 1280]

FAULTS = r"""() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`wider than the window: ${root.scrollWidth} px`);
  if (document.querySelectorAll('h1').length !== 1) faults.push('not exactly one h1');
  if (!document.querySelector('main')) faults.push('no main landmark');
  const clipped = (element) => getComputedStyle(element).overflowX !== 'visible' && element.clientWidth > 1
    && element.scrollWidth > element.clientWidth + 1;
  for (const element of document.querySelectorAll('main *, header *')) {
    if (clipped(element) && !element.matches('input, .visually-hidden')) faults.push(`cut: ${element.className}`);
  }
  const shown = (element) => element.offsetParent !== null && !element.closest('.visually-hidden');
  for (const field of document.querySelectorAll('input:not([type=hidden]), select')) {
    if (shown(field) && !field.labels.length) faults.push(`no label: ${field.name}`);
  }
  for (const target of document.querySelectorAll('button, .button, input:not([type=hidden]), summary')) {
    if (shown(target) && target.getBoundingClientRect().height < 24) faults.push(`small target: ${target.outerHTML}`);
  }
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  if (new Set(ids).size !== ids.length) faults.push('an id stands twice');
  // What no-break spaces hold together, an amount, a date, a number, stands on one line.
  const words = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode;
    if (!shown(text.parentElement)) continue;
    for (const held of text.data.matchAll(/[^ \n]*\d[\u00a0\u202f][^ \n]*|[^ \n]*[\u00a0\u202f]\d[^ \n]*/g)) {
      const range = document.createRange();
      range.setStart(text, held.index);
      range.setEnd(text, held.index + held[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.bottom)));
      if (lines.size > 1) faults.push(`broken: ${held[0]}`);
    }
  }
  for (const image of document.images) if (!image.hasAttribute('alt')) faults.push(`no alt: ${image.src}`);
  return faults;
}"""


def faults_of(page, paths):
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for path in paths:
            page.goto(path)
            found |= {(path, width): faults} if (faults := page.evaluate(FAULTS)) else {}
    return found


def test_public_pages_fit_and_are_labelled(page):
    assert faults_of(page, PUBLIC) == {}


def test_private_pages_fit_and_are_labelled(demo, page):
    julien = demo.person("personal")
    log_in(page, julien["client_code"], julien["secret_code"])
    page.wait_for_url("**/espace-client/")
    account = page.locator("main a[href*='/comptes/']").first.get_attribute("href")
    page.goto("/espace-client/documents/?nature=statement")
    statement = page.locator("a.papers__title").first.get_attribute("href")
    assert faults_of(page, [*PRIVATE, account, f"{account}?search=introuvable", f"{account}?search=loyer"]) == {}
    assert faults_of(page, ["/espace-client/documents/", statement]) == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_form_with_errors_fits_and_takes_the_focus_to_them(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, "1234 567 891", "12345")
    page.wait_for_selector("[role=alert]")
    assert page.evaluate(FAULTS) == []
    assert page.locator("#id_username").get_attribute("aria-invalid") == "true"
    described = page.locator("#id_password").get_attribute("aria-describedby").split()
    assert all(page.locator(f"#{name}").count() == 1 for name in described)


def test_printed_account_is_dark_on_white_and_bare_of_what_is_clicked(demo, page):
    julien = demo.person("personal")
    log_in(page, julien["client_code"], julien["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.locator("main a.account").first.click()
    page.wait_for_url("**/comptes/*/")
    page.emulate_media(media="print")
    ink = "element => getComputedStyle(element).color"
    assert page.locator(".total__amount").evaluate(ink) == page.locator("h1").evaluate(ink)
    assert page.locator("main :is(.button, .filter, .downloads, .copy):visible").count() == 0
    assert page.locator("main .table__amount:visible").count() > 10
