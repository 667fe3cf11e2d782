"""What holds for every paper."""

import re

import pytest
import typst
from msgspec.structs import replace

from accounts.papers.contents import render
from tests.accounts.papers.contents import ADDRESS, ALL, BANK_DETAILS, FOR_CLIENT, LETTER, STATEMENT
from tests.pdfs import drawn, lines_with_place, read, tags_of

pytestmark = pytest.mark.slow

KINDS = pytest.mark.parametrize("contents", ALL.values(), ids=ALL)
KINDS_FOR_CLIENT = pytest.mark.parametrize("contents", FOR_CLIENT.values(), ids=FOR_CLIENT)
# Wherever the sheet slides in its envelope, the window shows at most this part (mm).
WINDOW = {"left": 90, "top": 34, "bottom": 90}
HOSTILE = [
    "#panic()", "*Gras* _et_ $x^2$", "= Titre // note", "<a> @b {x} [y]", '"\\n', "Zoé 😀", "李", "a\x00b", "a\u202eb",
    "שלום", "مرحبا", "e\u0301", "x" * 400, "de la Rochefoucauld " * 15, "\ud83d", "", " \n\t ",
]  # fmt: skip

FREE_TEXTS = (
    "account_label", "advisor", "bank_phone", "title", "client_name", "label", "ordered_by", "body", "subject",
    "salutation", "domiciliation", "bic", "iban", "reference",
)  # fmt: skip


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())


@KINDS_FOR_CLIENT
def test_code_client_stands_on_every_page_under_the_same_words(contents):
    pages = [" ".join(page.extract_text().split()) for page in read(render(contents)).pages]
    assert "Votre code client 1234 567 890" in pages[0]
    assert all("Votre code client : 1234 567 890" in page for page in pages[1:])


@KINDS_FOR_CLIENT
def test_code_client_stands_at_one_place_on_all_papers_in_the_largest_digits(contents):
    (place,) = [piece for piece in lines_with_place(render(contents)) if piece[0] == "1234\u00a0567\u00a0890"]
    assert place[1:] == pytest.approx((25, 69.2, 20), abs=0.5)


def test_bank_details_go_to_third_parties_and_tell_no_code_client():
    assert "client" not in text_of(render(BANK_DETAILS)).lower()
    assert "client_code" not in BANK_DETAILS.to_json()


@KINDS_FOR_CLIENT
def test_window_of_the_envelope_shows_the_address_alone(contents):
    shown = [
        text
        for text, left, baseline, _ in lines_with_place(render(contents))
        if left > WINDOW["left"] and WINDOW["top"] < baseline < WINDOW["bottom"]
    ]
    assert shown == list(ADDRESS)


@KINDS_FOR_CLIENT
def test_paper_reads_date_then_code_client_then_address_then_title(contents):
    pdf = render(contents)
    text, title = text_of(pdf), " ".join(read(pdf).metadata.title.split()).partition(" n°")[0]
    places = [text.index(part) for part in ("Le ", "Votre code client", "69003 LYON", title)]
    assert places == sorted(places)


@KINDS
def test_paper_is_tagged_titled_and_in_french(contents):
    reader = read(render(contents))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"].startswith("fr")
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title


@KINDS
def test_paper_declares_pdf_a_and_pdf_ua(contents):
    metadata = read(render(contents)).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


@KINDS
def test_headings_begin_with_the_one_title_and_skip_no_level(contents):
    tags = tags_of(read(render(contents)).trailer["/Root"]["/StructTreeRoot"])
    headings = [tag for tag in tags if re.fullmatch("/H[1-6]?", tag)]
    assert headings[0] == "/H1"
    assert set(headings[1:]) <= {"/H2"}


@pytest.mark.parametrize(("kind", "columns"), [("statement", 5), ("contract", 2), ("bank details", 4)])
def test_table_has_real_headers(kind, columns):
    tags = tags_of(read(render(ALL[kind])).trailer["/Root"]["/StructTreeRoot"])
    assert (tags.count("/Table"), tags.count("/THead"), tags.count("/TH")) == (1, 1, columns)


@KINDS
def test_rules_and_frames_are_artifacts_that_nobody_reads_aloud(contents):
    pdf = render(contents)
    for page in range(len(read(pdf).pages)):
        assert {around[0] for around in drawn(pdf, page)} <= {"/Artifact"}


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("contents", [*ALL.values()], ids=ALL)
def test_any_signs_are_printed_as_text(contents, text):
    changed = {name: text for name in FREE_TEXTS if hasattr(contents, name)}
    assert render(replace(contents, **changed)).startswith(b"%PDF")


def test_markup_is_printed_as_it_was_typed():
    assert "#panic() *x* $y$" in text_of(render(replace(LETTER, body="#panic() *x* $y$")))


def test_sign_that_no_font_shows_is_marked():
    assert "Zoé \ufffd" in text_of(render(replace(LETTER, advisor="Zoé 😀")))


def test_address_too_long_for_its_window_is_refused():
    with pytest.raises(typst.TypstError, match="too long"):
        render(replace(STATEMENT, address=("12 rue des Lilas " * 100,)))
