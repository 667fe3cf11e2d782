"""All that a client owns, at a glance."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.bank_accounts.opening import open_account, open_service_contract
from accounts.ledger import books
from accounts.models import BankAccount, Booking, Holding, Mandate, Merchant, ServiceContract
from accounts.notation import ibans
from accounts.operations import sums
from auth_codes import wording
from auth_codes.actor import SYSTEM, Actor
from tests import makers
from tests.pages import queries_of, text_of, words_of

OVERVIEW = "/espace-client/"
CURRENT, SAVINGS = BankAccount.Kind.CURRENT, BankAccount.Kind.SAVINGS


def page_of(account) -> str:
    return f"/espace-client/comptes/{account.pk}/"


def section_of(page: str, title: str) -> str:
    """What stands between one heading and the next."""
    return page.split(f"{title}</h2>")[1].split("</section>")[0]


def test_each_account_is_shown_with_its_balance_and_the_total(client_browser, client_, advisor):
    current = client_.bank_accounts.get()
    savings = open_account(client_, kind=SAVINGS, by=Actor(advisor))
    makers.make_operations(current, "-600.25", "-600.25")
    makers.make_operations(savings, "3000")
    page = text_of(client_browser.get(OVERVIEW))
    for said in ("Compte courant", "\u22121\u202f200,50 €", "à découvert", "Livret d’épargne", "3\u202f000,00 €"):
        assert said in page
    assert "1\u202f799,50 €" in page
    assert f'href="{page_of(current)}"' in page


def test_total_is_told_before_the_accounts(client_browser, client_):
    page = text_of(client_browser.get(OVERVIEW))
    assert 0 < page.index("Au total</h2>") < page.index("Mes comptes</h2>")


def test_line_never_ends_between_the_ellipsis_and_the_digits_of_an_account(client_browser, client_):
    account = client_.bank_accounts.get()
    open_account(client_, kind=SAVINGS, by=Actor(client_.advisor))
    makers.make_operation(account, "Librairie", "-12")
    assert f"…\u2060{account.number[-4:]}" in client_browser.get(OVERVIEW).content.decode()


def test_nothing_of_another_client_is_shown(client_browser, advisor):
    other = makers.make_personalised_client(advisor, given_names="Zoé", family_name="Autre")
    open_service_contract(other, kind=ServiceContract.Kind.CARD, by=Actor(advisor))
    makers.make_operation(other.bank_accounts.get(), "Librairie", "-12")
    page = text_of(client_browser.get(OVERVIEW))
    for hidden in (
        "AUTRE",
        "Librairie",
        ibans.display_number(other.bank_accounts.get().number),
        other.service_contracts.get().number,
    ):
        assert hidden.replace("\u00a0", " ") not in page


def test_contracts_are_listed(client_browser, client_, advisor):
    contract = open_service_contract(client_, kind=ServiceContract.Kind.INSURANCE, by=Actor(advisor))
    page = text_of(client_browser.get(OVERVIEW))
    assert "Assurance" in page
    assert ibans.display_number(contract.number).replace("\u00a0", " ") in page


def test_client_with_a_contract_alone_is_told_that_there_is_no_account_yet(client_browser, client_):
    client_.holdings.all().delete()
    assert "Vous n’avez pas encore de compte" in text_of(client_browser.get(OVERVIEW))


def test_joint_account_names_the_other_holders_and_counts_in_the_total(client_browser, client_, advisor):
    other = makers.make_person(advisor, title="M.", given_names="Paul", family_name="Autre")
    joint = open_account(other, kind=CURRENT, by=Actor(advisor))
    Holding.objects.create(account=joint, client=client_)
    makers.make_operations(joint, "70")
    page = words_of(client_browser.get(OVERVIEW))
    assert "Compte joint avec M. Paul AUTRE" in page
    assert "Au total 70,00 €" in page


def test_entrusted_account_stands_apart_and_never_counts(client_browser, client_, advisor):
    account = makers.make_entrusted_account(advisor, client_)
    makers.make_operation(account, "Librairie", "500")
    answer = client_browser.get(OVERVIEW)
    page = text_of(answer)
    assert page_of(account) in section_of(page, "Comptes d’autrui")
    assert page_of(account) not in section_of(page, "Mes comptes")
    assert "Compte de Mme Zoé AUTRE, par procuration" in words_of(answer)
    assert "Au total 0,00 €" in words_of(answer)
    assert "Librairie" not in page


def test_account_held_and_entrusted_at_once_is_shown_once(client_browser, client_):
    Mandate.objects.create(account=client_.bank_accounts.get(), proxy=client_)
    assert "Comptes d’autrui" not in text_of(client_browser.get(OVERVIEW))


def test_mandate_that_has_ended_shows_nothing(client_browser, client_, advisor):
    account = makers.make_entrusted_account(advisor, client_)
    account.mandates.update(granted_on=date(2026, 1, 1), ends_on=timezone.localdate() - timedelta(1))
    assert "Comptes d’autrui" not in text_of(client_browser.get(OVERVIEW))


def test_closed_account_of_somebody_else_is_not_listed(client_browser, client_, advisor):
    account = makers.make_entrusted_account(advisor, client_)
    BankAccount.objects.filter(pk=account.pk).update(closed_on=timezone.localdate())
    assert page_of(account) not in text_of(client_browser.get(OVERVIEW))


def test_closed_account_stands_apart(client_browser, client_, advisor):
    closed = open_account(client_, kind=SAVINGS, by=Actor(advisor))
    BankAccount.objects.filter(pk=closed.pk).update(closed_on=timezone.localdate())
    page = text_of(client_browser.get(OVERVIEW))
    assert page_of(closed) in page.split("Comptes clôturés</summary>")[1].split("</details>")[0]
    assert page_of(closed) not in section_of(page, "Mes comptes")


def test_what_is_pending_and_what_may_be_spent_is_said(client_browser, client_):
    account = client_.bank_accounts.get()
    BankAccount.objects.filter(pk=account.pk).update(overdraft=200)
    makers.make_operations(account, "100")
    makers.make_pending(account, "Librairie", "-50")
    makers.make_pending(account, "Remboursement", "5")
    page = words_of(client_browser.get(OVERVIEW))
    assert "2 opérations à venir : \u221245,00 €" in page
    assert "Disponible : 250,00 €" in page


def test_one_pending_operation_is_said_in_the_singular(client_browser, client_):
    makers.make_pending(client_.bank_accounts.get(), "Librairie", "-50")
    assert "1 opération à venir : \u221250,00 €" in words_of(client_browser.get(OVERVIEW))


def test_account_with_nothing_to_come_is_told_by_its_balance_alone(client_browser, client_):
    makers.make_operations(client_.bank_accounts.get(), "100")
    page = text_of(client_browser.get(OVERVIEW))
    assert "à venir" not in page
    assert "Disponible" not in page


def test_latest_five_operations_are_those_of_all_own_accounts(client_browser, client_, advisor):
    current, savings = client_.bank_accounts.get(), open_account(client_, kind=SAVINGS, by=Actor(advisor))
    for day in range(1, 5):
        makers.make_operation(current, f"Courant {day}", "10", date(2026, 3, day))
        makers.make_operation(savings, f"Livret {day}", "10", date(2026, 3, day + 10))
    labels = [entry.label for day in client_browser.get(OVERVIEW).context["latest"] for entry in day.entries]
    assert labels == ["Livret 4", "Livret 3", "Livret 2", "Livret 1", "Courant 4"]


def test_correction_and_what_it_corrects_name_each_other(client_browser, client_):
    today = f"{timezone.localdate():%d/%m/%Y}"
    legs = [
        books.Leg(client_.bank_accounts.get(), Decimal(-20), "Frais"),
        books.Leg(books.InternalAccount.FEES, Decimal(20), "Frais"),
    ]
    books.correct(books.book("fee", legs), by=SYSTEM)
    page = words_of(client_browser.get(OVERVIEW))
    assert f"Rectification de l’opération du {today}" in page
    assert f"Frais, opération rectifiée le {today}" in page


def month_of(answer) -> str:
    """What « Ce mois-ci » says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", section_of(text_of(answer), "Ce mois-ci")))


def move(source, destination, amount: str) -> None:
    legs = [books.Leg(source, -Decimal(amount), "Épargne"), books.Leg(destination, Decimal(amount), "Épargne")]
    books.book(Booking.Kind.TRANSFER, legs)


def test_this_month_tells_what_came_in_what_went_out_and_what_for(client_browser, client_):
    account = client_.bank_accounts.get()
    last_month = timezone.localdate().replace(day=1) - timedelta(1)
    makers.make_operation(account, "Avant", "-999", last_month)
    makers.make_operation(account, "Salaire", "2000.50", kind=Booking.Kind.TRANSFER)
    for label, amount, code in (("Marché", "-30", 5411), ("Marché", "-10.25", 5499), ("Bistrot", "-60", 5812)):
        Merchant.objects.create(booking=makers.make_operation(account, label, amount), code=code)
    said = month_of(client_browser.get(OVERVIEW))
    assert "Entrées +2 000,50 €" in said.replace("\u202f", " ")
    assert "Sorties −100,25 €" in said
    assert "Catégorie Sorties Restaurants et loisirs 60,00 € Alimentation 40,25 €" in said


def test_where_the_money_went_is_a_table_with_bars_drawn_by_the_server(client_browser, client_):
    account = client_.bank_accounts.get()
    for amount, code in (("-80", 5411), ("-20", 5812), ("-0.01", 5912)):
        Merchant.objects.create(booking=makers.make_operation(account, "Achat", amount), code=code)
    page = section_of(client_browser.get(OVERVIEW).content.decode(), "Ce mois-ci")
    assert '<th scope="col">Sorties</th>' in page
    assert page.count('<th scope="row">') == 3
    assert re.findall(r'bar__length" width="(\d+)"', page) == ["100", "100", "25", "1"]


def test_transfers_between_own_accounts_neither_come_nor_go(client_browser, client_, advisor):
    account, savings = client_.bank_accounts.get(), open_account(client_, kind=SAVINGS, by=Actor(advisor))
    makers.make_operation(account, "Salaire", "100")
    move(account, savings, "40")
    said = month_of(client_browser.get(OVERVIEW))
    assert "Entrées +100,00 €" in said
    assert "Sorties 0,00 €" in said
    assert "Rien n’est sorti de vos comptes pour le moment." in said


def test_joint_money_of_the_month_is_told_apart(client_browser, client_, advisor):
    other = makers.make_person(advisor, title="M.", given_names="Paul", family_name="Autre")
    joint = open_account(other, kind=CURRENT, by=Actor(advisor))
    Holding.objects.create(account=joint, client=client_)
    makers.make_operation(joint, "Remboursement", "70")
    makers.make_operation(joint, "Marché", "-30")
    makers.make_operation(client_.bank_accounts.exclude(pk=joint.pk).get(), "Marché", "-5")
    said = month_of(client_browser.get(OVERVIEW))
    assert "Entrées +70,00 € dont 70,00 € en commun" in said
    assert "Sorties −35,00 € dont −30,00 € en commun" in said


def test_what_an_entrusted_account_moves_is_none_of_his(client_browser, client_, advisor):
    account = makers.make_entrusted_account(advisor, client_)
    makers.make_operation(account, "Librairie", "-500")
    makers.make_operation(client_.bank_accounts.get(), "Librairie", "-5")
    assert "Sorties −5,00 €" in month_of(client_browser.get(OVERVIEW))


def test_change_since_the_first_of_the_month_is_told(client_browser, client_):
    account = client_.bank_accounts.get()
    first = timezone.localdate().replace(day=1)
    makers.make_operation(account, "Avant", "100", first - timedelta(1))
    makers.make_operation(account, "Depuis", "-40")
    assert f"−40,00 € depuis le {wording.day(first)}".replace("\u00a0", " ") in words_of(client_browser.get(OVERVIEW))


def test_each_account_that_moved_has_the_line_of_its_year(client_browser, client_, advisor):
    account = client_.bank_accounts.get()
    open_account(client_, kind=SAVINGS, by=Actor(advisor))
    makers.make_operation(account, "Avant", "100", timezone.localdate().replace(day=1) - timedelta(1))
    makers.make_operation(account, "Depuis", "-40")
    page = client_browser.get(OVERVIEW).content.decode()
    assert page.count('class="spark"') == 1
    assert 'class="spark" viewBox="0 0 96 28" aria-hidden="true"' in page


def test_each_operation_leads_to_its_page_and_to_its_account(client_browser, client_):
    account = client_.bank_accounts.get()
    makers.make_operation(account, "Librairie", "-12")
    latest = section_of(text_of(client_browser.get(OVERVIEW)), "Dernières opérations")
    assert f'href="{page_of(account)}operations/1/"' in latest
    assert f'href="{page_of(account)}"' in latest


@pytest.mark.slow
def test_years_of_history_cost_as_many_questions_as_none(client_browser, client_):
    account = client_.bank_accounts.get()
    BankAccount.objects.filter(pk=account.pk).update(opened_on=date(2015, 1, 1))
    makers.make_operations(account, "1")
    queries_of(client_browser, OVERVIEW)
    few = queries_of(client_browser, OVERVIEW)
    makers.make_operations(account, *["1"] * 300, day=date(2026, 1, 2), days=1)
    assert queries_of(client_browser, OVERVIEW) == few
    sums.keep(timezone.localdate().replace(day=1))
    assert queries_of(client_browser, OVERVIEW) == few
    assert few <= 21


@pytest.mark.slow
def test_many_accounts_cost_as_many_queries_as_one(client_browser, client_, advisor):
    makers.make_operations(client_.bank_accounts.get(), "1")
    makers.make_entrusted_account(advisor, client_)
    queries_of(client_browser, OVERVIEW)
    few = queries_of(client_browser, OVERVIEW)
    for number in range(5):
        account = open_account(client_, kind=SAVINGS, by=Actor(advisor))
        makers.make_operations(account, "1", "2", "3")
        makers.make_pending(account, "Versement", "5")
        makers.make_entrusted_account(advisor, client_, family_name=f"Autre {'abcde'[number]}")
    assert queries_of(client_browser, OVERVIEW) == few
