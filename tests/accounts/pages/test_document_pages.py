"""« Mes documents »: the list and its filters, the PDF, and the page that tells all that the PDF tells."""

import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from accounts import client_codes
from accounts.documents import issuing
from accounts.documents.issuing import DamagedFile, issue, pdf_of
from accounts.models import BankAccount, Document, Statement
from accounts.papers.kinds import PAPERS
from accounts.transfers import ordering
from auth_codes.actor import Actor
from tests import makers, pdfs
from tests.accounts.papers.contents import FOR_CLIENT, STATEMENT
from tests.conftest import StrictBrowser
from tests.pages import matter_of, seen
from tests.standing import made_once

LIST = "/espace-client/documents/"
SPACES = re.compile(r"[\s\u00a0\u202f\u200b\u00ad]+")


def document_of(client, paper="letter", *, on=date(2026, 3, 2), title="Un document", **changed) -> Document:
    return issue(client, replace(FOR_CLIENT[paper], client_code=client.client_code, **changed), title=title, on=on)


def statement_of(client, month, account=None, title="Un relevé") -> Statement:
    document = document_of(client, "statement", on=month.replace(year=month.year + 1, month=1), title=title)
    account = account or client.bank_accounts.first()
    return Statement.objects.create(
        document=document, account=account, client=client, month=month, last_position=0, balance=0
    )


def text_of(answer) -> str:
    return SPACES.sub(" ", unescape(re.sub("<[^>]*>", " ", seen(matter_of(answer)))))


@made_once
def of_two_years(client_):
    """Beside the letter of welcome of today: a statement of December 2024, a letter and a contract of 2025."""
    statement_of(client_, date(2024, 12, 1))  # issued in January
    document_of(client_, "letter", on=date(2025, 5, 3), title="Un courrier")
    document_of(client_, "contract", on=date(2025, 4, 3), title="Un contrat")
    return client_


@made_once
def second_account(of_two_years, advisor):
    """A second current account of that client, with statements of 2024 and 2025."""
    account = makers.open_account(of_two_years, kind="current", by=Actor(advisor))
    for year in (2024, 2025):
        statement_of(of_two_years, date(year, 12, 1), account, title=f"Second {year}")
    return account


def shown_in(answer) -> list[str]:
    return [document.title for document in answer.context["page"]]


# The list.


def test_newest_documents_come_first_by_year(client_browser, of_two_years):
    answer = client_browser.get(LIST)
    assert shown_in(answer)[1:] == ["Un courrier", "Un contrat", "Un relevé"]
    headings = re.findall(r"<h2[^>]*>(\d{4})</h2>", answer.content.decode())
    assert headings[1:] == ["2025", "2024"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"annee": "2025"}, ["Un courrier", "Un contrat"]),
        ({"annee": "2024"}, ["Un relevé"]),
        ({"nature": "contract"}, ["Un contrat"]),
        ({"annee": "2025", "nature": "letter"}, ["Un courrier"]),
        ({"annee": "2024", "nature": "letter"}, []),
        ({"annee": "1999"}, []),
    ],
)
def test_documents_are_filtered_by_year_and_kind(client_browser, of_two_years, query, expected):
    assert shown_in(client_browser.get(LIST, query)) == expected


@pytest.mark.parametrize(
    "query", [{"annee": "x"}, {"annee": "0000"}, {"annee": "٢٠٢٥"}, {"nature": "secret"}, {"page": "999"}]
)
def test_filter_that_means_nothing_is_left_out(client_browser, of_two_years, query):
    assert len(shown_in(client_browser.get(LIST, query))) == 4


@pytest.mark.parametrize(
    ("address", "icons"), [(LIST, ["letter", "letter", "edit", "document"]), ("/espace-client/", ["letter", "letter"])]
)
def test_each_document_has_the_icon_of_its_kind(client_browser, of_two_years, address, icons):
    page = matter_of(client_browser.get(address)).split("Mes derniers documents")[-1]
    assert re.findall(r'class="arch[^"]*"><svg[^>]*><use href="[^"#]*#([a-z-]+)"', page)[: len(icons)] == icons


def test_filter_that_is_chosen_is_told_while_it_is_folded(client_browser, of_two_years):
    page = client_browser.get(LIST, {"annee": "2025", "nature": "letter"}).content.decode()
    told = re.findall(r"<summary[^>]*><span>(.*?)</span></summary>", page)
    assert told == ["Année&nbsp;: <strong>2025</strong>", "Nature&nbsp;: <strong>Courriers</strong>"]


def test_filters_say_how_many_documents_they_lead_to(client_browser, of_two_years):
    context = client_browser.get(LIST, {"annee": "2025"}).context
    assert {choice.label: choice.count for choice in context["kinds"]} == {
        "Tous": 2, "Relevés": 0, "Contrats": 1, "Courriers": 1,
    }  # fmt: skip
    assert [(choice.label, choice.count) for choice in context["years"]][-2:] == [("2025", 2), ("2024", 1)]
    assert [choice.label for choice in context["years"] if choice.is_chosen] == ["2025"]
    [letters] = [choice for choice in context["kinds"] if choice.label == "Courriers"]
    assert shown_in(client_browser.get(LIST + letters.query)) == ["Un courrier"]


def counts_of(answer, row) -> dict[str, int]:
    return {choice.label: choice.count for choice in answer.context[row]}


def test_statements_are_filtered_by_account(client_browser, second_account):
    shown = {"compte": second_account.pk}
    assert shown_in(client_browser.get(LIST, shown)) == ["Second 2025", "Second 2024"]
    assert shown_in(client_browser.get(LIST, shown | {"annee": "2024"})) == ["Second 2024"]
    assert shown_in(client_browser.get(LIST, shown | {"nature": "letter"})) == []


def test_accounts_are_told_apart_and_counted_beside_the_other_filters(client_browser, client_, second_account):
    first = client_.bank_accounts.exclude(pk=second_account.pk).get()
    assert counts_of(client_browser.get(LIST), "accounts") == {
        "Tous": 6,
        first.short_name: 1,
        second_account.short_name: 2,
    }
    answer = client_browser.get(LIST, {"annee": "2025"})
    assert counts_of(answer, "accounts") == {"Tous": 3, first.short_name: 0, second_account.short_name: 1}
    [link] = [choice for choice in answer.context["accounts"] if choice.label == second_account.short_name]
    assert shown_in(client_browser.get(LIST + link.query)) == ["Second 2025"]


def test_accounts_of_the_same_last_digits_are_told_apart(client_browser, client_, second_account):
    first = client_.bank_accounts.exclude(pk=second_account.pk).get()
    for account, number in ((first, "12345678901"), (second_account, "20000008901")):
        BankAccount.objects.filter(pk=account.pk).update(number=number)
    labels = counts_of(client_browser.get(LIST), "accounts")
    assert [SPACES.sub(" ", label) for label in labels] == [
        "Tous", "Compte courant 123 4567 8901", "Compte courant 200 0000 8901",
    ]  # fmt: skip


def test_other_filters_are_counted_beside_the_account(client_browser, second_account):
    answer = client_browser.get(LIST, {"compte": second_account.pk, "annee": "2024"})
    assert counts_of(answer, "kinds") == {"Tous": 1, "Relevés": 1, "Contrats": 0, "Courriers": 0}
    years = counts_of(answer, "years")
    assert (years["Toutes"], years["2025"], years["2024"]) == (2, 1, 1)
    assert [choice.label for choice in answer.context["accounts"] if choice.is_chosen] == [second_account.short_name]


def test_single_account_is_offered_only_once_it_is_chosen(client_browser, of_two_years):
    assert client_browser.get(LIST).context["accounts"] == []
    answer = client_browser.get(LIST, {"compte": of_two_years.bank_accounts.get().pk})
    assert shown_in(answer) == ["Un relevé"]
    assert [choice.count for choice in answer.context["accounts"]] == [4, 1]


def test_account_that_is_not_offered_is_not_heeded_whether_it_exists_or_not(client_browser, second_account, advisor):
    other = makers.make_new_client(advisor, family_name="Moreau")
    theirs = statement_of(other, date(2024, 12, 1)).account
    unstated = makers.open_account(second_account.holders.get(), kind="current", by=Actor(advisor))
    pages = {
        matter_of(client_browser.get(LIST, {"compte": account}))
        for account in (theirs.pk, unstated.pk, 999_999, "9" * 30, "x", "٣", f"0{second_account.pk}", "")
    }
    assert pages == {matter_of(client_browser.get(LIST))}


def test_statement_of_a_joint_account_counts_once(client_browser, client_, second_account, advisor):
    other = makers.make_new_client(advisor, family_name="Moreau")
    statement_of(other, date(2024, 12, 1), second_account)
    assert counts_of(client_browser.get(LIST), "accounts")[second_account.short_name] == 2


def test_filter_without_result_leads_back(client_browser, of_two_years):
    page = text_of(client_browser.get(LIST, {"annee": "2024", "nature": "letter"}))
    assert "Aucun document ne correspond. Voir tous mes documents" in page


def test_pages_keep_the_filter(client_browser, client_):
    for number in range(27):
        document_of(client_, on=date(2025, 3, 2), title=f"Courrier {number}")
    answer = client_browser.get(LIST, {"annee": "2025"})
    assert len(shown_in(answer)) == 25
    assert "?annee=2025&amp;page=2" in answer.content.decode()
    assert len(shown_in(client_browser.get(LIST, {"annee": "2025", "page": "2"}))) == 2


def test_pages_keep_the_account(client_browser, client_, second_account):
    for month in range(1, 13):
        for year in (2022, 2023):
            statement_of(client_, date(year, month, 1), second_account)
    answer = client_browser.get(LIST, {"compte": second_account.pk})
    assert f"?compte={second_account.pk}&amp;page=2" in answer.content.decode()
    assert len(shown_in(client_browser.get(LIST, {"compte": second_account.pk, "page": "2"}))) == 1


def test_questions_do_not_grow_with_the_documents(client_browser, client_, advisor):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            client_browser.get(LIST)
        return len(asked)

    few = questions()
    for month in range(1, 13):
        statement_of(client_, date(2024, month, 1))
        statement_of(client_, date(2024, month, 1), makers.open_account(client_, kind="current", by=Actor(advisor)))
        document_of(client_)
    assert questions() == few


def test_statement_says_its_account_and_day(client_browser, of_two_years):
    page = text_of(client_browser.get(LIST, {"annee": "2024"}))
    account = SPACES.sub(" ", str(of_two_years.bank_accounts.get()))
    assert f"{account} · émis le 1er janvier 2025" in page


def test_overview_shows_the_newest_documents(client_browser, of_two_years):
    page = text_of(client_browser.get("/espace-client/"))
    shown = page.split("Mes derniers documents")[1]
    assert shown.index("Bienvenue") < shown.index("Un courrier")


# The PDF.


def test_pdf_is_shown_by_the_browser_and_kept_nowhere(client_browser, client_):
    document = document_of(client_)
    answer = client_browser.get(f"{LIST}{document.pk}/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"].startswith("inline; filename")
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "script" not in answer["Content-Security-Policy"]
    assert answer.getvalue() == pdf_of(document)
    assert int(answer["Content-Length"]) == len(pdf_of(document))


def test_pdf_is_saved_on_demand(client_browser, client_):
    answer = client_browser.get(f"{LIST}{document_of(client_).pk}/?telecharger")
    assert answer["Content-Disposition"] == 'attachment; filename="Courrier 2026-03-02 Un document.pdf"'


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Été : n°\u00a01/2\r\nX: y", "Courrier%202026-03-02%20%C3%89t%C3%A9%20n%C2%B0%201%202%20X%20y.pdf"),
        ("x" * 120, f'"Courrier 2026-03-02 {"x" * 80}.pdf"'),
    ],
)  # fmt: skip
def test_name_of_the_file_is_fit_for_any_machine(client_browser, client_, title, name):
    answer = client_browser.get(f"{LIST}{document_of(client_, title=title).pk}/")
    assert answer["Content-Disposition"].endswith(name)


def test_file_of_a_statement_is_named_by_its_month_and_account(client_browser, client_):
    statement = statement_of(client_, date(2024, 12, 1))
    answer = client_browser.get(f"{LIST}{statement.document.pk}/")
    number = client_.bank_accounts.get().number
    assert f"Relev%C3%A9%20de%20compte%202024-12%20{number}.pdf" in answer["Content-Disposition"]


def test_damaged_file_is_not_served(client_, client_browser):
    document = document_of(client_)
    file = issuing.file_of(document, b"%PDF as it was")
    file.pdf = b"%PDF altered"
    file.save(force_insert=True)
    with pytest.raises(DamagedFile):
        client_browser.get(f"{LIST}{document.pk}/")
    answer = StrictBrowser.logged_in(client_.user, raise_request_exception=False).get(f"{LIST}{document.pk}/")
    assert (answer.status_code, b"altered" in answer.content) == (500, False)


def test_receipts_of_one_day_are_files_of_different_names(client_browser, client_, advisor):
    current, savings = client_.bank_accounts.get(), makers.make_savings(client_)
    makers.make_operations(current, "100")
    for _ in range(2):
        order = ordering.prepare(client_, current, savings, Decimal(5), "")
        ordering.confirm(order, by=Actor(client_.user), seen=ordering.fingerprint(order))
    receipts = client_.documents.filter(kind="receipt")
    names = {client_browser.get(f"{LIST}{receipt.pk}/")["Content-Disposition"] for receipt in receipts}
    assert len(names) == 2
    assert all(name.count("Avis%20de%20virement") + name.count("Avis de virement") == 1 for name in names)


# A year's statements.


def archive_of(answer) -> list[str]:
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        return archive.namelist()


def test_statements_of_a_year_are_one_file(client_browser, second_account):
    answer = client_browser.get(f"{LIST}releves-2024.zip")
    assert len(archive_of(answer)) == 2
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Relev%C3%A9s%202024.zip"
    assert "no-store" in answer["Cache-Control"]
    assert answer.streaming


def test_statements_of_a_year_and_account_are_one_file(client_browser, second_account):
    answer = client_browser.get(f"{LIST}releves-2025.zip?compte={second_account.pk}")
    assert archive_of(answer) == [f"Relevé de compte 2025-12 {second_account.number}.pdf"]
    assert f"Relev%C3%A9s%202025%20{second_account.number}.zip" in answer["Content-Disposition"]


def test_statements_stand_in_the_order_of_their_months(client_browser, client_):
    for month in (3, 1, 2):
        statement_of(client_, date(2024, month, 1))
    names = archive_of(client_browser.get(f"{LIST}releves-2024.zip"))
    assert names == sorted(names)
    assert len(set(names)) == 3


@pytest.mark.parametrize("year", ["1999", "0", "10000", "99999999999999999999", "2024.zip/x"])
@pytest.mark.parametrize("query", ["", "?compte=999999", "?compte=x"])
def test_year_without_statements_is_no_file(client_browser, of_two_years, year, query):
    assert client_browser.get(f"{LIST}releves-{year}.zip{query}").status_code == 404


def test_account_that_is_not_offered_brings_no_file(client_browser, of_two_years, advisor):
    theirs = statement_of(makers.make_new_client(advisor, family_name="Moreau"), date(2024, 12, 1)).account
    for account in (theirs.pk, 999_999, "x", ""):
        assert client_browser.get(f"{LIST}releves-2024.zip?compte={account}").status_code == 404


def test_file_of_a_joint_holder_holds_his_own_statements_alone(client_browser, client_, second_account, advisor):
    statement_of(makers.make_new_client(advisor, family_name="Moreau"), date(2024, 12, 1), second_account)
    before = {pdf_of(document) for document in client_.documents.filter(kind="statement")}
    with zipfile.ZipFile(io.BytesIO(client_browser.get(f"{LIST}releves-2024.zip").getvalue())) as archive:
        assert {archive.read(name) for name in archive.namelist()} <= before


def test_list_offers_the_file_beside_each_year_that_has_statements(client_browser, second_account):
    page = client_browser.get(LIST).content.decode()
    assert re.findall(r"releves-(\d+)\.zip", page) == ["2025", "2024"]
    assert 'releves-2024.zip"' in page
    assert ".zip" not in client_browser.get(LIST, {"nature": "letter"}).content.decode()
    chosen = client_browser.get(LIST, {"compte": second_account.pk}).content.decode()
    assert f'releves-2024.zip?compte={second_account.pk}"' in chosen


# The page that can be read.


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", SPACES.sub(" ", text))


@pytest.mark.parametrize(
    ("paper", "changed"),
    [
        *[(kind, {}) for kind in PAPERS],
        ("statement", {"lines": (), "holders": ("Mme Inès Martin",)}),
        ("statement", {"opening_balance": -STATEMENT.opening_balance * 3}),
        *[("contract", {"kind": kind}) for kind in ("insurance", "card")],
    ],
)
def test_page_tells_all_that_the_pdf_tells(client_browser, client_, paper, changed):
    document = document_of(client_, paper, **changed)
    page = words_of(text_of(client_browser.get(f"{LIST}{document.pk}/lire/")))
    pdf = words_of(" ".join(sheet.extract_text() for sheet in pdfs.read(pdf_of(document)).pages))
    missing = [word for word in pdf if word not in page and not word.isdigit()]
    # « Page 1 / 2 », and what stands above the columns of a contract, which the page shows as a list of terms.
    assert set(missing) <= {"Page", "Condition", "Valeur"}
    figures = {word for word in pdf if word.isdigit() and len(word) > 1}
    assert figures <= set(page)


def test_page_has_the_code_client_in_its_block(client_browser, client_):
    html = seen(client_browser.get(f"{LIST}{document_of(client_, 'contract').pk}/lire/").content.decode())
    assert '<h2 class="client-code__label">Votre code client</h2>' in html
    assert f'<p class="client-code__digits">{client_codes.display(client_.client_code)}</p>' in html


def test_operations_stand_in_a_table_with_headings(client_browser, client_):
    html = client_browser.get(f"{LIST}{document_of(client_, 'statement').pk}/lire/").content.decode()
    assert html.count('<th scope="col"') == 5
    assert "Opération 1" in html
    assert f"1{chr(0x202F)}250,30" in html


def test_what_an_advisor_typed_is_text_on_the_page(client_browser, client_, advisor):
    contents = replace(FOR_CLIENT["letter"], client_code=client_.client_code, body="<script>alert(1)</script>\n\n& fin")
    document = issue(client_, contents, title="<b>Objet</b>")
    html = client_browser.get(f"{LIST}{document.pk}/lire/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<b>Objet</b>" not in html


@pytest.mark.slow
def test_page_of_thousands_of_operations_opens(client_browser, client_):
    lines = tuple(replace(STATEMENT.lines[0], label=f"Achat {number}") for number in range(3000))
    document = document_of(client_, "statement", lines=lines)
    assert "Achat 2999" in text_of(client_browser.get(f"{LIST}{document.pk}/lire/"))


# Whose they are.


@pytest.mark.parametrize("address", ["", "lire/", "?telecharger"])
def test_document_of_another_client_does_not_exist(client_browser, client_, advisor, address):
    other = makers.make_new_client(advisor, family_name="Moreau")
    theirs = document_of(other, "contract")
    assert client_browser.get(f"{LIST}{theirs.pk}/{address}").status_code == 404
    assert client_browser.get(f"{LIST}{theirs.pk + 1000}/{address}").status_code == 404
    assert theirs not in client_browser.get(LIST).context["page"].object_list


def test_joint_holder_does_not_find_the_other_ones_statement(client_browser, client_, advisor):
    other = makers.make_new_client(advisor, family_name="Moreau")
    account = client_.bank_accounts.get()
    document = document_of(other, "statement")
    Statement.objects.create(
        document=document, account=account, client=other, month=date(2026, 3, 1), last_position=0, balance=0
    )
    assert client_browser.get(f"{LIST}{document.pk}/").status_code == 404
