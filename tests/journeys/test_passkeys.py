"""A passkey in Chromium's own virtual authenticator: added, shown, refused, removed; and what is said without it."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_second_step import key_on, looked_at, number, two_numbers
from tests.journeys.test_story import log_in

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
KEY = {
    "protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


class VirtualKey:
    """A security key plugged into the window of a page."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        self.id = self.send("addVirtualAuthenticator", options=KEY)["authenticatorId"]

    def send(self, command, **parameters):
        return self.session.send(f"WebAuthn.{command}", parameters)

    def moved_to(self, page):
        """The same key in another window."""
        [credential] = self.send("getCredentials", authenticatorId=self.id)["credentials"]
        other = VirtualKey(page)
        other.send("addCredential", authenticatorId=other.id, credential=credential)
        return other

    def knows_holder(self, known):
        self.send("setUserVerified", authenticatorId=self.id, isUserVerified=known)


@pytest.fixture
def at_localhost(new_page, demo):
    """Windows at the name by which passkeys serve in the demo."""
    return lambda size=DESK, **options: new_page(size, base_url=demo.url.replace("127.0.0.1", "localhost"), **options)


def add_passkey(page, somebody):
    """The key that holds it; the page is « Mes moyens »."""
    key = VirtualKey(page)
    page.goto("/mon-profil/moyens/cle/")
    looked_at(page)
    page.get_by_label("Nom de ce moyen").fill("Ma clé USB")
    page.get_by_label("Code secret", exact=True).fill(somebody["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/cle/confirmer/")
    looked_at(page)
    page.get_by_role("button", name="Créer ma clé d’accès").click()
    page.wait_for_url("**/mon-profil/moyens/")
    expect(page.get_by_role("status")).to_contain_text("C’est fait")
    looked_at(page)
    return key


@SIZES
def test_customer_adds_a_passkey_logs_in_with_it_and_removes_it(at_localhost, customer, size):
    page = at_localhost(size)
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    key = add_passkey(page, customer)
    other = at_localhost(size)
    moved = key.moved_to(other)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    looked_at(other)
    moved.knows_holder(False)
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_role("alert")).to_contain_text("Rien n’a été compté")
    looked_at(other)
    moved.knows_holder(True)
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")
    other.goto("/mon-profil/moyens/")
    other.get_by_role("link", name=re.compile("^Retirer")).click()
    other.wait_for_url("**/retirer/")
    looked_at(other)
    other.get_by_role("button", name="Retirer ce moyen").click()
    expect(other.get_by_role("alert")).to_contain_text("Saisissez votre code secret pour retirer ce moyen")
    other.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    other.get_by_role("button", name="Retirer ce moyen").click()
    other.wait_for_url("**/mon-profil/moyens/")
    expect(other.get_by_role("status")).to_contain_text("est retiré")


def test_key_that_holds_one_already_makes_no_second(at_localhost, customer):
    page = at_localhost()
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    add_passkey(page, customer)
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.wait_for_url("**/cle/")
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/cle/confirmer/")
    page.get_by_role("button", name="Créer ma clé d’accès").click()
    expect(page.get_by_role("alert")).to_contain_text("est déjà l’un de vos moyens")


def test_without_javascript_the_page_names_the_app_which_serves(at_localhost, customer):
    page = at_localhost()
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    add_passkey(page, customer)
    page.goto("/mon-profil/moyens/application/")
    page.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/confirmer/")
    key = key_on(page)
    for label, typed in zip(("Premier nombre", "Nombre suivant"), two_numbers(key), strict=True):
        page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="Ajouter ce moyen").click()
    page.wait_for_url("**/mon-profil/moyens/")
    other = at_localhost(PHONE, java_script_enabled=False)
    log_in(other, customer["client_code"], customer["secret_code"])
    other.wait_for_url("**/connexion/second/")
    other.get_by_role("link", name="clé d’accès").click()
    other.wait_for_url("**/connexion/second/?moyen=passkey")
    expect(other.get_by_role("main")).to_contain_text("Prenez un autre de vos moyens, ci-dessous.")
    other.get_by_role("button", name="Me connecter").click()
    expect(other.get_by_role("alert")).to_contain_text("n’a rien montré")
    other.get_by_role("link", name="application d’authentification").click()
    other.wait_for_url("**/connexion/second/?moyen=totp")
    other.locator("#id_code").fill(number(key, 1))
    other.get_by_role("button", name="Me connecter").click()
    other.wait_for_url("**/espace-client/")


def test_demo_at_a_number_says_to_open_localhost(new_page, demo, customer):
    page = new_page()
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.goto("/mon-profil/moyens/cle/")
    address = demo.url.replace("127.0.0.1", "localhost")
    expect(page.get_by_role("link", name=f"{address}/mon-profil/moyens/cle/")).to_be_visible()
    looked_at(page)
