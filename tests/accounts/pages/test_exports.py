"""Downloads for spreadsheets and personal finance programs."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from ofxparse import OfxParser
from ofxtools.Parser import OFXTree

from accounts.ledger.books import Leg, Tail, history
from accounts.models import BankAccount, Booking, InternalAccount
from accounts.notation import ibans
from accounts.operations import csv_lines, ofx_lines
from accounts.operations.ofx_lines import Frame
from tests import makers

NUMBER = "12345678901"
LABELS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=80)
CENTS = st.integers(-99_999_999_999, 99_999_999_999).filter(bool)
OPERATIONS = st.lists(st.tuples(LABELS, CENTS.map(lambda cents: Decimal(cents) / 100)), max_size=20)


def address_of(account, extension: str, query: str = "") -> str:
    return f"/espace-client/comptes/{account.pk}/operations.{extension}?{query}"


def rows_of(content: bytes) -> list[list[str]]:
    """As a spreadsheet reads them that was told nothing but « semicolons »."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def statement_of(content: bytes):
    """The one statement of an OFX file, as ofxtools reads it."""
    tree = OFXTree()
    tree.parse(io.BytesIO(content))
    [statement] = tree.convert().statements
    return statement


def account_of(content: bytes):
    """The one account of an OFX file, as ofxparse reads it, and so the importers that are built on it."""
    [account] = OfxParser.parse(io.BytesIO(content)).accounts
    return account


def downloaded(browser, account, extension: str, query: str = "") -> bytes:
    answer = browser.get(address_of(account, extension, query))
    assert answer.status_code == 200
    return answer.getvalue()


def unsaved_entries(operations):
    account = BankAccount(pk=1, kind="current", number=NUMBER)
    past = [
        (Booking.Kind.CARD, date(2026, 3, 1), Leg(InternalAccount.CARDS, -amount, label))
        for label, amount in operations
    ]
    return [entry for entry in history(account, past, Tail())[1] if entry.account_id]


def frame(**changed) -> Frame:
    fields = {
        "rib": ibans.rib_parts(NUMBER), "kind": "current", "first": date(2026, 3, 1), "as_of": date(2026, 3, 31),
        "ledger_balance": Decimal(0), "available": None, "made_at": datetime(2026, 4, 1, 8, 5, tzinfo=UTC),
    }  # fmt: skip
    return Frame(**(fields | changed))


def plain(text: str) -> str:
    """What remains of a label in XML, without its spaces."""
    return "".join(ofx_lines.NO_XML.sub(" ", text).split())


def test_csv_holds_each_operation_the_oldest_first(client_browser, account):
    makers.make_operation(account, "Salaire", "1234.5", date(2026, 3, 1), Booking.Kind.TRANSFER)
    makers.make_operation(account, "Électricité ; gaz", "-30.05", date(2026, 3, 12), Booking.Kind.DIRECT_DEBIT)
    content = downloaded(client_browser, account, "csv")
    assert content.startswith(b"\xef\xbb\xbfDate;")
    assert rows_of(content)[1:] == [
        ["01/03/2026", "01/03/2026", "Salaire", "Virement", "1234,50", "1234,50"],
        ["12/03/2026", "12/03/2026", "Électricité ; gaz", "Prélèvement", "-30,05", "1204,45"],
    ]


@pytest.mark.parametrize("start", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1", '=HYPERLINK("x")'])
def test_label_that_would_be_a_formula_is_none(start):
    assert csv_lines.harmless(start).startswith("'")


@pytest.mark.parametrize("label", ["Facture,=1+1", "Facture, -2", 'Facture,"=1+1"', "a,=1,@SUM(A1)"])
def test_label_holds_no_formula_for_a_spreadsheet_that_splits_at_commas(label):
    lines = csv_lines.lines(unsaved_entries([(label, Decimal("-12.50"))]))
    for cell in next(csv.reader(["".join(lines).splitlines()[1]])):
        assert not cell.lstrip().startswith(csv_lines.FORMULA_STARTS)


@pytest.mark.parametrize("label", ["Loyer = mars - avril", "Lyon, le 3", "12,50 - remise"])
def test_label_that_is_no_formula_is_left_as_it_is(label):
    assert csv_lines.harmless(label) == label


def unmarked(label):
    """Without spaces, and without the apostrophe before a sign that may begin a formula."""
    return re.sub(rf"'(?=[{re.escape(''.join(csv_lines.FORMULA_STARTS))}])", "", "".join(label.split()))


@given(OPERATIONS)
def test_any_labels_and_amounts_are_one_line_of_csv_each_and_none_is_a_formula(operations):
    content = "".join(csv_lines.lines(unsaved_entries(operations))).encode()
    rows = rows_of(content)[1:]
    assert len(rows) == len(operations)
    for row, (label, amount) in zip(rows, operations, strict=True):
        assert unmarked(row[2]) == unmarked(label)
        assert not row[2].startswith(csv_lines.FORMULA_STARTS)
        assert Decimal(row[4].replace(",", ".")) == amount


def test_ofx_names_the_account_as_french_banks_do(client_browser, account):
    statement, rib = statement_of(downloaded(client_browser, account, "ofx")), account.rib_parts
    assert statement.curdef == "EUR"
    named = statement.account
    assert (named.bankid, named.branchid, named.acctid, named.acctkey) == tuple(rib)
    assert named.accttype == "CHECKING"


def test_ofx_tells_the_balance_and_what_is_available_today(client_browser, account):
    BankAccount.objects.filter(pk=account.pk).update(overdraft=200)
    makers.make_operations(account, "100", "-30.05")
    makers.make_pending(account, "Librairie", "-9.95")
    statement = statement_of(downloaded(client_browser, account, "ofx"))
    assert (statement.ledgerbal.balamt, statement.availbal.balamt) == (Decimal("69.95"), Decimal("260.00"))
    assert statement.ledgerbal.dtasof.date() == timezone.localdate()
    assert sum(operation.trnamt for operation in statement.transactions) == statement.ledgerbal.balamt


def test_ofx_of_a_month_past_tells_the_balance_at_its_end(client_browser, account):
    for month, amount in ((1, "100"), (2, "20"), (3, "3")):
        makers.make_operation(account, "Salaire", amount, date(2026, month, 28))
    statement = statement_of(downloaded(client_browser, account, "ofx", "period=2026-02"))
    assert [operation.trnamt for operation in statement.transactions] == [Decimal(20)]
    assert (statement.ledgerbal.balamt, statement.ledgerbal.dtasof.date()) == (Decimal(120), date(2026, 2, 28))
    days = statement.banktranlist.dtstart.date(), statement.banktranlist.dtend.date()
    assert days == (date(2026, 2, 1), date(2026, 2, 28))
    assert statement.availbal is None


def test_ofx_of_an_account_without_operations_is_read_as_well(client_browser, account):
    statement = statement_of(downloaded(client_browser, account, "ofx"))
    assert (len(statement.transactions), statement.ledgerbal.balamt) == (0, 0)


def test_operation_keeps_its_name_in_ofx_whatever_is_asked_and_whatever_follows(client_browser, account):
    makers.make_operations(account, "1", "2", "3", day=date(2026, 1, 31), days=1)
    whole = statement_of(downloaded(client_browser, account, "ofx"))
    makers.make_operations(account, "4", day=date(2026, 3, 1))
    month = statement_of(downloaded(client_browser, account, "ofx", "period=2026-02"))
    names = [operation.fitid for operation in whole.transactions]
    assert [operation.fitid for operation in month.transactions] == names[1:]
    assert names == [f"{account.number}-{position}" for position in (1, 2, 3)]


@pytest.mark.parametrize(
    ("kind", "amount", "told"),
    [
        (Booking.Kind.CARD, "-1", "POS"), (Booking.Kind.TRANSFER, "1", "XFER"), (Booking.Kind.FEE, "-1", "FEE"),
        (Booking.Kind.DIRECT_DEBIT, "-1", "DIRECTDEBIT"), (Booking.Kind.DIRECT_DEBIT, "1", "CREDIT"),
        (Booking.Kind.CARRIED_OVER, "-1", "DEBIT"),
    ],
)  # fmt: skip
def test_ofx_tells_the_nature_of_an_operation(client_browser, account, kind, amount, told):
    makers.make_operation(account, "Opération", amount, kind=kind)
    [operation] = statement_of(downloaded(client_browser, account, "ofx")).transactions
    assert operation.trntype == told


@pytest.mark.parametrize(
    ("label", "name", "memo"),
    [
        ("Loyer", "Loyer", ""),
        ("CARTE RESTAURANT LE VIEUX PORT MARSEILLE 13006", "CARTE RESTAURANT LE VIEUX PORT", "MARSEILLE 13006"),
        ("x" * 40, "x" * 32, "x" * 8),
        ("x" * 32 + " y", "x" * 32, "y"),
        ("a\x01b\ufffec", "a b c", ""),
    ],
)
def test_label_is_cut_between_words_where_there_are_any(label, name, memo):
    assert ofx_lines.name_and_memo(label) == (name, memo)


@given(OPERATIONS)
def test_any_labels_and_amounts_come_back_from_a_parser_that_is_not_ours(operations):
    entries = unsaved_entries(operations)
    balance = entries[-1].balance if entries else Decimal(0)
    statement = statement_of("".join(ofx_lines.lines(frame(ledger_balance=balance), entries)).encode())
    for read, (label, amount) in zip(statement.transactions, operations, strict=True):
        assert read.trnamt == amount
        expected = plain(label) or plain("Paiement par carte")
        assert plain(read.name + (read.memo or "")) == expected
    assert sum(read.trnamt for read in statement.transactions) == statement.ledgerbal.balamt
    assert len({read.fitid for read in statement.transactions}) == len(operations)


# It calls Beautiful Soup by a name that is old.
OFXPARSE = pytest.mark.filterwarnings("ignore:Call to deprecated method:DeprecationWarning")


@OFXPARSE
@given(OPERATIONS)
def test_any_labels_and_amounts_come_back_from_ofxparse_too(operations):
    entries = unsaved_entries(operations)
    balance = entries[-1].balance if entries else Decimal(0)
    account = account_of("".join(ofx_lines.lines(frame(ledger_balance=balance), entries)).encode())
    assert account.statement.balance == balance
    for read, (label, amount) in zip(account.statement.transactions, operations, strict=True):
        assert read.amount == amount
        assert plain(read.payee + read.memo) == (plain(label) or plain("Paiement par carte"))
    assert len({read.id for read in account.statement.transactions}) == len(operations)


@OFXPARSE
def test_programs_read_an_account_with_accents(client_browser, account):
    makers.make_operation(account, "Électricité d’été « −45,00 € » & Cie <œuvre> Ελένη", "-45")
    content = downloaded(client_browser, account, "ofx")
    [loose], [strict] = account_of(content).statement.transactions, statement_of(content).transactions
    assert (
        (loose.payee, loose.memo)
        == (strict.name, strict.memo)
        == ("Électricité d’été « −45,00 € » &", "Cie <œuvre> Ελένη")
    )
    assert (account_of(content).routing_number, account_of(content).account_id) == ("99999", account.number)


def test_ofx_has_the_header_of_ofx_1_and_its_ends_of_lines(client_browser, account):
    makers.make_operations(account, "1", "-2")
    content = downloaded(client_browser, account, "ofx")
    header, body = content.split(b"\r\n\r\n")
    assert header.decode("ascii").split("\r\n") == [
        "OFXHEADER:100", "DATA:OFXSGML", "VERSION:103", "SECURITY:NONE", "ENCODING:UTF-8", "CHARSET:NONE",
        "COMPRESSION:NONE", "OLDFILEUID:NONE", "NEWFILEUID:NONE",
    ]  # fmt: skip
    assert content.count(b"\n") == content.count(b"\r\n")
    assert body.startswith(b"<OFX>")


@pytest.mark.parametrize("query", ["search=cafe", "direction=in", "search=nothing&direction=out"])
@pytest.mark.parametrize("period", ["", "&period=2026-03"])
def test_search_or_direction_changes_nothing_that_the_file_claims(client_browser, account, query, period):
    for day, label, amount in ((1, "Salaire", "1000"), (2, "Café", "-2"), (9, "Loyer", "-600")):
        makers.make_operation(account, label, amount, date(2026, 3, day))
    makers.make_operation(account, "Café", "-3", date(2026, 4, 1))
    whole = statement_of(downloaded(client_browser, account, "ofx", period))
    found = statement_of(downloaded(client_browser, account, "ofx", query + period))
    assert len(found.transactions) < len(whole.transactions)
    for claimed in ("banktranlist.dtstart", "banktranlist.dtend", "ledgerbal.balamt", "ledgerbal.dtasof"):
        assert attrgetter(claimed)(found) == attrgetter(claimed)(whole)
    assert found.availbal == whole.availbal or found.availbal.balamt == whole.availbal.balamt


@pytest.mark.parametrize("extension", ["csv", "ofx"])
def test_download_holds_what_the_page_shows_with_the_same_filters(client_browser, account, extension):
    for number in range(60):
        makers.make_operation(account, f"Café {number}", "-2", date(2026, 3, 1))
    makers.make_operation(account, "Salaire", "1000", date(2026, 3, 2))
    content = downloaded(client_browser, account, extension, "search=cafe&period=2026-03&direction=out&before=5")
    assert content.decode().count("Café") == 60
    assert "Salaire" not in content.decode()


@pytest.mark.parametrize("extension", ["csv", "ofx"])
@pytest.mark.parametrize("query", ["period=2026-13", "direction=sideways"])
def test_filter_that_is_none_downloads_nothing(client_browser, account, extension, query):
    assert client_browser.get(address_of(account, extension, query)).status_code == 404


@pytest.mark.parametrize("extension", ["csv", "ofx"])
def test_download_is_a_file_of_its_kind_and_stays_in_no_cache(client_browser, account, extension):
    answer = client_browser.get(address_of(account, extension))
    assert answer["Content-Disposition"] == f'attachment; filename="operations-{account.number}.{extension}"'
    assert answer["Content-Type"] == {"csv": "text/csv; charset=utf-8", "ofx": "application/x-ofx"}[extension]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert answer.streaming


@pytest.mark.parametrize("extension", ["csv", "ofx"])
def test_proxy_downloads_operations_and_nothing_private_of_the_holder(client_browser, client_, advisor, extension):
    account = makers.make_entrusted_account(advisor, client_)
    makers.make_operation(account, "Librairie", "-12")
    content = downloaded(client_browser, account, extension).decode()
    assert "Librairie" in content
    assert account.holders.get().client_code not in content
    assert "AUTRE" not in content.upper()
    account.mandates.update(granted_on=date(2026, 1, 1), ends_on=timezone.localdate() - timedelta(1))
    assert client_browser.get(address_of(account, extension)).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("extension", ["csv", "ofx"])
def test_thousands_of_lines_cost_as_many_queries_as_a_few_and_come_in_parts(client_browser, account, extension):
    def parts_and_queries() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            return len(list(client_browser.get(address_of(account, extension)))), len(queries)

    makers.make_operations(account, *["1"] * 3)
    parts_and_queries()
    _, few = parts_and_queries()
    makers.make_operations(account, *["1"] * 1500, day=date(2026, 6, 1))
    assert parts_and_queries() == (4, few)
