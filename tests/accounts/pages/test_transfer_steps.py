"""What helps a client through a transfer: no idle offer, all that is wrong at once, steps, a page that looks done."""

import html
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.ledger import corrections
from accounts.models import BankAccount, Mandate
from accounts.transfers import eligibility, ordering
from auth_codes.actor import SYSTEM
from tests import makers
from tests.accounts.pages.test_transfer_pages import LIST, NEW, confirm, page_of, text, typed
from tests.accounts.transfers.test_transfers import make
from tests.conftest import StrictBrowser
from tests.pages import matter_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

OFFER = f'href="{NEW}'
RECEIPT_TITLE = re.compile(r'<h1 class="focused-title" tabindex="-1" autofocus>(.*?)</h1>')


@made_once
def savings(client_, current):
    return makers.make_savings(client_)


@pytest.fixture
def order(client_, current, savings):
    return ordering.prepare(client_, current, savings, Decimal("30.10"), "Vacances d’été")


def errors_of(browser, sent) -> dict[str, list[str]]:
    errors = browser.post(NEW, sent).context["form"].errors
    return {name: [re.sub(r"\s", " ", sentence) for sentence in said] for name, said in errors.items()}


# No offer with a single account.


def offers(browser, account) -> list[str]:
    pages = [reverse("overview"), account.get_absolute_url(), LIST]
    return [page for page in pages if OFFER in browser.get(page).content.decode()]


def test_client_with_one_account_is_offered_no_transfer(client_browser, current):
    assert offers(client_browser, current) == []
    assert "il vous en faut deux" in text(client_browser.get(LIST))


def test_client_with_two_accounts_is_offered_one_everywhere(client_browser, current, savings):
    assert len(offers(client_browser, current)) == 3


def test_second_account_that_is_closed_makes_no_offer(client_browser, current, savings):
    BankAccount.objects.filter(pk=savings.pk).update(closed_on=timezone.localdate())
    assert offers(client_browser, current) == []


def test_made_transfer_offers_another_only_while_there_are_two_accounts(client_browser, order, savings):
    confirm(client_browser, order)
    assert OFFER in client_browser.get(page_of(order)).content.decode()
    BankAccount.objects.filter(pk=savings.pk).update(closed_on=timezone.localdate())
    assert OFFER not in client_browser.get(page_of(order)).content.decode()


def test_offer_says_what_the_form_offers(client_, current, other):
    """His own account and a proxy's do not go together; two of one holder do."""
    today = timezone.localdate()
    theirs = other.bank_accounts.get()
    makers.make_mandate(theirs, client_, may_transfer=True)
    assert eligibility.may_order(client_, today, []) is False
    second = makers.make_savings(other)
    makers.make_mandate(second, client_, may_transfer=True)
    offered = {each.account.pk for each in eligibility.usable_accounts(client_, today) if each.is_offered}
    assert offered == {theirs.pk, second.pk}
    assert [eligibility.may_leave(client_, account, today, []) for account in (theirs, second, current)] == [
        True, True, False,
    ]  # fmt: skip


# What is available, where it matters.


def test_what_is_available_stands_at_the_debited_account_alone(client_browser, current, savings):
    page = client_browser.get(NEW).content.decode()
    debited, credited = re.findall(r"<fieldset.*?</fieldset>", page, re.DOTALL)
    assert debited.count("disponibles") == 2
    assert "disponible" not in credited
    assert "€" not in credited


# All errors at once.


def test_what_the_form_and_the_operation_refuse_is_said_at_once(client_browser, current, savings):
    errors = errors_of(client_browser, typed(current, current, "20000", "x" * 61))
    assert set(errors) == {"label", "destination", "amount"}
    assert errors["amount"][0].startswith("Il y a 1 000,00 € disponibles")
    assert errors["amount"][1].startswith("Vous pouvez virer 15 000,00 € par jour")
    assert errors["destination"] == ["C’est le compte que vous débitez. Choisissez un autre compte à créditer."]


def test_what_is_known_is_judged_while_the_rest_is_missing(client_browser, current, savings):
    assert set(errors_of(client_browser, {"amount": "15000,01"})) == {"source", "destination", "amount"}
    errors = errors_of(client_browser, {"source": current.pk, "amount": "1000,01"})
    assert set(errors) == {"destination", "amount"}
    errors = errors_of(client_browser, {"source": savings.pk, "destination": savings.pk})
    assert errors["destination"] == ["C’est le compte que vous débitez. Choisissez un autre compte à créditer."]
    assert any("plus rien de disponible" in sentence for sentence in errors["amount"])


def test_every_error_is_linked_in_the_summary_and_nothing_typed_is_lost(client_browser, current, savings):
    answer = client_browser.post(NEW, typed(current, current, "20000", "Loyer"))
    shown = text(answer)
    summary = shown[shown.index("error-list") : shown.index("</ul>", shown.index("error-list"))]
    assert re.findall(r'href="#([^"]*)"', summary) == ["id_destination_0", "id_amount", "id_amount"]
    assert (answer.context["form"]["amount"].value(), answer.context["form"]["label"].value()) == ("20000", "Loyer")


def test_balance_of_an_account_that_is_not_his_is_never_told(client_browser, current, savings, other):
    theirs = other.bank_accounts.get()
    makers.make_operations(theirs, "777")
    shown = text(client_browser.post(NEW, typed(theirs, current, "15000,01")))
    assert "777,00" not in matter_of(client_browser.post(NEW, typed(theirs, current, "15000,01")))
    assert "dans cette liste" in shown


# The amount, as it is pasted.


@pytest.mark.parametrize(
    "pasted",
    ["1 234,56 €", "1\u202f234,56\u00a0€", "1\u00a0234,56€", " 1234,56 EUR\n", "1.234,56 €", "€ 1 234,56", "€1234,56"],
)
def test_amount_is_read_as_it_is_pasted_with_its_unit(client_browser, client_, current, savings, pasted):
    makers.make_operations(current, "5000")
    client_browser.post(NEW, typed(current, savings, pasted))
    assert client_.transfers.get().amount == Decimal("1234.56")


def test_unit_stands_in_the_field_for_the_eye_and_in_the_label_for_all(client_browser, current, savings):
    page = client_browser.get(NEW).content.decode()
    [control] = re.findall(r'<div class="field__control field__control--amount">(.*?)</div>', page, re.DOTALL)
    assert control.endswith('<span class="field__unit" aria-hidden="true">€</span>')
    assert 'for="id_amount">Montant en euros<' in page


# Steps, and the end.


@pytest.mark.parametrize(("step", "current_one"), [(1, "Préparer"), (2, "Relire et confirmer"), (3, "C’est fait")])
def test_each_page_says_which_step_of_three_it_is(client_browser, order, step, current_one):
    if step == 3:
        confirm(client_browser, order)
    shown = text(client_browser.get(NEW if step == 1 else page_of(order)))
    assert f"Étape {step} sur 3" in shown
    assert re.findall(r'<li aria-current="step"><span class="stepper__name">([^<]*)<', shown) == [current_one]
    assert shown.count('class="stepper__done"') == step - 1


def test_done_page_looks_done_has_the_focus_on_its_title_and_tells_the_balances(client_browser, order):
    confirm(client_browser, order)
    page = html.unescape(client_browser.get(page_of(order)).content.decode())
    assert RECEIPT_TITLE.findall(page) == ["Virement effectué"]
    assert "img/doorway/done.svg" in page
    assert page.count("autofocus") == 1
    told = re.findall(r"Solde après.*?<span[^>]*>(.*?)</span>", page)
    assert [re.sub(r"\s", " ", amount) for amount in told] == ["969,90 €", "30,10 €"]


def test_balances_told_are_those_the_transfer_left_whatever_came_since(client_browser, order, current, savings):
    confirm(client_browser, order)
    makers.make_operation(current, "Salaire", "500")
    shown = text(client_browser.get(page_of(order)))
    assert "969,90 €" in shown
    assert "1 469,90 €" not in shown


def test_transfer_taken_back_looks_done_no_more_and_tells_no_balance(client_browser, client_, current, savings):
    order = make(client_, current, savings, "30.10")
    corrections.correct_booking(order.booking, reason="Doublon", by=SYSTEM)
    shown = text(client_browser.get(page_of(order)))
    assert RECEIPT_TITLE.findall(shown) == ["Virement rectifié"]
    assert "Étape" not in shown
    assert "Solde après" not in shown


def test_proxy_whose_mandate_ended_reads_no_balance_of_what_he_made(client_browser, client_, other):
    first, second = other.bank_accounts.get(), makers.make_savings(other)
    for account in (first, second):
        makers.make_mandate(account, client_, may_transfer=True)
    makers.make_operations(first, "300")
    order = ordering.prepare(client_, first, second, Decimal(10))
    confirm(client_browser, order)
    assert "Solde après" in text(client_browser.get(page_of(order)))
    Mandate.objects.all().delete()
    assert "Solde après" not in text(client_browser.get(page_of(order)))


def test_somebody_else_sees_nothing_of_the_done_page(client_browser, order, other):
    confirm(client_browser, order)
    assert StrictBrowser.logged_in(other.user).get(page_of(order)).status_code == 404
