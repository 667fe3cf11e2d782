"""The judge, held to what it promises for any text, any person and any program."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth_codes import weakness
from auth_codes.weakness import PersonalData, why_weak

ROOT = Path(__file__).resolve().parent.parent.parent

CODES = st.from_regex(r"[0-9]{6}", fullmatch=True)
DATES = st.dates(date(1900, 1, 1), date(2026, 12, 31))
NUMBERS = st.from_regex(r"(FR[0-9]{2}|\+33)?[0-9]{6,25}", fullmatch=True)
SEPARATORS = st.sampled_from(["", " ", "-", ".", "/", " (0) ", "\u00a0", "\u202f", "\u2011", "\u2013", "\u200b", "_"])
POSTCODES = st.from_regex(r"[0-9]{5}", fullmatch=True)
PEOPLE = st.builds(
    PersonalData,
    birth_date=st.none() | DATES,
    birth_year=st.none() | st.integers(1900, 2026),
    postcode=st.just("") | POSTCODES,
    numbers=st.lists(NUMBERS | st.text(max_size=20), max_size=4).map(tuple),
)
# Zero in the scripts whose digits `str.isdigit` takes for ours: full-width, Arabic-Indic, Devanagari, Thai, bold.
OTHER_ZEROS = ["\uff10", "\u0660", "\u06f0", "\u0966", "\u0e50", "\U0001d7ce"]


@st.composite
def written_numbers(draw):
    """A number as somebody writes it, with separators anywhere, and its bare digits."""
    digits = draw(st.from_regex(r"[0-9]{6,14}", fullmatch=True))
    prefix = draw(st.sampled_from(["", "+", "FR"]))
    return prefix + "".join(digit + draw(SEPARATORS) for digit in digits).replace(" (0) ", " "), digits


def windows(digits):
    return [digits[start : start + 6] for start in range(len(digits) - 5)]


@given(st.text(), st.none() | PEOPLE)
def test_any_text_is_judged_without_an_error(text, personal):
    verdict = why_weak(text, personal)
    assert verdict is None or (isinstance(verdict, str) and verdict.endswith("."))


@given(st.text())
def test_only_six_ascii_digits_are_ever_accepted(text):
    assert why_weak(text) is not None or (len(text) == 6 and set(text) <= set("0123456789"))


@given(CODES, st.sampled_from(OTHER_ZEROS), st.integers(min_value=1, max_value=63), PEOPLE)
def test_digits_of_another_script_are_never_taken_for_ours(code, zero, places, personal):
    """`places`: a bit for each digit that is replaced; at least one is."""
    foreign = "".join(chr(ord(zero) + int(digit)) if places >> place & 1 else digit for place, digit in enumerate(code))
    assert foreign.isdecimal()
    assert why_weak(foreign, personal) == weakness.NOT_SIX_DIGITS


@given(CODES, PEOPLE, CODES, PEOPLE)
def test_verdict_depends_on_the_code_and_the_person_alone(code, personal, other_code, other_person):
    verdict = why_weak(code, personal)
    why_weak(other_code, other_person)
    same_person = replace(personal, numbers=tuple(reversed(personal.numbers)))
    assert why_weak("".join(code), same_person) == verdict


@given(CODES, PEOPLE)
def test_personal_data_only_ever_adds_refusals(code, personal):
    if why_weak(code):
        assert why_weak(code, personal) == why_weak(code)


@given(CODES)
def test_person_of_whom_nothing_is_known_is_judged_like_anybody(code):
    assert why_weak(code, PersonalData()) == why_weak(code)


@given(written_numbers())
def test_every_six_digits_of_a_number_are_refused_both_ways_however_it_is_written(number):
    written, digits = number
    personal = PersonalData(numbers=(written,))
    assert all(why_weak(code, personal) for code in windows(digits) + windows(digits[::-1]))


@given(written_numbers(), st.lists(NUMBERS, max_size=5))
def test_each_of_many_numbers_counts(number, others):
    written, digits = number
    personal = PersonalData(numbers=(*others, written))
    assert all(why_weak(code, personal) for code in windows(digits))


@given(CODES, st.from_regex(r"[0-9]{1,5}", fullmatch=True))
def test_number_shorter_than_a_code_refuses_nothing(code, short):
    assert why_weak(code, PersonalData(numbers=(short,))) == why_weak(code)


@given(CODES, st.from_regex(r"[0-9]{3}", fullmatch=True))
def test_two_numbers_are_not_read_as_one(code, part):
    personal = PersonalData(numbers=(code[:3], code[3:], part))
    assert why_weak(code, personal) == why_weak(code)


def test_foreign_number_keeps_its_own_digits():
    personal = PersonalData(numbers=("+32 470 12 39 56",))
    assert why_weak("470123", personal) == weakness.PERSONAL
    assert why_weak("107423", personal) == weakness.PERSONAL


@given(DATES)
def test_every_way_to_write_a_birth_date_in_six_digits_is_refused(born):
    personal = PersonalData(birth_date=born)
    forms = ["%d%m%y", "%d%y%m", "%m%d%y", "%m%y%d", "%y%m%d", "%y%d%m", "%Y%m", "%m%Y", "%Y%d", "%d%Y"]
    assert all(why_weak(f"{born:{form}}", personal) for form in forms)
    for whole in f"{born:%d%m%Y}", f"{born:%m%d%Y}", f"{born:%Y%m%d}":
        assert all(why_weak(code, personal) for code in windows(whole))


@pytest.mark.parametrize("code", ["290204", "040229", "022904", "200402", "292004", "290220"])
def test_the_29th_of_february_is_a_birth_date_like_any_other(code):
    assert why_weak(code, PersonalData(birth_date=date(2004, 2, 29))) == weakness.PERSONAL


@given(DATES)
def test_birth_date_takes_away_few_codes(born):
    assert len(weakness.birth_date_codes(born)) <= 19


@given(POSTCODES, st.sampled_from("0123456789"))
def test_postcode_with_any_digit_before_or_after_it_is_refused(postcode, digit):
    personal = PersonalData(postcode=postcode)
    assert why_weak(postcode + digit, personal)
    assert why_weak(digit + postcode, personal)


@pytest.mark.parametrize("postcode", ["1000", "SW1A 1AA", "D02 X285", ""])
def test_foreign_postcode_that_has_not_five_digits_refuses_nothing(postcode):
    assert why_weak("739146", PersonalData(postcode=postcode)) is None


def test_another_program_can_use_the_judge_without_django():
    """An interpreter of its own, with the standard library alone and Django forbidden by name."""
    script = f"""
import importlib.util, sys
sys.path.insert(0, {str(ROOT)!r})
assert importlib.util.find_spec("django") is None
sys.modules["django"] = None
from datetime import date
from auth_codes.weakness import PersonalData, why_weak
person = PersonalData(birth_date=date(1988, 7, 25), postcode="69003", numbers=("+33 6 79 24 08 15",))
print([why_weak(code, person) is None for code in ("739146", "123456", "250788", "679240", "690037")])
"""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True)
    assert done.stdout == "[True, False, False, False, False]\n", done.stderr
