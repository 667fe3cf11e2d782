import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from accounts.notation import phones


@pytest.mark.parametrize(
    "typed",
    [
        "0612345678", "06 12 34 56 78", "06.12.34.56.78", "06-12-34-56-78", "06/12/34/56/78",
        "06\u00a012\u00a034\u00a056\u00a078", "06\u202f12\u202f34\u202f56\u202f78", "+33612345678", "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78", "0033612345678", "0033 (0)6 12 34 56 78", " 06 12 34 56 78 ",
        "\u202a+33612345678\u202c",
    ],
)  # fmt: skip
def test_french_number_is_kept_in_one_form_however_written(typed):
    assert phones.normalise(typed) == "+33612345678"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+32 470 12 34 56", "+32470123456"), ("0041 22 730 51 11", "+41227305111"),
        ("+44 (0)20 7946 0958", "+442079460958"), ("+44 020 7946 0958", "+442079460958"),
        ("+39 06 698 12345", "+390669812345"), ("+39 (0)6 698 12345", "+390669812345"),
        ("+352 (0)621 123 456", "+352621123456"), ("+34 (0)91 123 45 67", "+34911234567"),
        ("+36 (06) 1 234 5678", "+3612345678"), ("+1 (212) 555-0100", "+12125550100"),
        ("001.212.555.0100", "+12125550100"), ("+7 8 800 555-35-35", "+78005553535"), ("+683 4000", "+6834000"),
        ("+687 26.00.00", "+687260000"), ("+377 93 15 00 00", "+37793150000"),
    ],
)  # fmt: skip
def test_foreign_number_is_kept_in_international_form(typed, kept):
    assert phones.normalise(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "06 12 34 56", "06 12 34 56 789", "612345678", "+33 6 12 34", "+33", "téléphone",
        "06\x0012345678", "٠٦١٢٣٤٥٦٧٨", "+0612345678", "+1234567", "+1234567890123456", "9" * 10_000,
        "+1234567890", "+33 00 12 34 56 78", "+32 470 12", "+999 12 34 56 78", "3631", "0800 CHATON",
        "06 12 34 56 78 ;1", "tel:+33612345678", "＋33612345678", "+49 123456789012345",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(phones.NotAPhoneNumber):
        phones.normalise(typed)


OVERSEAS = [
    ("0692 12 34 56", "+262692123456"), ("0693 12 34 56", "+262693123456"), ("0639 12 34 56", "+262639123456"),
    ("0690 12 34 56", "+590690123456"), ("0691 12 34 56", "+590691123456"), ("0694 12 34 56", "+594694123456"),
    ("0696 12 34 56", "+596696123456"), ("0697 12 34 56", "+596697123456"), ("0262 12 34 56", "+262262123456"),
    ("0269 12 34 56", "+262269123456"), ("0590 12 34 56", "+590590123456"), ("0594 12 34 56", "+594594123456"),
    ("0596 12 34 56", "+596596123456"), ("0508 41 42 43", "+508414243"), ("0709 01 23 45", "+590709012345"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "kept"), OVERSEAS)
def test_french_number_overseas_has_the_code_of_its_place(typed, kept):
    french = "+33" + typed[1:]
    writings = [typed, typed.replace(" ", "."), french, french.replace("+33", "+33 (0)"), kept, "00" + kept[1:]]
    assert {phones.normalise(writing) for writing in writings} == {kept}
    assert phones.national(kept) == typed.replace(" ", "")


@pytest.mark.parametrize("region", ["GP", "GF", "MQ", "RE", "YT", "PM"])
@pytest.mark.parametrize("kind", [PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE])
def test_every_plan_overseas_is_known_as_the_library_knows_it(region, kind):
    number = phonenumbers.example_number_for_type(region, kind)
    kept = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    assert phones.normalise(phones.national(kept)) == kept


@pytest.mark.parametrize("typed", ["0800 12 34 56", "0806 12 34 56", "0976 12 34 56", "0695 12 34 56", "0698 12 34 56"])
def test_number_that_is_of_no_place_overseas_stays_french(typed):
    assert phones.normalise(typed) == "+33" + typed[1:].replace(" ", "")


@pytest.mark.parametrize("typed", ["07 11 22 33 44", "01 99 00 12 34"])
def test_number_of_a_range_that_is_not_open_yet_is_accepted(typed):
    assert phones.display(phones.normalise(typed)) == typed.replace(" ", "\u00a0")


@given(st.from_regex(r"(\+|00)[1-9][0-9]{4,16}|0[1-9][0-9]{8}|\+33[0-9]{9,10}", fullmatch=True))
def test_any_row_of_digits_is_kept_in_one_form_or_refused(text):
    assert_kept_in_one_form_or_refused(text)


@given(st.text())
def test_any_text_is_normalised_or_refused(text):
    assert_kept_in_one_form_or_refused(text)


def assert_kept_in_one_form_or_refused(text):
    try:
        number = phones.normalise(text)
    except phones.NotAPhoneNumber:
        return
    assert len(number) <= 16
    assert phones.normalise(number) == number
    assert phones.normalise(phones.display(number)) == number
    assert phones.normalise(phones.national(number)) == number


def test_french_number_is_shown_in_pairs():
    assert phones.display("+33612345678") == "06\u00a012\u00a034\u00a056\u00a078"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+32470123456", "+32 470 12 34 56"), ("+262692123456", "+262 692 12 34 56"),
        ("+12125550100", "+1 212\u2011555\u20110100"),
    ],
)  # fmt: skip
def test_other_number_is_shown_as_its_country_writes_it_on_one_line(number, shown):
    assert phones.display(number) == shown.replace(" ", "\u00a0")


@pytest.mark.parametrize("number", ["", "+0612345678", "+33", "inconnu"])
def test_what_no_plan_knows_is_shown_as_it_was_kept(number):
    assert phones.display(number) == phones.national(number) == number
