"""Two servers of one database: what one of them knows of a customer, the other knows at the same moment."""

import html
import re
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from threading import Barrier

import pytest
from prometheus_client.parser import text_string_to_metric_families

from auth_codes.factors import totp
from auth_codes.lockout.counters import FAILURES_BEFORE_BLOCK
from tests import makers
from tests.makers import CODE, OTHER_CODE, PASSWORD, WRONG_CODE
from tests.portal import nodes
from tests.portal.starting import key
from tests.serving import PATIENCE, TOKEN, Customer, served

pytestmark = pytest.mark.slow

LOGIN, SECOND, LOGOUT, OVERVIEW = "/connexion/", "/connexion/second/", "/deconnexion/", "/espace-client/"
CODE_PAGE, FORGOTTEN = "/mon-profil/code-secret/", "/code-secret-oublie/"
GUESSES = [f"{code:06}" for code in range(862417, 862467)]
# Whom the network guesses at: nobody else's failures may count beside theirs, whichever tests run first.
BUDGET = ["Garcia", "David", "Roux", "Vincent"]
# Who shows a number of his app after his codes.
WITH_APP = ["Fournier", "Girard"]
# Who has a list, and who a passkey.
OTHERS = ["Bonnet", "Lambert"]
PEOPLE = ["Martin", "Bernard", "Petit", "Durand", "Leroy", "Moreau", "Simon", "Laurent", "Michel"]
PEOPLE += [*BUDGET, *WITH_APP, *OTHERS]


@pytest.fixture(scope="module")
def bank(made_ready, tmp_path_factory):
    with nodes.made(made_ready, tmp_path_factory.mktemp("nodes"), PEOPLE, WITH_APP) as bank:
        yield bank


@pytest.fixture(scope="module")
def pair(bank):
    with nodes.both(bank) as pair:
        yield pair


def logged_in(bank, server, name, code=CODE, **where):
    customer = Customer(server, **where)
    assert customer.log_in(bank.people[name], code).status == 302
    return customer


def opens(customer, server):
    customer.server = server
    return customer.get(OVERVIEW).status == 200


def addresses(network):
    return (f"{network}.{host}" for host in range(1, 255))


@pytest.fixture(scope="module")
def figures(bank):
    with nodes.figures(bank) as shown:
        yield shown


def counted(figures, *name):
    """What each node has counted under that name and these values of its labels."""
    return [
        sample.value
        for node in figures
        for family in text_string_to_metric_families(node.get("/metrics").body)
        for sample in family.samples
        if (sample.name, *sample.labels.values()) == name
    ]


HASHES = ("portal_hash_duration_seconds_count", "code")
RIGHT = ("portal_login_attempts_total", "client", "right")


def test_session_of_one_serves_on_the_other_and_ends_on_both_at_logout(bank, pair):
    one, two = pair
    customer = logged_in(bank, one, "Martin")
    assert [opens(customer, node) for node in (two, one, two)] == [True] * 3
    customer.send(LOGOUT, customer.token_of(OVERVIEW))
    assert [opens(customer, node) for node in pair] == [False, False]


def test_copy_of_a_session_that_ended_on_one_opens_nothing_on_the_other(bank, pair):
    one, two = pair
    customer, copy = logged_in(bank, two, "Martin"), Customer(one)
    copy.cookies.load(customer.cookies.output(header="", sep=";"))
    assert opens(copy, one)
    customer.send(LOGOUT, customer.token_of(OVERVIEW))
    assert [opens(copy, node) for node in pair] == [False, False]


def test_change_of_code_on_one_ends_all_other_sessions_on_both(bank, pair):
    one, two = pair
    owner, others = logged_in(bank, one, "Bernard"), [logged_in(bank, node, "Bernard") for node in pair]
    fields = {"old_password": CODE, "new_password1": OTHER_CODE, "new_password2": OTHER_CODE}
    owner.server = two
    assert owner.post(CODE_PAGE, **fields).status == 302
    assert [opens(owner, node) for node in pair] == [True, True]
    assert [opens(other, node) for other in others for node in pair] == [False] * 4
    assert [Customer(node).log_in(bank.people["Bernard"], CODE).status for node in pair] == [200, 200]
    assert [Customer(node).log_in(bank.people["Bernard"], OTHER_CODE).status for node in pair] == [302, 302]


def test_sessions_that_the_desk_ends_on_one_are_ended_on_both(bank, pair):
    one, two = pair
    customers = [logged_in(bank, node, "Petit") for node in pair]
    desk, act = Customer(two), f"/admin/accounts/client/{bank.sheet('Petit')}/deconnecter/"
    assert desk.post("/admin/login/?next=/admin/", username="claire.dubois", password=PASSWORD).status == 302
    desk.server = one
    assert desk.post(act, why="lost").status == 302
    assert [opens(customer, node) for customer in customers for node in pair] == [False] * 4
    assert opens(logged_in(bank, one, "Petit"), two)


def test_fourth_login_ends_the_oldest_session_wherever_it_was_opened(bank, pair):
    at = cycle(pair)
    customers = [logged_in(bank, next(at), "Durand") for _ in range(4)]
    assert [opens(customer, node) for customer in customers for node in pair] == [False] * 2 + [True] * 6


def test_login_page_of_one_may_be_posted_to_the_other(bank, pair):
    one, two = pair
    customer = Customer(one)
    token = customer.token_of(LOGIN)
    customer.server = two
    assert customer.send(LOGIN, token, username=bank.people["Martin"], password=CODE).status == 302
    assert opens(customer, one)


@pytest.mark.proves("RTS 4(3)(b)")
def test_of_fifty_wrong_codes_at_once_on_both_exactly_five_are_verified(bank, pair, figures):
    username, before = bank.people["Leroy"], sum(counted(figures, *HASHES))
    at_once, blocked_before = Barrier(len(GUESSES), timeout=PATIENCE), blocked_counts(bank)

    def guess(node, address, code):
        stranger = Customer(node, address)
        token = stranger.token_of(LOGIN)
        at_once.wait()
        return stranger.send(LOGIN, token, username=username, password=code).status

    with ThreadPoolExecutor(len(GUESSES)) as threads:
        statuses = list(threads.map(guess, cycle(pair), addresses("198.51.100"), GUESSES))
    assert sum(counted(figures, *HASHES)) == before + FAILURES_BEFORE_BLOCK
    assert statuses.count(200) == FAILURES_BEFORE_BLOCK - 1  # the fifth reads of the pause
    assert set(statuses) <= {200, 429, 503}  # 503: no slot in time, nothing counted
    assert blocked_counts(bank) == [*blocked_before, 5]
    tell_the_same_end(username, pair)
    assert sum(counted(figures, *HASHES)) == before + FAILURES_BEFORE_BLOCK


def blocked_counts(bank):
    found = bank.asked("SELECT count FROM auth_codes_attemptcounter WHERE count = filled_count AND count > 0")
    return sorted(count for (count,) in found)


def tell_the_same_end(username, pair):
    """Both refuse the right code, and say until when."""
    began = time.monotonic()
    answers = [Customer(node).log_in(username, CODE) for node in pair]
    assert [answer.status for answer in answers] == [429, 429]
    first, second = (int(answer.headers["Retry-After"]) for answer in answers)
    assert 0 <= first - second <= time.monotonic() - began + 1
    told = [re.findall(r'<time datetime="([^"]+)"', answer.body) for answer in answers]
    assert told[0] == told[1] != []


@pytest.mark.proves("RTS 4(3)(b)")
def test_of_fifty_wrong_numbers_of_an_app_at_once_on_both_five_are_verified(bank, pair):
    wrong = [number for number in GUESSES if number not in numbers_near_now(bank.keys["Girard"])]
    answers = shown_at_once(bank, pair, "Girard", "198.51.101", wrong)
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) == FAILURES_BEFORE_BLOCK - 1  # the fifth reads of the pause
    assert set(statuses) <= {200, 429}
    right = makers.number_of(bank.keys["Girard"], ahead=1)
    assert [show(half_way(bank, node, "Girard"), right).status for node in pair] == [429, 429]


def test_one_number_of_an_app_sent_fifty_times_at_once_to_both_lets_one_in(bank, pair):
    right = makers.number_of(bank.keys["Fournier"], ahead=1)  # which holds for a minute
    answers = shown_at_once(bank, pair, "Fournier", "198.51.102", [right] * len(GUESSES))
    assert [answer.headers["Location"] for answer in answers if answer.status == 302] == [OVERVIEW]
    assert {answer.status for answer in answers} <= {200, 302, 429}


def passed(bank, name):
    """How often a moyen of this person's let somebody in."""
    asked = "SELECT count(*) FROM auth_codes_securityevent e JOIN accounts_user u ON u.id = e.owner_id"
    return bank.asked(f"{asked} WHERE e.kind = 'factor_passed' AND u.username = %s", bank.people[name])[0][0]


def test_one_code_of_a_list_sent_fifty_times_at_once_to_both_lets_one_in(bank, pair):
    number, code = bank.make_list("Bonnet")
    answers = shown_at_once(bank, pair, "Bonnet", "198.51.103", [{"list_code": code, "number": number}] * len(GUESSES))
    assert [answer.headers["Location"] for answer in answers].count(OVERVIEW) == passed(bank, "Bonnet") == 1
    # The others are told of the next number, or that five are being verified, or that there is no slot.
    assert {answer.status for answer in answers} <= {302, 429, 503}
    used = "SELECT count(*) FROM auth_codes_listcode WHERE used_at IS NOT NULL"
    assert bank.asked(used) == [(1,)]


def test_one_answer_of_a_passkey_sent_fifty_times_at_once_to_both_lets_one_in(bank, pair):
    authenticator = bank.make_passkey("Lambert")
    customer, page = half_way(bank, pair[0], "Lambert")
    shown = {
        "assertion": authenticator.get(html.unescape(re.search(r'data-options="([^"]+)"', page)[1])),
        "challenge": re.search(r'name="challenge" value="([^"]+)"', page)[1],
    }
    all_there = Barrier(len(GUESSES), timeout=PATIENCE)

    def send(node):
        copy = Customer(node)
        copy.cookies.load(customer.cookies.output(header="", sep=";"))
        all_there.wait()
        return copy.send(SECOND, TOKEN.search(page)[1], **shown).status

    with ThreadPoolExecutor(len(GUESSES)) as threads:
        statuses = set(threads.map(send, [node for _, node in zip(GUESSES, cycle(pair), strict=False)]))
    assert passed(bank, "Lambert") == 1
    assert statuses <= {302, 429}
    assert bank.asked("SELECT count(*) FROM auth_codes_securityevent WHERE kind = 'passkey_copied'") == [(0,)]


def half_way(bank, node, name, address="192.0.2.7"):
    """A browser whose codes were right, with its page of the second step."""
    customer = Customer(node, address)
    assert customer.log_in(bank.people[name], CODE).headers["Location"] == SECOND
    return customer, customer.get(SECOND).body


def show(waiting, shown):
    """A number, or several fields by their names."""
    customer, page = waiting
    challenge = re.search(r'name="challenge" value="([^"]+)"', page)[1]
    fields = shown if isinstance(shown, dict) else {"code": shown}
    return customer.send(SECOND, TOKEN.search(page)[1], challenge=challenge, **fields)


def shown_at_once(bank, pair, name, network, numbers):
    """The answers to as many browsers, each from an address of its own, that show theirs at the same moment."""
    waiting = [
        half_way(bank, node, name, where)
        for node, where, _ in zip(cycle(pair), addresses(network), numbers, strict=False)
    ]
    all_there = Barrier(len(numbers), timeout=PATIENCE)

    def at_once(one, number):
        all_there.wait()
        return show(one, number)

    with ThreadPoolExecutor(len(numbers)) as threads:
        return list(threads.map(at_once, waiting, numbers))


def numbers_near_now(key):
    """What the app shows within some minutes."""
    return {makers.number_of(key, ahead) for ahead in range(-5, 20)}


def at_the_staffs_second_step(node, name):
    """A browser whose password was right, with what its page asks for."""
    browser = Customer(node)
    assert browser.post("/admin/login/", username=name, password=PASSWORD).headers["Location"] == "/admin/second/"
    return browser, re.search(r'name="challenge" value="([^"]+)"', browser.get("/admin/second/").body)[1]


def at_desk(browser, server):
    browser.server = server
    return browser.get("/admin/").status == 200


def test_number_of_the_staff_shown_on_both_at_once_opens_one_desk(bank, pair):
    key, at = bank.make_advisor_with_an_app("marc.leroy"), cycle(pair)
    asked = [at_the_staffs_second_step(next(at), "marc.leroy") for _ in range(6)]
    tokens = [browser.token_of("/admin/second/") for browser, _ in asked]
    at_once, code = Barrier(len(asked)), totp.code_at(key, int(time.time()) // totp.STEP_SECONDS + 1)

    def show(browser, challenge, token):
        at_once.wait()
        return browser.send("/admin/second/", token, challenge=challenge, code=code)

    with ThreadPoolExecutor(len(asked)) as threads:
        list(threads.map(lambda one: show(*one[0], one[1]), zip(asked, tokens, strict=True)))
    opened = [browser for browser, _ in asked if browser.get("/admin/").status == 200]
    assert len(opened) == 1
    assert [at_desk(opened[0], node) for node in pair] == [True, True]


def test_device_known_to_one_is_known_to_the_other_while_strangers_are_blocked(bank, pair):
    one, two = pair
    owner = logged_in(bank, one, "Moreau")
    owner.send(LOGOUT, owner.token_of(OVERVIEW))
    username = bank.people["Moreau"]
    for node, address, code in zip(cycle(pair), addresses("203.0.113"), GUESSES[:5], strict=False):
        Customer(node, address).log_in(username, code)
    assert [Customer(node).log_in(username, CODE).status for node in pair] == [429, 429]
    owner.server = two
    assert owner.log_in(username, CODE).status == 302
    owner.send(LOGOUT, owner.token_of(OVERVIEW))
    owner.server = one  # by the token that the other gave
    assert owner.log_in(username, CODE).status == 302


def test_budget_of_a_network_is_one_for_both(bank, pair):
    names, at, address = cycle(BUDGET), cycle(pair), "192.0.2.99"
    statuses = [
        Customer(next(at), address).log_in(bank.people[next(names)], WRONG_CODE).status
        for _ in range(nodes.FAILURES_ALLOWED)
    ]
    assert statuses == [200] * nodes.FAILURES_ALLOWED
    spent = [Customer(node, address).log_in(bank.people[BUDGET[0]], CODE).status for node in pair]
    elsewhere = [Customer(node, "192.0.2.98").log_in(bank.people[BUDGET[0]], CODE).status for node in pair]
    assert (spent, elsewhere) == ([429, 429], [302, 302])


def test_figures_are_of_each_node_alone(bank, pair, figures):
    before = counted(figures, *RIGHT)
    for _ in range(2):
        logged_in(bank, pair[0], "Simon")
    assert counted(figures, *RIGHT) == [before[0] + 2, before[1]]


def test_journal_has_one_row_of_positions_while_both_write_and_seal_it(bank, pair):
    def log_in_and_out(node):
        for _ in range(6):
            customer = logged_in(bank, node, "Laurent")
            customer.send(LOGOUT, customer.token_of(OVERVIEW))

    def seal(node):
        for _ in range(2):
            bank.run(node, "seal_journal")

    with ThreadPoolExecutor(6) as threads:
        done = [
            *(threads.submit(log_in_and_out, node) for node in pair * 2),
            *(threads.submit(seal, n) for n in (0, 1)),
        ]
    for one in done:
        one.result()
    bank.run(1, "seal_journal")
    assert '"findings": 0' in bank.run(0, "verify_journal")
    [[first, last, links, lines]] = bank.asked(
        "SELECT min(position), max(position), count(*), count(DISTINCT event_id) FROM auth_codes_journallink"
    )
    assert (first, last, lines) == (1, links, links)
    assert bank.asked("SELECT count(*) FROM auth_codes_securityevent") == [(lines,)]


def at_once(bank, *command):
    """What a timer's command prints on both nodes, which begin it at the same instant."""
    begin = Barrier(2)

    def run(node):
        begin.wait()
        return bank.run(node, *(part.format(node=node) for part in command))

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(run, (0, 1)))


def waiting(bank):
    return bank.asked("SELECT count(*) FROM auth_codes_sealedletter WHERE batch_id IS NULL AND voided_at IS NULL")[0][0]


def test_letters_that_both_ask_for_and_both_export_are_made_and_handed_over_once(bank, pair, tmp_path):
    letters = waiting(bank) + 1
    for node in pair:
        assert Customer(node).post(FORGOTTEN, username=bank.people["Simon"]).status == 302
    at_once(bank, "once", "issue_requested_letters")
    assert waiting(bank) == letters
    at_once(bank, "once", "export_sealed_letters", "--to", str(tmp_path / "{node}"))
    assert (waiting(bank), len(list(tmp_path.rglob("*.age")))) == (0, letters)


def test_node_whose_clock_is_set_back_gives_no_attempt_more_and_prolongs_no_session(bank, pair):
    one, _ = pair
    with served(bank.spare | {"CLOCK_DIFFERS": "-600"}, "tests.portal.other_clock:application") as late:
        guesses = zip(cycle([one, late]), addresses("62.34.5"), GUESSES[:9], strict=False)
        statuses = [Customer(*where).log_in(bank.people["Michel"], code).status for *where, code in guesses]
        assert statuses == [200] * 4 + [429] * 5
        assert [Customer(node).log_in(bank.people["Michel"], CODE).status for node in (one, late)] == [429, 429]
        customer = logged_in(bank, one, "Martin")
        assert [opens(customer, node) for node in (late, one)] == [False, False]


OTHER_KEYS = {
    "another key of codes": ({"SECRET_CODE_KEYS": key("cle-1")}, "« cle-1 » y est une autre clé"),
    "another key": ({"SECRET_KEY": "another" * 9}, "n’a pas la SECRET_KEY de la base"),
    "another first": ({"SECRET_KEY": "another" * 9, "SECRET_KEY_FALLBACKS": "{}"}, "met en premier une autre"),
}


@pytest.mark.parametrize("case", OTHER_KEYS)
def test_node_with_other_keys_does_not_start_beside_the_first_and_counts_nothing(bank, pair, case):
    changed, said = OTHER_KEYS[case]
    changed = {name: value.format(bank.spare["SECRET_KEY"]) for name, value in changed.items()}
    with served(bank.spare | changed, wait=False) as other:
        assert other.process.wait(timeout=PATIENCE) != 0
        assert said in other.log
        assert "Traceback" not in other.log
    assert opens(logged_in(bank, pair[0], "Martin"), pair[1])
