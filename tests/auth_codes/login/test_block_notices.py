"""Blocks told by e-mail: the first of a day and the one before the last, by a timer, each once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from auth_codes import journal, notices
from auth_codes.login import block_notices
from auth_codes.models import Notice, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
Kind = SecurityEvent.Kind


@made_once
def client_(client_):
    Notice.objects.all().delete()
    return client_


def block(client, failures, at=NOON, **details):
    details = {"failures": failures, **details}
    return SecurityEvent.objects.create(kind=Kind.LOGIN_BLOCKED, owner=client.user, at=at, details=details)


def told(client):
    return [(notice.kind, notice.facts.get("pause")) for notice in client.user.notices.order_by("id")]


def fail(client, times=5):
    for _ in range(times):
        makers.log_in(StrictBrowser(), client.client_code, makers.WRONG_CODE)


def test_login_itself_writes_no_mail(client_):
    fail(client_)
    assert told(client_) == []


def test_first_block_of_a_day_is_told_once_with_its_length(client_):
    block(client_, 5)
    assert [block_notices.write_due(NOON + MINUTE * minutes) for minutes in (1, 6, 11)] == [1, 0, 0]
    assert told(client_) == [("login_blocked", "15 minutes")]
    assert client_.user.notices.get().at == NOON


def test_second_block_of_the_day_is_not_told(client_):
    block(client_, 5)
    block_notices.write_due(NOON)
    block(client_, 10, NOON + HOUR)
    assert block_notices.write_due(NOON + HOUR) == 0


def test_first_block_of_the_next_day_in_paris_is_told(client_):
    before_midnight = datetime(2026, 3, 2, 22, 50, tzinfo=UTC)
    for failures, at in ((5, before_midnight), (10, before_midnight + 20 * MINUTE)):
        block(client_, failures, at)
        block_notices.write_due(at)
    assert told(client_) == [("login_blocked", "15 minutes"), ("login_blocked", "une heure")]


def test_block_before_the_last_is_told_also_on_a_day_already_told(client_):
    for failures, at in ((5, NOON), (10, NOON + HOUR), (15, NOON + 3 * HOUR)):
        block(client_, failures, at)
        block_notices.write_due(at)
    assert told(client_) == [("login_blocked", "15 minutes"), ("next_is_last", "un jour")]


def test_of_two_mails_due_at_once_the_one_before_the_last_is_sent(client_):
    for failures, at in ((5, NOON), (10, NOON + HOUR), (15, NOON + 3 * HOUR)):
        block(client_, failures, at)
    assert [block_notices.write_due(NOON + 4 * HOUR) for _ in range(2)] == [1, 0]
    assert [kind for kind, _ in told(client_)] == ["next_is_last"]


def test_last_block_is_told_without_a_length(client_):
    block(client_, 20)
    block_notices.write_due(NOON)
    assert told(client_) == [("login_blocked", None)]


def test_block_of_yesterday_is_told_no_more(client_):
    block(client_, 5)
    assert block_notices.write_due(NOON + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    "kind", ["code_renewed", "renewal_approved", "access_closed", "closed_by_owner", "block_lifted"]
)
def test_block_that_ended_meanwhile_is_not_told(client_, kind):
    block(client_, 5)
    SecurityEvent.objects.create(kind=kind, owner=client_.user, at=NOON + MINUTE)
    assert block_notices.write_due(NOON + 2 * MINUTE) == 0


def test_block_after_an_earlier_renewal_is_told(client_):
    SecurityEvent.objects.create(kind=Kind.RENEWAL_APPROVED, owner=client_.user, at=NOON - HOUR)
    block(client_, 5)
    assert block_notices.write_due(NOON) == 1


def test_blocks_of_letters_staff_and_unknown_numbers_are_not_told(client_, advisor):
    letter = makers.make_pending_code(client_)
    Notice.objects.all().delete()
    for _ in range(5):
        fields = {"letter": letter.letter_number}
        makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE, **fields)
    SecurityEvent.objects.create(kind=Kind.LOGIN_BLOCKED, owner=advisor, details={"failures": 5})
    journal.record(Kind.LOGIN_BLOCKED, details={"failures": 5})
    assert client_.user.security_events.get(kind=Kind.LOGIN_BLOCKED).details == {"failures": 5, "letter": "number"}
    assert block_notices.write_due(timezone.now()) == 0


def test_client_without_an_address_is_told_by_post_and_once(client_):
    type(client_).objects.filter(pk=client_.pk).update(email="")
    client_.postal_items.all().delete()
    block(client_, 5)
    assert [block_notices.write_due(NOON + MINUTE * minutes) for minutes in (1, 6, 11)] == [1, 0, 0]
    letter = client_.postal_items.get()
    assert letter.title == "La connexion est en pause après des codes erronés"
    assert "le 2 mars 2026" in letter.contents.replace("\u00a0", " ")
    assert (notices.count_waiting(), client_.user.notices.get().recipient) == (0, "")


@pytest.mark.django_db(transaction=True)
def test_timer_sends_what_it_writes_and_real_failures_bring_it_about(client_):
    fail(client_)
    mail.outbox.clear()
    call_command("send_notices")
    [sent] = mail.outbox
    assert "Pendant 15 minutes, la connexion est en pause" in sent.body
    assert makers.WRONG_CODE not in sent.body
    call_command("send_notices")
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_timers_at_once_tell_each_block_once(advisor, client_, race):
    other = makers.make_personalised_client(advisor, given_names="Zoé")
    Notice.objects.all().delete()
    for client in (client_, other):
        block(client, 5)
    assert sum(race(lambda _: block_notices.write_due(NOON), range(4))) == 2
    assert told(client_) == told(other) == [("login_blocked", "15 minutes")]
