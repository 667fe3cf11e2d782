"""One account: where it stands, and its operations."""

import re
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts import client_codes
from accounts.bank_accounts.opening import open_account
from accounts.ledger import books
from accounts.models import BankAccount, Booking, Document, Holding, Transfer
from accounts.notation import ibans
from accounts.operations import search
from accounts.pages.accounts import found_in_words
from auth_codes import wording
from auth_codes.actor import Actor
from tests import makers
from tests.accounts.ledger.ledgers import make_statement
from tests.pages import queries_of, text_of, words_of


def page_of(account) -> str:
    return f"/espace-client/comptes/{account.pk}/"


def title_of(answer) -> str:
    return re.search("<title>(.*?)</title>", answer.content.decode())[1]


def labels_of(answer) -> list[str]:
    return [entry.label for entry in answer.context["page"].entries]


def links_of(answer) -> list[str]:
    """The links of the pagination, as they would be followed."""
    nav = re.search(r'<nav class="pagination".*?</nav>', answer.content.decode(), re.DOTALL)
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"#]*)', nav[0])] if nav else []


def test_account_that_does_not_exist_is_not_found(client_browser):
    assert client_browser.get("/espace-client/comptes/999999/").status_code == 404
    assert client_browser.get("/espace-client/comptes/99999999999999999999999/").status_code == 404


def test_number_iban_balance_and_entries_are_shown_the_latest_first(client_browser, account):
    makers.make_operations(account, *["1.00"] * 3, days=1)
    page = text_of(client_browser.get(page_of(account)))
    for shown in (ibans.display_number(account.number), ibans.display(account.iban), "3,00 €"):
        assert shown.replace("\u00a0", " ") in page
    assert page.index("Opération 2") < page.index("Opération 1") < page.index("Opération 0")


def test_account_without_entries_says_so(client_browser, account):
    page = text_of(client_browser.get(page_of(account)))
    assert "Aucune opération sur ce compte pour le moment." in page
    assert "Filtrer" not in page


def test_each_operation_has_the_balance_after_it(client_browser, account):
    makers.make_operations(account, "100", "-30.5")
    rows = re.findall(r"Opération \d.*?</li>", text_of(client_browser.get(page_of(account))))
    assert ["Solde 69,50 €" in rows[0], "+100,00 €" in rows[1], "Solde 100,00 €" in rows[1]] == [True] * 3


def test_operations_stand_under_their_day(client_browser, account):
    for amount in ("100", "-30.5"):
        makers.make_operation(account, "Librairie", amount)
    page = words_of(client_browser.get(page_of(account)))
    assert page.count("Aujourd’hui, ") == 1
    said = f"Aujourd’hui, {wording.day(timezone.localdate())} Total +69,50 € Librairie"
    assert said.replace("\u00a0", " ") in page


def test_day_of_one_operation_repeats_no_total(client_browser, account):
    makers.make_operation(account, "Librairie", "-30.5")
    assert "Total" not in words_of(client_browser.get(page_of(account)))


def test_total_of_a_day_counts_what_other_pages_show_of_it(client_browser, account):
    makers.make_operations(account, *["1.01"] * (search.PER_PAGE + 20))
    first = words_of(client_browser.get(page_of(account)))
    second = words_of(client_browser.get(f"{page_of(account)}?before=21"))
    assert "Total +70,70 €" in first
    assert "Total +70,70 €" in second


def test_total_of_a_day_is_of_what_is_asked_for(client_browser, account):
    for amount in ("5", "6", "-2"):
        makers.make_operation(account, "Librairie", amount)
    assert "Total +11,00 €" in words_of(client_browser.get(page_of(account) + "?direction=in"))


def test_operations_stand_under_their_month_with_all_that_moved_in_it(client_browser, account):
    makers.make_operation(account, "Salaire", "100", date(2026, 1, 5))
    makers.make_operation(account, "Loyer", "-30.5", date(2026, 1, 31))
    makers.make_operation(account, "Loyer", "-1", date(2026, 2, 1))
    page = words_of(client_browser.get(page_of(account)))
    assert "Janvier 2026 Entrées +100,00 € Sorties −30,50 €" in page
    assert page.index("Février 2026 Entrées 0,00 € Sorties −1,00 €") < page.index("Janvier 2026 Entrées")


def test_months_count_what_other_pages_show_of_them(client_browser, account):
    makers.make_operations(account, *["-1"] * (search.PER_PAGE + 20))
    page = words_of(client_browser.get(f"{page_of(account)}?before=21"))
    assert "Janvier 2026 Entrées 0,00 € Sorties −70,00 €" in page


@pytest.mark.parametrize("asked", ["search=loyer", "direction=out"])
def test_months_of_which_only_some_operations_are_shown_have_no_sum(client_browser, account, asked):
    makers.make_operation(account, "Salaire", "100", date(2026, 1, 5))
    makers.make_operation(account, "Loyer", "-30.5", date(2026, 1, 31))
    page = words_of(client_browser.get(f"{page_of(account)}?{asked}"))
    assert "Janvier 2026" in page
    assert "Sorties" not in page


def test_month_that_is_asked_for_has_its_sum(client_browser, account):
    makers.make_operation(account, "Loyer", "-30.5", date(2026, 1, 31))
    page = words_of(client_browser.get(f"{page_of(account)}?period=2026-01"))
    assert "Janvier 2026 Entrées 0,00 € Sorties −30,50 €" in page


@pytest.mark.parametrize(
    ("balance", "borrowable"), [("100", "200,00"), ("-50", "150,00"), ("-200", None), ("-300", None)]
)
def test_available_says_how_much_of_it_would_be_owed(client_browser, account, balance, borrowable):
    BankAccount.objects.filter(pk=account.pk).update(overdraft=200)
    makers.make_operations(account, balance)
    page = words_of(client_browser.get(page_of(account)))
    said = re.search(r"dont découvert autorisé (\S+) €", page)
    assert (said and said[1]) == borrowable


def test_each_operation_leads_to_its_page(client_browser, account):
    makers.make_operation(account, "Librairie", "-1")
    assert f'href="{page_of(account)}operations/1/"' in text_of(client_browser.get(page_of(account)))


def test_head_tells_what_is_to_come_and_what_may_be_spent(client_browser, account):
    BankAccount.objects.filter(pk=account.pk).update(overdraft=200)
    makers.make_operations(account, "100")
    makers.make_pending(account, "Librairie du Port", "-50")
    page = words_of(client_browser.get(page_of(account)))
    for said in (
        "À venir \u221250,00 €",
        "dont découvert autorisé 200,00 €",
        "Disponible 250,00 €",
        "Librairie du Port",
    ):
        assert said in page


def test_nothing_is_available_when_the_overdraft_is_exceeded(client_browser, account):
    makers.make_operations(account, "-100")
    assert "Disponible 0,00 €" in words_of(client_browser.get(page_of(account)))


def test_pending_entry_that_was_booked_or_dropped_is_no_longer_shown(client_browser, account):
    makers.make_pending(account, "Librairie", "-50")
    account.pending_entries.update(dropped_on=timezone.localdate())
    assert "À venir" not in text_of(client_browser.get(page_of(account)))


def test_joint_account_names_the_other_holders(client_browser, account, advisor):
    for name in ("Paul", "Jean"):
        other = makers.make_person(advisor, title="M.", given_names=name, family_name="Autre")
        Holding.objects.create(account=account, client=other)
    page = words_of(client_browser.get(page_of(account)))
    assert "Compte joint avec M. Paul AUTRE et M. Jean AUTRE" in page


def test_closed_account_shows_its_operations_and_neither_iban_nor_what_is_available(client_browser, account):
    makers.make_operations(account, "5", "-5")
    BankAccount.objects.filter(pk=account.pk).update(closed_on=timezone.localdate())
    page = words_of(client_browser.get(page_of(account)))
    assert "Ce compte est clôturé depuis le" in page
    assert "Opération 1" in page
    for hidden in ("IBAN", "Disponible"):
        assert hidden not in page


def test_proxy_sees_operations_and_nothing_private_of_the_holder(client_browser, client_, advisor):
    account = makers.make_entrusted_account(advisor, client_, street="99 rue Cachée", email="zoe@example.org")
    makers.make_operation(account, "Librairie", "-12")
    holder = account.holders.get()
    page = text_of(client_browser.get(page_of(account)))
    assert "Librairie" in page
    assert "Compte de Mme Zoé AUTRE, par procuration" in page
    for hidden in (
        holder.client_code,
        client_codes.display(holder.client_code).replace("\u00a0", " "),
        "rue Cachée",
        holder.email,
    ):
        assert hidden not in page


def test_mandate_that_was_revoked_opens_nothing(client_browser, client_, advisor):
    account = makers.make_entrusted_account(advisor, client_)
    account.mandates.update(revoked_at=timezone.now())
    assert client_browser.get(page_of(account)).status_code == 404


def test_every_entry_is_on_exactly_one_page_on_the_way_there_and_back(client_browser, account):
    makers.make_operations(account, *["1.00"] * 120)
    address, seen = page_of(account), []
    while address:
        answer = client_browser.get(address)
        seen.append(labels_of(answer))
        address = next((page_of(account) + link for link in links_of(answer) if "before" in link), None)
    assert [len(labels) for labels in seen] == [50, 50, 20]
    assert [label for labels in seen for label in labels] == [f"Opération {number}" for number in range(119, -1, -1)]
    [newer] = links_of(answer)
    middle = client_browser.get(page_of(account) + newer)
    assert labels_of(middle) == seen[1]
    first = client_browser.get(page_of(account) + next(link for link in links_of(middle) if "after" in link))
    assert labels_of(first) == seen[0]


@pytest.mark.parametrize("cursor", ["before=1", "before=0", "after=9999999999", "before=x", "before=²", "after="])
def test_page_beside_no_entry_is_the_first(client_browser, account, cursor):
    makers.make_operations(account, *["1.00"] * 60)
    assert labels_of(client_browser.get(f"{page_of(account)}?{cursor}"))[0] == "Opération 59"


def test_filters_are_kept_from_page_to_page(client_browser, account):
    for number in range(70):
        makers.make_operation(account, f"Café {number}", "-2", date(2026, 3, 1))
    answer = client_browser.get(f"{page_of(account)}?search=cafe&period=2026-03&direction=out")
    [older] = links_of(answer)
    assert all(part in older for part in ("search=cafe", "period=2026-03", "direction=out"))
    assert len(labels_of(client_browser.get(page_of(account) + older))) == 20


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=electricite", ["Électricité"]),
        ("search=ÉLECTRI", ["Électricité"]),
        ("search=port+librairie", ["Librairie du port"]),
        ("search=45", ["Loyer 45"]),
        ("search=-30,50", ["Électricité"]),
        ("search=1+200,00+€", ["Salaire"]),
        ("direction=in", ["Salaire"]),
        ("period=2026-02", ["Électricité", "Salaire"]),
        ("period=2026&direction=out", ["Loyer 45", "Librairie du port", "Électricité"]),
        ("period=2026-03&search=loyer", ["Loyer 45"]),
        ("period=2026-03&direction=in", []),
    ],
)
def test_what_is_asked_for_is_what_is_shown(client_browser, account, query, found):
    makers.make_operation(account, "Salaire", "1200", date(2026, 2, 1))
    makers.make_operation(account, "Électricité", "-30.50", date(2026, 2, 28))
    makers.make_operation(account, "Librairie du port", "-12", date(2026, 3, 1))
    makers.make_operation(account, "Loyer 45", "-500", date(2026, 3, 2))
    assert labels_of(client_browser.get(f"{page_of(account)}?{query}")) == found


def test_months_offered_reach_from_the_first_to_the_last_operation(client_browser, account):
    makers.make_operation(account, "Salaire", "1200", date(2025, 11, 3))
    makers.make_operation(account, "Salaire", "1200", date(2026, 2, 3))
    offered = [value for _, group in client_browser.get(page_of(account)).context["form"].fields["period"].choices[1:]
               for value, _ in group]  # fmt: skip
    assert offered == ["2026", "2026-02", "2026-01", "2025", "2025-12", "2025-11"]


def test_nothing_found_says_so_and_leads_back(client_browser, account):
    makers.make_operations(account, "1")
    page = text_of(client_browser.get(f"{page_of(account)}?search=introuvable"))
    assert "Aucune opération ne correspond." in page
    assert f'href="{page_of(account)}#entries">Voir toutes les opérations' in page
    assert 'value="introuvable"' in page


def test_number_found_is_told(client_browser, account):
    makers.make_operations(account, *["-1"] * 60, "5")
    assert "60 opérations trouvées" in words_of(client_browser.get(f"{page_of(account)}?direction=out"))
    assert "1 opération trouvée." in words_of(client_browser.get(f"{page_of(account)}?direction=in"))
    assert "61 opérations trouvées" in words_of(client_browser.get(f"{page_of(account)}?period=2026-01"))
    assert "trouvée" not in words_of(client_browser.get(page_of(account)))


def test_more_than_are_counted_are_told_as_many(client_browser, account, monkeypatch):
    monkeypatch.setattr(search, "MOST_COUNTED", 55)
    makers.make_operations(account, *["-1"] * 60)
    answer = client_browser.get(f"{page_of(account)}?direction=out")
    assert "Plus de 55 opérations trouvées." in words_of(answer)
    assert title_of(answer) == "Plus de 55 opérations trouvées – Compte courant – Espace Client"


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "Compte courant"),
        ("?before=3", "Compte courant"),
        ("?direction=out", "3 opérations trouvées – Compte courant"),
        ("?direction=in", "1 opération trouvée – Compte courant"),
        ("?search=introuvable", "Aucune opération trouvée – Compte courant"),
        ("?period=1999", "Erreur – Compte courant"),
        ("?period=1999&direction=in", "Erreur – 1 opération trouvée – Compte courant"),
    ],
)
def test_title_tells_first_what_was_found(client_browser, account, query, title):
    makers.make_operations(account, *["-1"] * 3, "5")
    assert title_of(client_browser.get(page_of(account) + query)) == f"{title} – Espace Client"


def test_thousands_are_told_as_they_are_written():
    assert found_in_words(12_345) == "12\u202f345 opérations trouvées"
    assert found_in_words(None) == "Plus de 1\u202f000 opérations trouvées"


def test_all_operations_are_shown_again_by_the_same_words_found_or_not(client_browser, account):
    makers.make_operations(account, "1")
    for query in ("direction=in", "direction=out"):
        page = text_of(client_browser.get(f"{page_of(account)}?{query}"))
        assert page.count(f'href="{page_of(account)}#entries">Voir toutes les opérations</a>') == 1


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("period=2026-13", "Choisissez une période dans cette liste."),
        ("period=2019-01", "Choisissez une période dans cette liste."),
        ("direction=sideways", "Choisissez un sens dans cette liste."),
        (f"search={'x' * 81}", "La recherche a 80 signes au plus\u202f; la vôtre en a 81."),
    ],
)
def test_filter_that_is_none_is_told_and_not_heeded(client_browser, account, query, sentence):
    makers.make_operations(account, "1")
    answer = client_browser.get(f"{page_of(account)}?{query}")
    assert answer.status_code == 200
    assert labels_of(answer) == ["Opération 0"]
    assert 'aria-invalid="true"' in answer.content.decode()
    assert sentence in text_of(answer)


def test_holder_is_led_to_the_statements_of_the_account(client_browser, client_, account):
    link = f'href="/espace-client/documents/?compte={account.pk}"'
    assert link not in text_of(client_browser.get(page_of(account)))
    make_statement(account, client_, last_position=0, balance=0)
    assert link in text_of(client_browser.get(page_of(account)))


def test_proxy_is_not_led_to_the_statements_of_the_holder(client_browser, client_, advisor):
    account = makers.make_entrusted_account(advisor, client_)
    make_statement(account, account.holders.get(), last_position=0, balance=0)
    assert "/documents/?compte=" not in text_of(client_browser.get(page_of(account)))


def test_label_is_shown_as_text(client_browser, account):
    makers.make_operation(account, "<b>Gras</b>", "-1")
    assert "&lt;b&gt;Gras" in client_browser.get(page_of(account)).content.decode()


def test_transfer_ordered_here_is_named_by_its_reference(client_browser, client_, account, advisor):
    savings = open_account(client_, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor))
    act = uuid4()
    legs = [books.Leg(account, Decimal(-20), "Épargne"), books.Leg(savings, Decimal(20), "Épargne")]
    books.book(Booking.Kind.TRANSFER, legs, act=act)
    receipt = Document.objects.create(client=client_, kind="receipt", title="Avis", contents="{}")
    transfer = Transfer.objects.create(
        id=act, client=client_, source=account, destination=savings, amount=20, confirmed_at=timezone.now(),
        booking_id=act, receipt=receipt,
    )  # fmt: skip
    asked = f"Virement en ligne de {transfer.client}, référence {transfer.reference}"
    assert asked in words_of(client_browser.get(page_of(account)))


@pytest.mark.slow
def test_thousands_of_entries_cost_as_many_queries_as_a_few(client_browser, account):
    makers.make_operations(account, *["1.00"] * 60)
    queries_of(client_browser, page_of(account))
    few = queries_of(client_browser, f"{page_of(account)}?before=60")
    makers.make_operations(account, *["1.00"] * 3000, day=date(2026, 6, 1))
    assert queries_of(client_browser, f"{page_of(account)}?before=1500") == few
