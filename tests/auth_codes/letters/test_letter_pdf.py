import re

import pytest
import typst

from auth_codes.letters.envelopes import CodeLetterContents
from auth_codes.letters.letter_pdf import LONGEST_VALIDITY, render
from auth_codes.models import ISSUED_LIFETIME, SealedLetter
from tests.pdfs import drawn, lines_with_place, read, tags_of

pytestmark = pytest.mark.slow

# What a 35 or 45 mm window shows wherever the sheet slides in its DL envelope: always this, at most that (mm).
ALWAYS_IN_WINDOW = {"left": 100, "right": 190, "top": 55, "bottom": 79}
EVER_IN_WINDOW = {"top": 34, "bottom": 90}
FIRST_FOLD = 99
OCCASIONS = [occasion for occasion in SealedLetter.Occasion.values if occasion != SealedLetter.Occasion.LIST]
LONGEST_ADDRESS = tuple(f"{number} MARIE-CHRISTINE DE ROCHEFOUCAULD-WM"[:38] for number in range(1, 7))


def make_contents(**changes):
    contents = {
        "version": 2,
        "letter_id": "8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a001",
        "address": ("Mme Inès Léa MARTIN", "12 rue des Lilas", "Bâtiment B", "69003 LYON"),
        "name": "Madame Martin",
        "secret_code": "482915",
        "letter_number": "7KQ4M2XDR9TB",
        "issued_on": "2026-03-01",
        "occasion": "first",
    }
    return CodeLetterContents(**contents | changes)


def text_of(pdf):
    return " ".join(read(pdf).pages[0].extract_text().split())


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_code_stands_in_the_letter_once_and_can_be_copied_as_six_digits(occasion):
    assert re.findall(r"\d{6}", text_of(render(make_contents(occasion=occasion)))) == ["482915"]


def test_code_with_leading_zeros_keeps_them():
    assert "007406" in text_of(render(make_contents(secret_code="007406")))


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_code_is_by_far_the_largest_text(occasion):
    pieces = lines_with_place(render(make_contents(occasion=occasion)))
    sizes = sorted((size, text) for text, _, _, size in pieces)
    assert sizes[-1][1] == "482915"
    assert sizes[-1][0] > 1.5 * sizes[-2][0]


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_letter_number_is_grouped_by_four(occasion):
    assert text_of(render(make_contents(occasion=occasion))).count("Numéro du courrier 7KQ4-M2XD-R9TB") == 1


@pytest.mark.parametrize("is_large", [False, True])
def test_lock_code_is_printed_with_what_it_is_for_and_keeps_the_letter_on_its_pages(is_large):
    shown = {"phone": "01 99 00 12 34", "portal": "espace.banque.example", "large_print": is_large}
    longest = {"address": LONGEST_ADDRESS, "bank": "Caisse régionale de la Vallée des Lilas"}
    without, printed = (
        read(render(make_contents(**shown, **longest, lock_code=code))) for code in ("", "M2XDR9TB7KQV")
    )
    text = " ".join(" ".join(page.extract_text() for page in printed.pages).split())
    assert "Code de verrouillage : M2XD-R9TB-7KQV." in text.replace("\u00a0", " ")
    assert "espace.banque.example/verrouiller/" in text
    assert "Code de verrouillage" not in " ".join(page.extract_text() for page in without.pages)
    assert len(printed.pages) == len(without.pages)


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_letter_shows_no_number_that_could_be_a_client_code(occasion):
    assert not re.search(r"(\d[\s.-]?){10}", text_of(render(make_contents(occasion=occasion))))


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_letter_tells_its_date_and_the_last_day_of_the_code(occasion):
    text = text_of(render(make_contents(occasion=occasion, issued_on="2026-12-31")))
    assert "Le 31 décembre 2026" in text
    assert "Ce code expire 30 jours après son envoi, au plus tard le 14 février 2027." in text


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_letter_says_what_nobody_will_ever_ask_and_how_to_keep_the_code(occasion):
    text = text_of(render(make_contents(occasion=occasion)))
    assert "Ce que personne ne vous demandera jamais Votre code secret" in text
    for asking in ("ni la banque", "ni votre conseiller", "ni la police", "ni un technicien"):
        assert asking in text
    for way in ("ni par téléphone", "ni par courriel", "ni par SMS", "ni en personne"):
        assert way in text
    assert "Ne le dites à personne." in text
    assert "Détruisez ce courrier" in text


def test_letter_on_request_keeps_the_old_code_and_says_what_to_do_if_nobody_asked():
    text = text_of(render(make_contents(occasion="request")))
    assert "par vous, ou par quelqu’un qui connaît votre code client" in text
    assert "Votre ancien code reste valable tant que celui-ci n’a pas servi." in text
    assert "Vous n’avez rien demandé ? Rien n’a changé : gardez votre ancien code. N’utilisez pas celui-ci" in text
    assert "détruisez ce courrier et prévenez votre conseiller" in text


def test_letter_on_request_leads_to_the_field_of_its_number():
    """Beside a valid old code, the new one is compared under its letter's number alone."""
    text = text_of(render(make_contents(occasion="request")))
    assert "puis ouvrez « J’ai reçu un nouveau code par courrier »" in text
    assert "le code provisoire et le numéro du courrier. Sans ce numéro, le code provisoire n’est pas reconnu." in text


def test_path_that_the_letter_on_request_names_is_on_the_login_page(browser, db):
    assert "J’ai reçu un nouveau code par courrier" in browser.get("/connexion/").content.decode()


def test_letter_of_a_renewal_ends_the_old_code_and_asks_for_its_number_only_if_the_page_does():
    text = text_of(render(make_contents(occasion="renewal")))
    assert "après avoir vérifié votre identité, et un second conseiller l’a approuvé" in text
    assert "Depuis le 1er mars 2026, votre ancien code ne fonctionne plus." in text
    assert "Saisissez-le seulement si la page de connexion le demande." in text
    assert "reste valable" not in text


def test_first_letter_speaks_of_no_earlier_code():
    text = text_of(render(make_contents()))
    assert "Voici le code qui vous ouvre l’Espace Client" in text
    assert "ancien" not in text


def test_letter_names_the_day_on_which_the_code_ends():
    assert LONGEST_VALIDITY == ISSUED_LIFETIME


@pytest.mark.parametrize(
    ("occasion", "title"),
    [
        ("first", "Votre code secret"),
        ("request", "Votre nouveau code secret"),
        ("renewal", "Votre nouveau code secret"),
    ],
)
def test_letter_is_tagged_titled_and_in_french(occasion, title):
    reader = read(render(make_contents(occasion=occasion)))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert catalogue["/Lang"].startswith("fr")
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == title


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_headings_begin_with_the_one_title_and_skip_no_level(occasion):
    tags = tags_of(read(render(make_contents(occasion=occasion))).trailer["/Root"]["/StructTreeRoot"])
    headings = [tag for tag in tags if re.fullmatch("/H[1-6]?", tag)]
    assert headings[0] == "/H1"
    assert set(headings[1:]) == {"/H2"}
    assert len(headings) >= 6


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_both_lists_are_tagged_with_their_labels(occasion):
    tags = tags_of(read(render(make_contents(occasion=occasion))).trailer["/Root"]["/StructTreeRoot"])
    assert (tags.count("/L"), tags.count("/LI"), tags.count("/Lbl"), tags.count("/LBody")) == (2, 7, 7, 7)


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_rules_and_frames_are_artifacts_that_nobody_reads_aloud(occasion):
    assert set(drawn(render(make_contents(occasion=occasion)))) == {("/Artifact",)}


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_letter_declares_pdf_a_and_pdf_ua(occasion):
    metadata = read(render(make_contents(occasion=occasion))).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_letter_reads_address_then_title_then_code(occasion):
    pdf = render(make_contents(occasion=occasion))
    text, title = text_of(pdf), read(pdf).metadata.title
    places = [text.index(part) for part in ("69003 LYON", title, "Madame Martin,", "482915", "1. Ouvrez")]
    assert places == sorted(places)


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_same_contents_give_the_same_bytes(occasion):
    first = render(make_contents(occasion=occasion))
    render(make_contents(name="Monsieur Petit"))
    assert render(make_contents(occasion=occasion)) == first


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


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_nothing_but_the_address_shows_in_the_window(occasion):
    address = make_contents().address
    shown = [
        text
        for text, _, baseline, _ in lines_with_place(render(make_contents(occasion=occasion)))
        if EVER_IN_WINDOW["top"] < baseline < EVER_IN_WINDOW["bottom"]
    ]
    assert shown == list(address)


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_code_is_on_the_middle_panel_away_from_the_folds(occasion):
    pieces = lines_with_place(render(make_contents(occasion=occasion)))
    (baseline,) = [baseline for text, _, baseline, _ in pieces if text == "482915"]
    assert FIRST_FOLD + 25 < baseline < 2 * FIRST_FOLD - 25


@pytest.mark.parametrize(
    ("occasion", "last_words"),
    [
        ("first", "aussitôt votre conseiller."),
        ("request", "arrivé ouvert ou abîmé."),
        ("renewal", "imprimé sur votre relevé."),
    ],
)
def test_longest_data_fit_on_one_page(occasion, last_words):
    name = "Madame " + "de la Rochefoucauld-Montmorency " * 6
    pdf = render(make_contents(occasion=occasion, address=LONGEST_ADDRESS, name=name, issued_on="2026-09-30"))
    assert len(read(pdf).pages) == 1
    assert text_of(pdf).endswith(last_words)


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
        ("Zoé 😀", "Zoé [U+1F600]"),
        ("李 Martin", "[U+674E] Martin"),
        ("Ine\u0300s", "Inès"),
        ("Inès\u200b\u202e\n\t Martin", "Inès Martin"),
        ("Z\u0335oé\x00", "Z[U+0335]oé"),
        ("Ẹ\u0301 q\u20dd", "Ẹ\u0301 q[U+20DD]"),
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


# Version 3: whom to call, the address to type, large print.

NAMED = {"version": 3, "phone": "01 99 00 12 34", "portal": "espace-client.banque.example"}
LONGEST_PORTAL = "espace-client-des-professionnels.example:8443"
LARGE = NAMED | {"large_print": True}


def lines_of_all_pages(pdf):
    return [line for page in range(len(read(pdf).pages)) for line in lines_with_place(pdf, page)]


@pytest.mark.parametrize("large_print", [False, True])
@pytest.mark.parametrize("occasion", OCCASIONS)
def test_letter_says_whom_to_call_and_what_to_type_on_one_line_each(occasion, large_print):
    pdf = render(make_contents(occasion=occasion, **NAMED | {"large_print": large_print}))
    words = " ".join(" ".join(page.extract_text().split()) for page in read(pdf).pages)
    assert words.count("au 01\u00a099\u00a000\u00a012\u00a034") + words.count("au 01 99 00 12 34") == 1
    assert "Tapez vous-même dans votre navigateur : espace-client.banque.example" in words
    assert "espace-client.banque.example" in {text.rstrip(".") for text, *_ in lines_of_all_pages(pdf)}
    assert "imprimé sur votre relevé" not in words
    assert "site officiel" not in words


def test_letter_without_an_address_says_as_before_where_to_find_it():
    text = text_of(render(make_contents(**NAMED | {"portal": ""})))
    assert "Tapez vous-même l’adresse de votre banque, ou passez par son site officiel." in text


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_letter_with_the_longest_address_and_number_fits_on_one_page(occasion):
    longest = NAMED | {"portal": LONGEST_PORTAL, "phone": "+33 1 99 00 12 34"}
    name = "Madame " + "de la Rochefoucauld-Montmorency " * 6
    pdf = render(make_contents(occasion=occasion, address=LONGEST_ADDRESS, name=name, **longest))
    assert len(read(pdf).pages) == 1


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_letter_shows_no_other_number_of_ten_figures_than_the_one_to_call(occasion):
    pages = read(render(make_contents(occasion=occasion, **LARGE))).pages
    words = " ".join(page.extract_text().replace("01\u00a099\u00a000\u00a012\u00a034", "") for page in pages)
    assert not re.search(r"(\d[\s.-]?){10}", words.replace("01 99 00 12 34", ""))


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_large_print_is_20_points_everywhere_but_in_the_window_and_the_code_the_largest(occasion):
    pdf = render(make_contents(occasion=occasion, **LARGE))
    pieces = [(text, size) for text, _, _, size in lines_of_all_pages(pdf) if text not in make_contents().address]
    assert min(size for _, size in pieces) == 20
    sizes = sorted((size, text) for text, size in pieces)
    assert sizes[-1][1] == "482915"
    assert sizes[-1][0] > 1.5 * sizes[-2][0]


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_large_print_counts_its_pages_and_has_the_code_on_the_first_above_the_second_fold(occasion):
    pdf = render(make_contents(occasion=occasion, **LARGE))
    pages = [" ".join(page.extract_text().split()) for page in read(pdf).pages]
    assert [page[-12:] for page in pages] == [f"Page {n} sur {len(pages)}" for n in range(1, len(pages) + 1)]
    assert len(pages) <= 3
    assert ["482915" in page for page in pages].count(True) == 1
    [baseline] = [baseline for text, _, baseline, _ in lines_with_place(pdf) if text == "482915"]
    assert FIRST_FOLD + 25 < baseline < 2 * FIRST_FOLD - 25


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_nothing_but_the_address_of_a_large_print_shows_in_the_window(occasion):
    pdf = render(make_contents(occasion=occasion, **LARGE))
    shown = [
        text
        for text, _, baseline, _ in lines_with_place(pdf)
        if EVER_IN_WINDOW["top"] < baseline < EVER_IN_WINDOW["bottom"]
    ]
    assert shown == list(make_contents().address)


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_large_print_is_tagged_as_the_other_with_nothing_drawn_read_aloud(occasion):
    pdf = render(make_contents(occasion=occasion, **LARGE))
    tags = tags_of(read(pdf).trailer["/Root"]["/StructTreeRoot"])
    headings = [tag for tag in tags if re.fullmatch("/H[1-6]?", tag)]
    assert (headings[0], set(headings[1:])) == ("/H1", {"/H2"})
    assert (tags.count("/L"), tags.count("/LI")) == (2, 7)
    assert set(drawn(pdf)) == {("/Artifact",)}


# Version 4: the bank that writes.


@pytest.mark.parametrize("large_print", [False, True])
def test_letter_bears_the_name_of_the_bank(large_print):
    named = {"version": 4, "bank": "Banque des Lilas", "large_print": large_print}
    text = " ".join(text_of(render(make_contents(**NAMED | named))).split())
    assert "Banque des Lilas — Espace Client" in text
    assert "Votre banque" not in text


def test_longest_name_leaves_the_letter_on_one_page():
    named = {"version": 4, "bank": "W" * 40, "occasion": "alarm"}
    assert len(read(render(make_contents(**NAMED | named))).pages) == 1


# Version 5: the lock code.

LOCKING = NAMED | {"version": 5, "lock_code": "M2XDR9TB7KQV"}


@pytest.mark.parametrize("occasion", OCCASIONS)
@pytest.mark.parametrize(("large_print", "most"), [(False, 1), (True, 3)])
def test_letter_with_a_lock_code_has_no_page_more(occasion, large_print, most):
    longest = {"portal": LONGEST_PORTAL, "bank": "W" * 40, "address": LONGEST_ADDRESS, "large_print": large_print}
    longest |= {"name": "Madame " + "de la Rochefoucauld-Montmorency " * 6, "phone": "+33 1 99 00 12 34"}
    pages = read(render(make_contents(occasion=occasion, **LOCKING | longest))).pages
    assert len(pages) <= most
    assert "M2XD-R9TB-7KQV" in "".join(page.extract_text() for page in pages)


def test_letter_beside_a_valid_code_says_from_when_on_its_lock_code_serves():
    assert "Il vaut dès que le code provisoire a servi" in text_of(render(make_contents(occasion="request", **LOCKING)))
