"""How days, hours, numbers and amounts are written in what people read: Django's formats, in the reader's language.

What French has of its own stands in `auth_codes/formats`. Sentences with a plural are `ngettext` where they are
said, or `ngettext_lazy` where they are constants of a module.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from html import escape
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format, get_format, number_format, time_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

FRENCH = settings.LANGUAGE_CODE
NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
# An IBAN; else groups of digits held together, as in a code client, an account's or a telephone's number; or a
# telephone's number with plain spaces. Neither an amount, whose thousands a narrow space holds, nor a date is one.
GROUPED_NUMBER = re.compile(
    r"\b[A-Z]{2}[0-9]{2}(?:[ \u00a0][0-9A-Z]{4}){2,7}(?:[ \u00a0][0-9A-Z]{1,3})?\b"
    r"|(?<![0-9])\+?[0-9]+(?:[\u00a0\u2011][0-9]+)+(?![0-9])"
    r"|(?<![0-9])0[1-9](?: [0-9]{2}){4}(?![0-9])"
)
HEARD, SEEN = '<span class="spelled__heard">{}</span>', '<span aria-hidden="true">{}</span>'
# Of every day of two years, in two languages, the forms that pages use.
DAYS_KEPT = 8192
# Every minute of a day, in two languages.
HOURS_KEPT = 2 * 24 * 60
SPELLED = f'<span class="spelled" translate="no">{HEARD}{SEEN}</span>'


@contextmanager
def in_french() -> Iterator[None]:
    """For papers, sealed letters and what the database keeps, whatever language the present page speaks.

    Also a decorator, which Django's own `override` is not where threads share the function.
    """
    with translation.override(FRENCH):
        yield


@lru_cache(maxsize=DAYS_KEPT)
def _written(when: date, form: str, language: str | None) -> str:
    """A day by one of Django's forms; a page of operations writes the same few again and again."""
    return date_format(when, form)


def written(when: date, form: str) -> str:
    """A day, and no moment, by one of Django's forms or formats, in the reader's language."""
    return _written(when, form, translation.get_language())


def day(when: date) -> str:
    """« 1er mars 2026 », never broken over two lines; of a moment, its day in the present time zone."""
    shown = _day_of(when)
    return written(shown, "FIRST_DAY_FORMAT" if shown.day == 1 else "DAY_FORMAT")


def said_day(when: date, today: date | None = None) -> str:
    """« Aujourd’hui, 1er mars 2026 », « Hier, 28 février 2026 », « Mercredi 25 février 2026 »"""
    days_ago = ((today or timezone.localdate()) - when).days
    return _said_day(when, days_ago if days_ago in (0, 1) else None, translation.get_language())


@lru_cache(maxsize=DAYS_KEPT)
def _said_day(when: date, days_ago: int | None, language: str | None) -> str:
    """In the present language, which is `language`; `days_ago` is 0, 1, or None for any other day."""
    if days_ago is None:
        return f"{written(when, 'l').capitalize()} {day(when)}"
    return (_("Hier, ") if days_ago else _("Aujourd’hui, ")) + day(when)


def short_day(when: date) -> str:
    """« 01/03/2026 »; of a moment, its day in the present time zone."""
    return written(_day_of(when), "SHORT_DATE_FORMAT")


def month(first: date) -> str:
    """« mars 2026 »"""
    return written(first, "YEAR_MONTH_FORMAT")


@lru_cache(maxsize=HOURS_KEPT)
def _written_hour(hour: int, minute: int, language: str | None) -> str:
    """A minute of the day in the present language, which is `language`."""
    return time_format(time(hour, minute), "HOUR_FORMAT")


def hour(moment: datetime) -> str:
    """« 08 h 05 », never broken over two lines."""
    shown = local(moment)
    return _written_hour(shown.hour, shown.minute, translation.get_language())


def moment(at: datetime) -> str:
    """« 01/03/2026 à 08:05 »"""
    return date_format(local(at), "MOMENT_FORMAT")


def short_moment(at: datetime) -> str:
    """« 01/03/2026 08:05 »"""
    return date_format(local(at), "SHORT_DATETIME_FORMAT")


def iso(moment: datetime) -> str:
    """« 2026-03-01T08:05:00+01:00 », for machines: HTML takes no parts of a second beyond thousandths."""
    return local(moment).isoformat(timespec="seconds")


def local(moment: datetime) -> datetime:
    """The moment on the clocks of the present time zone. Raises ValueError for one without zone, which could be any."""
    if timezone.is_naive(moment):
        raise ValueError(f"{moment} has no time zone")
    return timezone.localtime(moment)


def _day_of(when: date) -> date:
    return local(when).date() if isinstance(when, datetime) else when


def grouped(number: int) -> str:
    """« 12 345 »"""
    return number_format(number, force_grouping=True)


class Amounts(NamedTuple):
    """How a language writes amounts: what it puts where Python puts a comma or a dot, and where it puts the euro."""

    signs: dict[int, str]
    with_euro: str

    def figures(self, amount: Decimal) -> str:
        """« −1 234,56 », negative ones with a real minus sign."""
        return self._signed(amount, "{}")

    def euros(self, amount: Decimal) -> str:
        """« −1 234,56 € »: nothing in it is a sign of HTML."""
        return self._signed(amount, self.with_euro)

    def _signed(self, amount: Decimal, form: str) -> str:
        cents = round(amount, 2)
        written = form.format(f"{abs(cents):,.2f}".translate(self.signs))
        return MINUS + written if cents < 0 else written


def amounts() -> Amounts:
    """As the reader's language writes them; for whoever writes many."""
    return _amounts(translation.get_language())


@cache
def _amounts(language: str | None) -> Amounts:
    """Of the present language, which is `language`."""
    signs = {",": get_format("THOUSAND_SEPARATOR"), ".": get_format("DECIMAL_SEPARATOR")}
    return Amounts(str.maketrans(signs), str(get_format("EUROS_FORMAT")))


def euros(amount: Decimal) -> str:
    """« 1 234,56 € », negative ones with a real minus sign."""
    return amounts().euros(amount)


def signed_euros(amount: Decimal) -> str:
    """« +1 234,56 € », so that it is read as a change; nothing before zero."""
    return f"{'+' if amount > 0 else ''}{euros(amount)}"


def figures(amount: Decimal) -> str:
    """« 1 234,56 », as in a column that names its unit."""
    return amounts().figures(amount)


def french(text: str) -> str:
    """The right apostrophe, and no-break spaces before ; : ! ? and inside « », in what was typed with plain ones.

    No line begins with a sign.
    """
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r" ([;!?])", NARROW_SPACE + r"\1", text)
    return re.sub(r" ([:»])", NO_BREAK_SPACE + r"\1", text).replace("« ", f"«{NO_BREAK_SPACE}")


def spelled(text: object) -> SafeString:
    """A text as HTML, in which each grouped number is as `spelled_number` shows it."""
    shown = str(text)
    escaped = shown if isinstance(shown, SafeString) else escape(shown)
    return SafeString(GROUPED_NUMBER.sub(lambda number: spelled_number(number[0]), escaped))


def spelled_number(shown: str) -> SafeString:
    """A number in groups as HTML: seen as it stands, heard sign by sign with a pause after each group, copied once."""
    heard = ", ".join(" ".join(group) for group in re.split(r"[\s\u2011]", shown))
    return heard_as(heard, shown) if shown else SafeString()


def heard_as(heard: str, shown: str) -> SafeString:
    """What is seen as HTML, with other words for a screen reader."""
    return format_html(SPELLED, heard, shown)
