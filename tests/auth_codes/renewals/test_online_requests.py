"""« Code secret oublié »: asked online alike for everybody, answered by a letter afterwards."""

import html
import io
import ipaddress
import json
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import client_codes
from accounts.bank_accounts.opening import open_account
from accounts.clients import confirmation
from auth_codes.actor import Actor
from auth_codes.crypto import hashing
from auth_codes.models import Budget, Notice, RenewalRequest, SealedLetter, SecretCode, SecurityEvent
from auth_codes.renewals import code_life, issuing, online, shares
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind
Outcome = RenewalRequest.Outcome
PAGE = "/code-secret-oublie/"
UNKNOWN = "5724816039"


def ask(browser, number, **headers):
    return browser.post(PAGE, {"username": number}, **headers)


def request_of(client, network="192.0.2.1", **fields):
    return RenewalRequest.objects.create(client_code=client.client_code, network=network, **fields)


def letters_of(client):
    return client.user.sealed_letters.filter(occasion=SealedLetter.Occasion.REQUEST)


def run_timer():
    said = io.StringIO()
    call_command("issue_requested_letters", stdout=said)
    return json.loads(said.getvalue())


def kinds(client):
    return list(client.user.security_events.values_list("kind", flat=True))


# Asking.


def what_is_seen(number):
    browser = StrictBrowser()
    with CaptureQueriesContext(connection) as queries:
        answer = ask(browser, number)
    shown = re.sub(r'value="\w+"', "", browser.get(answer["Location"]).content.decode())
    statements = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]
    return answer.status_code, answer["Location"], sorted(answer.cookies), shown, statements


@pytest.mark.proves("ASVS 6.3.8", "ASVS 6.4.3")
def test_answer_and_work_are_the_same_for_everybody(client_, new_client, person):
    seen = [what_is_seen(number) for number in (client_.client_code, new_client.client_code, UNKNOWN)]
    assert seen[0] == seen[1] == seen[2]
    assert RenewalRequest.objects.count() == 3


def test_asking_says_so_and_does_nothing_else(browser, client_):
    answer = browser.get(ask(browser, client_.client_code)["Location"])
    assert "Votre demande est enregistrée" in answer.content.decode()
    assert letters_of(client_).count() == 0
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


def test_second_request_while_one_waits_adds_nothing(browser, client_):
    assert [ask(browser, client_.client_code).status_code for _ in range(3)] == [302] * 3
    assert RenewalRequest.objects.count() == 1


@pytest.mark.parametrize("typed", ["1234567890", "12345", "abc", "", "\x00", "9" * 10_000])
def test_malformed_number_is_explained_and_stores_nothing(browser, typed):
    answer = ask(browser, typed)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not RenewalRequest.objects.exists()


def test_secret_code_typed_as_the_number_is_recognised_and_not_shown_again(browser):
    answer = html.unescape(ask(browser, "739146").content.decode())
    assert "code secret ici" in answer
    assert "739146" not in answer


def test_number_with_spaces_is_accepted(browser, client_):
    number = client_.client_code
    ask(browser, f" {number[:4]} {number[4:7]}\u00a0{number[7:]} ")
    assert RenewalRequest.objects.get().client_code == number


def spend_budget(browser, address):
    for _ in range(online.REQUESTS_PER_NETWORK):
        assert ask(browser, client_codes.draw(), REMOTE_ADDR=address).status_code == 302


def test_network_that_asks_too_often_is_refused_for_an_hour(browser, client_):
    spend_budget(browser, "127.0.0.1")
    answer = ask(browser, client_.client_code)
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert "Trop de demandes" in answer.content.decode()
    assert not RenewalRequest.objects.filter(client_code=client_.client_code).exists()


def test_other_networks_are_not_concerned_and_the_hour_passes(browser, client_):
    spend_budget(browser, "127.0.0.1")
    assert ask(browser, client_.client_code, REMOTE_ADDR="192.0.2.7").status_code == 302
    Budget.objects.update(since=F("since") - timedelta(hours=1))
    assert ask(browser, UNKNOWN).status_code == 302


def left_after_asking_again(number, address):
    """How many more numbers this network may ask for: each asking must spend the same, whosever the number is."""
    browser = StrictBrowser(REMOTE_ADDR=address)
    ask(browser, number)
    answers = (ask(browser, client_codes.draw()).status_code for _ in range(online.REQUESTS_PER_NETWORK))
    return list(answers).count(302)


@pytest.mark.slow
@pytest.mark.parametrize("ceiling", [0, 1000])
def test_what_is_left_of_a_budget_tells_nobody_who_is_a_client(client_, settings, ceiling):
    settings.ONLINE_RENEWALS_PER_DAY = ceiling
    move(client_, 1)  # his request goes on waiting, a stranger's is closed
    for number in (client_.client_code, UNKNOWN):
        ask(StrictBrowser(REMOTE_ADDR="203.0.113.1"), number)
    run_timer()
    left = [left_after_asking_again(client_.client_code, "192.0.2.1"), left_after_asking_again(UNKNOWN, "192.0.2.2")]
    assert left == [online.REQUESTS_PER_NETWORK - 1] * 2


@pytest.mark.django_db(transaction=True)
def test_double_click_stores_one_request(client_, race):
    answers = race(lambda browser: ask(browser, client_.client_code).status_code, [StrictBrowser() for _ in range(8)])
    assert (set(answers), RenewalRequest.objects.count()) == ({302}, 1)


# Answering.


def test_timer_issues_a_letter_beside_the_code_in_use(browser, client_):
    ask(browser, client_.client_code)
    assert run_timer() == {"issued": 1, "purged": 0, "ceiling_reached": False}
    assert client_.user.secret_codes.get(role=SecretCode.Role.PENDING).letter == letters_of(client_).get()
    assert {Kind.RENEWAL_REQUESTED, Kind.DEFAULT_CODE_ISSUED} <= set(kinds(client_))


def test_number_that_nobody_holds_brings_no_letter_and_no_line_of_the_journal(browser, db):
    ask(browser, UNKNOWN)
    assert run_timer()["unknown"] == 1
    assert not SealedLetter.objects.exists()
    assert not SecurityEvent.objects.exists()


def test_client_without_online_space_gets_no_letter(browser, advisor, person):
    open_account(person, kind="current", by=Actor(advisor))
    ask(browser, person.client_code)
    assert run_timer()["unknown"] == 1


def test_no_second_letter_within_fourteen_days(client_):
    now = timezone.now()
    makers.make_pending_code(client_, now - timedelta(days=14) + timedelta(minutes=1))
    assert online.handle(request_of(client_), now) == Outcome.TOO_SOON
    assert letters_of(client_).count() == 1


def test_after_fourteen_days_a_new_letter_voids_the_one_before(client_):
    now = timezone.now()
    makers.make_pending_code(client_, now - timedelta(days=14))
    assert online.handle(request_of(client_), now) == Outcome.ISSUED
    assert letters_of(client_).filter(voided_at=None).count() == 1


def test_first_letter_on_its_way_counts_too(new_client):
    assert online.handle(request_of(new_client), timezone.now()) == Outcome.TOO_SOON
    assert Kind.RENEWAL_DECLINED in kinds(new_client)


def test_who_has_used_the_last_letter_may_ask_again_at_once(client_):
    assert online.handle(request_of(client_), timezone.now()) == Outcome.ISSUED


def test_expired_default_code_is_replaced_so_that_no_number_need_be_typed(browser, new_client):
    SealedLetter.objects.update(issued_at=timezone.now() - timedelta(days=46))
    assert online.handle(request_of(new_client), timezone.now()) == Outcome.ISSUED
    answer = makers.log_in(browser, new_client.client_code, makers.default_code(new_client))
    assert answer["Location"] == "/mon-profil/code-secret/"


def test_access_that_an_advisor_closed_is_not_opened_by_asking_online(client_, advisor):
    code_life.void_all(client_.user, why=code_life.Why.FRAUD, by=Actor(advisor))
    assert online.handle(request_of(client_), timezone.now()) == Outcome.CLOSED
    assert letters_of(client_).count() == 0


def test_access_closed_while_the_letter_is_prepared_stays_closed_and_the_journal_says_so(client_, advisor, monkeypatch):
    prepare, asked = issuing.prepare, request_of(client_)

    def prepare_then_close(*arguments):
        prepared = prepare(*arguments)
        code_life.void_all(client_.user, why=code_life.Why.FRAUD, by=Actor(advisor))
        return prepared

    monkeypatch.setattr(issuing, "prepare", prepare_then_close)
    assert online.handle(asked, timezone.now()) == Outcome.CLOSED
    assert letters_of(client_).count() == 0
    assert Kind.RENEWAL_DECLINED in kinds(client_)


def move(client, days_ago):
    makers.change_address(client, client.advisor)
    client.contact_changes.update(changed_at=timezone.now() - timedelta(days=days_ago))


@pytest.mark.proves("RTS 25(2)(a)", "ASVS 6.4.3")
def test_letter_waits_while_nobody_has_confirmed_the_address_however_long_it_takes(client_):
    move(client_, 400)
    asked = request_of(client_)
    assert [online.handle(asked, timezone.now()) for _ in range(2)] == ["", ""]
    assert letters_of(client_).count() == 0
    assert kinds(client_).count(Kind.RENEWAL_HELD) == 1
    assert online.held_request(client_.client_code) == asked


def test_letter_leaves_once_the_address_is_confirmed(client_):
    move(client_, 5)
    asked = request_of(client_)
    assert online.handle(asked, timezone.now()) == ""
    [waiting] = confirmation.waiting(client_)
    confirmation.confirm(client_, seen=confirmation.fingerprint([waiting]), by=Actor(client_.user))
    asked.refresh_from_db()
    assert online.handle(asked, timezone.now()) == Outcome.ISSUED


def test_request_held_for_thirty_days_lapses(client_):
    move(client_, 1)
    now = timezone.now()
    asked = request_of(client_, requested_at=now - timedelta(days=30), held_at=now - timedelta(days=30))
    assert online.handle(asked, now) == Outcome.LAPSED
    assert letters_of(client_).count() == 0


def test_days_ceiling_keeps_the_rest_for_tomorrow_and_sounds_an_alarm(advisor, settings, caplog):
    settings.ONLINE_RENEWALS_PER_DAY = 2
    clients = [makers.make_personalised_client(advisor, given_names=name) for name in ("Ada", "Bea", "Cleo")]
    for number, client in enumerate(clients):
        request_of(client, network=f"192.0.{number}.1")
    assert run_timer() == {"issued": 2, "purged": 0, "ceiling_reached": True}
    assert run_timer()["ceiling_reached"]
    assert online.waiting().count() == 1
    assert "ceiling of 2" in caplog.text
    assert SecurityEvent.objects.filter(kind=Kind.RENEWAL_CEILING).count() == 1


def test_ceiling_is_that_of_one_day(client_, settings):
    settings.ONLINE_RENEWALS_PER_DAY = 1
    SealedLetter.objects.update(occasion=SealedLetter.Occasion.REQUEST)
    now = timezone.now()
    with pytest.raises(online.CeilingReached):
        online.handle(request_of(client_), now)
    assert shares.issued_today(now + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("lines", "elsewhere"),
    [
        (("192.0.2.1", "192.0.2.77", "192.0.2.254"), "192.0.3.1"),
        (("2001:db8:1:1::/64", "2001:db8:1:2::/64", "2001:db8:1:ffff::/64"), "2001:db8:2:1::/64"),
    ],
)
@pytest.mark.slow
def test_one_site_takes_a_fiftieth_of_a_day_and_the_others_their_turn(advisor, settings, lines, elsewhere):
    settings.ONLINE_RENEWALS_PER_DAY = 100
    clients = [makers.make_personalised_client(advisor, given_names=name) for name in ("Ada", "Bea", "Cleo", "Dora")]
    asked = [request_of(client, network) for client, network in zip(clients, (*lines, elsewhere), strict=True)]
    assert run_timer() == {"issued": 3, "waiting": 1, "purged": 0, "ceiling_reached": False}
    assert run_timer() == {"waiting": 1, "purged": 0, "ceiling_reached": False}
    assert [letters_of(client).count() for client in clients] == [1, 1, 0, 1]
    tomorrow = timezone.now() + timedelta(days=1)
    assert online.handle(asked[2], tomorrow) == Outcome.ISSUED


def test_site_of_a_small_bank_takes_one_letter_a_day(advisor, settings):
    settings.ONLINE_RENEWALS_PER_DAY = 10
    for name in ("Ada", "Bea"):
        request_of(makers.make_personalised_client(advisor, given_names=name))
    assert run_timer() == {"issued": 1, "waiting": 1, "purged": 0, "ceiling_reached": False}


def test_addresses_of_a_carrier_do_not_share(settings):
    settings.CARRIER_NETWORKS = ((ipaddress.ip_network("192.0.2.0/24"), 2000),)
    assert shares.site_of("192.0.2.1") != shares.site_of("192.0.2.2")
    assert shares.site_of("192.0.3.1") == shares.site_of("192.0.3.2")


def test_requests_without_a_known_address_share_one_site():
    assert shares.site_of("") == ""


def test_handled_requests_are_forgotten_after_a_day(client_):
    now = timezone.now()
    for age in (timedelta(days=1), timedelta(hours=23)):
        RenewalRequest.objects.create(client_code=UNKNOWN, network="192.0.2.1", handled_at=now - age)
    request_of(client_)
    assert online.purge(now) == 1
    assert RenewalRequest.objects.count() == 2


def test_client_whose_request_is_held_is_told(client_):
    move(client_, 3)
    online.handle(request_of(client_), timezone.now())
    assert client_.user.notices.latest("id").kind == Notice.Kind.LETTER_HELD


def test_request_that_fails_does_not_keep_the_others_waiting(advisor, monkeypatch, caplog):
    clients = [makers.make_personalised_client(advisor, given_names=name) for name in ("Ada", "Bea")]
    for client in clients:
        request_of(client)
    compute = hashing.argon2id
    answers = iter([hashing.HashingFailed("no memory")])

    def failing_once(*arguments):
        failure = next(answers, None)
        if failure:
            raise failure
        return compute(*arguments)

    monkeypatch.setattr(hashing, "argon2id", failing_once)
    with pytest.raises(CommandError, match="1 demande"):
        run_timer()
    assert letters_of(clients[1]).count() == 1
    assert "HashingFailed" in caplog.text
    assert run_timer()["issued"] == 1


@pytest.mark.django_db(transaction=True)
def test_two_timers_at_once_issue_one_letter(client_, race):
    asked, now = request_of(client_), timezone.now()
    outcomes = race(lambda _: online.handle(asked, now), range(4))
    assert outcomes.count(Outcome.ISSUED) == 1
    assert letters_of(client_).count() == 1
