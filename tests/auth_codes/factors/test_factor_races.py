"""Many numbers at the same instant: five wrong ones are verified, and one right one is accepted once."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from auth_codes.actor import SYSTEM
from auth_codes.factors import ending, proving, totp
from auth_codes.models import Factor, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECOND = "/connexion/second/"
MANY = 50


def at_second_step(client, count):
    """As many browsers, each of which has typed the right codes, with its challenge."""
    found = []
    for _ in range(count):
        browser = StrictBrowser()
        makers.log_in(browser, client.client_code, makers.CODE)
        found.append((browser, browser.get(SECOND).context["challenge"].pk))
    return found


def show(code, page=SECOND):
    def act(at):
        browser, challenge = at
        return browser.post(page, {"code": code, "challenge": challenge}).status_code

    return act


@pytest.mark.proves("RTS 4(3)(b)")
def test_of_fifty_wrong_numbers_at_once_five_are_verified(client_, race, monkeypatch):
    makers.make_app(client_)
    verified, verify = [], totp.step_of

    def counting(secret, code, now):
        verified.append(code)
        return verify(secret, code, now)

    monkeypatch.setattr(totp, "step_of", counting)
    [at] = at_second_step(client_, 1)
    answers = race(show("000000"), [at] * MANY)
    assert len(verified) == 5
    assert answers.count(429) >= MANY - 5


def test_one_number_fifty_times_at_once_is_accepted_once(client_, race):
    factor, secret = makers.make_app(client_)
    code, stored = makers.number_of(secret), Factor.objects.select_related("owner").get(pk=factor.pk)
    assert race(lambda _: proving.is_right(stored, code, timezone.now()), range(MANY)).count(True) == 1


def test_one_number_in_five_browsers_at_once_logs_in_one(client_, race):
    _, secret = makers.make_app(client_)
    browsers = at_second_step(client_, 5)
    race(show(makers.number_of(secret)), browsers)
    assert [SESSION_KEY in browser.session for browser, _ in browsers].count(True) == 1
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.LOGGED_IN).count() == 1


def test_double_click_counts_no_wrong_number(client_, race):
    _, secret = makers.make_app(client_)
    [at] = at_second_step(client_, 1)
    assert race(show(makers.number_of(secret)), [at] * 2) == [302, 302]
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_FAILED).exists()
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.LOGGED_IN).count() == 1


def test_moyen_that_ends_at_this_very_moment_is_ended_once(client_, race):
    factor, _ = makers.make_app(client_)
    stored = Factor.objects.select_related("owner").get(pk=factor.pk)
    ended = race(lambda _: ending.end(stored, Factor.Why.REMOVED, by=SYSTEM, now=timezone.now()), range(10))
    assert ended.count(True) == 1
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_REMOVED).count() == 1
