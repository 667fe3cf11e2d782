"""Amounts of money in French typography."""

from decimal import Decimal

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"


def display(amount: Decimal) -> str:
    """« 1 234,56 € », negative ones with a real minus sign."""
    amount = round(amount, 2)
    figures = f"{abs(amount):,.2f}".replace(",", NARROW_SPACE).replace(".", ",")
    return f"{MINUS if amount < 0 else ''}{figures}{NO_BREAK_SPACE}€"
