"""Amounts of money in French typography."""

from decimal import Decimal

from accounts.notation.typography import NARROW_SPACE, NO_BREAK_SPACE

MINUS = "\u2212"


def display(amount: Decimal) -> str:
    """« 1 234,56 € », negative ones with a real minus sign."""
    return f"{figures(amount)}{NO_BREAK_SPACE}€"


def figures(amount: Decimal) -> str:
    """« 1 234,56 », as in a column that names its unit."""
    amount = round(amount, 2)
    digits = f"{abs(amount):,.2f}".replace(",", NARROW_SPACE).replace(".", ",")
    return f"{MINUS if amount < 0 else ''}{digits}"
