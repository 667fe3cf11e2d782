"""Budgets of networks at the login: whose failures are counted together behind proxies, and whom nobody shuts out."""

from ipaddress import ip_network

import pytest
from stdnum import damm

from auth_codes.lockout import budgets
from auth_codes.models import AttemptCounter, Budget, SecurityEvent
from tests import makers, pages
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BUDGET = 3
PROXY, OUTER_PROXY = "10.0.0.1", "10.0.0.2"
FORGED, HONEST = "203.0.113.66", "192.0.2.7"
NETWORK_SPENT = SecurityEvent.Kind.NETWORK_SPENT


@pytest.fixture(autouse=True)
def small_budget(settings):
    settings.NETWORK_FAILURES_PER_HOUR = BUDGET


def number(place):
    """A well-formed number that nobody holds, never blocked because each is tried once."""
    digits = f"{700_000_000 + place}"
    return digits + damm.calc_check_digit(digits)


def log_in(*codes, peer=HONEST, forwarded=None):
    """From a browser without any cookie."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return makers.log_in(StrictBrowser(REMOTE_ADDR=peer, headers=headers), *codes)


def is_verified(place, **where):
    """Whether a code for one more number was verified, and not refused for its network."""
    answer = log_in(number(place), makers.WRONG_CODE, **where)
    assert answer.status_code in {200, 429}
    if answer.status_code == 429:
        assert answer["Retry-After"] == "3600"
    return answer.status_code == 200


def verified(places, **where):
    return [is_verified(place, **where) for place in places]


def spend_all(**where):
    assert all(verified(range(900, 900 + BUDGET), **where))


# Proxies, header as one machine sends it, header as the same machine forges it, header of somebody else.
BEHIND_PROXIES = {
    "the left part is forged": (1, "192.0.2.7", f"{FORGED}, 192.0.2.7", "192.0.2.8"),
    "much is forged": (1, "192.0.2.7", f"{', '.join([FORGED] * 50)}, 192.0.2.7", "192.0.2.7, 192.0.2.8"),
    "what is forged is garbage": (1, "192.0.2.7", '"><script>, ,unknown,;, 192.0.2.7', "192.0.2.8"),
    "two proxies": (2, f"192.0.2.7, {OUTER_PROXY}", f"{FORGED}, 192.0.2.7, {OUTER_PROXY}", f"192.0.2.8, {OUTER_PROXY}"),
    "two proxies, their own addresses forged": (
        2,
        f"192.0.2.7, {OUTER_PROXY}",
        f"{OUTER_PROXY}, {PROXY}, 192.0.2.7, {OUTER_PROXY}",
        f"192.0.2.7, 192.0.2.8, {OUTER_PROXY}",
    ),
    "spaces": (1, "192.0.2.7", f"{FORGED} ,\t 192.0.2.7  ", "192.0.2.8"),
    "no space, as servers join two headers": (1, "192.0.2.7", f"{FORGED},192.0.2.7", "192.0.2.8"),
    "the proxy writes ports": (1, "192.0.2.7:1111", f"{FORGED}:80, 192.0.2.7:2222", "192.0.2.8:1111"),
    "IPv6": (1, "2001:db8:1::1", f"{FORGED}, 2001:db8:1:0:ffff::2", "2001:db8:2::1"),
    "IPv6 in brackets": (1, "[2001:db8:1::1]:1111", f"{FORGED}, [2001:db8:1::2]:2222", "[2001:db8:2::1]:1111"),
    "IPv6 in capitals and in full": (1, "2001:db8:1::a", "2001:0DB8:0001:0000:0000:0000:0000:000A", "2001:db8:2::a"),
    "IPv4 written as IPv6": (1, "192.0.2.7", f"{FORGED}, ::ffff:192.0.2.7", "::ffff:192.0.2.8"),
    "IPv4 written as IPv6 in hexadecimal": (1, "::ffff:c000:207", "192.0.2.7", "::ffff:c000:208"),
    "zone": (1, "fe80::1%eth0", f"{FORGED}, fe80::1%eth1", "2001:db8::1%eth0"),
    "too few entries for the proxies": (2, OUTER_PROXY, FORGED, f"192.0.2.7, {OUTER_PROXY}"),
    "an empty header": (1, "", "", "192.0.2.7"),
}


@pytest.mark.parametrize(("proxies", "sent", "forged", "other"), BEHIND_PROXIES.values(), ids=BEHIND_PROXIES)
def test_budget_follows_the_true_address_whatever_is_forged(settings, hashes, proxies, sent, forged, other):
    settings.TRUSTED_PROXY_COUNT = proxies
    spend_all(peer=PROXY, forwarded=sent)
    hashes.clear()
    assert verified(range(3), peer=PROXY, forwarded=forged) == [False] * 3
    assert hashes == []
    assert is_verified(4, peer=PROXY, forwarded=other)


@pytest.mark.parametrize("forwarded", [FORGED, f"{FORGED}, 192.0.2.8", "", "nonsense", "192.0.2.8:80", "::1"])
def test_without_proxies_the_header_changes_nothing(forwarded):
    spend_all(peer=HONEST)
    assert not is_verified(1, peer=HONEST, forwarded=forwarded)
    assert is_verified(2, peer="192.0.2.8", forwarded=HONEST)


@pytest.mark.parametrize("written", ["unknown", "nonsense", "192.0.2.7, ", "999.1.1.1", "192.0.2.7/32", "_hidden"])
def test_what_the_proxy_itself_writes_wrongly_shuts_nobody_out_and_is_told(settings, caplog, written):
    settings.TRUSTED_PROXY_COUNT = 1
    assert all(verified(range(BUDGET + 2), peer=PROXY, forwarded=written))
    assert "TRUSTED_PROXY_COUNT" in caplog.text
    assert not Budget.objects.exists()


def test_budget_spent_by_private_addresses_tells_that_the_proxies_may_be_counted_wrongly(caplog):
    spend_all(peer=PROXY)
    assert "TRUSTED_PROXY_COUNT" in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("another_line", "times"),
    [("2001:db8::{:x}", 1), ("2001:db8:0:{:x}::1", 4), ("2001:db8:0:{:x}00::1", 16)],
    ids=["/64", "/56", "/48"],
)
def test_ipv6_is_counted_at_each_width(another_line, times):
    where = [another_line.format(place) for place in range(BUDGET * times + 1)]
    answers = [is_verified(place, peer=peer) for place, peer in enumerate(where)]
    assert answers == [True] * BUDGET * times + [False]


def test_spent_budget_is_told_once_and_refuses_without_counting_or_hashing(hashes):
    spend_all()
    counted, journal = AttemptCounter.objects.count(), SecurityEvent.objects.count()
    hashes.clear()
    assert verified(range(5)) == [False] * 5
    assert (hashes, AttemptCounter.objects.count(), SecurityEvent.objects.count()) == ([], counted, journal)
    [line] = SecurityEvent.objects.filter(kind=NETWORK_SPENT)
    assert line.details == {"network": f"{HONEST}/32", "failures": BUDGET}


def test_refusal_is_the_same_for_known_and_unknown_numbers_right_and_wrong_codes(client_):
    spend_all()
    tries = [(number(1), makers.CODE), (client_.client_code, makers.CODE), (client_.client_code, makers.WRONG_CODE)]
    answers = [log_in(*codes) for codes in tries]
    assert [answer.status_code for answer in answers] == [429] * 3
    assert len({pages.without_token(answer) for answer in answers}) == 1


def test_success_gives_its_part_back(client_):
    for _ in range(BUDGET + 2):
        assert log_in(client_.client_code, makers.CODE).status_code == 302
    assert [is_verified(place) for place in range(BUDGET + 1)] == [True] * BUDGET + [False]


def test_success_that_took_the_last_part_is_told_to_nobody(client_):
    verified(range(BUDGET - 1))
    for _ in range(3):
        assert log_in(client_.client_code, makers.CODE).status_code == 302
    assert not SecurityEvent.objects.filter(kind=NETWORK_SPENT).exists()
    assert verified(range(10, 12)) == [True, False]
    assert SecurityEvent.objects.filter(kind=NETWORK_SPENT).count() == 1


def test_blocked_attempts_spend_nothing(settings):
    settings.NETWORK_FAILURES_PER_HOUR = 6
    answers = [log_in(number(1), makers.WRONG_CODE) for _ in range(20)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 16
    assert Budget.objects.get().spent == 5
    assert is_verified(2)


def test_mistyped_numbers_spend_nothing():
    for _ in range(BUDGET + 2):
        assert log_in("5724816038", makers.WRONG_CODE).status_code == 200
    assert not Budget.objects.exists()


def test_known_devices_of_a_shared_office_pass_when_others_have_spent_its_budget(advisor):
    office, inside = [], {"REMOTE_ADDR": HONEST}
    for name in ("Martin", "Petit", "Roy"):
        person = makers.make_personalised_client(advisor, family_name=name, email=f"{name}@example.org")
        browser = StrictBrowser(**inside)
        assert makers.log_in(browser, person.client_code, makers.CODE).status_code == 302
        browser.post("/deconnexion/")
        office.append((browser, person.client_code))
    spend_all()
    assert [makers.log_in(browser, code, makers.CODE).status_code for browser, code in office] == [302] * 3
    assert log_in(office[0][1], makers.CODE).status_code == 429


def test_known_devices_failures_spend_nothing(client_):
    browser = StrictBrowser(REMOTE_ADDR=HONEST)
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post("/deconnexion/")
    for _ in range(4):
        assert makers.log_in(browser, client_.client_code, makers.WRONG_CODE).status_code == 200
    assert verified(range(BUDGET)) == [True] * BUDGET


def test_holder_of_a_letter_passes_and_spends_nothing(client_):
    letter = makers.make_pending_code(client_)
    spend_all()
    for code, status in ((makers.WRONG_CODE, 200), (letter.secret_code, 302)):
        browser = StrictBrowser(REMOTE_ADDR=HONEST)
        answer = makers.log_in(browser, client_.client_code, code, letter=letter.letter_number)
        assert answer.status_code == status
    assert Budget.objects.get().spent == BUDGET


def staff_log_in(name, password):
    fields = {"username": name, "password": password}
    return StrictBrowser(REMOTE_ADDR=HONEST).post("/admin/login/?next=/admin/", fields).status_code


def test_staff_names_draw_on_a_budget_too():
    assert [staff_log_in(f"nom{place}", makers.WRONG_CODE) for place in range(BUDGET + 1)] == [200] * BUDGET + [429]


def test_failures_at_the_clients_door_do_not_shut_the_staff_out(advisor):
    spend_all()
    assert staff_log_in("claire.dubois", makers.PASSWORD) == 302


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("192.0.2.0/25", "192.0.2.7", "192.0.2.200"),
        ("192.0.2.0/25", "::ffff:192.0.2.7", "192.0.2.200"),
        ("2001:db8::/32", "2001:db8:7::1", "2001:db9::1"),
    ],
)
def test_carriers_range_has_a_budget_of_its_own(settings, network, inside, outside):
    settings.CARRIER_NETWORKS = ((ip_network(network), BUDGET + 2),)
    assert verified(range(BUDGET + 3), peer=inside) == [True] * (BUDGET + 2) + [False]
    assert verified(range(10, 11 + BUDGET), peer=outside) == [True] * BUDGET + [False]


@pytest.mark.django_db(transaction=True)
def test_exactly_the_budget_is_verified_of_many_attempts_at_once(race, hashes):
    hashes.clear()
    answers = race(is_verified, range(20))
    assert (answers.count(True), len(hashes)) == (BUDGET, BUDGET)
    assert Budget.objects.get().spent == BUDGET
    assert SecurityEvent.objects.filter(kind=NETWORK_SPENT).count() == 1
    assert AttemptCounter.objects.count() == BUDGET


@pytest.mark.django_db(transaction=True)
def test_lines_of_one_wide_network_at_once_share_its_budget_exactly(race):
    lines = [(place, f"2001:db8:0:{place:x}::1") for place in range(4 * BUDGET + 6)]
    answers = race(lambda line: is_verified(line[0], peer=line[1]), lines)
    assert answers.count(True) == 4 * BUDGET
    spent = dict.fromkeys(Budget.objects.values_list("spent", flat=True))
    assert max(spent) == 4 * BUDGET == AttemptCounter.objects.count()


def test_widths_of_a_line_are_those_that_carriers_give():
    assert budgets.line_at("192.0.2.7").networks == [("192.0.2.7/32", 1)]
    of_ipv6 = [("2001:db8:1:2::/64", 1), ("2001:db8:1::/56", 4), ("2001:db8:1::/48", 16)]
    of_registries = [("2001:db8::/40", 64), ("2001:db8::/32", 256)]
    assert budgets.line_at("2001:db8:1:2::3").networks == of_ipv6 + of_registries
