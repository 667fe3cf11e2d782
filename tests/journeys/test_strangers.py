"""Strangers who try a customer's number, and what he sees of them and answers from the browser that the bank knows."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in
from tests.journeys.test_renewal import only_letter, post_what_waits
from tests.journeys.test_story import OWN_CODE, choose_code, log_in, log_out

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
# The block that stands began two days ago: what lasts a day or less is over.
TWO_DAYS_LATER = """
from datetime import timedelta
from auth_codes.lockout.counters import client_counter
from auth_codes.models import AttemptCounter
counters = AttemptCounter.objects.filter(key=client_counter("{}").key)
assert counters.update(filled_at=counters.get().filled_at - timedelta(days=2)) == 1
"""


def guess(page, client_code, codes):
    for code in codes:
        log_in(page, client_code, f"{code:06}")
        page.wait_for_load_state()


def block_until_renewal(demo, page, client_code):
    """Twenty wrong codes, five as often as they are allowed, and one more, which is not verified any more."""
    guess(page, client_code, range(862410, 862415))
    for series in range(3):
        demo.manage("shell", "-c", TWO_DAYS_LATER.format(client_code))
        guess(page, client_code, range(862420 + 10 * series, 862425 + 10 * series))
    guess(page, client_code, [862499])
    expect(page.get_by_role("heading", name="Un nouveau code secret est nécessaire")).to_be_visible()


@SIZES
def test_owner_passes_the_strangers_block_sees_the_failures_and_lifts_it(demo, new_page, customer, size):
    home, stranger = new_page(size), new_page()
    log_in(home, customer["client_code"], customer["secret_code"])
    log_out(home)
    block_until_renewal(demo, stranger, customer["client_code"])

    log_in(home, customer["client_code"], customer["secret_code"])
    told = home.get_by_role("region", name="20 codes erronés depuis votre dernière connexion")
    expect(told).to_contain_text("jusqu’à un nouveau code secret")
    assert faults_in(home) == []
    told.get_by_role("button", name="C’était moi").click()
    expect(home.get_by_role("status")).to_contain_text("La connexion reprend sur tous vos appareils")
    expect(told).to_have_count(0)
    log_in(stranger, customer["client_code"], "862500")
    expect(stranger.get_by_role("alert")).to_contain_text("incorrect")


@SIZES
def test_owner_closes_the_access_and_comes_back_with_the_letters_code(demo, new_page, customer, size):
    post_what_waits(demo)
    home, stranger = new_page(size), new_page()
    for page in (home, stranger):
        log_in(page, customer["client_code"], customer["secret_code"])
        page.wait_for_url("**/espace-client/")

    home.goto("/mon-profil/")
    home.get_by_role("link", name="Ce n’était pas moi").click()
    expect(home).to_have_url(re.compile("/ce-n-etait-pas-moi/"))
    assert faults_in(home) == []
    expect(home.get_by_label("Recevoir un nouveau code par courrier")).to_be_checked()
    home.get_by_role("button", name="Fermer l’accès maintenant").click()
    expect(home).to_have_url(f"{demo.url}/acces-ferme/?courrier")
    expect(home.get_by_role("heading", name="Un nouveau code part par courrier")).to_be_visible()
    assert faults_in(home) == []
    home.go_back()
    expect(home.get_by_role("status")).to_contain_text("c’est fait")
    stranger.goto("/mon-profil/")
    expect(stranger).to_have_url(re.compile("/connexion/"))
    log_in(stranger, customer["client_code"], customer["secret_code"])
    expect(stranger.get_by_role("alert")).to_contain_text("incorrect")

    code, _ = only_letter(demo)
    log_in(home, customer["client_code"], code)
    expect(home).to_have_url(f"{demo.url}/mon-profil/code-secret/")
    choose_code(home, code, OWN_CODE)
    expect(home).to_have_url(f"{demo.url}/espace-client/")


def test_closing_works_without_javascript_and_with_a_double_click(demo, new_page, customer):
    page = new_page(PHONE, java_script_enabled=False)
    log_in(page, customer["client_code"], customer["secret_code"])
    page.wait_for_url("**/espace-client/")
    page.goto("/mon-profil/connexions/ce-n-etait-pas-moi/")
    page.get_by_label("Pas de courrier").check()
    page.get_by_role("button", name="Fermer l’accès maintenant").dblclick()
    expect(page.get_by_text("C’est fait").or_(page.get_by_text("c’est fait"))).to_be_visible()
    log_in(page, customer["client_code"], customer["secret_code"])
    expect(page.get_by_role("alert")).to_contain_text("incorrect")


@SIZES
def test_device_is_taken_off_from_another_one(new_page, customer, size):
    home, other = new_page(size), new_page()
    for page in (home, other):
        log_in(page, customer["client_code"], customer["secret_code"])
        page.wait_for_url("**/espace-client/")
    home.goto("/mon-profil/")
    devices = home.get_by_role("region", name="Mes appareils connus")
    expect(devices.get_by_role("listitem")).to_have_count(2)
    assert faults_in(home) == []
    others = devices.get_by_role("listitem").filter(has_not_text="cet appareil")
    others.first.get_by_role("link", name="Retirer").click()
    expect(home.get_by_role("button", name="Retirer cet appareil")).to_be_visible()
    assert faults_in(home) == []
    home.get_by_label("Code secret", exact=True).fill(customer["secret_code"])
    home.get_by_role("button", name="Retirer cet appareil").click()
    expect(home.get_by_role("status")).to_contain_text("est retiré de vos appareils connus")
    expect(devices.get_by_role("listitem")).to_have_count(1)
    other.reload()
    expect(other).to_have_url(re.compile("/connexion/"))
