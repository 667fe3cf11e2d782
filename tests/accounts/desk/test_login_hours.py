"""« Connexions par heure »: who sees it, what it says, on the days of a clock change too."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.desk import login_hours, roles
from accounts.models import User
from auth_codes.lockout import watch
from auth_codes.models import SecurityEvent, StandingAlarm
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

PAGE = "/admin/connexions-par-heure/"
Kind = SecurityEvent.Kind


@pytest.fixture
def operator(db):
    roles.make_groups()
    user = User.objects.create_user("exploitant", password=makers.PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=roles.OPERATORS))
    return StrictBrowser.logged_in(user)


def text(answer):
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))


def write(kind, count, *, owner=None, at=None):
    at = at or timezone.now()
    SecurityEvent.objects.bulk_create(SecurityEvent(kind=kind, at=at, owner=owner) for _ in range(count))


def test_operators_and_superusers_see_it_from_the_first_page_of_the_desk(operator):
    superuser = StrictBrowser.logged_in(User.objects.create_superuser("directrice", password=makers.PASSWORD))
    for browser in (operator, superuser):
        assert f'href="{PAGE}"' in browser.get("/admin/").content.decode()
        assert "Connexions par heure" in text(browser.get(PAGE))


def test_operators_are_not_told_that_they_may_see_nothing(operator):
    for page in ("/admin/", PAGE):
        assert "permission" not in text(operator.get(page))


def test_advisors_do_not_see_it(advisor_browser):
    assert PAGE not in advisor_browser.get("/admin/").content.decode()
    assert advisor_browser.get(PAGE).status_code == 403


def test_clients_do_not_learn_that_it_exists(client_browser):
    assert client_browser.get(PAGE).status_code == 404


def test_anonymous_is_sent_to_the_login_of_the_desk(browser):
    assert browser.get(PAGE).url.startswith("/admin/login/")


@pytest.mark.parametrize("page", ["/admin/accounts/client/", "/admin/auth_codes/renewal/", "/admin/accounts/user/"])
def test_operators_see_no_client(operator, page):
    assert operator.get(page).status_code in {403, 404}


def test_figures_of_an_hour_and_their_totals_stand_in_its_row(operator, client_):
    now = timezone.now()
    write(Kind.LOGGED_IN, 1234, owner=client_.user, at=now - timedelta(hours=1))
    write(Kind.LOGIN_FAILED, 3, owner=client_.user, at=now - timedelta(hours=1))
    write(Kind.LOGIN_FAILED, 4, at=now - timedelta(hours=1))
    write(Kind.LOGIN_BLOCKED, 5, at=now - timedelta(hours=1))
    write(Kind.NETWORK_SPENT, 6, at=now - timedelta(hours=1))
    write(Kind.LOGGED_IN, 1, at=now - timedelta(hours=30))
    shown = text(operator.get(PAGE))
    assert "Total 1 236 3 4 5 6" in shown  # with the operator's own login
    assert f"{login_hours.in_words(now - timedelta(hours=1))} 1 234 3 4 5 6" in shown


def test_hour_above_the_threshold_is_marked_in_words(operator, settings):
    settings.LOGIN_FAILURES_ALARM = 2
    write(Kind.LOGIN_FAILED, 2, at=timezone.now() - timedelta(hours=5))
    assert text(operator.get(PAGE)).count("seuil dépassé") == 1


def test_standing_alarms_are_named_on_top_and_on_the_first_page(operator, settings):
    assert "Aucune alarme en cours." in text(operator.get(PAGE))
    settings.LOGIN_FAILURES_ALARM = 2
    write(Kind.LOGIN_FAILED, 2)
    StandingAlarm.objects.create(name=watch.COUNTERS_FULL, since=datetime(2026, 3, 2, 12, tzinfo=UTC))
    for page in (PAGE, "/admin/"):
        shown = text(operator.get(page))
        assert "depuis le 02/03/2026 à 13:00, les appareils inconnus attendent" in shown
        assert "Connexions refusées en une heure : au moins 2. Quelqu’un" in shown
        assert "Aucune alarme" not in shown


def test_access_that_is_no_longer_its_clients_is_told_first(operator, settings):
    settings.LOGIN_FAILURES_ALARM = 1
    write(Kind.LOGIN_FAILED, 1)
    StandingAlarm.objects.create(name=watch.BINDING_BROKEN, since=datetime(2026, 3, 2, 12, tzinfo=UTC))
    shown = text(operator.get(PAGE))
    told = "Depuis le 02/03/2026 à 13:00 : un accès n’est plus lié à son client, quelqu’un a modifié la base."
    assert 0 < shown.find(told) < shown.find("Connexions refusées en une heure : au moins 1. Quelqu’un")


def test_alarms_are_not_shown_to_advisors(advisor_browser):
    StandingAlarm.objects.create(name=watch.COUNTERS_FULL, since=timezone.now())
    assert "Alarme" not in text(advisor_browser.get("/admin/"))


def test_hour_that_comes_twice_in_october_is_told_apart():
    first = datetime(2026, 10, 24, 23, tzinfo=UTC)
    words = [login_hours.in_words(first + place * timedelta(hours=1)) for place in range(4)]
    assert words == ["1 h", "2 h (heure d’été)", "2 h (heure d’hiver)", "3 h"]


def test_hour_that_is_left_out_in_march_is_no_row():
    first = datetime(2026, 3, 29, 0, tzinfo=UTC)
    assert [login_hours.in_words(first + place * timedelta(hours=1)) for place in range(2)] == ["1 h", "3 h"]


def test_page_asks_as_many_queries_however_much_the_journal_holds(operator):
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            operator.get(PAGE)
        asked.append(len(queries))
        write(Kind.LOGIN_FAILED, 50)
    assert asked[0] == asked[1]
