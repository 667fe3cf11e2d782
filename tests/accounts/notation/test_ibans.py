import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import bic, iban

from accounts.notation import ibans

NUMBERS = st.integers(10**10, 10**11 - 1).map(str)


def test_drawn_account_numbers_are_eleven_digits_that_do_not_begin_with_0():
    drawn = {ibans.draw_number() for _ in range(300)}
    assert len(drawn) == 300
    assert all(len(number) == 11 and number.isdigit() and number[0] != "0" for number in drawn)


@given(NUMBERS)
def test_iban_has_valid_check_digits(number):
    assert iban.is_valid(ibans.iban_of(number))
    assert len(ibans.iban_of(number)) == 27


@given(NUMBERS)
def test_rib_key_makes_the_whole_bban_a_multiple_of_97(number):
    """AFNOR: bank, branch, account number and key, read as one number, leave no remainder."""
    assert int(ibans.iban_of(number)[4:]) % 97 == 0
    assert 1 <= int(ibans.rib_key(number)) <= 97


def test_key_of_the_registry_s_example(monkeypatch):
    """FR14 2004 1010 0505 0001 3M02 606 of the SWIFT registry; the letter M of its number counts as 4."""
    monkeypatch.setattr(ibans, "BANK_CODE", "20041")
    monkeypatch.setattr(ibans, "BRANCH_CODE", "01005")
    assert ibans.rib_key("05000134026") == "06"


@pytest.mark.parametrize("part", [slice(4, 9), slice(9, 14), slice(14, 25)], ids=["bank", "branch", "number"])
def test_iban_is_made_of_its_parts(part):
    whole = ibans.BANK_CODE + ibans.BRANCH_CODE + "12345678901"
    assert ibans.iban_of("12345678901")[part] == whole[part.start - 4 : part.stop - 4]


@given(NUMBERS)
def test_account_number_is_found_in_its_iban_however_spaced(number):
    whole = ibans.iban_of(number)
    spaced = "\u00a0".join(whole[start : start + 4] for start in range(0, 27, 4))
    for typed in (number, whole, spaced, whole.lower(), f" {number[:3]} {number[3:7]}\u00a0{number[7:]} "):
        assert ibans.number_in(typed) == number


def test_mistyped_or_foreign_iban_names_no_account():
    whole = ibans.iban_of("12345678901")
    assert ibans.number_in("FR7630006000011234567890189") is None
    assert ibans.number_in(whole[:-1] + str((int(whole[-1]) + 1) % 10)) is None
    assert ibans.number_in("DE89370400440532013000") is None


@given(st.text())
def test_no_text_raises(text):
    found = ibans.number_in(text)
    assert found is None or len(found) == 11


def test_bic_is_well_formed_french_and_one_that_no_bank_uses_live():
    assert bic.is_valid(ibans.BIC)
    assert ibans.BIC[4:6] == "FR"
    assert ibans.BIC[7] == "0"
