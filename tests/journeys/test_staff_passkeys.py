"""A colleague's passkey in Chromium's own virtual authenticator: added, shown at the login and for an act, removed."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import VirtualKey, looked_at, number
from tests.journeys.test_staff_second import ask_for, enrol, handed_over, log_in, made_member

SIZES = pytest.mark.parametrize(("size", "name"), [(DESK, "ida.fabre"), (PHONE, "noe.lemaire")], ids=["desk", "phone"])


ISSUE = """
from django.db import transaction
from django.utils import timezone
from accounts.models import User
from auth_codes.actor import SYSTEM
from auth_codes.factors import tickets
with transaction.atomic():
    print(tickets.issue(User.objects.get(username={!r}), by=SYSTEM, now=timezone.now()))
"""


def another_ticket(demo, name):
    """Of who has a moyen: an administrator without one hands him none, and those of the demo have none."""
    return demo.manage("shell", "-c", ISSUE.format(name)).split()[-1]


def add_passkey(page, ticket):
    """The key that holds it, plugged into the window; the page is the desk's first."""
    key = VirtualKey(page)
    page.goto("/admin/moyens/")
    looked_at(page)
    page.get_by_role("link", name="J’ai un ticket").click()
    page.get_by_role("link", name="Ajouter plutôt une clé d’accès").click()
    page.get_by_label("Ticket", exact=True).fill(ticket)
    page.get_by_label("Nom de ce moyen").fill("Ma clé USB")
    looked_at(page)
    page.get_by_label("Je les ai toujours").check()
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/moyens/cle/")
    looked_at(page)
    page.get_by_role("button", name="Créer ma clé d’accès").click()
    expect(page.locator(".messagelist")).to_contain_text("C’est fait")
    return key


@SIZES
def test_colleague_adds_a_passkey_beside_his_app_and_shows_it(demo, new_page, at_localhost, size, name):
    _, administrator = made_member(demo, new_page, size, name)
    ticket = handed_over(administrator, name)
    page = at_localhost(size)
    log_in(page, name)
    app = enrol(page, ticket)
    key = add_passkey(page, another_ticket(demo, name))

    other = at_localhost(size)
    moved = key.moved_to(other)
    log_in(other, name)
    other.wait_for_url("**/admin/second/")
    looked_at(other)
    moved.knows_holder(False)
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_role("alert")).to_contain_text("cet essai ne compte pas")
    looked_at(other)
    moved.knows_holder(True)
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_role("heading", name="Aujourd’hui")).to_be_visible()

    ask_for(other, f"autre.{name.split('.')[1]}", "Éditique")
    expect(other.get_by_role("heading", name="Confirmez avec votre second moyen")).to_be_visible()
    looked_at(other)
    other.get_by_role("button", name="application d’authentification").click()
    expect(other.get_by_label("Nombre à six chiffres")).to_be_visible()
    looked_at(other)
    other.get_by_role("button", name="clé d’accès").click()
    expect(other.get_by_text("votre navigateur vous demandera de la montrer")).to_be_visible()
    other.get_by_role("button", name="Confirmer").click()
    expect(other.locator(".messagelist")).to_contain_text("Demande enregistrée")
    other.locator("#result_list tbody th a").first.click()
    other.get_by_role("button", name="Retirer la demande").click()
    expect(other.locator(".messagelist")).to_contain_text("Demande retirée")

    other.goto("/admin/moyens/")
    looked_at(other)
    other.get_by_role("link", name="Renommer « Ma clé USB »").click()
    expect(other.get_by_label("Nom de ce moyen")).to_be_visible()
    looked_at(other)
    other.get_by_label("Nom de ce moyen").fill("Clé bleue")
    other.get_by_role("button", name="Enregistrer ce nom").click()
    other.get_by_role("link", name="Retirer « Mon téléphone »").click()
    expect(other.get_by_role("button", name="Retirer ce moyen")).to_be_visible()
    looked_at(other)
    other.get_by_role("button", name="Retirer ce moyen").click()
    other.get_by_role("button", name="Confirmer").click()
    expect(other.locator(".messagelist")).to_contain_text("est retiré")
    expect(other.get_by_role("link", name=re.compile("^Retirer"))).to_have_count(0)
    assert app


def test_without_javascript_the_desk_names_the_app_which_serves(demo, new_page, at_localhost):
    name = "lea.perrot"
    _, administrator = made_member(demo, new_page, DESK, name)
    ticket = handed_over(administrator, name)
    page = at_localhost()
    log_in(page, name)
    app = enrol(page, ticket)
    add_passkey(page, another_ticket(demo, name))
    other = at_localhost(PHONE, java_script_enabled=False)
    log_in(other, name)
    other.wait_for_url("**/admin/second/")
    expect(other.locator("#content")).to_contain_text("Prenez un autre de vos moyens, ci-dessous.")
    other.get_by_role("button", name="Me connecter").click()
    expect(other.locator(".errorlist")).to_contain_text("n’a rien montré")
    other.get_by_role("link", name="application d’authentification").click()
    other.get_by_label("Nombre à six chiffres").fill(number(app))
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_role("heading", name="Aujourd’hui")).to_be_visible()
