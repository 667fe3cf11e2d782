"""Operations as CSV for French spreadsheets: semicolons, decimal commas, UTF-8 with its mark, JJ/MM/AAAA."""

import csv
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from accounts.models import Entry
from auth_codes import wording

BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for Windows' own encoding
COLUMNS = ["Date", "Date de valeur", "Opération", "Nature", "Montant en euros", "Solde en euros"]
# A cell that begins so is a formula to a spreadsheet: OWASP, « CSV Injection ». Full-width signs count as well.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# A spreadsheet that is not French begins a cell after each comma as well, and takes quotes off.
BEGINS_A_FORMULA = re.compile(rf"""(^|,[ "]*)(?=[{re.escape("".join(FORMULA_STARTS))}])""")


class _Line:
    """What csv.writer writes to; it hands each line on."""

    def write(self, line: str) -> str:
        return line


def lines(entries: Iterable[Entry]) -> Iterator[str]:
    """The file line by line, its heading first, however long the account is."""
    writer = csv.writer(_Line(), delimiter=";")
    yield BYTE_ORDER_MARK + writer.writerow(COLUMNS)
    for entry in entries:
        yield writer.writerow(_cells(entry))


def harmless(text: str) -> str:
    """One line that no spreadsheet computes: an apostrophe before what would begin a formula."""
    return BEGINS_A_FORMULA.sub(r"\1'", " ".join(text.split()))


@wording.in_french()
def _cells(entry: Entry) -> list[str]:
    """Spreadsheets read the file, whatever the reader's language."""
    return [
        f"{entry.booked_on:%d/%m/%Y}",
        f"{entry.value_on:%d/%m/%Y}",
        harmless(entry.label),
        entry.booking.get_kind_display(),
        _decimal(entry.amount),
        _decimal(entry.balance),
    ]


def _decimal(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}".replace(".", ",")
