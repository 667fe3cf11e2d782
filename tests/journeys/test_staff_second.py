"""A colleague's second moyen: a ticket, an app, a login in two steps, an act confirmed by it; on a telephone too."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import key_on, looked_at, number
from tests.journeys.test_staff_first_day import PASSWORD, choose, number_of
from tests.journeys.test_story import staff_log_in


def log_in(page, name):
    page.goto("/admin/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("[type=submit]").click()


def ask_for(page, name, *groups):
    """Sends « Nouvelle demande » for somebody of this name."""
    page.goto("/admin/accounts/staffrequest/add/")
    first_name, last_name = name.title().split(".")
    for field, value in {
        "username": name, "first_name": first_name, "last_name": last_name, "email": f"{name}@banque.example",
    }.items():  # fmt: skip
        page.locator(f"#id_{field}").fill(value)
    for group in groups:
        page.get_by_label(group).check()
    page.get_by_role("button", name="Demander").click()


def made_member(demo, new_page, size, name):
    """Somebody new among the administrators of the staff, and the browser of who approved him."""
    asking, approving = new_page(size), new_page(size)
    staff_log_in(asking, demo, number_of(demo, "anne.perrin"))
    ask_for(asking, name, "Administrateurs du personnel")
    expect(asking.locator(".messagelist")).to_be_visible()
    staff_log_in(approving, demo, number_of(demo, "hugo.masson"))
    approving.goto("/admin/accounts/staffrequest/")
    approving.locator("#result_list tbody th a").first.click()
    approving.get_by_role("button", name="Approuver").click()
    expect(approving.locator(".act__link")).to_be_visible()
    own = new_page(size)
    own.goto(approving.locator(".act__link").inner_text())
    choose(own, name, PASSWORD)
    own.wait_for_url(re.compile("/admin/login/"))
    return own, approving


def handed_over(page, name):
    """The ticket that an administrator makes and reads aloud once."""
    page.goto(f"/admin/accounts/user/?q={name}")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("link", name="Remettre un ticket").click()
    expect(page.get_by_role("button", name="Faire le ticket")).to_be_visible()
    looked_at(page)
    page.get_by_role("button", name="Faire le ticket").click()
    ticket = page.locator("strong", has_text=re.compile("^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$"))
    expect(ticket).to_be_visible()
    looked_at(page)
    return ticket.inner_text()


def enrol(page, ticket):
    """The key of the app that the ticket adds."""
    page.get_by_role("link", name="Ajouter mon second moyen").click()
    expect(page.get_by_role("link", name="J’ai un ticket")).to_be_visible()
    looked_at(page)
    page.get_by_role("link", name="J’ai un ticket").click()
    page.get_by_label("Ticket", exact=True).fill("ABCD")
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator(".errorlist").first).to_contain_text("12 signes")
    looked_at(page)
    page.get_by_label("Ticket", exact=True).fill(ticket.lower())
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/moyens/application/")
    looked_at(page)
    key = key_on(page)
    # Of two minutes ago, so that the numbers of now still serve.
    page.get_by_label("Premier nombre").fill(number(key, -4))
    page.get_by_label("Nombre suivant").fill(number(key, -3))
    page.get_by_role("button", name="Ajouter ce moyen").click()
    expect(page.locator(".messagelist")).to_contain_text("C’est fait")
    return key


@pytest.mark.parametrize(("size", "name"), [(DESK, "eva.blanc"), (PHONE, "luc.garnier")], ids=["desk", "phone"])
def test_colleague_adds_an_app_by_a_ticket_logs_in_and_confirms_an_act(demo, new_page, size, name):
    own, administrator = made_member(demo, new_page, size, name)
    ticket = handed_over(administrator, name)
    log_in(own, name)
    expect(own.get_by_role("heading", name="Protégez votre accès au poste")).to_be_visible()
    looked_at(own)
    key = enrol(own, ticket)

    page = new_page(size)
    log_in(page, name)
    page.wait_for_url("**/admin/second/")
    looked_at(page)
    page.get_by_label("Nombre à six chiffres").fill(number(key, -2880))
    page.get_by_role("button", name="Me connecter").click()
    expect(page.locator(".errorlist").first).to_contain_text("Ce n’est pas le nombre attendu")
    looked_at(page)
    page.get_by_label("Nombre à six chiffres").fill(number(key))
    page.get_by_role("button", name="Me connecter").click()
    expect(page.get_by_role("heading", name="Aujourd’hui")).to_be_visible()

    ask_for(page, f"autre.{name.split('.')[1]}", "Éditique")
    expect(page.get_by_role("heading", name="Confirmez avec votre second moyen")).to_be_visible()
    looked_at(page)
    page.get_by_label("Nombre à six chiffres").fill(number(key, 1))
    page.get_by_role("button", name="Confirmer").click()
    expect(page.locator(".messagelist")).to_contain_text("Demande enregistrée")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("button", name="Retirer la demande").click()
    expect(page.locator(".messagelist")).to_contain_text("Demande retirée")
