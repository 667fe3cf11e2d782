import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import client_codes

NO_BREAK, NARROW = "\u00a0", "\u202f"
DRAWN = [client_codes.draw() for _ in range(500)]
NUMBER = "5724816390"
NUMBER = next(NUMBER[:9] + digit for digit in "0123456789" if client_codes.is_well_formed(NUMBER[:9] + digit))


@pytest.mark.parametrize("place", range(10))
def test_every_single_wrong_digit_is_refused(place):
    for number in DRAWN:
        for digit in set("0123456789") - {number[place]}:
            assert not client_codes.is_well_formed(number[:place] + digit + number[place + 1 :])


@pytest.mark.parametrize("place", range(9))
def test_every_swap_of_neighbours_is_refused(place):
    for number in DRAWN:
        first, second = number[place], number[place + 1]
        if first != second:
            assert not client_codes.is_well_formed(number[:place] + second + first + number[place + 2 :])


def test_drawn_numbers_are_well_formed_ten_digits_that_do_not_begin_with_0():
    for number in DRAWN:
        assert len(number) == 10
        assert number.isascii()
        assert number.isdigit()
        assert number[0] != "0"
        assert client_codes.is_well_formed(number)


def test_drawn_numbers_do_not_repeat():
    assert len({client_codes.draw() for _ in range(2000)}) > 1990


def test_draw_favours_no_digit():
    """Each digit comes 300 times in 3,000 draws, give or take 5 standard deviations; the first is one of nine."""
    numbers = [client_codes.draw() for _ in range(3000)]
    for place in range(1, 10):
        counts = [sum(number[place] == digit for number in numbers) for digit in "0123456789"]
        assert min(counts) > 210, f"place {place}: {counts}"
        assert max(counts) < 390, f"place {place}: {counts}"
    assert min(sum(number[0] == digit for number in numbers) for digit in "123456789") > 240


@pytest.mark.parametrize(
    "typed",
    [
        f"{NUMBER[:4]} {NUMBER[4:7]} {NUMBER[7:]}",
        f"{NUMBER[:4]}{NO_BREAK}{NUMBER[4:7]}{NO_BREAK}{NUMBER[7:]}",
        f"{NUMBER[:4]}{NARROW}{NUMBER[4:7]}{NARROW}{NUMBER[7:]}",
        f"\u202a{NUMBER}\u202c\ufeff\u200b",
        f"  {NUMBER}\r\n",
        f"{NUMBER[:4]}.{NUMBER[4:7]}-{NUMBER[7:]}",
        NUMBER.translate({ord(str(digit)): 0x0660 + digit for digit in range(10)}),
        NUMBER.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)}),
    ],
    ids=["spaces", "no-break", "narrow", "invisible", "around", "signs", "arabic-indic", "full-width"],
)
def test_number_is_read_however_it_was_typed_or_pasted(typed):
    assert client_codes.normalise(typed) == NUMBER
    assert client_codes.is_well_formed(typed)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "que des chiffres"),
        ("inconnu", "que des chiffres"),
        (NUMBER[:9] + "O", "que des chiffres"),
        (NUMBER + "\x00", "que des chiffres"),
        ("\x00" * 10, "que des chiffres"),
        ("²" * 10, "que des chiffres"),
        ("1", "vous en avez saisi un seul"),
        (NUMBER[:9], "vous en avez saisi 9"),
        (NUMBER + "1", "vous en avez saisi 11"),
        ("9" * 10_000, "vous en avez saisi bien plus"),
        ("é" * 10_000, "que des chiffres"),
        ("0" + NUMBER[:9], "erreur de saisie"),
        (NUMBER[1] + NUMBER[0] + NUMBER[2:], "deux chiffres inversés"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(typed, sentence):
    assert sentence in client_codes.why_malformed(client_codes.normalise(typed))
    assert not client_codes.is_well_formed(typed)


@given(st.text())
def test_no_text_raises_and_the_sentence_agrees_with_the_verdict(text):
    number = client_codes.normalise(text)
    assert client_codes.is_well_formed(text) == (client_codes.why_malformed(number) is None)


@given(st.from_regex(r"[0-9]{8,12}", fullmatch=True))
def test_well_formed_means_ten_digits_first_not_0_and_the_damm_check(digits):
    table = [
        "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
        "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
    ]  # fmt: skip
    interim = 0
    for digit in digits:
        interim = int(table[interim][int(digit)])
    expected = len(digits) == 10 and digits[0] != "0" and interim == 0
    assert client_codes.is_well_formed(digits) == expected


@given(st.text(alphabet="0123456789\u0663\uff15 \u00a0-.x", max_size=16))
def test_normalising_twice_changes_nothing(text):
    assert client_codes.normalise(client_codes.normalise(text)) == client_codes.normalise(text)


def test_shown_in_groups_that_never_break():
    assert client_codes.display("1234567890") == f"1234{NO_BREAK}567{NO_BREAK}890"


def test_shown_form_can_be_typed_back():
    assert client_codes.normalise(client_codes.display(NUMBER)) == NUMBER


def test_nothing_is_shown_for_who_has_no_code():
    assert client_codes.display("") == ""
