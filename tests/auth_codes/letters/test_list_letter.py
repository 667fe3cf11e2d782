"""The letter of a printed list: one page, forty codes in a tagged table, no code client; the workshop opens it."""

import json
import re

import pyrage
import pytest

from auth_codes.factors import lists
from auth_codes.letters import batches, envelopes, list_codes
from auth_codes.letters.envelopes import CodeLetterContents, UnreadableLetter
from auth_codes.letters.letter_pdf import render
from auth_codes.models import SealedLetter
from tests import makers
from tests.auth_codes.letters.test_letter_pdf import EVER_IN_WINDOW, LONGEST_ADDRESS, LONGEST_PORTAL
from tests.auth_codes.letters.test_letters import FIELDS, WORKSHOP, sealed
from tests.pdfs import drawn, lines_with_place, read, tags_of

CODES = tuple(list_codes.draw())
LISTED = FIELDS | {
    "version": 6, "occasion": "list", "secret_code": "", "lock_code": "9FT3XHKW27QC", "codes": list(CODES),
}  # fmt: skip
pytestmark = pytest.mark.slow


def contents(**changed) -> CodeLetterContents:
    said = {**LISTED, "address": ("Mme Inès Léa MARTIN", "12 rue des Lilas", "69003 LYON"), "codes": CODES}
    return CodeLetterContents(**said | changed)


def text_of(pdf):
    return " ".join(" ".join(page.extract_text().split()) for page in read(pdf).pages)


def test_every_code_stands_after_its_number_once_on_one_page():
    pdf = render(contents())
    assert len(read(pdf).pages) == 1
    text = text_of(pdf).replace("\u00a0", " ")
    for number, code in enumerate(CODES, start=1):
        assert len(re.findall(rf"\b{number} {code[:4]} {code[4:]}\b", text)) == 1
    assert len(re.findall(r"\b\d{4} \d{4}\b", text)) == 40


@pytest.mark.parametrize("is_large", [False, True])
def test_longest_data_keep_their_pages_and_large_print_has_one_for_the_codes(is_large):
    longest = {"address": LONGEST_ADDRESS, "name": "Madame " + "de la Rochefoucauld-Montmorency " * 6}
    shown = {"portal": LONGEST_PORTAL, "phone": "+33 1 99 00 12 34", "bank": "Caisse régionale de la Vallée des Lilas"}
    pages = read(render(contents(large_print=is_large, **longest, **shown))).pages
    assert len(pages) == (3 if is_large else 1)
    with_codes = [len(re.findall(r"\b\d{4}\s+\d{4}\b", page.extract_text())) for page in pages]
    assert with_codes == ([0, 40, 0] if is_large else [40])


def test_codes_are_read_at_arm_s_length():
    sizes = {size for text, _, _, size in lines_with_place(render(contents())) if re.fullmatch(r"\d{4}\s+\d{4}", text)}
    assert sizes == {16}


def test_codes_are_in_a_table_with_its_headings():
    tags = tags_of(read(render(contents())).trailer["/Root"]["/StructTreeRoot"])
    assert (tags.count("/Table"), tags.count("/TH"), tags.count("/TD")) == (1, 8, 80)
    assert [tag for tag in tags if re.fullmatch("/H[1-6]?", tag)][:1] == ["/H1"]


@pytest.mark.parametrize("is_large", [False, True])
def test_letter_is_pdf_a_and_pdf_ua_titled_and_in_french(is_large):
    reader = read(render(contents(large_print=is_large)))
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.metadata.title == "Votre liste de codes"
    assert reader.trailer["/Root"]["/Lang"].startswith("fr")


def test_rules_of_the_table_are_artifacts_that_nobody_reads_aloud():
    assert set(drawn(render(contents()))) == {("/Artifact",)}


def test_nothing_but_the_address_shows_in_the_window():
    shown = [
        text
        for text, _, baseline, _ in lines_with_place(render(contents()))
        if EVER_IN_WINDOW["top"] < baseline < EVER_IN_WINDOW["bottom"]
    ]
    assert shown == ["Mme Inès Léa MARTIN", "12 rue des Lilas", "69003 LYON"]


def test_letter_says_how_to_activate_it_until_when_and_whom_to_call():
    text = text_of(render(contents())).replace("\u00a0", " ")
    assert "Pour l’activer, avant le 15 avril 2026" in text
    assert "numéro du courrier 7KQ4-M2XD-R9TB" in text
    assert "choisissez « Mes moyens de connexion », puis « Activer ma liste »" in text
    assert "espace.banque.example" in text
    assert "Prévenez aussitôt votre conseiller au 01 99 00 12 34." in text


@pytest.mark.parametrize("is_large", [False, True])
def test_lock_code_stands_under_the_list_and_says_from_when_it_locks(is_large):
    text = text_of(render(contents(large_print=is_large))).replace("\u00a0", " ")
    assert "Code de verrouillage : 9FT3-XHKW-27QC. Notez-le à part : dès que la liste est activée" in text


def test_list_of_before_brings_no_lock_code():
    assert "verrouillage" not in text_of(render(contents(lock_code="")))


def test_letter_without_site_and_telephone_is_laid_out_too():
    text = text_of(render(contents(portal="", phone="")))
    assert "celle de votre banque" in text
    assert "imprimé sur votre relevé" in text


def test_same_contents_give_the_same_bytes():
    assert render(contents()) == render(contents())


@pytest.mark.parametrize(
    "wrong",
    [
        {"codes": list(CODES[:39])}, {"codes": [*CODES, CODES[0]]}, {"codes": [*CODES[:39], "1234567"]},
        {"codes": [*CODES[:39], "12345678 "]}, {"codes": [*CODES[:39], "12345670"]}, {"codes": None}, {"codes": []},
        {"occasion": "first"}, {"secret_code": "482915"}, {"version": 5}, {"lock_code": "7"}, {"extra": 1},
    ],
)  # fmt: skip
def test_what_is_no_list_is_not_opened(wrong):
    with pytest.raises(UnreadableLetter):
        envelopes.open_at_workshop(sealed(LISTED | wrong), WORKSHOP)


def test_list_in_a_letter_of_before_is_not_opened():
    with pytest.raises(UnreadableLetter, match="motif"):
        envelopes.open_at_workshop(sealed(FIELDS | {"occasion": "list"}), WORKSHOP)


def test_list_is_sealed_again_as_it_came():
    opened = envelopes.open_at_workshop(sealed(LISTED), WORKSHOP)
    assert json.loads(pyrage.decrypt(envelopes.encrypt_for_workshop(opened), [WORKSHOP])) == LISTED
    assert not [code for code in CODES if code in repr(opened)]


@pytest.mark.django_db
def test_letter_of_the_bank_names_no_code_client_and_the_bank_keeps_nothing_once_it_is_posted(client_, tmp_path):
    waiting = makers.order_list(client_)
    sent = makers.open_letter(client_)
    assert client_.client_code not in text_of(render(sent)).replace("\u00a0", "").replace(" ", "")
    assert lists.waiting(client_.user) == waiting
    list(batches.export(tmp_path))
    batches.confirm(SealedLetter.objects.get(occasion="list").batch)
    assert SealedLetter.objects.get(occasion="list").ciphertext is None
