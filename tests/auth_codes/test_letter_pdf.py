import re
from io import BytesIO

import pytest
import typst
from pypdf import PdfReader

from auth_codes.letter_pdf import LONGEST_VALIDITY, render
from auth_codes.letters import LetterContents
from auth_codes.models import ISSUED_LIFETIME

# What a 35 or 45 mm window shows wherever the sheet slides in its DL envelope: always this, at most that (mm).
ALWAYS_IN_WINDOW = {"left": 100, "right": 190, "top": 55, "bottom": 79}
EVER_IN_WINDOW = {"top": 34, "bottom": 90}
FIRST_FOLD = 99
LONGEST_ADDRESS = tuple(f"{number} MARIE-CHRISTINE DE ROCHEFOUCAULD-WM"[:38] for number in range(1, 7))


def make_contents(**changes):
    contents = {
        "version": 1,
        "letter_id": "8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a001",
        "address": ("Mme Inès Léa MARTIN", "12 rue des Lilas", "Bâtiment B", "69003 LYON"),
        "name": "Madame Martin",
        "secret_code": "482915",
        "letter_number": "7KQ4M2XDR9TB",
        "issued_on": "2026-03-01",
    }
    return LetterContents(**contents | changes)


def read(pdf):
    return PdfReader(BytesIO(pdf))


def text_of(pdf):
    return " ".join(read(pdf).pages[0].extract_text().split())


def lines_with_place(pdf):
    """(text, mm from the left, mm from the top, size in points) of every piece of text, at its baseline."""
    pieces = []

    def note(text, page_matrix, _text_matrix, _font, size):
        if text.strip():
            left, bottom = page_matrix[4] / 72 * 25.4, page_matrix[5] / 72 * 25.4
            pieces.append((text.strip(), left, 297 - bottom, size))

    read(pdf).pages[0].extract_text(visitor_text=note)
    return pieces


def test_code_stands_in_the_letter_once_and_can_be_copied_as_six_digits():
    assert re.findall(r"\d{6}", text_of(render(make_contents()))) == ["482915"]


def test_code_with_leading_zeros_keeps_them():
    assert "007406" in text_of(render(make_contents(secret_code="007406")))


def test_code_is_by_far_the_largest_text():
    sizes = sorted((size, text) for text, _, _, size in lines_with_place(render(make_contents())))
    assert sizes[-1][1] == "482915"
    assert sizes[-1][0] > 1.5 * sizes[-2][0]


def test_letter_number_is_grouped_by_four():
    assert "7KQ4-M2XD-R9TB" in text_of(render(make_contents()))


def test_letter_shows_no_number_that_could_be_a_client_code():
    assert not re.search(r"(\d[\s.-]?){10}", text_of(render(make_contents())))


def test_letter_tells_its_date_and_the_last_day_of_the_code():
    text = text_of(render(make_contents(issued_on="2026-12-31")))
    assert "Le 31 décembre 2026" in text
    assert "au plus tard le 14 février 2027" in text


def test_letter_names_the_day_on_which_the_code_ends():
    assert LONGEST_VALIDITY == ISSUED_LIFETIME


def test_letter_is_tagged_titled_and_in_french():
    reader = read(render(make_contents()))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert catalogue["/Lang"].startswith("fr")
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Votre code secret"


def test_letter_declares_pdf_a_and_pdf_ua():
    metadata = read(render(make_contents())).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_letter_reads_address_then_title_then_code():
    text = text_of(render(make_contents()))
    places = [text.index(part) for part in ("69003 LYON", "Votre code secret", "Madame Martin,", "482915", "1. Ouvrez")]
    assert places == sorted(places)


def test_same_contents_give_the_same_bytes():
    first = render(make_contents())
    render(make_contents(name="Monsieur Petit"))
    assert render(make_contents()) == first


@pytest.mark.parametrize("address", [make_contents().address, LONGEST_ADDRESS, ("MOT" * 76,), ("É" * 38,) * 6])
def test_address_stays_within_the_window(address):
    pieces = [piece for piece in lines_with_place(render(make_contents(address=address))) if piece[2] < FIRST_FOLD]
    lines = [piece for piece in pieces if piece[2] > EVER_IN_WINDOW["top"]]
    shown = "".join(text for text, *_ in lines)
    assert re.sub(r"[\s\u200b]", "", shown) == "".join(address).replace(" ", "")
    for text, left, baseline, size in lines:
        advance = 0.602 * size / 72 * 25.4  # each sign of the address font is 0.602 em wide
        assert left >= ALWAYS_IN_WINDOW["left"]
        assert left + advance * len(text.replace("\u200b", "")) <= ALWAYS_IN_WINDOW["right"]
        assert baseline - size / 72 * 25.4 >= ALWAYS_IN_WINDOW["top"] - 1
        assert baseline <= ALWAYS_IN_WINDOW["bottom"]


def test_longest_legal_address_keeps_the_size_that_sorting_machines_read():
    pieces = lines_with_place(render(make_contents(address=LONGEST_ADDRESS)))
    sizes = {size for text, _, _, size in pieces if text in LONGEST_ADDRESS}
    assert sizes == {10}


def test_nothing_but_the_address_shows_in_the_window():
    address = make_contents().address
    shown = [
        text
        for text, _, baseline, _ in lines_with_place(render(make_contents()))
        if EVER_IN_WINDOW["top"] < baseline < EVER_IN_WINDOW["bottom"]
    ]
    assert shown == list(address)


def test_code_is_on_the_middle_panel_away_from_the_folds():
    (baseline,) = [baseline for text, _, baseline, _ in lines_with_place(render(make_contents())) if text == "482915"]
    assert FIRST_FOLD + 25 < baseline < 2 * FIRST_FOLD - 25


def test_longest_data_fit_on_one_page():
    pdf = render(make_contents(address=LONGEST_ADDRESS, name="Madame " + "de la Rochefoucauld-Montmorency " * 6))
    assert len(read(pdf).pages) == 1
    assert "aussitôt votre conseiller." in text_of(pdf)


@pytest.mark.parametrize(
    "name",
    [
        "#let x = 1",
        "#panic()",
        "*Gras* _et_ `code`",
        "$x^2$ \\ n",
        "= Titre",
        "<étiquette> @renvoi [x] {y}",
        'O\'Brien "Le Grand" // note',
        ":smile: ~ -- ---",
        "Đặng Thị Łucja Żółć Müller-Strauß",
        "Ελένη Жанна",
    ],
)
def test_name_that_looks_like_markup_is_printed_as_it_is(name):
    pdf = render(make_contents(name=name, address=(name, "69003 LYON")))
    assert f"{name}," in text_of(pdf)
    assert f"{name} 69003 LYON" in text_of(pdf)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Zoé 😀", "Zoé \ufffd"),
        ("李 Martin", "\ufffd Martin"),
        ("Ine\u0300s", "Inès"),
        ("Inès\u200b\u202e\n\t Martin", "Inès Martin"),
        ("Z\u0335oé\x00", "Zoé\ufffd"),
    ],
)
def test_sign_without_a_glyph_never_stops_a_letter(name, printed):
    assert f"{printed}," in text_of(render(make_contents(name=name)))


def test_blank_address_lines_are_left_out():
    pdf = render(make_contents(address=("Mme Inès MARTIN", "", "  ", "69003 LYON")))
    assert "Mme Inès MARTIN 69003 LYON" in text_of(pdf)


def test_address_too_long_to_be_read_is_refused():
    with pytest.raises(typst.TypstError, match="too long"):
        render(make_contents(address=("12 rue des Lilas " * 100,)))
