"""What a network may ask for within an hour: exact, alike for everybody, at every width of IPv6."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.test import RequestFactory
from django.utils import timezone

from auth_codes.lockout import budgets
from auth_codes.models import Budget

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LIMIT = 3


def spend(address, now=None):
    """Whether one more was to be had."""
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    try:
        budgets.spend("test", request, LIMIT, now or timezone.now())
    except budgets.Spent:
        return False
    return True


def is_spent(*given):
    question, values = budgets.asked(*given)
    return question.first(**values) is not None


def test_limit_is_reached_and_the_next_hour_begins_anew():
    now = timezone.now()
    assert [spend("192.0.2.1", now) for _ in range(5)] == [True] * 3 + [False] * 2
    assert not spend("192.0.2.1", now + timedelta(minutes=59))
    assert spend("192.0.2.1", now + timedelta(hours=1))


def test_asking_when_nothing_is_left_prolongs_nothing():
    now = timezone.now()
    for minutes in range(0, 60, 5):
        spend("192.0.2.1", now + timedelta(minutes=minutes))
    assert spend("192.0.2.1", now + timedelta(hours=1))


def test_ipv4_written_as_ipv6_is_the_same_visitor():
    assert [spend(address) for address in ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1")][
        -1
    ] is False


@pytest.mark.parametrize(
    ("another_line", "times"),
    [
        ("2001:db8::{:x}", 1), ("2001:db8:0:{:x}::1", 4), ("2001:db8:0:{:x}00::1", 16), ("2001:db8:{:x}::1", 64),
    ],
    ids=["/64", "/56", "/48", "/40"],
)  # fmt: skip
def test_ipv6_is_counted_at_every_width(another_line, times):
    answers = [spend(another_line.format(number)) for number in range(LIMIT * times + 1)]
    assert answers == [True] * LIMIT * times + [False]


def test_line_of_a_request_is_worked_out_once_and_anew_for_another_address():
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1")
    line = budgets.line_of(request)
    assert budgets.line_of(request) is line
    request.META["REMOTE_ADDR"] = "192.0.2.2"
    assert [network for network, _ in budgets.line_of(request).networks] == ["192.0.2.2/32"]


def test_visitor_without_an_address_is_let_through_and_told_of_where_something_is_counted(caplog):
    request = RequestFactory().get("/", REMOTE_ADDR="")
    assert not is_spent("test", request, 0, timezone.now())
    assert not caplog.records  # whoever is refused for another reason writes no line each time
    assert budgets.spend("test", request, 0, timezone.now()) == ()
    assert "TRUSTED_PROXY_COUNT" in caplog.text


def test_ipv6_of_one_registry_is_counted_together():
    networks = [f"2001:db8:{number * 85:x}::1" for number in range(LIMIT * 256 + 1)]
    assert [spend(network) for network in networks] == [True] * LIMIT * 256 + [False]
    assert spend("2001:db9::1")


@pytest.mark.parametrize(("carrier", "line"), [("2001:db8:1::/48", "2001:db8:1:{:x}::1"), ("2001:db8:1::1/128", "")])
def test_carriers_range_is_not_counted_with_its_neighbours(settings, carrier, line):
    settings.CARRIER_NETWORKS = ((ip_network(carrier), LIMIT),)
    inside = line.format(0) or "2001:db8:1::1"
    assert not [network for network, _ in budgets.line_at(inside).networks if network.endswith(("/40", "/32"))]
    neighbours = [f"2001:db8:{number + 2:x}::1" for number in range(LIMIT * 64 + 1)]
    assert [spend(neighbour) for neighbour in neighbours][-1] is False
    assert spend(inside)


def test_carriers_own_range_is_counted_as_well(settings):
    settings.CARRIER_NETWORKS = ((ip_network("2001:db8:1::/48"), LIMIT),)
    assert budgets.line_at("2001:db8:1::1").networks == [
        ("2001:db8:1::/64", 1),
        ("2001:db8:1::/56", 4),
        ("2001:db8:1::/48", 16),
    ]


def test_whether_nothing_is_left_is_told_without_spending(rf):
    now = timezone.now()
    request = rf.get("/", REMOTE_ADDR="192.0.2.1")
    for _ in range(LIMIT):
        assert not is_spent("test", request, LIMIT, now)
        spend("192.0.2.1", now)
    hour = timedelta(hours=1)
    moments = (now, now + hour - timedelta(seconds=1), now + hour)
    assert [is_spent("test", request, LIMIT, moment) for moment in moments] == [True, True, False]
    assert not is_spent("another purpose", request, LIMIT, now)
    assert Budget.objects.get().spent == LIMIT


def test_wide_network_that_is_used_up_is_told_of_each_line_in_it(rf):
    for number in range(LIMIT * 4):
        spend(f"2001:db8:0:{number:x}::1")
    inside, outside = (rf.get("/", REMOTE_ADDR=address) for address in ("2001:db8:0:ff::1", "2001:db8:0:100::1"))
    assert is_spent("test", inside, LIMIT, timezone.now())
    assert not is_spent("test", outside, LIMIT, timezone.now())


def test_allowance_of_another_window_is_used_up_as_long_as_that():
    now, minute = timezone.now(), timedelta(minutes=1)
    allowance = budgets.Allowance("a" * 64, "", 2, minute)
    assert [budgets.take(allowance, now).is_last for _ in range(2)] == [False, True]
    assert budgets.is_used_up(allowance, now + minute - timedelta(seconds=1))
    with pytest.raises(budgets.Spent):
        budgets.take(allowance, now + minute - timedelta(seconds=1))
    assert not budgets.is_used_up(allowance, now + minute)
    assert not budgets.take(allowance, now + minute).is_last


def test_what_is_given_back_may_be_spent_again_and_never_more_than_was_spent(rf):
    now = timezone.now()
    request = rf.get("/", REMOTE_ADDR="192.0.2.1")
    spendings = [budgets.spend("test", request, LIMIT, now) for _ in range(LIMIT)]
    budgets.give_back(spendings[0])
    assert [spend("192.0.2.1", now) for _ in range(2)] == [True, False]
    for _ in range(LIMIT + 2):
        budgets.give_back(spendings[0])
    assert Budget.objects.get().spent == 0


def test_visitors_without_an_address_do_not_shut_each_other_out(caplog):
    assert all(spend("") for _ in range(LIMIT + 1))
    assert "TRUSTED_PROXY_COUNT" in caplog.text


def test_table_tells_no_address():
    spend("192.0.2.1")
    assert "192.0.2" not in Budget.objects.get().key


def test_hours_that_are_over_are_forgotten():
    now = timezone.now()
    spend("192.0.2.1", now - timedelta(hours=1))
    spend("192.0.2.2", now)
    budgets.purge(now)
    assert Budget.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_than_the_budget(race):
    assert race(lambda _: spend("192.0.2.1"), range(20)).count(True) == LIMIT
