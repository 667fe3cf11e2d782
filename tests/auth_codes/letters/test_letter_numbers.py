"""The number of a letter: every single mistake is caught, what eyes mix up is read."""

import re

from hypothesis import given
from hypothesis import strategies as st

from auth_codes.letters import letter_numbers
from auth_codes.letters.letter_numbers import ALPHABET, LENGTH

numbers = st.builds(letter_numbers.draw)


@given(numbers)
def test_number_drawn_is_well_formed_and_its_own_normal_form(number):
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{12}", number)
    assert letter_numbers.is_well_formed(number)
    assert letter_numbers.normalise(number) == number


@given(numbers, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_caught(number, place, character):
    changed = number[:place] + character + number[place + 1 :]
    assert letter_numbers.is_well_formed(changed) is (changed == number)


@given(numbers, st.integers(0, LENGTH))
def test_missing_or_added_character_is_caught(number, place):
    assert not letter_numbers.is_well_formed(number[:place] + "7" + number[place:])
    assert place == LENGTH or not letter_numbers.is_well_formed(number[:place] + number[place + 1 :])


@given(numbers, st.sampled_from([" ", "-", "\u00a0", "\u202f", "\t"]))
def test_number_is_read_in_groups_and_in_small_letters(number, gap):
    typed = gap.join([number[:4], number[4:8], number[8:]]).lower()
    assert letter_numbers.normalise(typed) == number


def test_letters_read_as_digits_are_digits():
    assert letter_numbers.normalise("iIlLoO") == "111100"


@given(st.text(max_size=40))
def test_any_text_is_judged_without_an_error(text):
    assert letter_numbers.is_well_formed(letter_numbers.normalise(text)) in {True, False}


def test_digest_tells_no_number_and_depends_on_the_portals_key(settings):
    digest = letter_numbers.digest("7KQ4M2XDR9TB")
    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    settings.SECRET_KEY = "another"
    assert letter_numbers.digest("7KQ4M2XDR9TB") != digest
