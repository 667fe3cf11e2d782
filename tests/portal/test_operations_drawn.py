"""Operations drawn by functions are those that a template would draw, sign by sign."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.template import engines
from django.utils import timezone, translation

from accounts.models import BankAccount, Booking, Client, Entry, Merchant, Transfer
from accounts.operations.grouping import Day, Month
from accounts.operations.months import MonthEnd
from accounts.operations.sums import Moved
from banking_portal import operations

# As it says the same with the tags and the filters that all other templates use.
DAYS_TEMPLATE = """
{% for day in days %}
  <section class="day" aria-labelledby="day-{{ day.day|date:"Y-m-d" }}">
    <div class="day__head">
      {% if several %}<h3 id="day-{{ day.day|date:"Y-m-d" }}"><time datetime="{{ day.day|date:"Y-m-d" }}">{{ day.day|said_day }}</time></h3>{% else %}<h4 id="day-{{ day.day|date:"Y-m-d" }}"><time datetime="{{ day.day|date:"Y-m-d" }}">{{ day.day|said_day }}</time></h4>
      {% if day.entries.1 or not day.is_whole %}<span>{% translate "Total" %} <span class="amount">{% if day.total > 0 %}+{% endif %}{{ day.total|euros }}</span></span>{% endif %}{% endif %}
    </div>
    <ul class="ops">
      {% for entry in day.entries %}
        <li class="op">
          <span class="disc cat-{{ entry.booking.category }}">{% icon entry.booking.category|category_icon %}</span>
          <div class="op__what"><a class="op__link" href="{% url "operation" entry.account_id entry.position %}"{% if entry.label %} lang="fr"{% endif %}>{{ entry.title|spelled }}</a> <span class="small">{{ entry.booking.nature }}{% if several %} · <a href="{% url "account" entry.account_id %}">{{ entry.account.short_name }}</a>{% endif %}</span></div>
          <div class="op__amount"><span class="amount{% if not entry.is_debit %} is-credit{% endif %}">{% if not entry.is_debit %}+{% endif %}{{ entry.amount|euros }}</span>{% if not several %} <span class="small">{% blocktranslate with balance=entry.balance|euros %}Solde {{ balance }}{% endblocktranslate %}</span>{% endif %}</div>
        </li>
      {% endfor %}
    </ul>
  </section>
{% endfor %}
"""  # noqa: E501 - as templates are written
MONTHS_TEMPLATE = """
<div class="days">
  {% for month in months %}
    <section class="month" aria-labelledby="month-{{ month.first|date:"Y-m" }}">
      <div class="month__head">
        <h3 id="month-{{ month.first|date:"Y-m" }}">{{ month.first|date:"F Y"|capfirst }}</h3>
        {% if month.moved %}<p class="month__sums"><span><span class="visually-hidden">{% translate "Entrées" %} </span><span class="amount is-credit">{% if month.moved.came_in %}+{% endif %}{{ month.moved.came_in|euros }}</span></span> <span><span class="visually-hidden">{% translate "Sorties" %} </span><span class="amount">{{ month.moved.went_out|euros }}</span></span></p>{% endif %}
      </div>
      {% with days=month.days %}DAYS{% endwith %}
    </section>
  {% endfor %}
</div>
""".replace("DAYS", DAYS_TEMPLATE)  # noqa: E501 - as templates are written
ODD = """<b>"'& {{ x }}%(y)s FR76 9999 9000 0112 06 12 34 56 78"""
DAY = date(2026, 3, 1)
ORDERED = Transfer(client=Client(family_name=ODD, given_names="Zoé"))


def entry(*, label="Café du Pont", amount="-12.50", kind=Booking.Kind.CARD, **facts):
    """One that is in no database; `facts` are what stands beside its booking."""
    booking = Booking(kind=kind, booked_on=DAY)
    nothing = dict.fromkeys(["merchant", "corrects", "correction", "transfer"])
    booking._state.fields_cache.update(nothing | facts)  # as they are when the database was asked for all of it
    account = BankAccount(pk=7, number="12345678901", kind="current")
    balance = Decimal("-1234567.05")
    return Entry(account=account, booking=booking, position=3, label=label, amount=Decimal(amount), balance=balance)


ENTRIES = [
    entry(),
    entry(amount="0.01"),
    entry(label=""),
    entry(label=ODD, amount="98765.43"),
    entry(merchant=Merchant(code=5411)),
    entry(kind=Booking.Kind.CORRECTION, corrects=Booking(booked_on=DAY)),
    entry(correction=Booking(booked_on=DAY)),
    entry(kind=Booking.Kind.TRANSFER, transfer=ORDERED),
]
TOTALS = [Decimal("-12.50"), Decimal("3"), Decimal(0)]
TODAY = timezone.localdate()
DAYS = [Day(DAY, [one], total) for one in ENTRIES for total in TOTALS]
DAYS += [Day(TODAY - timedelta(days), ENTRIES, Decimal("7.00")) for days in (-1, 0, 1, 2, 400)]


MONTHS = [Month(DAY, DAYS, moved) for moved in (None, Moved(), Moved(Decimal("9876.50"), Decimal("-3.00")))]
ENDS = [MonthEnd(date(2026, month, 1), Decimal(month * 1000 - 3000)) for month in range(1, 13)]


def by_template(template, **shown):
    return engines["django"].from_string(template).render(shown)


@pytest.fixture(params=["fr", "en"], autouse=True)
def _language(request):
    with translation.override(request.param):
        yield


def test_operations_of_an_account_are_those_of_the_template():
    assert operations.operations_of_account(MONTHS) == by_template(MONTHS_TEMPLATE, months=MONTHS)


def test_operations_of_several_accounts_are_those_of_the_template():
    assert operations.operations_of_several(DAYS) == by_template(DAYS_TEMPLATE, days=DAYS, several=True)


def test_months_of_a_curve_are_those_of_the_template():
    initials = """{% for end in ends %}<li>{{ end.first|date:"F"|slice:":1"|upper }}</li>{% endfor %}"""
    rows = """{% for end in ends %}<tr><th scope="row">{{ end.first|date:"F Y" }}</th><td>{{ end.balance|euros }}</td></tr>{% endfor %}"""  # noqa: E501
    assert operations.month_initials(ENDS) == by_template(initials, ends=ENDS)
    assert operations.month_rows(ENDS) == by_template(rows, ends=ENDS)


def test_no_days_are_nothing():
    assert not operations.operations_of_several([]).strip()


def test_nothing_that_was_booked_becomes_a_tag():
    drawn = operations.operations_of_several([Day(DAY, [entry(label="<script>alert(1)</script>")], Decimal(0))])
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn
