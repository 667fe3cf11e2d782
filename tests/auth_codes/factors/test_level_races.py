"""At the same instant: numbers shown inside a session, and the last two strong moyens taken off in two windows."""

import pytest
from django.utils import timezone

from auth_codes.actor import SYSTEM
from auth_codes.factors import removing, totp
from auth_codes.models import Factor, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PROVE = "/espace-client/plus-loin/"
MANY = 50


def show(browser, code):
    challenge = browser.get(PROVE).context["challenge"].pk
    return lambda _: browser.post(PROVE, {"code": code, "challenge": challenge}).status_code


@pytest.mark.proves("RTS 4(3)(b)")
def test_of_fifty_wrong_numbers_in_a_session_five_are_verified(client_, race, monkeypatch):
    makers.make_app(client_)
    verified, verify = [], totp.step_of

    def counting(secret, code, now):
        verified.append(code)
        return verify(secret, code, now)

    monkeypatch.setattr(totp, "step_of", counting)
    answers = race(show(StrictBrowser.logged_in(client_.user), "000000"), range(MANY))
    assert len(verified) == 5
    assert answers.count(429) >= MANY - 5


def test_right_number_clicked_often_at_once_is_noted_once_and_no_click_counts_as_wrong(client_, race):
    """Five times, as many as are verified at once: a sixth is told to wait."""
    _, secret = makers.make_app(client_)
    answers = race(show(StrictBrowser.logged_in(client_.user), makers.number_of(secret)), range(5))
    assert set(answers) == {302}
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_SHOWN).count() == 1
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_FAILED).exists()


def test_of_the_last_two_taken_off_at_once_one_stays(client_, race, settings):
    settings.SECOND_FACTOR_REQUIRED_FROM = timezone.localdate()
    makers.make_app(client_)
    makers.make_passkey(client_, generation=2)

    def remove(pk):
        factor = Factor.objects.select_related("owner").get(pk=pk)
        try:
            return removing.remove(factor, Factor.Why.REMOVED, by=SYSTEM, now=timezone.now())
        except removing.LastStrong:
            return False

    assert sorted(race(remove, Factor.objects.values_list("pk", flat=True))) == [False, True]
    assert Factor.objects.active().count() == 1
