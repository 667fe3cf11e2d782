"""Answers of a passkey of the staff, many at the same instant: one opens the desk, or confirms its act, once."""

import html
import re

import pytest
from django.utils import timezone

from accounts.desk import roles
from auth_codes.factors import passkeys
from auth_codes.models import OpenSession, SecurityEvent
from auth_codes.sessions import desk_mark
from tests import makers
from tests.auth_codes.factors.test_factor_races import MANY
from tests.authenticator import FLAG, Authenticator
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LOGIN, SECOND = "/admin/login/", "/admin/second/"
Kind = SecurityEvent.Kind
# As its page shows it, once.
A_TICKET = re.compile(r"<strong>[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}</strong>")
COUNTS = pytest.mark.parametrize("count", [0, 7], ids=["that does not count", "that counts"])


def said(answer):
    return html.unescape(answer.content.decode()).replace("\u00a0", " ")


def lines(*kinds):
    return SecurityEvent.objects.filter(kind__in=kinds).count()


def at_second_step(authenticator):
    """A browser that has typed the right password, and what it sends once the passkey has signed."""
    browser = StrictBrowser()
    browser.post(LOGIN, {"username": "claire.dubois", "password": makers.PASSWORD})
    page = browser.get(SECOND).context
    return browser, {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}


@pytest.fixture
def administrator(advisor):
    return makers.make_staff("nadia.benali", roles.STAFF_ADMINISTRATORS, first_name="Nadia", last_name="Benali")


def about_to_hand_over(administrator, advisor, authenticator):
    """His browser, the page of the act, and what it sends once the passkey has signed."""
    browser, page = StrictBrowser.logged_in(administrator), f"/admin/accounts/user/{advisor.pk}/ticket/"
    session = browser.session
    desk_mark.put(session, timezone.now())
    session.save()
    asked = browser.post(page).context
    return (
        browser,
        page,
        {
            "step-challenge": asked["challenge"].pk,
            "step-assertion": authenticator.get(asked["options"]),
        },
    )


@COUNTS
def test_one_answer_fifty_times_at_once_opens_the_desk_once_and_alarms_nobody(advisor, race, count):
    _, authenticator = makers.make_passkey_of(advisor, Authenticator(count=count))
    browser, sent = at_second_step(authenticator)
    answers = race(lambda _: browser.post(SECOND, sent).status_code, range(MANY))
    assert set(answers) <= {302, 429}
    assert OpenSession.objects.filter(owner=advisor, ended_at=None).count() == 1
    assert (lines(Kind.LOGGED_IN), lines(Kind.FACTOR_PASSED)) == (1, 1)
    assert lines(Kind.FACTOR_FAILED, Kind.PASSKEY_COPIED) == 0


@pytest.mark.proves("RTS 4(3)(b)")
def test_of_fifty_wrong_answers_at_once_five_are_verified(advisor, race, monkeypatch):
    _, authenticator = makers.make_passkey_of(advisor)
    authenticator.flags = FLAG.UP
    verified, verify = [], passkeys.verify
    monkeypatch.setattr(passkeys, "verify", lambda *args, **named: (verified.append(args), verify(*args, **named))[1])
    browser, sent = at_second_step(authenticator)
    answers = race(lambda _: browser.post(SECOND, sent).status_code, range(MANY))
    assert len(verified) == 5
    assert answers.count(429) >= MANY - 5


@COUNTS
def test_one_answer_fifty_times_at_once_confirms_one_act_once(advisor, administrator, race, count):
    _, authenticator = makers.make_passkey_of(administrator, Authenticator(count=count))
    browser, page, sent = about_to_hand_over(administrator, advisor, authenticator)
    answers = race(lambda _: browser.post(page, sent), range(MANY))
    assert sum(bool(A_TICKET.search(said(answer))) for answer in answers) == 1
    assert (lines(Kind.STEP_UP_PASSED), lines(Kind.TICKET_ISSUED)) == (1, 1)
    assert lines(Kind.FACTOR_FAILED, Kind.PASSKEY_COPIED) == 0


def test_double_click_on_a_confirmation_is_never_told_that_nothing_was_done(advisor, administrator, race):
    _, authenticator = makers.make_passkey_of(administrator)
    for _ in range(5):
        browser, page, sent = about_to_hand_over(administrator, advisor, authenticator)
        answers = race(lambda _: browser.post(page, sent), range(2))  # noqa: B023 - called at once
        assert [said(answer) for answer in answers if "rien n’est fait" in said(answer)] == []
