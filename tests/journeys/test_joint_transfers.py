"""A transfer that makes money somebody else's as well: a passkey beside the code, or nothing moves."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.moyens import add_passkey, fits, looked_at
from tests.journeys.test_transfers import LIST, WRONG, confirm, open_space, prepare, receipt_of, saver, savings_left

__all__ = ["saver"]
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
SHARE = """
from accounts.models import BankAccount, Client, Holding
account = Client.objects.get(client_code="{}").bank_accounts.get(kind=BankAccount.Kind.CURRENT)
Holding.objects.create(account=account, client=Client.objects.get(client_code="{}"))
"""


@pytest.fixture
def joint_saver(demo, saver, customer):
    """Who holds the current account with another, and 500 € of savings alone."""
    demo.manage("shell", "-v0", "-c", SHARE.format(saver["client_code"], customer["client_code"]))
    return saver


def prepare_joint(page, amount):
    prepare(page, amount, "Courses")
    expect(page.get_by_text("Ces deux comptes n’ont pas les mêmes titulaires")).to_be_visible()


@SIZES
def test_passkey_beside_the_code_confirms_it(at_localhost, joint_saver, size):
    """Past a wrong code and a key that does not know who holds it: of neither anything is debited."""
    page = at_localhost(size)
    open_space(page, joint_saver)
    key = add_passkey(page, joint_saver)
    prepare_joint(page, "120,50")
    looked_at(page)
    page.get_by_role("button", name="Confirmer le virement").click()
    expect(page.get_by_role("alert")).to_contain_text("code secret")
    looked_at(page)
    confirm(page, WRONG)
    expect(page.get_by_role("alert")).to_contain_text("Code secret incorrect, ou clé d’accès refusée")
    expect(page.get_by_label("Code secret", exact=True)).to_have_value("")
    looked_at(page)
    key.knows_holder(False)
    confirm(page, joint_saver["secret_code"])
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("Vous avez annulé")
    looked_at(page)
    key.knows_holder(True)
    confirm(page, joint_saver["secret_code"])
    receipt_of(page)
    looked_at(page)
    assert savings_left(page) == "379,50"


@SIZES
def test_cancelled_at_the_key_and_then_altogether_it_loses_nothing(at_localhost, joint_saver, size):
    """Neither money nor what was typed: the order is begun anew as it was."""
    page = at_localhost(size)
    open_space(page, joint_saver)
    add_passkey(page, joint_saver).knows_holder(False)
    prepare_joint(page, "30")
    order = page.url
    confirm(page, joint_saver["secret_code"])
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("cet essai ne compte pas")
    page.goto(LIST)
    waiting = page.get_by_role("region", name="À confirmer")
    expect(waiting.get_by_role("listitem")).to_have_count(1)
    looked_at(page)
    waiting.get_by_role("link", name=re.compile("30,00")).click()
    page.wait_for_url(order)
    page.get_by_role("button", name="Annuler ce virement").click()
    page.wait_for_url(f"**{LIST}")
    expect(page.get_by_role("status").first).to_contain_text("Virement annulé : rien n’est débité")
    assert savings_left(page) == "500,00"
    page.goto(order)
    looked_at(page)
    page.get_by_role("link", name="Préparer de nouveau ce virement").click()
    expect(page.get_by_label("Montant en euros")).to_have_value("30,00")
    expect(page.get_by_label("Motif")).to_have_value("Courses")
    looked_at(page)


def test_without_javascript_it_says_what_serves_and_nothing_is_debited(at_localhost, joint_saver):
    page = at_localhost()
    open_space(page, joint_saver)
    add_passkey(page, joint_saver)
    prepare_joint(page, "30")
    order, cookies = page.url, page.context.cookies()
    bare = at_localhost(PHONE, java_script_enabled=False)
    bare.context.add_cookies(cookies)
    bare.goto(order)
    expect(bare.get_by_text("Une clé d’accès demande JavaScript")).to_be_visible()
    fits(bare)
    confirm(bare, joint_saver["secret_code"])
    expect(bare.get_by_role("alert")).to_contain_text("n’a rien montré")
    fits(bare)
    assert savings_left(bare) == "500,00"
