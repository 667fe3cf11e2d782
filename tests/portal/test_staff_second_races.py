"""Many at the same instant: five wrong numbers or tickets are verified, a right one serves once."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import transaction
from django.utils import timezone

from auth_codes.actor import SYSTEM
from auth_codes.factors import tickets, totp
from auth_codes.models import SecurityEvent, StaffTicket
from auth_codes.sessions import desk_mark
from tests import makers
from tests.auth_codes.factors.test_factor_races import MANY, show
from tests.conftest import StrictBrowser
from tests.portal.test_settled_staff import ask_renewal
from tests.portal.test_step_up import approval_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LOGIN, SECOND = "/admin/login/", "/admin/second/"
Kind = SecurityEvent.Kind


def at_second_step(count):
    found = []
    for _ in range(count):
        browser = StrictBrowser()
        browser.post(LOGIN, {"username": "claire.dubois", "password": makers.PASSWORD})
        found.append((browser, browser.get(SECOND).context["challenge"].pk))
    return found


@pytest.mark.proves("RTS 4(3)(b)")
def test_of_fifty_wrong_numbers_at_once_five_are_verified(advisor, race, monkeypatch):
    makers.make_app_of(advisor)
    verified, verify = [], totp.step_of
    monkeypatch.setattr(totp, "step_of", lambda *args: (verified.append(args), verify(*args))[1])
    [at] = at_second_step(1)
    answers = race(show("000000", SECOND), [at] * MANY)
    assert len(verified) == 5
    assert answers.count(429) >= MANY - 5


def test_one_number_in_five_browsers_at_once_opens_one_desk(advisor, race):
    _, secret = makers.make_app_of(advisor)
    browsers = at_second_step(5)
    race(show(makers.number_of(secret), SECOND), browsers)
    assert [SESSION_KEY in browser.session for browser, _ in browsers].count(True) == 1
    assert SecurityEvent.objects.filter(kind=Kind.LOGGED_IN).count() == 1


def handed_over(owner):
    with transaction.atomic():
        return tickets.issue(owner, by=SYSTEM, now=timezone.now())


def test_of_fifty_wrong_tickets_at_once_five_are_compared(advisor, race, monkeypatch):
    right, now = handed_over(advisor), timezone.now()
    compared, compare = [], tickets._is_it
    monkeypatch.setattr(tickets, "_is_it", lambda *args: (compared.append(args), compare(*args))[1])

    def check(typed):
        try:
            return tickets.check(advisor, typed, by=SYSTEM, now=now)
        except (tickets.WrongTicket, tickets.NoTicket) as refusal:
            return type(refusal)

    answers = race(check, ["0" * 12] * MANY)
    assert (len(compared), answers.count(tickets.WrongTicket)) == (5, 5)
    assert check(right) is tickets.NoTicket
    assert SecurityEvent.objects.filter(kind=Kind.TICKET_ENDED).count() == 1


def test_one_ticket_fifty_times_at_once_is_used_once(advisor, race):
    handed_over(advisor)
    digest = StaffTicket.objects.get().digest

    def use(_):
        try:
            with transaction.atomic():
                tickets.use(advisor, digest, timezone.now())
        except tickets.NoTicket:
            return False
        return True

    assert race(use, range(MANY)).count(True) == 1


def test_two_tickets_at_once_leave_one(advisor, race):
    issued = race(lambda _: handed_over(advisor), range(8))
    kept = StaffTicket.objects.get()
    assert [tickets._is_it(kept, ticket, tickets.STAFF.salt) for ticket in issued].count(True) == 1


def test_one_confirmation_ten_times_at_once_approves_once(client_, advisor, race):
    second = makers.make_advisor("marc.leroy")
    _, secret = makers.make_app_of(second)
    act, browser = ask_renewal(client_, None, advisor), StrictBrowser.logged_in(second)
    session = browser.session
    desk_mark.put(session, timezone.now() - timedelta(minutes=11))
    session.save()
    page, posted = approval_of(browser, act)
    asked = browser.post(page, posted)
    proof = {"step-challenge": asked.context["challenge"].pk, "step-code": makers.number_of(secret)}
    answers = race(lambda _: browser.post(page, posted | proof).status_code, range(10))
    act.refresh_from_db()
    assert act.decision == "approved"
    assert set(answers) <= {200, 302, 429}
    assert SecurityEvent.objects.filter(kind=Kind.STEP_UP_PASSED).count() == 1
    assert SecurityEvent.objects.filter(kind=Kind.RENEWAL_APPROVED).count() == 1
