"""A ticket from desk to client: asked, approved, shown once, typed in his own session; then one for who lost all."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import VirtualKey, arrive, create_passkey, link_app, looked_at
from tests.journeys.test_desk_acts import open_last_waiting, start, told
from tests.journeys.test_staff_first_day import number_of
from tests.journeys.test_story import log_in, open_sheet, staff_log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
OWN = "/mon-profil/moyens/ticket/"


def at_the_desk(demo, first, second):
    """An advisor and the manager of her branch, whose approvals no daily number bounds."""
    staff_log_in(first, demo, number_of(demo, "sonia.blanc"))
    staff_log_in(second, demo, number_of(demo, "nadia.benali"))


def handed_over(first, second, customer, reason):
    """The ticket that the second advisor reads once, for this reason."""
    open_sheet(first, customer["client_code"])
    start(first, "Remettre un ticket pour un second moyen", "Remettre un ticket")
    looked_at(first)
    first.get_by_label(reason).check()
    first.get_by_label("pièce d’identité vue en agence").check()
    first.get_by_role("button", name="Remettre un ticket").click()
    expect(told(first)).to_contain_text("Ticket demandé")
    looked_at(first)
    open_last_waiting(second, "Tickets pour un second moyen")
    looked_at(second)
    second.get_by_role("button", name="Approuver").click()
    ticket = second.locator(".act__ticket")
    expect(ticket).to_be_visible()
    looked_at(second)
    return ticket.inner_text()


@SIZES
def test_client_in_branch_adds_an_app_by_a_ticket_and_later_replaces_it_by_another(demo, new_page, customer, size):
    first, second, page = new_page(size), new_page(size), new_page(size)
    at_the_desk(demo, first, second)
    arrive(page, customer)
    ticket = handed_over(first, second, customer, "ajouter un moyen")
    page.goto("/mon-profil/moyens/")
    looked_at(page)
    page.get_by_role("link", name="J’ai reçu un ticket en agence").click()
    page.wait_for_url(f"**{OWN}")
    looked_at(page)
    page.get_by_label("Ticket reçu en agence").fill("ABCD-EFGH-2345")
    page.get_by_label("Une application").check()
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas un ticket entier")
    looked_at(page)
    page.get_by_label("Ticket reçu en agence").fill(ticket.lower().replace("-", " "))
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/confirmer/")
    looked_at(page)
    link_app(page)
    looked_at(page)

    ticket = handed_over(first, second, customer, re.compile("remplacer tous les moyens"))
    other = new_page(size)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    looked_at(other)
    other.get_by_role("link", name="J’ai reçu un ticket en agence").click()
    expect(other.get_by_label("Code secret", exact=True)).to_have_count(0)
    looked_at(other)
    other.get_by_label("Ticket reçu en agence").fill(ticket)
    other.get_by_label("Une application").check()
    other.get_by_role("button", name="Continuer").click()
    other.wait_for_url("**/confirmer/")
    looked_at(other)
    link_app(other)
    looked_at(other)
    expect(other.locator(".rows__act")).to_have_count(1)
    second.reload()
    expect(second.locator(".act__ticket")).to_have_count(0)


@SIZES
def test_client_in_branch_adds_a_passkey_and_who_has_lost_it_adds_another(demo, new_page, at_localhost, customer, size):
    """With nothing but his two codes and the ticket: first with no moyen, then with the one that he has lost."""
    first, second, page = new_page(size), new_page(size), at_localhost(size)
    at_the_desk(demo, first, second)
    ticket = handed_over(first, second, customer, "ajouter un moyen")
    arrive(page, customer)
    page.goto("/mon-profil/moyens/")
    waiting = page.get_by_role("region", name="Vous avez reçu un ticket en agence")
    expect(waiting).to_contain_text("compte tout de suite")
    looked_at(page)
    waiting.get_by_role("link").click()
    page.wait_for_url(f"**{OWN}")
    page.get_by_label("Ticket reçu en agence").fill(ticket)
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez ce que vous ajoutez")
    looked_at(page)
    page.get_by_label("Ticket reçu en agence").fill(ticket)
    page.get_by_label("Une clé d’accès").check()
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/cle/confirmer/")
    VirtualKey(page)
    create_passkey(page)
    expect(page.locator(".rows__act")).to_have_count(1)

    ticket = handed_over(first, second, customer, re.compile("remplacer tous les moyens"))
    other = at_localhost(size)
    key = VirtualKey(other)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    other.get_by_text("Je n’ai plus ma clé d’accès").click()
    expect(other.get_by_text("passez en agence avec une pièce d’identité")).to_be_visible()
    looked_at(other)
    other.get_by_role("link", name="J’ai reçu un ticket en agence").click()
    other.wait_for_url("**/ticket/")
    other.get_by_label("Ticket reçu en agence").fill(ticket)
    other.get_by_label("Une clé d’accès").check()
    other.get_by_role("button", name="Continuer").click()
    other.wait_for_url("**/cle/confirmer/")
    create_passkey(other)
    expect(other.locator(".rows__act")).to_have_count(1)

    third = at_localhost(size)
    key.moved_to(third)
    log_in(third, customer["client_code"], customer["secret_code"])
    third.wait_for_url("**/connexion/second/")
    third.get_by_role("button", name="Me connecter").click()
    third.wait_for_url("**/espace-client/")
