import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ("typed", "kept"), [("+32 470 12 34 56", "+32470123456"), ("0041 22 730 51 11", "+41227305111")]
)
def test_foreign_number_is_kept_in_international_form(typed, kept):
    assert phones.normalise(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "06 12 34 56", "06 12 34 56 789", "612345678", "+33 6 12 34", "+33", "téléphone",
        "06\x0012345678", "٠٦١٢٣٤٥٦٧٨", "+0612345678", "+1234567", "+1234567890123456", "9" * 10_000,
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(phones.NotAPhoneNumber):
        phones.normalise(typed)


@given(st.text())
def test_any_text_is_normalised_or_refused(text):
    try:
        number = phones.normalise(text)
    except phones.NotAPhoneNumber:
        return
    assert len(number) <= 16
    assert phones.normalise(phones.display(number)) == number


def test_french_number_is_shown_in_pairs():
    assert phones.display("+33612345678") == "06\u00a012\u00a034\u00a056\u00a078"


def test_foreign_number_is_shown_as_it_is():
    assert phones.display("+32470123456") == "+32470123456"
