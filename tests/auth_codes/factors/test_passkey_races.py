"""Many answers of passkeys at the same instant: of wrong ones five are verified, and a right one is accepted once."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.factors import challenges, enrolling, passkey_enrolling, passkeys, proving
from auth_codes.factors.passkey_proofs import Assertion
from auth_codes.models import Factor, SecurityEvent
from tests import makers
from tests.authenticator import FLAG, ORIGIN, Authenticator
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECOND = "/connexion/second/"
MANY = 50
Kind = SecurityEvent.Kind


def at_second_step(client):
    """A browser that has typed the right codes, and what its page shows."""
    browser = StrictBrowser()
    makers.log_in(browser, client.client_code, makers.CODE)
    return browser, browser.get(SECOND).context


def show(at):
    browser, sent = at
    return browser.post(SECOND, sent).status_code


@pytest.mark.proves("RTS 4(3)(b)")
def test_of_fifty_wrong_answers_at_once_five_are_verified(client_, race, monkeypatch):
    _, authenticator = makers.make_passkey(client_, Authenticator(count=1))
    authenticator.flags = FLAG.UP
    verified, verify = [], passkeys.verify

    def counting(*arguments, **named):
        verified.append(arguments)
        return verify(*arguments, **named)

    monkeypatch.setattr(passkeys, "verify", counting)
    browser, page = at_second_step(client_)
    sent = {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}
    answers = race(show, [(browser, sent)] * MANY)
    assert len(verified) == 5
    assert answers.count(429) >= MANY - 5


@pytest.mark.parametrize("count", [0, 7], ids=["that does not count", "that counts"])
def test_one_answer_fifty_times_at_once_is_accepted_once_and_alarms_nobody(client_, race, count):
    factor, authenticator = makers.make_passkey(client_, Authenticator(count=count))
    stored = Factor.objects.select_related("owner").get(pk=factor.pk)
    session, now = StrictBrowser.logged_in(client_.user).session, timezone.now()
    asked = challenges.ask(client_.user, challenges.Purpose.CHANGE, {"remove": "one"}, session, now)
    passkey = passkeys.read(stored.unseal())
    options = passkeys.request_options([passkey], challenge=challenges.bytes_of(asked))
    shown = Assertion(authenticator.get(options), ORIGIN)

    def prove(_):
        try:
            return proving.prove(asked, stored, shown, timezone.now())
        except challenges.AlreadyProved:
            return "already"

    answers = race(prove, range(MANY))
    assert (answers.count(True), answers.count("already")) == (1, MANY - 1)


def test_double_click_logs_in_once_and_counts_nothing(client_, race):
    _, authenticator = makers.make_passkey(client_, Authenticator(count=7))
    browser, page = at_second_step(client_)
    sent = {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}
    assert race(show, [(browser, sent)] * 2) == [302, 302]
    assert not SecurityEvent.objects.filter(kind__in=[Kind.FACTOR_FAILED, Kind.PASSKEY_COPIED]).exists()
    assert SecurityEvent.objects.filter(kind=Kind.LOGGED_IN).count() == 1
    assert SESSION_KEY in browser.session


def test_sixth_passkey_begun_in_several_tabs_at_once_stays_out(client_, race):
    for number in range(1, 5):
        makers.make_passkey(client_, generation=number)
    tabs = StrictBrowser.tabs(client_.user, 5)
    sessions = [tab.session for tab in tabs]

    def add(session):
        now, by = timezone.now(), Actor(client_.user)
        named = {"kind": Factor.Kind.PASSKEY, "by_kind": Factor.Kind.PASSKEY, "device": None}
        try:
            enrolling.begin(client_.user, "Ma clé", session=session, now=now, **named)
            pending = enrolling.waiting(client_.user, session, now, Factor.Kind.PASSKEY)
            made = Authenticator().create(passkey_enrolling.options(pending))
            return passkey_enrolling.confirm(pending, Assertion(made, ORIGIN), by=by, now=now)
        except (enrolling.NothingPending, enrolling.OneAlready):
            return None

    race(add, sessions)
    assert Factor.objects.active().count() <= 5
    assert Factor.objects.unended().count() <= 6
