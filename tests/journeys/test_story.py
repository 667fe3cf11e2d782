"""The whole story, from the first account opened to the customer's own code, as people live it."""

import re

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from accounts import client_codes
from tests.journeys.conftest import DESK, PHONE, contacts_of
from tests.journeys.layout import faults_in

OWN_CODE = "739146"
NEXT_CODE = "804263"
WEAK_CODES = {"123456": "suite de chiffres", "111111": "même chiffre"}


def staff_log_in(page, demo, place=0):
    staff = demo.rows("demo_staff.csv")[place]
    page.goto("/admin/")
    page.get_by_label("Nom d’utilisateur").fill(staff["username"])
    page.get_by_label("Mot de passe").fill(staff["password"])
    page.get_by_role("button", name="Connexion").click()
    expect(page).to_have_url(f"{demo.url}/admin/")


def log_in(page, client_code, secret_code):
    page.goto("/connexion/")
    page.get_by_label("Code client", exact=True).fill(client_code)
    page.get_by_label("Code secret", exact=True).fill(secret_code)
    page.get_by_role("button", name="Me connecter").click()


def log_out(page):
    """Waits for the page that says so: « back » asked for in the middle of a navigation has no page to leave."""
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/connexion/?au-revoir")
    expect(page.get_by_role("status")).to_contain_text("Vous êtes déconnecté")


def choose_code(page, current, chosen, again=None):
    """As the page asks: a moment after a login by a provisional code it does not ask for that once more."""
    page.locator("#id_new_password1").fill(chosen)
    if page.locator("#id_old_password").count():
        page.locator("#id_old_password").fill(current)
    page.locator("#id_new_password2").fill(again or chosen)
    page.get_by_role("button", name="Enregistrer mon code secret").click()


def register(page, family_name, given_names):
    page.goto("/admin/accounts/client/add/")
    page.locator("#id_title").select_option("M.")
    for field, value in {
        "given_names": given_names, "family_name": family_name, "birth_date": "02/05/1979",
        **contacts_of(family_name),
    }.items():  # fmt: skip
        page.locator(f"#id_{field}").fill(value)
    page.get_by_role("button", name="Enregistrer", exact=True).click()


def print_letters(demo):
    """What the bank's operator and then the print workshop do; the text of each letter by its id."""
    folder = demo.var / "print"
    exported = demo.manage("export_sealed_letters", "--to", str(folder / "sealed"))
    batch = re.search(r'"batch": "([^"]+)"', exported)[1]
    demo.manage(
        "open_sealed_letters", "--identity", str(demo.var / "demo_workshop.key"),
        "--from", str(folder / "sealed" / batch), "--to", str(folder / batch),
    )  # fmt: skip
    demo.manage("confirm_sealed_letters", batch)
    return [PdfReader(path).pages[0].extract_text() for path in (folder / batch).glob("*.pdf")]


def search(page, said):
    """By the box that stands on each page of the desk."""
    page.goto("/admin/")
    page.get_by_role("searchbox", name="Retrouver un client").fill(said)
    page.get_by_role("button", name="Chercher").click()
    expect(page).to_have_url(re.compile(r"/admin/accounts/client/\?recherche="))


def open_sheet(page, client_code):
    """As whoever has him on the telephone; his own advisor is not asked why."""
    search(page, client_code)
    page.locator("#result_list tbody th a").first.click()
    why = page.get_by_role("button", name="Au téléphone avec le client")
    sheet = page.get_by_role("heading", name="Fiche client")
    expect(why.or_(sheet).first).to_be_visible()
    if why.is_visible():
        why.click()
    expect(sheet).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_the_first_account_to_a_code_of_ones_own(demo, new_page, size):
    surname = {DESK["width"]: "Lagaffe", PHONE["width"]: "Prunelle"}[size["width"]]  # else the desk asks about twins
    advisor = new_page()
    staff_log_in(advisor, demo)
    register(advisor, surname, "Gaston Aimé")
    advisor.get_by_role("link", name=surname.upper()).first.click()
    advisor.get_by_role("link", name="Ouvrir un compte").click()
    advisor.get_by_role("button", name="Ouvrir un compte").click()
    shown = advisor.locator(".messagelist .spelled [aria-hidden]").last
    expect(shown).to_have_text(re.compile(r"^\d{4}\s\d{3}\s\d{3}$"))
    code_client = shown.inner_text()
    advisor.get_by_role("link", name="Créer l’espace en ligne").click()
    advisor.get_by_role("button", name="Créer l’espace en ligne").click()
    expect(advisor.locator(".messagelist")).to_contain_text("Espace en ligne créé")

    letter = next(text for text in print_letters(demo) if surname.upper() in text)
    default_code = re.search(r"(?<!\d)\d{6}(?!\d)", letter)[0]
    assert "".join(code_client.split()) not in "".join(letter.split())

    client = new_page(size)
    log_in(client, code_client, default_code)
    expect(client).to_have_url(f"{demo.url}/mon-profil/code-secret/")
    for path in ("/espace-client/", "/mon-profil/"):
        client.goto(path)
        expect(client).to_have_url(f"{demo.url}/mon-profil/code-secret/")
    for weak, reason in WEAK_CODES.items():
        choose_code(client, default_code, weak)
        expect(client.get_by_role("alert")).to_contain_text(reason)
        assert weak not in client.locator("#id_new_password1").input_value()
    choose_code(client, default_code, OWN_CODE)

    expect(client).to_have_url(f"{demo.url}/espace-client/")
    expect(client.get_by_role("main")).to_contain_text("Compte courant")
    client.goto("/mon-profil/")
    expect(client.get_by_role("main")).to_contain_text(code_client)
    client.get_by_role("link", name="Modifier mon code secret").first.click()
    choose_code(client, OWN_CODE, NEXT_CODE)
    expect(client).to_have_url(f"{demo.url}/espace-client/")
    log_out(client)
    log_in(client, code_client, NEXT_CODE)
    expect(client).to_have_url(f"{demo.url}/espace-client/")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_fourth_wrong_code_warns_and_the_fifth_is_the_pause_counted_down(new_page, size):
    page, nobodys = new_page(size), client_codes.draw()
    for _ in range(3):
        log_in(page, nobodys, "296503")
        expect(page.get_by_role("alert")).to_contain_text("incorrect")
        expect(page.get_by_role("alert")).not_to_contain_text("Il vous reste un essai")
    log_in(page, nobodys, "296503")
    expect(page.get_by_role("alert")).to_contain_text("Il vous reste un essai")
    page.clock.install()
    log_in(page, nobodys, "296503")
    expect(page.get_by_role("main")).to_contain_text("C’est dans 15 minutes environ")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"Encore 1[45]\smin"))
    assert faults_in(page) == []
    page.clock.fast_forward("14:00")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"Encore (1\smin )?\d+\ss"))
    page.clock.fast_forward("02:00")
    expect(page.get_by_role("status")).to_have_text("La pause est terminée\u00a0: vous pouvez réessayer")
    expect(page.get_by_role("timer")).to_be_hidden()


def test_pause_says_its_end_without_javascript(new_page):
    page, nobodys = new_page(PHONE, java_script_enabled=False), client_codes.draw()
    for _ in range(4):
        log_in(page, nobodys, "296503")
        expect(page.get_by_role("alert")).to_contain_text("incorrect")
    log_in(page, nobodys, "296503")
    expect(page.get_by_role("heading", name="Vous pourrez réessayer")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("C’est dans 15 minutes environ")
    expect(page.locator("[data-countdown]")).to_be_hidden()


def test_back_button_after_logout_shows_nothing_private(demo, page):
    julien = demo.person("personal")
    log_in(page, julien["client_code"], julien["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.goto("/mon-profil/")
    expect(page.get_by_role("main")).to_contain_text("Moreau")
    log_out(page)
    page.go_back()
    expect(page.get_by_role("main")).not_to_contain_text("Moreau")


def test_back_to_a_refused_login_shows_the_login_again(demo, page):
    log_in(page, client_codes.draw(), "296503")
    page.get_by_role("main").get_by_role("link", name="Code secret oublié ?").click()
    page.wait_for_url("**/code-secret-oublie/")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Me connecter")


def test_address_of_a_form_answers_with_a_page(demo, page):
    page.goto("/deconnexion/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cette adresse ne s’ouvre pas ainsi")


def test_double_click_on_the_login_button_logs_in(demo, page):
    julien = demo.person("personal")
    page.goto("/connexion/")
    page.get_by_label("Code client", exact=True).fill(julien["client_code"])
    page.get_by_label("Code secret", exact=True).fill(julien["secret_code"])
    page.get_by_role("button", name="Me connecter").dblclick()
    expect(page).to_have_url(f"{demo.url}/espace-client/")


def test_second_tab_with_an_old_form_is_answered_in_french_and_loses_nothing(demo, page):
    julien = demo.person("personal")
    page.goto("/connexion/")
    second = page.context.new_page()
    log_in(second, julien["client_code"], julien["secret_code"])
    expect(second).to_have_url(f"{demo.url}/espace-client/")
    page.get_by_label("Code client", exact=True).fill(julien["client_code"])
    page.get_by_label("Code secret", exact=True).fill(julien["secret_code"])
    page.get_by_role("button", name="Me connecter").click()
    page.get_by_role("link", name="Aller à mon Espace Client").click()
    expect(page).to_have_url(f"{demo.url}/espace-client/")


def test_everything_works_without_javascript(demo, new_page):
    julien = demo.person("personal")
    page = new_page(java_script_enabled=False)
    log_in(page, julien["client_code"], julien["secret_code"])
    page.get_by_role("link", name=re.compile("Compte courant")).first.click()
    expect(page.get_by_role("main")).to_contain_text("Loyer")
    log_out(page)


def test_advisor_finds_who_lost_the_code_client(demo, page):
    staff_log_in(page, demo)
    julien = demo.person("personal")
    for said in ("moreau julien 02/11/1984", "Moreau"):
        search(page, said)
        masked, whole = rf"••••\s•••\s{julien['client_code'][-3:]}", r"\s*".join(julien["client_code"])
        expect(page.locator("#result_list")).to_have_text(re.compile(masked))
        expect(page.locator("#result_list")).not_to_have_text(re.compile(whole))
