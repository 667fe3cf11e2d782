"""What the contents of all papers have in common: JSON and PDF."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Self

import msgspec
from django.utils.functional import Promise

from accounts.client_codes import display
from auth_codes import signs, strict_json, wording
from auth_codes.pdf import breakable, compiled

VERSION = 1
UNNAMED_BANK = "Votre banque"
ADDRESS_WIDTH = 38  # signs of a line, AFNOR NF Z 10-011
KEPT_SPACES = ("\u00a0", "\u202f")
# Papers keep texts alone: msgspec would take a JSON number for an amount, and a binary fraction is none.
TEXTS = dict[str, str | list[str | list[str] | dict[str, str]]]
KEPT = re.compile(f"([{''.join(KEPT_SPACES)}])")


class UnreadableContents(ValueError):
    """A text is not the contents of this kind of paper, in a version known here."""


class Contents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is printed on one paper. A text may hold any signs; amounts are whole cents.

    Papers of before the bank had a name say none: `bank_name` is then what they were printed with.
    """

    SOURCE: ClassVar[Path]

    bank_name: str = UNNAMED_BANK

    def to_json(self) -> str:
        """The contents as one JSON object with its version; dates ISO, amounts « 1234.56 ».

        Raises ValueError for an amount with parts of a cent.
        """
        kept = msgspec.to_builtins(self, builtin_types=(date, datetime, Decimal))
        if self.bank_name == UNNAMED_BANK:
            del kept["bank_name"]
        return json.dumps({"version": VERSION} | kept, ensure_ascii=False, default=_text)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote. Raises UnreadableContents."""
        try:
            if strict_json.version_of(text) != VERSION:
                raise UnreadableContents(f"contents of another version than {VERSION}")
            kept = strict_json.read(dict[str, object], text)
            del kept["version"]
            return msgspec.convert(msgspec.convert(kept, TEXTS), cls)
        except (strict_json.UnexpectedForm, msgspec.ValidationError) as error:
            raise UnreadableContents(f"not the contents of a {cls.__name__}: {error}") from error

    def printed(self) -> dict[str, object]:
        """What the typst source reads: texts only, ready to be shown, and the parts of the paper's date."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class PaperKind:
    """What the portal knows of a kind of paper, once for all places.

    `stored_as` names it in the database, `page` is the template that tells all that the PDF tells, `place` is its own
    among the kinds by which a client chooses, `file_name` says how to name a document's file after `name`, and `icon`
    is what stands beside it in lists, of static/img/icons.svg. One that `tells_operations` is read within 90 days, or
    with more than two codes; see accounts/pages/history_limit.py.
    """

    stored_as: str
    name: str | Promise
    plural: str | Promise
    page: str
    place: int
    is_opened_at_the_desk: bool
    tells_operations: bool
    file_name: str = "{document.issued_on} {document.title}"
    icon: str = "document"


class ContentsForClient(Contents, frozen=True, kw_only=True):
    """Contents addressed to one client. `address` begins with the name."""

    KIND: ClassVar[PaperKind]

    client_code: str
    address: tuple[str, ...]

    def printed(self) -> dict[str, object]:
        return {"client_code": display(self.client_code), "address": address_lines(self.address)}


@wording.in_french()
def in_words(contents: Contents) -> dict[str, object]:
    """What the paper says, ready to be shown: in French, whatever language its reader's pages are in."""
    return {"bank_name": line(contents.bank_name)} | contents.printed()


def render(contents: Contents) -> bytes:
    """The paper as PDF/A-2a and PDF/UA-1, the same bytes for the same contents and the same version of typst.

    Raises `typst.TypstError` when the address is too long to be readable in its window; six lines of 38 characters
    always fit.

    One core renders about 50 usual statements a second. Processes add up, threads hardly; start them by
    « spawn », because typst's own threads do not survive the fork of a process that has rendered.
    """
    return compiled(contents.SOURCE, in_words(contents))


def line(text: str) -> str:
    """One line of any signs as it can be printed; no-break spaces stay."""
    return breakable("".join(part if part in KEPT_SPACES else signs.shown(part) for part in KEPT.split(text)))


def lines(texts: tuple[str, ...]) -> list[str]:
    """The lines that are not blank."""
    return [shown for shown in map(line, texts) if shown]


def address_lines(address: tuple[str, ...]) -> list[str]:
    """The lines of an address that are not blank, so short that six of them fit in their window."""
    shown = (signs.shown_within(ADDRESS_WIDTH, typed) for typed in address)
    return [breakable(line) for line in shown if line]


def dated(day: date) -> dict[str, object]:
    """The paper's date, for the reader and for the document."""
    return {"date": wording.day(day), "day": [day.year, day.month, day.day]}


def _text(value: date | Decimal) -> str:
    """A moment or day in ISO's writing, an amount with its cents. Raises ValueError for parts of a cent."""
    if isinstance(value, date):
        return value.isoformat()
    if value != round(value, 2):
        raise ValueError(f"{value} is no amount in whole cents")
    return f"{value:.2f}"
