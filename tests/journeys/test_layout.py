"""Every page fits its window, down to the smallest phone, and can be used by keyboard and screen reader."""

import pytest

from tests.journeys.layout import WIDTHS, faults_in, faults_of
from tests.journeys.test_story import log_in

PUBLIC = [
    "/", "/connexion/", "/code-client-oublie/", "/code-secret-oublie/", "/conseils-securite/", "/acces-ferme/?courrier",
    "/nulle-part/", "/mentions-legales/", "/accessibilite/",
]  # fmt: skip
PRIVATE = [
    "/espace-client/", "/mon-profil/", "/mon-profil/journal/", "/mon-profil/code-secret/",
    "/mon-profil/moyens/", "/mon-profil/moyens/application/", "/mon-profil/moyens/perdu/",
    "/mon-profil/connexions/ce-n-etait-pas-moi/", "/espace-client/virements/", "/espace-client/virements/nouveau/",
]  # fmt: skip


def test_public_pages_fit_and_are_labelled(page):
    assert faults_of(page, PUBLIC) == {}


@pytest.mark.parametrize("amount", ["1,00", "26\u202f028,28"])
def test_amount_is_found_that_would_break_were_it_longer_or_its_font_wider(page, amount):
    page.set_content(f"<main style='width: 8em; overflow-wrap: anywhere'><h1>{amount}\u00a0€</h1></main>")
    assert faults_in(page) == ["broken: −123\u202f456\u202f789,00\u00a0€"]
    assert page.locator("h1").inner_text() == f"{amount}\u00a0€"


@pytest.mark.proves("RGAA 11.1")
def test_private_pages_fit_and_are_labelled(demo, page):
    julien = demo.person("personal")
    log_in(page, julien["client_code"], julien["secret_code"])
    page.wait_for_url("**/espace-client/")
    account = page.locator("main a[href*='/comptes/']").first.get_attribute("href")
    page.goto("/espace-client/documents/?nature=statement")
    statement = page.locator("a.papers__title").first.get_attribute("href")
    assert faults_of(page, [*PRIVATE, account, f"{account}?search=introuvable", f"{account}?search=loyer"]) == {}
    assert faults_of(page, [f"{account}operations/2/"]) == {}
    assert faults_of(page, ["/espace-client/documents/", statement]) == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_form_with_errors_fits_and_takes_the_focus_to_them(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, "1234 567 891", "12345")
    page.wait_for_selector("[role=alert]")
    assert faults_in(page) == []
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
    assert page.locator(".band__figure").evaluate(ink) == page.locator("h1").evaluate(ink)
    assert page.locator("main :is(.button, .filter, .downloads, .copy):visible").count() == 0
    assert page.locator("main .op .amount:visible").count() > 10


def test_chosen_filter_and_frames_stay_in_the_reader_s_own_colours(demo, new_page):
    julien = demo.person("personal")
    page = new_page(forced_colors="active")
    log_in(page, julien["client_code"], julien["secret_code"])
    page.wait_for_url("**/espace-client/")
    text = page.evaluate("getComputedStyle(document.body).color")
    for framed in (".accounts", ".days", ".fold"):
        assert page.locator(framed).first.evaluate("one => getComputedStyle(one).borderTopColor") == text
    page.goto("/espace-client/documents/")
    ground = "link => getComputedStyle(link).backgroundColor"
    chosen = page.locator(".choices__link[aria-current]").first
    assert chosen.evaluate(ground) != page.locator(".choices__link:not([aria-current])").first.evaluate(ground)
    assert chosen.evaluate(ground) != chosen.evaluate("link => getComputedStyle(link).color")
    assert chosen.evaluate("link => getComputedStyle(link).forcedColorAdjust") == "none"  # else its words are boxed


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_controls_wear_the_scheme_of_the_page(new_page, scheme):
    page = new_page(color_scheme=scheme)
    page.goto("/connexion/")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"
    light = "one => getComputedStyle(one).backgroundColor.match(/\\d+/g).every((part) => part > 128)"
    for surface in ("body", "#id_username", ".fold:not(.fold--bare)"):
        assert page.locator(surface).evaluate(light) == (scheme == "light")
