"""Looking after one's code: letting the bank propose one, and answering the reminder to change an old one."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in
from tests.journeys.test_story import log_in

SIX_DIGITS = re.compile(r"^\d{6}$")
TYPED = "296503"
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def open_code_page(page, somebody):
    log_in(page, somebody["client_code"], somebody["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.goto("/mon-profil/code-secret/")


def proposed_on(page) -> str:
    """The digits as they are copied: what is said to a screen reader alone is not selected."""
    digits = page.locator(".proposed-code__digits")
    expect(digits).to_be_visible()
    digits.evaluate("element => getSelection().selectAllChildren(element)")
    copied = page.evaluate("() => getSelection().toString()").strip()
    assert SIX_DIGITS.match(copied), copied
    return copied


def propose(page):
    page.get_by_role("button", name=re.compile("Proposer un (autre )?code")).click()


@SIZES
def test_proposed_code_is_typed_and_becomes_the_code(demo, new_page, somebody, size):
    page = new_page(size)
    open_code_page(page, somebody)
    page.locator("#id_old_password").fill(somebody["secret_code"])
    propose(page)
    expect(page.get_by_role("status")).to_contain_text("Code proposé")
    proposed = proposed_on(page)
    expect(page).to_have_url(f"{demo.url}/mon-profil/code-secret/")
    assert page.locator("#id_old_password").input_value() == somebody["secret_code"]
    assert page.locator("#id_new_password1").input_value() == ""
    for field in ("#id_new_password1", "#id_new_password2"):
        page.locator(field).press_sequentially(proposed)
    page.get_by_role("button", name="Enregistrer mon code secret").click()
    expect(page.get_by_role("status")).to_contain_text("Votre code secret est enregistré")


def test_second_click_proposes_another_and_leaving_takes_it_off_the_screen(page, somebody):
    open_code_page(page, somebody)
    propose(page)
    first = proposed_on(page)
    propose(page)
    expect(page.locator(".proposed-code__digits")).not_to_contain_text(" ".join(first))
    assert proposed_on(page) != first
    page.goto("/mon-profil/")
    page.go_back()
    expect(page.get_by_role("heading", name="Modifier mon code secret")).to_be_visible()
    expect(page.locator(".proposed-code__digits")).to_have_count(0)


def test_code_is_proposed_without_javascript(new_page, somebody):
    page = new_page(PHONE, java_script_enabled=False)
    open_code_page(page, somebody)
    propose(page)
    page.wait_for_url("**/mon-profil/code-secret/proposition/")
    expect(page.get_by_role("status")).to_contain_text("Code proposé")
    page.locator("#id_old_password").fill(TYPED)
    for field in ("#id_new_password1", "#id_new_password2"):
        page.locator(field).fill("804263")
    page.get_by_role("button", name="Enregistrer mon code secret").click()
    page.wait_for_url("**/mon-profil/code-secret/")
    expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas votre code secret actuel")


def test_session_that_has_ended_leads_to_the_login(demo, page, somebody):
    open_code_page(page, somebody)
    page.context.clear_cookies(name="session")
    propose(page)
    expect(page).to_have_url(re.compile(r"/connexion/\?next="))
    page.get_by_label("Code client", exact=True).fill(somebody["client_code"])
    page.get_by_label("Code secret", exact=True).fill(somebody["secret_code"])
    page.get_by_role("button", name="Me connecter").click()
    expect(page).to_have_url(f"{demo.url}/mon-profil/code-secret/")


def grow_old(demo, somebody):
    """His code was chosen 300 days ago."""
    demo.manage(
        "shell", "-c",
        "from datetime import timedelta; from auth_codes.models import SecretCode; from django.utils import timezone;"
        f"rows = SecretCode.objects.present().filter(owner__username='{somebody['client_code']}');"
        "assert rows.update(created_at=timezone.now() - timedelta(days=300)) == 1",
    )  # fmt: skip


@SIZES
def test_reminder_is_put_off_then_switched_off_and_on_again(demo, new_page, somebody, size):
    grow_old(demo, somebody)
    page = new_page(size)
    log_in(page, somebody["client_code"], somebody["secret_code"])
    reminder = page.get_by_role("region", name="Et si vous changiez de code secret")
    expect(reminder).to_contain_text("il y a 9 mois")
    reminder.get_by_role("button", name="Plus tard").click()
    expect(page.get_by_role("status")).to_contain_text("pendant 30 jours")
    expect(reminder).to_have_count(0)
    expect(page).to_have_url(f"{demo.url}/espace-client/")
    demo.manage("shell", "-c", "from auth_codes.models import CodeReminder; CodeReminder.objects.all().delete()")
    page.goto("/mon-profil/")
    reminder.get_by_role("button", name="Ne plus me le rappeler").click()
    expect(page.get_by_role("status")).to_contain_text("Nous ne vous le rappellerons plus")
    expect(reminder).to_have_count(0)
    page.get_by_role("button", name="Me le rappeler de nouveau").click()
    expect(reminder).to_be_visible()
    reminder.get_by_role("link", name="Modifier mon code secret").click()
    expect(page).to_have_url(f"{demo.url}/mon-profil/code-secret/")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_page_with_a_proposal_and_page_with_the_reminder_fit_the_window(demo, new_page, somebody, width):
    grow_old(demo, somebody)
    page = new_page({"width": width, "height": 800})
    log_in(page, somebody["client_code"], somebody["secret_code"])
    page.wait_for_url("**/espace-client/")
    assert faults_in(page) == []
    page.goto("/mon-profil/code-secret/")
    propose(page)
    proposed_on(page)
    assert faults_in(page) == []
