"""Operations as OFX 1.0.3, which personal finance programs import.

The header of OFX 1 over a body in which every tag is closed: programs that read SGML alone take it (libofx, by which
GnuCash, KMyMoney, HomeBank, Grisbi and Skrooge read, ofxparse and the importers built on it, beancount's), and those
that know XML find nothing else in it. UTF-8 is not among the encodings of the norm, and each of them reads it all the
same where the header names it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from accounts.models import BankAccount, Booking, Entry
from accounts.notation.ibans import RibParts
from accounts.notation.periods import Period
from accounts.operations.search import Positions
from auth_codes import wording

NAME_LENGTH = 32  # OFX 1.0.3, 11.4.3
# What XML 1.0 cannot hold, even escaped.
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LINE_END = "\r\n"
HEADER = LINE_END.join(
    [
        "OFXHEADER:100", "DATA:OFXSGML", "VERSION:103", "SECURITY:NONE", "ENCODING:UTF-8", "CHARSET:NONE",
        "COMPRESSION:NONE", "OLDFILEUID:NONE", "NEWFILEUID:NONE", "", "",
    ]
)  # fmt: skip
KINDS: dict[str, str] = {
    Booking.Kind.TRANSFER: "XFER",
    Booking.Kind.CARD: "POS",
    Booking.Kind.CASH: "CASH",
    Booking.Kind.INTEREST: "INT",
    Booking.Kind.FEE: "FEE",
}
DONE = "<STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What stands around the operations: `ledger_balance` in euros on `as_of`, `available` when that is today."""

    rib: RibParts
    kind: str
    first: date
    as_of: date
    ledger_balance: Decimal
    available: Decimal | None
    made_at: datetime


def frame_of(account: BankAccount, period: Period | None, positions: Positions, now: datetime) -> Frame:
    """What an account with its balances says of a period, or of its whole life, up to the day of `now` at most."""
    today = now.date()
    as_of = min(today, period.end - timedelta(1)) if period else today
    days = account.entries.filter(position=positions.low + 1).values_list("booked_on", flat=True)
    balances = account.entries.filter(position=positions.high).values_list("balance", flat=True)
    return Frame(
        rib=account.rib_parts,
        kind=account.kind,
        first=min([period.first if period else account.opened_on, as_of, *days]),
        as_of=as_of,
        ledger_balance=balances.first() or Decimal(0),
        available=account.available if as_of == today else None,
        made_at=now,
    )


def lines(frame: Frame, entries: Iterable[Entry]) -> Iterator[str]:
    """The file, line by line."""
    yield HEADER
    yield f"<OFX><SIGNONMSGSRSV1><SONRS>{DONE}"
    yield f"<DTSERVER>{frame.made_at.astimezone(UTC):%Y%m%d%H%M%S}.000[0:GMT]</DTSERVER>"
    yield f"<LANGUAGE>FRA</LANGUAGE></SONRS></SIGNONMSGSRSV1>{LINE_END}"
    yield f"<BANKMSGSRSV1><STMTTRNRS><TRNUID>0</TRNUID>{DONE}<STMTRS><CURDEF>EUR</CURDEF>{LINE_END}"
    yield _account(frame)
    # Days without hours: a program far away must not move an operation to the day before.
    yield f"<BANKTRANLIST><DTSTART>{frame.first:%Y%m%d}</DTSTART><DTEND>{frame.as_of:%Y%m%d}</DTEND>{LINE_END}"
    for entry in entries:
        yield _operation(frame.rib.number, entry)
    yield f"</BANKTRANLIST>{LINE_END}"
    yield _balance("LEDGERBAL", frame.ledger_balance, frame.as_of)
    if frame.available is not None:
        yield _balance("AVAILBAL", frame.available, frame.as_of)
    yield f"</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>{LINE_END}"


def name_and_memo(label: str) -> tuple[str, str]:
    """A label in the 32 signs that a name may have, cut between words where there are any, and the rest."""
    label = " ".join(NO_XML.sub(" ", label).split())
    if len(label) <= NAME_LENGTH:
        return label, ""
    cut = label.rfind(" ", 0, NAME_LENGTH + 1)
    cut = cut if cut > 0 else NAME_LENGTH
    return label[:cut], label[cut:].strip()


def _account(frame: Frame) -> str:
    rib, kind = frame.rib, "SAVINGS" if frame.kind == BankAccount.Kind.SAVINGS else "CHECKING"
    return (
        f"<BANKACCTFROM><BANKID>{rib.bank}</BANKID><BRANCHID>{rib.branch}</BRANCHID><ACCTID>{rib.number}</ACCTID>"
        f"<ACCTTYPE>{kind}</ACCTTYPE><ACCTKEY>{rib.key}</ACCTKEY></BANKACCTFROM>{LINE_END}"
    )


@wording.in_french()
def _operation(number: str, entry: Entry) -> str:
    # Account and position: they name an entry for ever, so that a program that has it already does not take it twice.
    name, memo = name_and_memo(entry.label)
    name = name or entry.booking.get_kind_display()
    return (
        f"<STMTTRN><TRNTYPE>{_kind(entry)}</TRNTYPE><DTPOSTED>{entry.booked_on:%Y%m%d}</DTPOSTED>"
        f"<DTAVAIL>{entry.value_on:%Y%m%d}</DTAVAIL><TRNAMT>{entry.amount:.2f}</TRNAMT>"
        f"<FITID>{number}-{entry.position}</FITID><NAME>{escape(name)}</NAME>"
        f"{f'<MEMO>{escape(memo)}</MEMO>' if memo else ''}</STMTTRN>{LINE_END}"
    )


def _kind(entry: Entry) -> str:
    kind = entry.booking.kind
    if kind == Booking.Kind.DIRECT_DEBIT and entry.is_debit:
        return "DIRECTDEBIT"
    return KINDS.get(kind) or ("DEBIT" if entry.is_debit else "CREDIT")


def _balance(name: str, amount: Decimal, day: date) -> str:
    return f"<{name}><BALAMT>{amount:.2f}</BALAMT><DTASOF>{day:%Y%m%d}</DTASOF></{name}>{LINE_END}"
