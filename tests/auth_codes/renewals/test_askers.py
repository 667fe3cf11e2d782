"""Who asks for a number beside its owner: he neither holds the owner's letter back nor brings it weeks later."""

import io
import json
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts import client_codes
from auth_codes.models import Budget, RenewalRequest, SealedLetter, SecurityEvent
from auth_codes.renewals import online, shares
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind
Outcome = RenewalRequest.Outcome
PAGE = "/code-secret-oublie/"
ATTACKER, HOME = "203.0.113.{}", "192.0.2.1"
UNKNOWN = "5724816039"
DAYS_LETTERS = 1000


def ask(number, address):
    return StrictBrowser(REMOTE_ADDR=address).post(PAGE, {"username": number}).status_code


def run_timer():
    said = io.StringIO()
    call_command("issue_requested_letters", stdout=said)
    return json.loads(said.getvalue())


def letters_of(client):
    return client.user.sealed_letters.filter(occasion=SealedLetter.Occasion.REQUEST).count()


def requests_of(client):
    return list(RenewalRequest.objects.filter(client_code=client.client_code).values_list("network", "outcome"))


def use_up(site, now=None):
    """As if this site had brought about its part of the day's letters."""
    done = {"handled_at": now or timezone.now(), "outcome": Outcome.ISSUED, "network": site.format(200)}
    RenewalRequest.objects.bulk_create(
        RenewalRequest(client_code=client_codes.draw(), **done) for _ in range(DAYS_LETTERS // shares.SHARE_OF_A_DAY)
    )


def reasons(client):
    declined = client.user.security_events.filter(kind=Kind.RENEWAL_DECLINED)
    return [line.details["reason"] for line in declined]


@pytest.mark.slow
def test_one_network_that_asks_for_all_numbers_it_knows_holds_back_nobody_who_asks_from_home(advisor, client_):
    """Thirty requests an hour, of which twenty letters leave: 700 owners would wait for weeks."""
    others = [makers.make_person(advisor, client_code=client_codes.draw()) for _ in range(719)]
    use_up(ATTACKER)
    for place, known in enumerate([*others, client_]):
        assert ask(known.client_code, ATTACKER.format(place % 200 + 1)) == 302
        if place % online.REQUESTS_PER_NETWORK == 0:
            Budget.objects.update(since=F("since") - timedelta(hours=1))
    run_timer()
    assert letters_of(client_) == 0
    assert ask(client_.client_code, HOME) == 302
    assert ask(client_.client_code, ATTACKER.format(7)) == 302  # again, after the owner
    assert run_timer()["issued"] == 1
    assert letters_of(client_) == 1


@pytest.mark.parametrize("order", [(ATTACKER.format(1), HOME), (HOME, ATTACKER.format(1))])
def test_letter_leaves_in_the_share_of_whoever_has_some_left(client_, order):
    use_up(ATTACKER)
    for address in order:
        ask(client_.client_code, address)
    assert run_timer() == {"issued": 1, "purged": 0, "ceiling_reached": False}
    assert dict(requests_of(client_)) == {HOME: Outcome.ISSUED, ATTACKER.format(1): Outcome.JOINED}
    [line] = client_.user.security_events.filter(kind=Kind.RENEWAL_REQUESTED)
    assert line.details["network"] == HOME


def test_attacker_who_asks_in_an_owners_place_spends_none_of_the_owners_share(client_):
    ask(client_.client_code, ATTACKER.format(1))
    ask(client_.client_code, HOME)
    run_timer()
    issued = RenewalRequest.objects.filter(outcome=Outcome.ISSUED)
    assert list(issued.values_list("network", flat=True)) == [ATTACKER.format(1)]


def test_many_networks_that_ask_for_one_number_bring_one_letter_and_the_lines_of_one(client_):
    for place in range(12):
        ask(client_.client_code, f"198.51.{place}.1")
    run_timer()
    assert letters_of(client_) == 1
    assert client_.user.security_events.filter(kind=Kind.RENEWAL_REQUESTED).count() == 1
    for place in range(12):
        ask(client_.client_code, f"198.51.{place}.1")
    assert run_timer() == {"too_soon": 1, "purged": 0, "ceiling_reached": False}
    assert reasons(client_) == [Outcome.TOO_SOON]
    assert run_timer() == {"purged": 0, "ceiling_reached": False}


def test_many_networks_that_ask_for_a_free_number_are_one_answer(db):
    for place in range(3):
        ask(UNKNOWN, f"198.51.{place}.1")
    assert run_timer() == {"unknown": 1, "purged": 0, "ceiling_reached": False}
    assert not RenewalRequest.objects.filter(handled_at=None).exists()


def test_request_held_for_an_address_is_told_once_whoever_asks_meanwhile(client_, advisor):
    makers.change_address(client_, advisor)
    for address in (HOME, *map(ATTACKER.format, (1, 2))):
        ask(client_.client_code, address)
        run_timer()
    kinds = list(client_.user.security_events.values_list("kind", flat=True))
    assert (kinds.count(Kind.RENEWAL_HELD), kinds.count(Kind.RENEWAL_REQUESTED)) == (1, 1)
    assert online.held().count() == 1
    assert online.held_request(client_.client_code).network == HOME


def waited(client, days, last_asked=None):
    now = timezone.now()
    return RenewalRequest.objects.create(
        client_code=client.client_code,
        network=ATTACKER.format(1),
        requested_at=now - timedelta(days=days),
        last_asked_at=now - timedelta(days=days if last_asked is None else last_asked),
    )


def test_request_that_was_held_back_and_that_nobody_repeats_lapses(client_):
    use_up(ATTACKER)
    waited(client_, online.WAITS_AT_MOST.days)
    assert run_timer() == {"lapsed": 1, "purged": 0, "ceiling_reached": False}
    assert reasons(client_) == [Outcome.LAPSED]
    assert letters_of(client_) == 0


def test_request_that_somebody_repeats_keeps_its_turn(client_):
    use_up(ATTACKER)
    asked = waited(client_, 30)
    assert ask(client_.client_code, ATTACKER.format(1)) == 302
    first_asked = asked.requested_at
    asked.refresh_from_db()
    assert asked.requested_at == first_asked
    assert timezone.now() - asked.last_asked_at < timedelta(hours=1)  # a month ago before
    assert run_timer() == {"waiting": 1, "purged": 0, "ceiling_reached": False}
    assert online.handle(asked, timezone.now() + timedelta(days=1)) == Outcome.ISSUED


def test_request_of_another_network_keeps_the_number_from_lapsing(client_):
    for site in (ATTACKER, "192.0.2.{}"):
        use_up(site)
    waited(client_, 30)
    ask(client_.client_code, HOME)
    assert run_timer() == {"waiting": 1, "purged": 0, "ceiling_reached": False}


def test_lapsed_request_goes_before_the_days_ceiling_stops_the_run(client_, settings):
    settings.ONLINE_RENEWALS_PER_DAY = 0
    waited(client_, online.WAITS_AT_MOST.days)
    assert run_timer() == {"lapsed": 1, "purged": 0, "ceiling_reached": False}


@pytest.mark.django_db(transaction=True)
def test_askers_and_timers_at_once_bring_one_letter_and_leave_no_request_behind(client_, race):
    use_up(ATTACKER)
    ask(client_.client_code, ATTACKER.format(1))

    def act(place):
        if place % 2:
            return ask(client_.client_code, f"198.51.{place}.1")
        return [online.handle(asked, timezone.now()) for asked in online.waiting()]

    assert race(act, range(10))[1::2] == [302] * 5
    run_timer()
    assert letters_of(client_) == 1
    assert [outcome for _, outcome in requests_of(client_)].count(Outcome.ISSUED) == 1
    assert not RenewalRequest.objects.filter(handled_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_take_no_more_than_a_sites_share(advisor, settings, race):
    settings.ONLINE_RENEWALS_PER_DAY = 50
    clients = [makers.make_personalised_client(advisor, given_names=name) for name in ("Ada", "Bea", "Cleo")]
    for client in clients:
        ask(client.client_code, HOME)
    race(lambda _: run_timer(), range(3))
    assert sum(map(letters_of, clients)) == 1


def test_way_back_keeps_the_first_request_of_each_number(client_):
    first = waited(client_, 2)
    handled = RenewalRequest.objects.create(client_code=client_.client_code, network=HOME, handled_at=timezone.now())
    for place in range(2, 5):
        ask(client_.client_code, ATTACKER.format(place))
    ask(UNKNOWN, HOME)
    migration = import_module("auth_codes.migrations.0018_tell_askers_of_one_number_apart")
    migration.keep_the_first_of_each_number(apps, connection.schema_editor())
    assert set(RenewalRequest.objects.filter(client_code=client_.client_code)) == {first, handled}
    assert RenewalRequest.objects.filter(client_code=UNKNOWN).count() == 1
