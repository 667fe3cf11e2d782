"""One operation: what, when, with whom, what for, and what to do about one that nobody knows."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.bank_accounts.opening import open_account
from accounts.ledger import books
from accounts.models import BankAccount, Booking, Document, Holding, InternalAccount, Merchant, Transfer
from accounts.notation import ibans
from accounts.pages.operation import DOUBTS, Doubt
from auth_codes import wording
from auth_codes.actor import SYSTEM, Actor
from auth_codes.models import SecurityEvent
from banking_portal import calling
from tests import makers
from tests.pages import text_of, words_of

KIND = Booking.Kind


def page_of(account, position: int = 1) -> str:
    return f"/espace-client/comptes/{account.pk}/operations/{position}/"


def read(browser, account, position: int = 1) -> str:
    return words_of(browser.get(page_of(account, position)))


def pay(source, other, amount="20", label="Essai", kind=KIND.TRANSFER) -> Booking:
    legs = [books.Leg(source, -Decimal(amount), label), books.Leg(other, Decimal(amount), label)]
    return books.book(kind, legs)


def test_what_when_what_for_and_the_balance_after_it_are_told(client_browser, account):
    booking = makers.make_operation(account, "Marché de Talensac", "-34.80")
    Merchant.objects.create(booking=booking, code=5411)
    page = read(client_browser, account)
    today = wording.day(timezone.localdate()).replace("\u00a0", " ")
    for said in (
        "Marché de Talensac",
        "−34,80 €",
        "Nature Paiement par carte",
        "Avec Marché de Talensac",
        "Catégorie Alimentation",
        f"Passée le {today}",
        f"Date de valeur {today}",
        f"Compte Compte courant {ibans.display_number(account.number)}".replace("\u00a0", " "),
        "Solde après −34,80 €",
        f"Référence {booking.pk.hex[:12].upper()}",
    ):
        assert said in page


def test_day_of_value_is_told_where_it_is_another(client_browser, account):
    [booking], entries = books.history(
        account, [(KIND.CARD, date(2026, 1, 30), books.Leg(InternalAccount.CARDS, Decimal(1), "Essai"))]
    )
    entries[0].value_on = date(2026, 2, 2)
    books.write([booking], entries)
    page = read(client_browser, account)
    assert "Passée le 30 janvier 2026" in page
    assert "Date de valeur 2 février 2026" in page


def test_operation_without_a_label_goes_by_what_it_is(client_browser, account):
    makers.make_operation(account, "", "-1")
    assert "<h1>Paiement par carte</h1>" in text_of(client_browser.get(page_of(account)))


def test_label_is_text(client_browser, account):
    makers.make_operation(account, "<b>Gras", "-1")
    assert "<b>Gras" not in client_browser.get(page_of(account)).content.decode()


def test_transfer_leads_to_the_own_account_on_the_other_side(client_browser, client_, account):
    savings = makers.make_savings(client_)
    pay(account, savings)
    page = text_of(client_browser.get(page_of(account)))
    assert f'Avec</dt><dd><a href="/espace-client/comptes/{savings.pk}/">Livret d’épargne' in page


def test_account_of_somebody_else_on_the_other_side_is_not_told(client_browser, client_, account, advisor):
    other = makers.make_personalised_client(advisor, given_names="Zoé", family_name="Autre").bank_accounts.get()
    pay(account, other)
    page = read(client_browser, account)
    assert "Avec Un autre client de la banque" in page
    assert other.number not in page.replace(" ", "").replace("\u00a0", "")
    assert "AUTRE" not in page


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (InternalAccount.CARDS, "Essai"),
        (InternalAccount.DIRECT_DEBITS, "Essai"),
        (InternalAccount.TRANSFERS, "Essai"),
        (InternalAccount.CASH, "Guichet ou distributeur"),
        (InternalAccount.FEES, "Votre banque"),
        (InternalAccount.INTEREST, "Votre banque"),
        (InternalAccount.CARRIED_OVER, "Votre banque"),
    ],
)
def test_with_whom_is_told_of_each_account_of_the_bank(client_browser, account, other, said):
    pay(account, other)
    assert f"Avec {said} Catégorie" in read(client_browser, account)


def test_booking_on_several_accounts_goes_by_its_label(client_browser, account):
    legs = [
        books.Leg(account, Decimal(-3), "Partage"),
        books.Leg(InternalAccount.FEES, Decimal(1), ""),
        books.Leg(InternalAccount.CARDS, Decimal(2), ""),
    ]
    books.book(KIND.FEE, legs)
    assert "Avec Partage Catégorie" in read(client_browser, account)


def test_transfer_leads_to_its_order_for_whom_ordered_it_alone(client_browser, client_, account, advisor):
    savings, act = open_account(client_, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor)), uuid4()
    legs = [books.Leg(account, Decimal(-20), "Épargne"), books.Leg(savings, Decimal(20), "Épargne")]
    books.book(KIND.TRANSFER, legs, act=act)
    receipt = Document.objects.create(client=client_, kind="receipt", title="Avis", contents="{}")
    order = Transfer.objects.create(
        id=act, client=client_, source=account, destination=savings, amount=20, confirmed_at=timezone.now(),
        booking_id=act, receipt=receipt,
    )  # fmt: skip
    page = text_of(client_browser.get(page_of(account)))
    assert f'href="{order.get_absolute_url()}"' in page
    assert f'Référence</dt><dd translate="no"><span class="selectable">{order.reference}' in page
    other = makers.make_personalised_client(advisor, given_names="Zoé", family_name="Autre")
    Transfer.objects.filter(pk=act).update(client=other)
    assert "Voir votre ordre" not in text_of(client_browser.get(page_of(account)))


def test_correction_and_what_it_corrects_name_each_other(client_browser, account):
    today = f"{timezone.localdate():%d/%m/%Y}"
    books.correct(pay(account, InternalAccount.FEES, kind=KIND.FEE), by=SYSTEM)
    assert f"Nature Frais, opération rectifiée le {today}" in read(client_browser, account)
    assert f"Nature Rectification de l’opération du {today}" in read(client_browser, account, 2)


def test_joint_account_says_whose_it_is(client_browser, account, advisor):
    other = makers.make_person(advisor, title="M.", given_names="Paul", family_name="Autre")
    Holding.objects.create(account=account, client=other)
    makers.make_operation(account, "Essai", "-1")
    assert "Compte joint avec M. Paul AUTRE" in read(client_browser, account)


@pytest.mark.parametrize(
    ("kind", "amount", "said"),
    [
        (KIND.CARD, "20", "arrêtez la carte tout de suite"),
        (KIND.CASH, "20", "arrêtez la carte tout de suite"),
        (KIND.DIRECT_DEBIT, "20", "pendant huit semaines"),
        (KIND.TRANSFER, "20", "fermez l’accès"),
        (KIND.TRANSFER, "-20", "ne la renvoyez pas vous-même"),
        (KIND.CARD, "-20", "ne la renvoyez pas vous-même"),
        (KIND.FEE, "20", "une erreur de notre part"),
        (KIND.INTEREST, "-20", "une erreur de notre part"),
    ],
)
def test_whoever_does_not_know_it_reads_what_to_do_and_whom_to_call(client_browser, account, kind, amount, said):
    pay(account, InternalAccount.CARDS, amount, kind=kind)
    page = client_browser.get(page_of(account))
    assert "Je ne reconnais pas cette opération</summary>" in text_of(page)
    assert said in words_of(page)
    assert f'class="button" href="tel:{calling.bank_dialled()}"' in page.content.decode()


def test_what_to_do_is_said_of_every_kind():
    assert set(DOUBTS) <= set(KIND)
    assert set(DOUBTS.values()) | {Doubt.RECEIVED, Doubt.BANK} == set(Doubt)


def test_page_holds_no_form_and_writes_nothing(client_browser, account):
    makers.make_operation(account, "Essai", "-1")
    client_browser.get(page_of(account))
    before = SecurityEvent.objects.count()
    with CaptureQueriesContext(connection) as asked:
        answer = client_browser.get(page_of(account))
    matter = text_of(answer).split("<main")[1].split("</main>")[0]
    assert "<form" not in matter
    assert SecurityEvent.objects.count() == before
    written = [query["sql"] for query in asked if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in written if "accounts_" in sql] == []


@pytest.mark.parametrize("position", ["0", "2", "999999", str(2**31), "9" * 30])
def test_position_that_is_none_is_not_found(client_browser, account, position):
    makers.make_operation(account, "Essai", "-1")
    assert client_browser.get(page_of(account, position)).status_code == 404


@pytest.mark.parametrize("position", ["-1", "٣", "1%00", "1.0", "x"])
def test_what_is_no_position_is_no_address(client_browser, account, position):
    makers.make_operation(account, "Essai", "-1")
    assert client_browser.get(page_of(account, position)).status_code == 404


def test_entry_of_the_bank_itself_has_no_page(client_browser, account):
    pay(account, InternalAccount.CARDS)
    assert client_browser.get(page_of(account, 2)).status_code == 404


def test_operation_of_a_closed_account_stays_readable(client_browser, account):
    makers.make_operations(account, "5", "-5")
    BankAccount.objects.filter(pk=account.pk).update(closed_on=timezone.localdate())
    assert "Solde après 0,00 €" in read(client_browser, account, 2)
