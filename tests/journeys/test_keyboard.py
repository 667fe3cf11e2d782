"""The whole main job by keyboard alone: whoever has no mouse sees where he is, is never caught, and arrives."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.test_transfers import GIVE_SAVINGS

PROVISIONAL_REFUSED, OWN_CODE = "123456", "804263"
# More stops than any page has before what is looked for.
MOST_STOPS = 80
# An outline around it, or around what it stands in: the whole line of an operation, a choice with its words.
SHOWN = """() => {
  const focused = document.activeElement;
  const framed = (one, part) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one, part);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
  };
  return [focused, ...(focused.labels ?? []), focused.closest('label, li, .field')]
    .some((one) => one && [null, '::before', '::after'].some((part) => framed(one, part)));
}"""


@pytest.fixture
def newcomer_with_savings(demo, newcomer):
    demo.manage("shell", "-v0", "-c", GIVE_SAVINGS.format(newcomer["client_code"]))
    return newcomer


def go_to(page, target):
    """From stop to stop, each of which is seen to have the focus."""
    focused = page.locator(":focus")
    for _ in range(MOST_STOPS):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
        expect(focused).to_have_count(1)
        assert page.evaluate(SHOWN), focused.evaluate("one => one.outerHTML")
    raise AssertionError(f"never reached: {target}")


def skip_to_matter(page):
    """By the first link of the page, past its header."""
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def type_in(page, label, text):
    go_to(page, page.get_by_label(label, exact=True))
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def follow(page, name):
    go_to(page, page.get_by_role("link", name=name).first)
    page.keyboard.press("Enter")


def press(page, name):
    go_to(page, page.get_by_role("button", name=name, exact=True))
    page.keyboard.press("Space")


def log_in(page, client_code, secret_code):
    type_in(page, "Code client", client_code)
    type_in(page, "Code secret", secret_code)
    page.keyboard.press("Enter")


def choose_code(page, code):
    type_in(page, "Nouveau code secret", code)
    type_in(page, "Nouveau code secret, une seconde fois", code)
    page.keyboard.press("Enter")


def choose_account(page, group, account):
    """Within a group of choices the arrows lead on."""
    choices = page.get_by_role("group", name=group)
    wanted = choices.get_by_label(re.compile(account))
    go_to(page, choices.get_by_role("radio").first)
    page.keyboard.press("Space")
    for _ in range(choices.get_by_role("radio").count()):
        if wanted.is_checked():
            return
        page.keyboard.press("ArrowDown")
        expect(page.locator(":focus")).to_be_checked()


def title(page, words):
    return page.get_by_role("heading", level=1, name=words)


@pytest.mark.proves("RGAA 10.7", "RGAA 12.7")
def test_main_job_is_done_by_keyboard_alone(demo, page, newcomer_with_savings, tmp_path):
    code_client, provisional = newcomer_with_savings["client_code"], newcomer_with_savings["secret_code"]
    page.goto("/connexion/")
    log_in(page, code_client, "12")
    expect(page.get_by_role("alert")).to_be_focused()
    log_in(page, code_client, provisional)
    expect(page).to_have_url(f"{demo.url}/mon-profil/code-secret/")
    skip_to_matter(page)
    choose_code(page, PROVISIONAL_REFUSED)
    expect(page.get_by_role("alert")).to_be_focused()
    choose_code(page, OWN_CODE)
    expect(page).to_have_url(f"{demo.url}/espace-client/")
    expect(page.get_by_role("status").filter(has_text="Votre code secret est enregistré")).to_be_focused()

    follow(page, re.compile("^Compte courant"))
    expect(page).to_have_url(re.compile(r"/comptes/\d+/$"))
    skip_to_matter(page)
    go_to(page, page.locator("a.op__link").first)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/operations/\d+/$"))

    follow(page, "Virements")
    expect(title(page, "Mes virements")).to_be_visible()
    skip_to_matter(page)
    follow(page, re.compile("virement"))
    expect(title(page, "Nouveau virement")).to_be_visible()
    skip_to_matter(page)
    press(page, "Continuer")
    expect(page.get_by_role("alert")).to_be_focused()
    choose_account(page, "Compte à débiter", "Livret d’épargne")
    choose_account(page, "Compte à créditer", "Compte courant")
    type_in(page, "Montant en euros", "12,50")
    page.keyboard.press("Enter")
    expect(title(page, "Relisez, puis confirmez")).to_be_focused()
    type_in(page, "Code secret", "296503")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    type_in(page, "Code secret", OWN_CODE)
    press(page, "Confirmer le virement")
    expect(title(page, "Virement effectué")).to_be_focused()

    follow(page, "Lire l’avis en page")
    expect(page).to_have_url(re.compile("/lire/$"))
    skip_to_matter(page)
    go_to(page, page.get_by_role("link", name="Télécharger le PDF"))
    with page.expect_download() as saving:
        page.keyboard.press("Enter")
    assert saving.value.suggested_filename.endswith(".pdf")

    page.goto("/espace-client/documents/")
    follow(page, "Mon profil")
    expect(title(page, "Mon profil")).to_be_visible()
    press(page, "Se déconnecter")
    expect(page.get_by_role("status").filter(has_text="Vous êtes déconnecté")).to_be_focused()


def test_no_page_catches_who_goes_on_and_on(page):
    """Each stop once, in the order of the page, down to the last link; then the page is left."""
    for path in ("/connexion/", "/code-secret-oublie/", "/conseils-securite/"):
        page.goto(path)
        skip, last = page.get_by_role("link", name="Aller au contenu"), page.locator("footer a:visible").last
        skip.focus()
        met = [skip.evaluate("one => one.outerHTML")]
        while not last.evaluate("one => one === document.activeElement"):
            page.keyboard.press("Tab")
            expect(page.locator(":focus")).to_have_count(1)
            met.append(page.locator(":focus").evaluate("one => one.outerHTML"))
            assert len(met) < MOST_STOPS
        assert len(met) > 10
