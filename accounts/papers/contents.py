"""What the contents of all papers have in common: JSON and PDF."""

import json
import re
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import ClassVar, Self, get_args, get_origin, get_type_hints

from accounts.client_codes import display
from auth_codes import wording
from auth_codes.pdf import breakable, compiled, printable

VERSION = 1
KEPT_SPACES = ("\u00a0", "\u202f")
KEPT = re.compile(f"([{''.join(KEPT_SPACES)}])")


class UnreadableContents(ValueError):
    """A text is not the contents of this kind of paper, in a version known here."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """All that is printed on one paper. A text may hold any signs; amounts are whole cents."""

    SOURCE: ClassVar[Path]

    def to_json(self) -> str:
        """The contents as one JSON object with its version; dates ISO, amounts « 1234.56 ».

        Raises ValueError for an amount with parts of a cent.
        """
        return json.dumps({"version": VERSION} | _plain(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote. Raises UnreadableContents."""
        try:
            kept = json.loads(text)
            if kept.pop("version") != VERSION:
                raise UnreadableContents(f"contents of another version than {VERSION}")
            return _read(cls, kept)
        except (AttributeError, ArithmeticError, KeyError, TypeError, ValueError) as error:
            raise UnreadableContents(f"not the contents of a {cls.__name__}: {error!r}") from error

    def printed(self) -> dict[str, object]:
        """What the typst source reads: texts only, ready to be shown, and the parts of the paper's date."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class ContentsForClient(Contents):
    """Contents addressed to one client. `address` begins with the name."""

    client_code: str
    address: tuple[str, ...]

    def printed(self) -> dict[str, object]:
        return {"client_code": display(self.client_code), "address": lines(self.address)}


def render(contents: Contents) -> bytes:
    """The paper as PDF/A-2a and PDF/UA-1, the same bytes for the same contents and the same version of typst.

    Raises `typst.TypstError` when the address is too long to be readable in its window; six lines of 38 characters
    always fit.

    One core renders about 50 usual statements a second. Processes add up, threads hardly; start them by
    « spawn », because typst's own threads do not survive the fork of a process that has rendered.
    """
    return compiled(contents.SOURCE, contents.printed())


def line(text: str) -> str:
    """One line of any signs as it can be printed; no-break spaces stay."""
    return breakable("".join(part if part in KEPT_SPACES else printable(part) for part in KEPT.split(text)))


def lines(texts: tuple[str, ...]) -> list[str]:
    """The lines that are not blank."""
    return [shown for shown in map(line, texts) if shown]


def dated(day: date) -> dict[str, object]:
    """The paper's date, for the reader and for the document."""
    return {"date": wording.day(day), "day": [day.year, day.month, day.day]}


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        if value != round(value, 2):
            raise ValueError(f"{value} is no amount in whole cents")
        return f"{value:.2f}"
    return value


def _read(kind: type, kept: object) -> object:
    if is_dataclass(kind):
        hints = _fields_of(kind)
        if kept.keys() != hints.keys():
            raise KeyError(*sorted(kept.keys() ^ hints.keys()))
        return kind(**{name: _read(hint, kept[name]) for name, hint in hints.items()})
    if get_origin(kind) is tuple:
        return _read_tuple(get_args(kind), kept)
    if not isinstance(kept, str):
        raise TypeError(f"{kept!r} is no text")
    if kind in (date, datetime):
        return kind.fromisoformat(kept)
    return kind(kept)


def _read_tuple(kinds: tuple[type, ...], kept: object) -> tuple:
    if not isinstance(kept, list):
        raise TypeError(f"{kept!r} is no list")
    if kinds[-1] is Ellipsis:
        return tuple(_read(kinds[0], part) for part in kept)
    return tuple(_read(kind, part) for kind, part in zip(kinds, kept, strict=True))


@cache
def _fields_of(kind: type) -> dict[str, type]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
