from decimal import Decimal

import pytest

from accounts.notation import amounts

NARROW, NO_BREAK, MINUS = "\u202f", "\u00a0", "\u2212"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0,00"),
        ("0.5", "0,50"),
        ("999.99", "999,99"),
        ("1234.56", f"1{NARROW}234,56"),
        ("1234567.8", f"1{NARROW}234{NARROW}567,80"),
        ("-1234.56", f"{MINUS}1{NARROW}234,56"),
        ("-0.01", f"{MINUS}0,01"),
        ("-0.001", "0,00"),
    ],
)
def test_amount_is_written_the_french_way(amount, shown):
    assert amounts.display(Decimal(amount)) == f"{shown}{NO_BREAK}€"
