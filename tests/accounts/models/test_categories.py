"""What an operation was for: every code of the standard and every kind of booking has its category."""

import pytest

from accounts.models import Booking, Category, categories
from accounts.models.categories import FROM_CODE, LAST_CODE, of_code, of_operation

# ISO 18245:2003, clause 6: the ranges of merchant category codes, and what each mostly is to a customer.
STANDARD = [
    (1, 1499, "Agricultural services"),
    (1500, 2999, "Contracted services"),
    (3000, 3999, "Reserved for private use: airlines, car rental, lodging"),
    (4000, 4799, "Transportation services"),
    (4800, 4999, "Utility services"),
    (5000, 5599, "Retail outlet services"),
    (5600, 5699, "Clothing shops"),
    (5700, 7299, "Miscellaneous shops"),
    (7300, 7999, "Business services"),
    (8000, 8999, "Professional services and membership organizations"),
    (9000, 9999, "Government services"),
]
KNOWN = {
    Category.FOOD: (5411, 5422, 5441, 5451, 5462, 5499, 5921),
    Category.HOME: (780, 1520, 1711, 1799, 5200, 5211, 5251, 5261, 5712, 5722, 6513, 7641),
    Category.BILLS: (4814, 4899, 4900, 6300, 9211, 9311, 9399, 9402),
    Category.TRAVEL: (3000, 3299, 3351, 3500, 3999, 4011, 4111, 4121, 4511, 4722, 4784, 5511, 5541, 5542, 7011, 7523),
    Category.HEALTH: (5047, 5122, 5912, 5975, 8011, 8021, 8043, 8062, 8099),
    Category.LEISURE: (5812, 5813, 5814, 5942, 5994, 7832, 7922, 7997, 7999),
    Category.SHOPPING: (5311, 5331, 5600, 5651, 5699, 5732, 5945, 5999, 7210, 7230, 8111, 8220, 8351),
    Category.BANK: (4829, 6010, 6011, 6012, 6051, 6211),
    Category.OTHER: (8398, 8641, 8661),
}


def test_there_are_ten_with_a_name_each():
    assert len(Category) == len(set(Category.labels)) == 10


@pytest.mark.parametrize(("first", "last", "what"), STANDARD, ids=[what for *_, what in STANDARD])
def test_every_code_of_the_standard_has_a_category(first, last, what):
    assert {of_code(code) for code in range(first, last + 1)} <= set(Category)


def test_ranges_of_the_standard_leave_no_code_out():
    assert [first for first, *_ in STANDARD[1:]] == [last + 1 for _, last, _ in STANDARD[:-1]]
    assert (STANDARD[0][0], STANDARD[-1][1]) == (FROM_CODE[0][0], LAST_CODE)


def test_lines_follow_each_other():
    codes = [code for code, _ in FROM_CODE]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize(
    ("code", "category"), [(code, category) for category, codes in KNOWN.items() for code in codes]
)
def test_well_known_codes_are_what_one_expects(code, category):
    assert of_code(code) == category


@pytest.mark.parametrize("code", [0, -1, 10_000])
def test_what_is_no_code_has_no_category(code):
    with pytest.raises(ValueError, match="no merchant category code"):
        of_code(code)


def test_every_kind_has_a_category():
    assert set(categories.BY_KIND) == set(Booking.Kind)


def test_merchant_decides_before_the_kind():
    assert of_operation(Booking.Kind.CARD, 5411) == Category.FOOD
    assert of_operation(Booking.Kind.CARD, None) == Category.SHOPPING
