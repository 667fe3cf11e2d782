"""Acts that two advisors do: what becomes of those that nobody has judged in time."""

import json
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from accounts.bank_accounts import access_requests
from accounts.clients import client_journal, identity_changes, own_journal
from accounts.models import AccessRequest, IdentityChange
from auth_codes import dual_control, notices
from auth_codes.actor import Actor
from auth_codes.models import Notice, Renewal, SecurityEvent
from auth_codes.renewals import by_advisors
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

LAPSED = SecurityEvent.Kind.REQUEST_LAPSED
FRIDAY = datetime(2026, 3, 6, 10, tzinfo=ZoneInfo("Europe/Paris"))
OVER = datetime(2026, 3, 12, tzinfo=ZoneInfo("Europe/Paris"))
INSTANT = timedelta(microseconds=1)


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


@made_once
def asked(client_, advisor):
    """On a Friday: Monday, Tuesday and Wednesday are left to answer it."""
    return by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4(), now=FRIDAY)


def notices_of(user):
    return Notice.objects.filter(owner=user, kind=Notice.Kind.REQUEST_LAPSED)


def test_it_is_open_until_the_end_of_the_third_working_day_and_not_an_instant_longer(asked):
    for at, is_open in ((OVER - INSTANT, True), (OVER, False)):
        assert asked.is_open_at(at) is is_open
        assert Renewal.objects.open_at(at).exists() is is_open
        assert Renewal.objects.lapsed_at(at).exists() is not is_open


def test_answer_in_the_last_instant_is_taken_and_the_next_one_is_not(asked, colleague):
    with pytest.raises(dual_control.AlreadyDecided):
        by_advisors.refuse(asked, by=Actor(colleague), now=OVER)
    by_advisors.refuse(asked, by=Actor(colleague), now=OVER - INSTANT)


def test_timer_writes_the_end_down_at_the_moment_it_was_and_once(asked):
    assert dual_control.lapse_all(OVER - INSTANT) == 0
    assert [dual_control.lapse_all(OVER + timedelta(days=run)) for run in range(2)] == [1, 0]
    asked.refresh_from_db()
    assert (asked.decision, asked.decided_at, asked.decided_by) == ("lapsed", OVER, None)


def test_who_asked_is_told_by_mail_with_the_day(asked, advisor):
    type(advisor).objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    dual_control.lapse_all(OVER)
    told = notices_of(advisor).get()
    assert (told.recipient, told.at) == ("claire@banque.example", OVER)
    assert "le 06/03/2026 à 10:00, aucun collègue n’a répondu" in notices.message_of(told).body


def test_client_reads_that_it_came_to_nothing(asked, client_):
    dual_control.lapse_all(OVER)
    line = client_journal.lines_about(client_).filter(kind=LAPSED).get()
    [told] = own_journal.in_words([line], client_)
    assert "restée sans réponse à la banque ; rien n’a changé" in told.event
    assert (told.details, told.by) == ("Renouvellement de code secret", "La banque")


def test_every_kind_of_act_says_whom_it_is_about(client_, advisor, asked):
    other = makers.make_personalised_client(advisor, given_names="Ada", email="ada@example.org")
    by, account = Actor(advisor), client_.bank_accounts.get()
    fields = {"right": "see", "agreement": "branch", "token": uuid.uuid4(), "now": FRIDAY}
    access_requests.start(account, other, by=by, **fields)
    identity_changes.start(client_, {"family_name": "Durand"}, by=by, now=FRIDAY)
    assert dual_control.lapse_all(OVER) == 3
    lines = SecurityEvent.objects.filter(kind=LAPSED)
    about = [(line.details["act"], line.subject_row.subject) for line in lines]
    assert sorted(about) == sorted(
        [
            (Renewal._meta.label_lower, client_.pk),
            (AccessRequest._meta.label_lower, client_.pk),
            (AccessRequest._meta.label_lower, other.pk),
            (IdentityChange._meta.label_lower, client_.pk),
        ]
    )


def test_new_request_about_the_same_tells_of_the_one_that_lapsed(asked, client_, advisor):
    by_advisors.start(client_.user, by=Actor(advisor), identity_check="phone", token=uuid.uuid4(), now=OVER)
    assert SecurityEvent.objects.filter(kind=LAPSED).count() == 1


def test_command_says_how_many(asked):
    said = StringIO()
    call_command("lapse_requests", stdout=said)
    assert json.loads(said.getvalue()) == {"lapsed": 1}


def test_first_page_names_it_to_who_asked_and_to_nobody_else(asked, advisor, colleague):
    assert "est restée sans réponse" in text_of(StrictBrowser.logged_in(advisor).get("/admin/"))
    assert "est restée sans réponse" not in text_of(StrictBrowser.logged_in(colleague).get("/admin/"))


@pytest.mark.django_db(transaction=True)
def test_timers_and_an_answer_at_once_end_it_in_one_way(client_, advisor, race):
    colleague = makers.make_advisor("luc.morin")
    asked = by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4(), now=FRIDAY)

    def refuse():
        with suppress(dual_control.AlreadyDecided):
            by_advisors.refuse(asked, by=Actor(colleague), now=OVER - INSTANT)

    race(lambda act: act(), [lambda: dual_control.lapse_all(OVER), lambda: dual_control.lapse_all(OVER), refuse])
    asked.refresh_from_db()
    ends = SecurityEvent.objects.filter(kind__in=[LAPSED, SecurityEvent.Kind.RENEWAL_REFUSED])
    assert (asked.decision in ("lapsed", "refused"), ends.count()) == (True, 1)
