"""`{% operations_of_account months %}`: operations under their days, each with its link, its amount, what it was for.

Drawn by functions where all else is a template: a page has fifty of them, and a template takes longer for these than
for the rest of the page. `tests/portal/test_operations_drawn.py` compares them with the template that says the same.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from django.template import Library
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from accounts.models import Entry
from accounts.operations.grouping import Day, Month
from accounts.operations.months import MonthEnd
from accounts.operations.sums import Moved
from auth_codes import wording
from banking_portal import icons
from banking_portal.drawing import put
from banking_portal.typography import euros

register = Library()

MONTHS = '\n<div class="days">\n  {}\n</div>\n'
MONTH = (
    '\n    <section class="month" aria-labelledby="month-{name}">\n'
    '      <div class="month__head">\n'
    '        <h3 id="month-{name}">{month}</h3>\n'
    "        {sums}\n"
    "      </div>\n"
    "      \n{days}\n\n"
    "    </section>\n  "
)
SUMS = (
    '<p class="month__sums"><span><span class="visually-hidden">{} </span>'
    '<span class="amount is-credit">{}{}</span></span>'
    ' <span><span class="visually-hidden">{} </span><span class="amount">{}</span></span></p>'
)
DAY = (
    '\n  <section class="day" aria-labelledby="day-{iso}">\n'
    '    <div class="day__head">\n'
    '      <{level} id="day-{iso}"><time datetime="{iso}">{day}</time></{level}>{total}\n'
    "    </div>\n"
    '    <ul class="ops">\n'
    "      {operations}\n"
    "    </ul>\n"
    "  </section>\n"
)
TOTAL = '\n      <span>{} <span class="amount">{}{}</span></span>'
NO_TOTAL = mark_safe("\n      ")
OPERATION = (
    '\n        <li class="op">\n'
    '          <span class="disc cat-{category}">{icon}</span>\n'
    '          <div class="op__what"><a class="op__link" href="{address}"{language}>{title}</a>'
    ' <span class="small">{nature}{account}</span></div>\n'
    '          <div class="op__amount"><span class="amount{credit}">{sign}{amount}</span>{balance}</div>\n'
    "        </li>\n      "
)
ACCOUNT = ' · <a href="{}">{}</a>'
BALANCE = ' <span class="small">{}</span>'
NOTHING, LINE_END, FRENCH, CREDIT, PLUS = map(mark_safe, ("", "\n", ' lang="fr"', " is-credit", "+"))


class Words(NamedTuple):
    """What a page says again and again; of the last, what it makes of a balance."""

    came_in: str
    went_out: str
    total: str
    balance: str


@cache
def _words(language: str | None) -> Words:
    """Those of the present language, which is `language`."""
    return Words(gettext("Entrées"), gettext("Sorties"), gettext("Total"), gettext("Solde %(balance)s"))


class SamePage(NamedTuple):
    """What is the same for all operations of a page."""

    words: Words
    today: date


def _page() -> SamePage:
    return SamePage(_words(get_language()), timezone.localdate())


@register.simple_tag
def operations_of_account(months: Sequence[Month]) -> SafeString:
    """Those of one account, the newest first: months with their sums, days with their totals, balances after each."""
    page = _page()
    return put(MONTHS, _together([_month(month, page) for month in months]))


@register.simple_tag
def operations_of_several(days: Sequence[Day]) -> SafeString:
    """Those of several accounts, each with a link to its own."""
    page = _page()
    drawn = [_day(day, page, "h3", [_operation(one, account=_account(one)) for one in day.entries]) for day in days]
    return _together([LINE_END, *drawn, LINE_END])


@register.simple_tag
def month_initials(ends: Sequence[MonthEnd]) -> SafeString:
    """Below a curve, of twelve months the first letters."""
    return _together(put("<li>{}</li>", wording.written(end.first, "F")[:1].upper()) for end in ends)


@register.simple_tag
def month_rows(ends: Sequence[MonthEnd]) -> SafeString:
    """The same curve as a table."""
    drawn = '<tr><th scope="row">{}</th><td>{}</td></tr>'
    return _together(put(drawn, wording.month(end.first), euros(end.balance)) for end in ends)


def _month(month: Month, page: SamePage) -> SafeString:
    return put(
        MONTH,
        name=wording.written(month.first, "Y-m"),
        month=capfirst(wording.written(month.first, "F Y")),
        sums=_sums(month.moved, page.words) if month.moved else NOTHING,
        days=_together(
            [
                _day(day, page, "h4", [_operation(one, balance=_balance(one, page.words)) for one in day.entries])
                for day in month.days
            ]
        ),
    )


def _sums(moved: Moved, words: Words) -> SafeString:
    came_in, went_out = euros(moved.came_in), euros(moved.went_out)
    sign = PLUS if moved.came_in else NOTHING
    return put(SUMS, words.came_in, sign, came_in, words.went_out, went_out)


def _day(day: Day, page: SamePage, level: str, drawn: Iterable[SafeString]) -> SafeString:
    return put(
        DAY,
        iso=wording.written(day.day, "Y-m-d"),
        level=level,
        day=wording.said_day(day.day, page.today),
        total=_total(day, page.words) if level == "h4" else NOTHING,
        operations=_together(drawn),
    )


def _total(day: Day, words: Words) -> SafeString:
    if len(day.entries) == 1 and day.is_whole:
        return NO_TOTAL
    return put(TOTAL, words.total, PLUS if day.total > 0 else NOTHING, euros(day.total))


def _operation(entry: Entry, *, account: SafeString = NOTHING, balance: SafeString = NOTHING) -> SafeString:
    category = entry.booking.category
    return put(
        OPERATION,
        category=category,
        icon=icons.icon(icons.category_icon(category)),
        address=entry.get_absolute_url(),
        language=FRENCH if entry.label else NOTHING,
        title=wording.spelled(entry.title),
        nature=entry.booking.nature,
        account=account,
        credit=NOTHING if entry.is_debit else CREDIT,
        sign=NOTHING if entry.is_debit else PLUS,
        amount=euros(entry.amount),
        balance=balance,
    )


def _account(entry: Entry) -> SafeString:
    account = entry.account
    return put(ACCOUNT, account.get_absolute_url(), account.short_name) if account else NOTHING


def _balance(entry: Entry, words: Words) -> SafeString:
    """An operation of a customer's account has one, those of the bank's own have none."""
    if entry.balance is None:
        return NOTHING
    return put(BALANCE, words.balance % {"balance": euros(entry.balance)})


def _together(drawn: Iterable[SafeString]) -> SafeString:
    """Each of which was escaped."""
    return SafeString("".join(drawn))
