"""`{% operations_of_account months %}`: operations under their days, each with its link, its amount, what it was for.

Drawn by functions where all else is a template: a page has fifty of them, and a template takes longer for these than
for the rest of the page. `tests/portal/test_operations_drawn.py` compares them with the template that says the same.
What is put into a form is HTML by then: a text that somebody wrote goes through `escaped` or `spelled`.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from django.template import Library
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from accounts.models import Category, Entry
from accounts.operations.grouping import Day, Month
from accounts.operations.months import MonthEnd
from accounts.operations.sums import Moved
from auth_codes import wording
from auth_codes.wording import Amounts
from banking_portal import icons
from banking_portal.drawing import escaped

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
NO_TOTAL = "\n      "
OPERATION = (
    '\n        <li class="op">\n'
    "          {disc}\n"
    '          <div class="op__what"><a class="op__link" href="{address}"{language}>{title}</a>'
    ' <span class="small">{nature}{account}</span></div>\n'
    '          <div class="op__amount"><span class="amount{credit}">{sign}{amount}</span>{balance}</div>\n'
    "        </li>\n      "
)
DISC = '<span class="disc cat-{}">{}</span>'
ACCOUNT = ' · <a href="{}">{}</a>'
BALANCE = ' <span class="small">{}</span>'
NOTHING, FRENCH, CREDIT, PLUS = "", ' lang="fr"', " is-credit", "+"


class Words(NamedTuple):
    """What a page says again and again, as HTML; of the last, what it makes of a balance."""

    came_in: str
    went_out: str
    total: str
    balance: str


@cache
def _words(language: str | None) -> Words:
    """Those of the present language, which is `language`."""
    said = gettext("Entrées"), gettext("Sorties"), gettext("Total"), gettext("Solde %(balance)s")
    return Words(*map(escaped, said))


@cache
def _disc(category: Category) -> str:
    """What an operation was for, as a coloured disc."""
    return DISC.format(category.value, icons.icon(icons.category_icon(category)))


class SamePage(NamedTuple):
    """What is the same for all operations of a page."""

    words: Words
    amounts: Amounts
    today: date


def _page() -> SamePage:
    return SamePage(_words(get_language()), wording.amounts(), timezone.localdate())


@register.simple_tag
def operations_of_account(months: Sequence[Month]) -> SafeString:
    """Those of one account, the newest first: months with their sums, days with their totals, balances after each."""
    page = _page()
    return SafeString(MONTHS.format("".join([_month(month, page) for month in months])))


@register.simple_tag
def operations_of_several(days: Sequence[Day]) -> SafeString:
    """Those of several accounts, each with a link to its own."""
    page = _page()
    drawn = [
        _day(day, page, "h3", [_operation(one, page, account=_account(one)) for one in day.entries]) for day in days
    ]
    return SafeString("\n" + "".join(drawn) + "\n")


@register.simple_tag
def month_initials(ends: Sequence[MonthEnd]) -> SafeString:
    """Below a curve, of twelve months the first letters."""
    initials = [wording.written(end.first, "F")[:1].upper() for end in ends]
    return SafeString("".join([f"<li>{escaped(initial)}</li>" for initial in initials]))


@register.simple_tag
def month_rows(ends: Sequence[MonthEnd]) -> SafeString:
    """The same curve as a table."""
    amounts = wording.amounts()
    drawn = '<tr><th scope="row">{}</th><td>{}</td></tr>'
    rows = [drawn.format(escaped(wording.month(end.first)), amounts.euros(end.balance)) for end in ends]
    return SafeString("".join(rows))


def _month(month: Month, page: SamePage) -> str:
    return MONTH.format(
        name=month.first.isoformat()[:7],
        month=escaped(capfirst(wording.written(month.first, "F Y"))),
        sums=_sums(month.moved, page) if month.moved else NOTHING,
        days="".join([_day_of_account(day, page) for day in month.days]),
    )


def _sums(moved: Moved, page: SamePage) -> str:
    came_in, went_out = page.amounts.euros(moved.came_in), page.amounts.euros(moved.went_out)
    sign = PLUS if moved.came_in else NOTHING
    return SUMS.format(page.words.came_in, sign, came_in, page.words.went_out, went_out)


def _day_of_account(day: Day, page: SamePage) -> str:
    drawn = [_operation(one, page, balance=_balance(one, page)) for one in day.entries]
    return _day(day, page, "h4", drawn, _total(day, page))


def _day(day: Day, page: SamePage, level: str, drawn: Iterable[str], total: str = NOTHING) -> str:
    return DAY.format(
        iso=day.day.isoformat(),
        level=level,
        day=escaped(wording.said_day(day.day, page.today)),
        total=total,
        operations="".join(drawn),
    )


def _total(day: Day, page: SamePage) -> str:
    if len(day.entries) == 1 and day.is_whole:
        return NO_TOTAL
    return TOTAL.format(page.words.total, PLUS if day.total > 0 else NOTHING, page.amounts.euros(day.total))


def _operation(entry: Entry, page: SamePage, *, account: str = NOTHING, balance: str = NOTHING) -> str:
    is_debit = entry.is_debit
    return OPERATION.format(
        disc=_disc(entry.booking.category),
        address=entry.get_absolute_url(),
        language=FRENCH if entry.label else NOTHING,
        title=wording.spelled(entry.title),
        nature=escaped(entry.booking.nature),
        account=account,
        credit=NOTHING if is_debit else CREDIT,
        sign=NOTHING if is_debit else PLUS,
        amount=page.amounts.euros(entry.amount),
        balance=balance,
    )


def _account(entry: Entry) -> str:
    account = entry.account
    return ACCOUNT.format(account.get_absolute_url(), escaped(account.short_name)) if account else NOTHING


def _balance(entry: Entry, page: SamePage) -> str:
    """An operation of a customer's account has one, those of the bank's own have none."""
    if entry.balance is None:
        return NOTHING
    return BALANCE.format(page.words.balance % {"balance": page.amounts.euros(entry.balance)})
