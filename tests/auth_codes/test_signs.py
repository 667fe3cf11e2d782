"""What papers can show of Unicode, and that nothing of the rest is lost."""

import re
import unicodedata

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from auth_codes import signs
from auth_codes.pdf import FAMILIES, FONTS, ROOT
from docs import list_printed_signs

ACCENTED = "Libertinus Serif"
NAMED = re.compile(r"\[U\+([0-9A-F]{4,6})\]")
# Any text, and texts that are mostly of what the fonts hold, accents included.
ANY = st.text(max_size=40)
HELD = st.text(st.sampled_from(sorted(signs.SHOWN)), max_size=40)
TEXTS = st.one_of(ANY, HELD, st.tuples(ANY, HELD).map("".join))


def seen(text: str) -> str:
    """What somebody sees of it on one line."""
    visible = "".join(sign for sign in text if not signs.is_invisible(sign))
    return " ".join(unicodedata.normalize("NFC", visible).split())


@pytest.mark.slow
def test_list_says_what_the_fonts_hold():
    assert signs.LIST.read_text() == list_printed_signs.listed(), "list them again: python -m docs.list_printed_signs"


def test_each_place_of_a_paper_has_all_families():
    """Else a sign that is shown in the text would be missing in a title or an address."""
    source = (ROOT / "auth_codes" / "paper.typ").read_text()
    assert re.search('^#let accented = "(.+)"$', source, re.MULTILINE)[1] == ACCENTED
    lists = [re.findall('"([^"]+)"', fonts) for fonts in re.findall(r'^#let \S+ = (\("[^)]+\))$', source, re.MULTILINE)]
    assert len(lists) == 3
    assert all(sorted(fonts) == sorted(FAMILIES) for fonts in lists)


@pytest.mark.parametrize("text", ["Ẹ\u0301", "ọ\u0300", "ж\u0301", "α\u0302"])
@pytest.mark.parametrize("place", ["sans", "serif", "plain"])
def test_letter_and_accent_are_both_drawn(text, place):
    """A compiler that looks for each in a font of its own draws one alone, and tells nobody."""
    assert drawn(text, place) == drawn(text[0], place) + 1


def drawn(text: str, place: str) -> int:
    """How many glyphs a paper draws for a text."""
    source = f'#import "/auth_codes/paper.typ": *\n#show: styled\n#set text(font: {place})\n#"{text}"'
    picture = typst.compile(
        source.encode(), root=ROOT, font_paths=FONTS, format="svg", ignore_system_fonts=True, sys_inputs={"data": "{}"}
    )
    return picture.count(b"<use ")


@given(TEXTS)
def test_nothing_is_lost_and_no_text_holds_the_sign_of_loss(text):
    shown = signs.shown(text)
    assert "\ufffd" not in shown
    assert NAMED.sub(lambda named: chr(int(named[1], 16)), shown) == NAMED.sub(
        lambda named: chr(int(named[1], 16)), seen(text)
    )


@given(TEXTS)
def test_what_is_shown_can_be_shown(text):
    assert signs.unprinted_in(signs.shown(text)) is None
    assert signs.unprinted_in(signs.shown_within(0, text)) is None


@given(TEXTS)
def test_text_without_refused_sign_is_shown_as_it_is_seen(text):
    if signs.unprinted_in(text) is None:
        assert signs.shown(text) == seen(text)


@given(TEXTS)
def test_what_is_short_stays_so(text):
    assert len(signs.shown_within(40, text)) <= max(40, len(seen(text)))


@pytest.mark.parametrize(
    "text",
    [
        "−45,00 €", "1 250,30 €", "Ελένη Παπαδοπούλου", "Жанна Київ Ђорђе", "Łucja Żółć", "Đặng Thị",
        "Ẹ\u0301niọ\u0300la", "№ 7 ½ ‰ ™ → ☎ ☃ ≤ ≠", "ŽŤŇĽ", "Şıĥ", "œuvre Ÿ ﬁ", "Ёлка ж\u0301",
        "l’été « oui » – non — …",
    ],
)  # fmt: skip
def test_usual_text_of_europe_is_printed(text):
    assert signs.unprinted_in(text) is None


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("Zoé 😀", "😀"), ("李 Martin", "李"), ("שלום", "ש"), ("مرحبا", "م"), ("a\ufffdb", "\ufffd"),
        ("a\ue000", "\ue000"), ("q\u20dd", "\u20dd"), ("\u0301a", "\u0301"), (" \u0301", "\u0301"),
        ("\ud83d", "\ud83d"), ("a\u0316\u0317\u0324", "\u0324"),
    ],
)  # fmt: skip
def test_other_text_is_not(text, refused):
    assert signs.unprinted_in(text) == refused


def test_invisible_signs_are_left_out_and_accents_find_their_letter():
    assert signs.shown("I\u200bne\u200d\u0300s\u202e\n\t Martin\x00\ufe0f") == "Inès Martin"
