"""The monthly statement of one account."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext_lazy as _
from stdnum import iban

from accounts.papers.contents import ContentsForClient, PaperKind, dated, line, lines
from auth_codes import wording


class StatementLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operation; a negative amount, in euros, is money that left the account."""

    booked_on: date
    value_on: date
    label: str
    amount: Decimal


class StatementContents(ContentsForClient, frozen=True, kw_only=True):
    """`month` is its first day, `opening_balance` in euros that of the evening before.

    The account is joint when it has several holders.
    """

    SOURCE = Path(__file__).with_name("statement.typ")
    KIND = PaperKind(
        stored_as="statement",
        name=_("Relevé de compte"),
        plural=_("Relevés"),
        page="accounts/documents/statement.html",
        place=1,
        # It tells each operation, which the desk shows on no page: whoever has no need to know must not learn it here.
        is_opened_at_the_desk=False,
        tells_operations=True,
        file_name="{document.statement.month:%Y-%m} {document.account.number}",
    )

    month: date
    issued_on: date
    account_label: str
    account_number: str
    iban: str
    bic: str
    holders: tuple[str, ...]
    advisor: str
    bank_phone: str
    opening_balance: Decimal
    lines: tuple[StatementLine, ...]

    @property
    def last_day(self) -> date:
        return self.month + relativedelta(day=31)

    @property
    def total_debit(self) -> Decimal:
        """What left the account, as a positive amount in euros."""
        return -sum((line.amount for line in self.lines if line.amount < 0), Decimal(0))

    @property
    def total_credit(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.amount > 0), Decimal(0))

    @property
    def closing_balance(self) -> Decimal:
        return self.opening_balance + self.total_credit - self.total_debit

    def printed(self) -> dict[str, object]:
        return {
            **super().printed(),
            **dated(self.issued_on),
            "month": wording.month(self.month).replace(" ", wording.NO_BREAK_SPACE),
            "account": f"{line(self.account_label)} n°\u00a0{line(self.account_number)}",
            "iban": iban.format(line(self.iban)),
            "bic": line(self.bic),
            "holders": lines(self.holders),
            "advisor": line(self.advisor),
            "bank_phone": line(self.bank_phone).replace(" ", "\u00a0"),
            "opening": _balance(self.opening_balance, self.month - timedelta(days=1)),
            "closing": _balance(self.closing_balance, self.last_day),
            "debit": wording.figures(self.total_debit),
            "credit": wording.figures(self.total_credit),
            "lines": [_row(operation) for operation in self.lines],
        }


def _balance(balance: Decimal, day: date) -> dict[str, object]:
    """A balance with its sign, and as the column it stands in says it: a debit is what the client owes."""
    side = "débiteur" if balance < 0 else "créditeur"
    return {
        "day": wording.day(day),
        "amount": wording.euros(balance),
        "label": f"Solde {side} au {wording.day(day)}",
        "columns": _columns(balance),
    }


def _row(operation: StatementLine) -> list[str]:
    days = wording.short_day(operation.booked_on), wording.short_day(operation.value_on)
    return [*days, line(operation.label), *_columns(operation.amount)]


def _columns(amount: Decimal) -> list[str]:
    """The amount without its sign, in the column of debits or in that of credits."""
    figures = wording.figures(abs(amount))
    return [figures, ""] if amount < 0 else ["", figures]
