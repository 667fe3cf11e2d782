"""What holds for every paper."""

import json
import re
import unicodedata

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from accounts.papers.contents import render
from auth_codes import signs
from tests.accounts.papers.contents import ADDRESS, ALL, BANK_DETAILS, FOR_CLIENT, LETTER, NOTICE, STATEMENT
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
    assert place[1:] == pytest.approx((25, 68.7, 20), abs=0.5)


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


def test_sign_that_no_font_shows_is_named():
    assert "Zoé [U+1F600]" in text_of(render(replace(LETTER, advisor="Zoé 😀")))


ACCENTS = {sign for sign in signs.SHOWN if unicodedata.category(sign)[0] == "M"}
EVERY_SIGN = "".join([*sorted(signs.SHOWN - ACCENTS), *(f"q{accent} " for accent in sorted(ACCENTS & signs.ACCENTED))])


@pytest.mark.parametrize("place", ["subject", "salutation", "body", "advisor"])
def test_every_sign_of_the_list_is_printed_wherever_it_stands(place):
    for start in range(0, len(EVERY_SIGN), 800):
        part = EVERY_SIGN[start : start + 800].strip()
        assert signs.unprinted_in(part) is None
        assert render(replace(LETTER, **{place: part})).startswith(b"%PDF")


def test_every_sign_of_the_list_is_printed_in_an_address():
    for start in range(0, len(EVERY_SIGN), 160):
        lines = tuple(EVERY_SIGN[start + line : start + line + 32].strip() for line in range(0, 160, 32))
        assert render(replace(LETTER, address=lines)).startswith(b"%PDF")


@settings(max_examples=60)
@given(text=st.one_of(st.text(max_size=60), st.text(st.sampled_from(sorted(signs.SHOWN)), max_size=60)))
def test_no_paper_holds_the_sign_of_loss(text):
    changed = {name: text for name in FREE_TEXTS if hasattr(LETTER, name)}
    letter = replace(LETTER, **changed, address=(text[:38],) * 6)
    reader = read(render(letter))
    assert "\ufffd" not in "".join([reader.metadata.title, *(page.extract_text() for page in reader.pages)])
    assert "\ufffd" not in json.dumps(letter.printed(), ensure_ascii=False)


def test_name_of_signs_without_glyph_keeps_its_place_in_the_window():
    for paper in (LETTER, NOTICE):
        assert text_of(render(replace(paper, address=("李" * 38,) * 6))).count(signs.SQUARE) == 38 * 6
    assert "[U+674E] MARTIN" in text_of(render(replace(LETTER, address=("李 MARTIN", "69003 LYON"))))


def test_amount_below_zero_and_an_accent_without_letter_of_its_own_are_printed():
    text = text_of(render(replace(LETTER, body="Solde : −45,00 €, pour Ẹ\u0301niọ\u0300la.")))
    assert "−45,00 €" in text
    assert "Ẹ\u0301ni" in text


def test_address_too_long_for_its_window_is_refused():
    with pytest.raises(typst.TypstError, match="too long"):
        render(replace(STATEMENT, address=("12 rue des Lilas " * 100,)))
