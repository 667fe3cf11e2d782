"""The kinds of journal lines and of notices: each app declares its own, with their sentences, and knows no other's.

A kind is a value that the database keeps, what the bank reads and, for a line of somebody's journal, what he reads of
it himself. Apps declare theirs in `AppConfig.ready`; the columns take their choices from what is declared, so that a
new kind needs a migration nowhere.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.functional import Promise


class Told(NamedTuple):
    """What a line says to whom it is about, in his own journal.

    `details` are those of its details that he is told beside the ones told of every kind. `by_a_stranger`: nobody was
    logged in, and whoever it was acted himself; in all other lines that name nobody the bank did.
    """

    words: str | Promise
    details: tuple[str, ...] = ()
    by_a_stranger: bool = False


# Concerns nobody in particular: the work of the timers, the alarms of the operators.
BANK_ALONE = None


class LineKind(models.TextChoices):
    """Each member is `value, what he reads whom it is about (a Told) or BANK_ALONE, what the bank reads`."""

    told: Told | None

    def __new__(cls, value: str, told: Told | None) -> "LineKind":
        member = str.__new__(cls, value)
        member._value_ = value
        member.told = told
        return member


class NoticeKind(models.TextChoices):
    """Each member is `value, what the bank reads`; its text is templates/mail/<value>.txt."""

    @property
    def template(self) -> str:
        return f"mail/{self.value}.txt"


InWords = Callable[[str | int], str]
Choices = list[tuple[str, str]]
Declared = TypeVar("Declared", LineKind, NoticeKind, InWords)

_lines: dict[str, LineKind] = {}
_notices: dict[str, NoticeKind] = {}
_details: dict[str, InWords] = {}


def declare_lines(kinds: type[LineKind], details: Mapping[str, InWords]) -> None:
    """Adds an app's kinds of lines, and how the details of its lines read. Raises ImproperlyConfigured for a double."""
    _declare(_lines, {kind.value: kind for kind in kinds})
    _declare(_details, details)


def declare_notices(kinds: type[NoticeKind]) -> None:
    """Adds an app's kinds of notices. Raises ImproperlyConfigured for a double."""
    _declare(_notices, {kind.value: kind for kind in kinds})


def line_choices() -> Choices:
    """Value and words of each kind of line that some app has declared."""
    return [(kind.value, kind.label) for kind in _lines.values()]


def notice_choices() -> Choices:
    """The same of notices."""
    return [(kind.value, kind.label) for kind in _notices.values()]


def told() -> dict[str, Told]:
    """What is told of each kind of line to whom it is about; without the kinds that are the bank's alone."""
    return {value: kind.told for value, kind in _lines.items() if kind.told}


def among(words: Mapping[str, str | Promise]) -> InWords:
    """A detail that holds one of a few values; any other is shown as it is."""
    return lambda value: str(words.get(str(value), value))


def detail_in_words(name: str, value: str | int) -> str:
    """A line's detail as its app declares it; one that no app declares any more, as it is."""
    return _details[name](value) if name in _details else f"{name} : {value}"


def _declare(known: dict[str, Declared], more: Mapping[str, Declared]) -> None:
    twice = sorted(known.keys() & more.keys())
    if twice:
        raise ImproperlyConfigured(f"declared by two apps: {', '.join(twice)}")
    known.update(more)
