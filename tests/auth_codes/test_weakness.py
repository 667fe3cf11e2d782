"""The six rules, held against the reference hash and examples of the measured rule set."""

import hashlib
from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from auth_codes import weakness
from auth_codes.weakness import PersonalData, why_weak

REFERENCE = "6f78c9cb5bbc2dc5187f3e3e6a62883447c95ba10b265d983ed83b427977a26d"


@pytest.mark.proves("ASVS 6.2.4", "ASVS 6.2.12", "NIST 3.1.1.2")
@pytest.mark.slow
def test_refused_codes_are_exactly_those_of_the_measured_rules():
    refused = [code for code in (f"{number:06}" for number in range(10**6)) if why_weak(code)]
    assert len(refused) == 3940
    assert hashlib.sha256("".join(f"{code}\n" for code in refused).encode()).hexdigest() == REFERENCE


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("111111", weakness.ONE_DIGIT), ("111211", weakness.ONE_DIGIT), ("000001", weakness.ONE_DIGIT),
        ("123456", weakness.SEQUENCE), ("654321", weakness.SEQUENCE), ("890123", weakness.SEQUENCE),
        ("123457", weakness.SEQUENCE), ("123956", weakness.SEQUENCE),
        ("777333", weakness.PATTERN), ("456456", weakness.PATTERN), ("445566", weakness.PATTERN),
        ("121212", weakness.PATTERN),
        ("123321", weakness.FAVOURITE), ("124321", weakness.FAVOURITE), ("159753", weakness.FAVOURITE),
        ("147258", weakness.COMMON), ("102030", weakness.COMMON), ("420420", weakness.PATTERN),
        ("338855", weakness.PATTERN),
    ],
)  # fmt: skip
def test_first_rule_that_applies_gives_the_reason(code, reason):
    assert why_weak(code) == reason


@pytest.mark.parametrize("code", ["250788", "198507", "739146", "246813"])
def test_codes_that_are_merely_dates_or_paths_are_accepted(code):
    assert why_weak(code) is None


@pytest.mark.proves("ASVS 6.2.1", "ASVS 6.2.5", "ASVS 6.2.9")
@pytest.mark.parametrize(
    "code", ["12345", "1234567", "12345a", "", "12 456", "７３９１４６", "٧٣٩١٤٦", "739146\n", "7391\x006"]
)
def test_what_is_not_six_ascii_digits_is_refused(code):
    assert why_weak(code) == weakness.NOT_SIX_DIGITS


def test_birth_date_gives_the_six_orders_the_four_long_forms_and_the_runs():
    codes = weakness.birth_date_codes(date(1988, 7, 25))
    orders = {"250788", "258807", "072588", "078825", "882507", "880725"}
    long_forms = {"198807", "071988", "198825", "251988"}
    runs = {"250719", "507198", "071988", "072519", "725198", "251988", "198807", "988072", "880725"}
    assert codes == orders | long_forms | runs
    personal = PersonalData(birth_date=date(1988, 7, 25))
    assert {why_weak(code, personal) for code in codes} == {weakness.PERSONAL}


def test_year_of_birth_alone_gives_any_day_or_month_beside_it_and_the_first_of_january():
    codes = weakness.birth_year_codes(1961)
    assert {"196107", "071961", "196131", "311961", "196161", "611961", "010161", "610101"} <= codes
    assert not {"196100", "196132", "120361", "196261"} & codes
    assert len(codes) == 70
    personal = PersonalData(birth_year=1961)
    assert {why_weak(code, personal) for code in codes} == {weakness.PERSONAL}


@pytest.mark.parametrize("code", ["679240", "924081", "180429", "042976"])
def test_six_digits_of_a_telephone_number_are_refused_forwards_and_backwards(code):
    assert why_weak(code, PersonalData(numbers=("+33 6 79 24 08 15",))) == weakness.PERSONAL


def test_six_digits_of_an_iban_are_refused_whatever_its_spaces():
    personal = PersonalData(numbers=("FR76 9999 9000 0173 9146 2850 355",))
    assert why_weak("739146", personal) == weakness.PERSONAL
    assert why_weak("641937", personal) == weakness.PERSONAL


@pytest.mark.parametrize("code", ["690037", "769003"])
def test_postcode_with_a_digit_before_or_after_is_refused(code):
    assert why_weak(code, PersonalData(postcode="69003")) == weakness.PERSONAL


def test_first_of_january_of_a_birth_year_is_refused():
    assert why_weak("010187", PersonalData(birth_year=1987)) == weakness.PERSONAL


def test_postcode_forbids_no_other_code():
    assert why_weak("739146", PersonalData(postcode="69003")) is None


def test_reason_never_repeats_the_code():
    assert not any(digit in why_weak("123456") for digit in "0123456789")


def test_what_is_known_of_a_person_is_changed_by_nobody_on_the_way():
    with pytest.raises(FrozenInstanceError):
        PersonalData().postcode = "69003"
