"""The first page of the desk: what waits for this advisor, whom of his clients to call, the sheets he had open."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.clients import identity_changes
from accounts.desk import login_chart, roles, work
from accounts.models import User
from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, Renewal, SealedLetter, SecurityEvent
from auth_codes.renewals import by_advisors
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import queries_of, say_why, words_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

DESK = "/admin/"


@made_once
def colleague(db):
    return makers.make_advisor("marc.lefevre")


@pytest.fixture
def started(client_, colleague):
    return by_advisors.start(client_.user, by=Actor(colleague), identity_check="branch", token=uuid.uuid4())


def first_page(browser):
    answer = browser.get(DESK)
    assert answer.status_code == 200
    return answer


def read(browser):
    return " ".join(words_of(first_page(browser)).split())


def block(client, count=5, ago=timedelta(0)):
    at = timezone.now() - ago
    key = counters.client_counter(client.client_code).key
    AttemptCounter.objects.create(key=key, count=count, reserved_at=at, filled_count=count, filled_at=at)
    blocked = SecurityEvent.Kind.LOGIN_BLOCKED
    SecurityEvent.objects.create(kind=blocked, owner=client.user, at=at, details={"failures": count})


def lie(client, days):
    SealedLetter.objects.filter(owner=client.user).update(issued_at=timezone.now() - timedelta(days=days))


def called(advisor):
    return [(call.client, call.why) for call in work.to_call(advisor, timezone.now())]


def test_day_without_work_says_so(advisor_browser, request):
    calm = "Aucune demande à approuver, aucun client à rappeler."
    assert calm in read(advisor_browser)
    request.getfixturevalue("started")
    assert calm not in read(advisor_browser)


# To approve.


def test_act_that_waits_is_named_with_its_client_and_leads_to_its_page(advisor_browser, client_, started):
    page = read(advisor_browser)
    assert f"Renouvellement de code secret {client_} par Claire Dubois" in page
    assert f'href="/admin/auth_codes/renewal/{started.pk}/change/"' in first_page(advisor_browser).content.decode()


def test_acts_of_every_kind_come_together_the_oldest_first(advisor_browser, colleague, client_, started):
    identity_changes.start(client_, {"family_name": "Durand"}, by=Actor(colleague))
    Renewal.objects.update(started_at=timezone.now() - timedelta(days=1))
    acts = first_page(advisor_browser).context["to_approve"]
    assert [act.what for act in acts] == ["Renouvellement de code secret", "Changement d’identité"]


def test_own_act_is_not_among_them(colleague, started):
    assert first_page(StrictBrowser.logged_in(colleague)).context["to_approve"] == []


def test_act_about_oneself_is_not_among_them(advisor, advisor_browser, client_, started):
    User.objects.filter(pk=advisor.pk).update(own_client=client_)
    assert first_page(advisor_browser).context["to_approve"] == []


def test_act_that_has_lapsed_is_not_among_them(advisor_browser, started):
    Renewal.objects.update(started_at=timezone.now() - timedelta(days=30))
    assert first_page(advisor_browser).context["to_approve"] == []


# To call.


def test_blocked_client_is_named_with_the_end_of_his_block(advisor_browser, client_):
    block(client_, 10)
    assert f"{client_} connexion en pause 10 codes erronés, jusqu’au" in read(advisor_browser)


def test_client_blocked_until_a_renewal_is_named_for_a_month(advisor, client_):
    block(client_, 20, timedelta(days=29))
    [call] = work.to_call(advisor, timezone.now())
    assert call.detail == "20 codes erronés, jusqu’au renouvellement du code"


def test_block_that_is_over_or_of_a_colleague_s_client_is_not_named(advisor, colleague, client_):
    block(client_, 5, timedelta(minutes=16))
    other = makers.make_personalised_client(colleague, family_name="Petit")
    block(other)
    assert called(advisor) == []
    assert called(colleague) == [(other, "connexion en pause")]


def test_client_blocked_twice_is_named_once(advisor, client_):
    journal.record(SecurityEvent.Kind.LOGIN_BLOCKED, owner=client_.user, details={"failures": 5})
    block(client_, 10)
    assert called(advisor) == [(client_, "connexion en pause")]


@pytest.mark.parametrize(("days", "is_named"), [(14, False), (15, True), (44, True), (46, False)])
def test_space_never_opened_is_named_while_its_first_letter_lives(advisor, new_client, days, is_named):
    lie(new_client, days)
    assert called(advisor) == ([(new_client, "espace jamais ouvert")] if is_named else [])


@pytest.mark.parametrize("ending", ["first_used_at", "personalised_at", "voided_at"])
def test_letter_that_served_or_was_ended_is_not_named(advisor, new_client, ending):
    lie(new_client, 20)
    SealedLetter.objects.update(**{ending: timezone.now()})
    assert called(advisor) == []


def test_letter_of_a_renewal_is_no_space_never_opened(advisor, new_client):
    lie(new_client, 20)
    SealedLetter.objects.update(occasion="renewal")
    assert called(advisor) == []


def test_list_ends_after_a_few(advisor, new_client):
    makers.make_letters(new_client, 30)
    lie(new_client, 20)
    assert len(work.to_call(advisor, timezone.now())) == work.SHOWN


# Sheets.


def test_sheets_had_open_are_named_the_latest_first_and_once(advisor_browser, client_, new_client):
    for client in (client_, new_client, client_):
        advisor_browser.get(f"/admin/accounts/client/{client.pk}/history/")
    assert first_page(advisor_browser).context["recent_sheets"] == [client_, new_client]


def test_sheets_of_others_are_not_named(advisor_browser, colleague, client_):
    browser = StrictBrowser.logged_in(colleague)
    say_why(browser, client_)
    browser.get(f"/admin/accounts/client/{client_.pk}/change/")
    assert first_page(advisor_browser).context["recent_sheets"] == []


def test_who_sees_no_clients_is_named_none(client_):
    block(client_)
    newcomer = User.objects.create_user("nouveau", password=makers.PASSWORD, is_staff=True)
    page = first_page(StrictBrowser.logged_in(newcomer))
    assert [page.context[name] for name in ("to_approve", "to_call", "recent_sheets")] == [[], [], []]


def test_page_costs_as_many_queries_for_many_as_for_one(advisor, advisor_browser, client_):
    block(client_)
    advisor_browser.get(f"/admin/accounts/client/{client_.pk}/change/")
    queries_of(advisor_browser, DESK)
    few = queries_of(advisor_browser, DESK)
    for place in range(4):
        other = makers.make_personalised_client(advisor, family_name=f"Petit{'abcd'[place]}")
        block(other)
        advisor_browser.get(f"/admin/accounts/client/{other.pk}/change/")
    assert queries_of(advisor_browser, DESK) == few


# The chart.


@pytest.fixture
def operator_browser(db):
    operator = User.objects.create_user("exploitant", password=makers.PASSWORD, is_staff=True)
    operator.groups.add(Group.objects.get_or_create(name=roles.OPERATORS)[0])
    roles.make_groups()
    return StrictBrowser.logged_in(operator)


def test_chart_stands_with_a_table_for_those_who_see_the_hours(operator_browser, client_):
    for _ in range(3):
        journal.record(SecurityEvent.Kind.LOGGED_IN, owner=client_.user)
    journal.record(SecurityEvent.Kind.LOGIN_FAILED, owner=client_.user)
    page = first_page(operator_browser).content.decode()
    assert page.count('class="desk-hours__ok"') == page.count('class="desk-hours__refused"') == 24
    assert "Connexions des 24 dernières heures" in page
    # His own login is the fourth.
    assert "Réussies : 4 Refusées : 1" in read(operator_browser)


def test_advisor_has_no_chart(advisor_browser):
    assert "desk-hours" not in first_page(advisor_browser).content.decode()


def test_bars_end_with_the_present_hour_and_stay_within_the_drawing(client_):
    for _ in range(3):
        journal.record(SecurityEvent.Kind.LOGGED_IN, owner=client_.user)
    journal.record(SecurityEvent.Kind.LOGIN_FAILED)
    chart = login_chart.chart_of(timezone.now())
    last = chart.bars[-1]
    assert (last.logins_height, last.failures_height, last.failures_top) == (75, 25, 0)
    assert all(bar.logins_height == bar.failures_height == 0 for bar in chart.bars[:-1])
    assert chart.bars[-1].x + login_chart.BAR <= chart.width


def test_chart_of_a_bank_where_nobody_logged_in_is_flat(db):
    assert {bar.logins_height for bar in login_chart.chart_of(timezone.now()).bars} == {0}
