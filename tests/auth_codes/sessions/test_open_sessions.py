"""A customer has three sessions at once and staff one: the oldest ends, and both browsers are told."""

import html
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auth_codes.models import OpenSession, SecurityEvent
from auth_codes.sessions import limits, store
from auth_codes.sessions.open_sessions import SENTENCES, News
from auth_codes.sessions.store import SessionStore
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TABLES = ("accounts_user", "django_session")
SPACE, DESK, CODE_PAGE = "/espace-client/", "/admin/", "/mon-profil/code-secret/"


def log_in(client, **fields):
    browser = StrictBrowser()
    assert makers.log_in(browser, client.client_code, makers.CODE, **fields).status_code == 302
    return browser


def log_in_staff(name="claire.dubois", browser=None):
    browser = browser or StrictBrowser()
    fields = {"username": name, "password": makers.PASSWORD}
    assert browser.post("/admin/login/?next=/admin/", fields).status_code == 302
    return browser


def are_open(browsers, page=SPACE):
    return [browser.get(page).status_code == 200 for browser in browsers]


def told(answer) -> list[News]:
    text = html.unescape(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")
    return [news for news, sentence in SENTENCES.items() if sentence in text]


def loaded(browser) -> SessionStore:
    """The session of a browser, as a request under way has read it."""
    session = browser.session
    assert limits.life(session)
    return session


def idle(browser, by):
    """As if the browser had not been used for so long."""
    session = browser.session
    life = limits.life(session)
    session[limits.MARKS] = life._replace(used=life.used - int(by.total_seconds()))
    session.save()


@pytest.mark.proves("ASVS 7.1.2")
def test_fourth_session_of_a_client_ends_the_first(client_):
    browsers = [log_in(client_) for _ in range(4)]
    assert are_open(browsers) == [False, True, True, True]
    browsers.append(log_in(client_))
    assert are_open(browsers) == [False, False, True, True, True]


def test_both_browsers_of_a_client_are_told_once(client_):
    browsers = [log_in(client_) for _ in range(4)]
    assert told(browsers[3].get(SPACE)) == [News.CLIENT_ENDS]
    assert told(browsers[0].get(SPACE, follow=True)) == [News.CLIENT_ENDED]
    assert [told(browser.get(SPACE, follow=True)) for browser in browsers] == [[], [], [], []]


def test_three_sessions_of_a_client_stand_beside_each_other_and_say_nothing(client_):
    browsers = [log_in(client_) for _ in range(3)]
    assert [told(browser.get(SPACE)) for browser in browsers] == [[], [], []]


@pytest.mark.parametrize(("method", "path"), [("post", "/session/prolonger/"), ("get", "/nulle-part/")])
def test_answer_that_nobody_reads_takes_no_news_away(client_, method, path):
    """The script of an open page asks to stay, is refused, and leads to the login: there it is told."""
    browsers = [log_in(client_) for _ in range(4)]
    assert getattr(browsers[0], method)(path).status_code in {403, 404}
    assert told(browsers[0].get("/connexion/?fin&next=/espace-client/")) == [News.CLIENT_ENDED]


def test_second_session_of_staff_ends_the_first_and_both_are_told(advisor):
    first, second = log_in_staff(), log_in_staff()
    assert are_open([first, second], DESK) == [False, True]
    first, second = log_in_staff(), log_in_staff()
    assert told(second.get(DESK)) == [News.STAFF_ENDS]
    assert told(first.get(DESK, follow=True)) == [News.STAFF_ENDED]
    assert told(first.get(DESK, follow=True)) == []


def test_staff_who_log_in_again_in_their_own_session_end_nothing(advisor):
    browser = log_in_staff(browser=log_in_staff())
    assert told(browser.get(DESK)) == []
    assert OpenSession.objects.count() == Session.objects.count() == 1


def test_people_do_not_end_each_others_sessions(advisor, client_):
    makers.make_advisor("paul.durand")
    other = makers.make_personalised_client(advisor, given_names="Paul")
    browsers = [log_in(who) for who in (client_, other, client_, other, client_, other)]
    assert are_open(browsers) == [True] * 6
    assert are_open([log_in_staff(), log_in_staff("paul.durand")], DESK) == [True, True]


def test_session_that_was_left_takes_no_place(client_):
    kept, left, logged_out = (log_in(client_) for _ in range(3))
    idle(left, timedelta(minutes=5))
    logged_out.post("/deconnexion/")
    log_in(client_)
    newest = log_in(client_)
    assert are_open([kept]) == [True]
    assert told(newest.get(SPACE)) == []


def test_sessions_that_a_change_of_code_ended_take_no_place(client_):
    kept, *_ = [log_in(client_) for _ in range(3)]
    codes = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    assert kept.post(CODE_PAGE, {"old_password": makers.CODE, **codes}).status_code == 302
    for _ in range(2):
        makers.log_in(StrictBrowser(), client_.client_code, makers.OTHER_CODE)
    assert are_open([kept]) == [True]


def test_change_of_code_moves_no_session_out_of_the_count(client_):
    kept = log_in(client_)
    codes = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    kept.post(CODE_PAGE, {"old_password": makers.CODE, **codes})
    for _ in range(3):
        makers.log_in(StrictBrowser(), client_.client_code, makers.OTHER_CODE)
    assert told(kept.get(SPACE, follow=True)) == [News.CLIENT_ENDED]


def test_session_ended_while_its_key_changes_does_not_live_on(client_):
    """A change of code began before the fourth login, and goes on after it."""
    under_way = loaded(log_in(client_))
    for _ in range(3):
        log_in(client_)
    under_way.cycle_key()
    assert not under_way.exists(under_way.session_key)


@pytest.mark.proves("ASVS 7.4.1")
def test_session_ended_during_a_request_is_not_written_again(client_):
    under_way = loaded(log_in(client_))
    for _ in range(3):
        log_in(client_)
    limits.note_use(under_way, timezone.now())
    with pytest.raises(UpdateError):
        under_way.save()


@pytest.mark.proves("ASVS 6.3.5")
def test_journal_tells_of_it_once(client_):
    for _ in range(4):
        log_in(client_)
    line = client_.user.security_events.get(kind=SecurityEvent.Kind.SESSION_REPLACED)
    assert (line.by, line.details) == (client_.user, {"count": 1})


def test_only_the_browser_that_held_the_session_is_told(client_, settings):
    for _ in range(4):
        log_in(client_)
    for ended in OpenSession.objects.all():
        thief = StrictBrowser()
        thief.cookies[settings.SESSION_COOKIE_NAME] = ended.row_key
        assert told(thief.get(SPACE, follow=True)) == []


def test_clearsessions_forgets_whose_sessions_were(client_):
    for _ in range(4):
        log_in(client_)
    call_command("clearsessions")
    assert OpenSession.objects.count() == 4
    OpenSession.objects.update(began_at=timezone.now() - store.FORGOTTEN_AFTER)
    call_command("clearsessions")
    assert not OpenSession.objects.exists()


def living(owner) -> int:
    """How many of the stored sessions would open the space of this owner."""
    keys = set(OpenSession.objects.filter(owner=owner, ended_at=None).values_list("row_key", flat=True))
    return Session.objects.filter(session_key__in=keys).count()


def unless_ended(act):
    """A login or a change of key may find, as its session is saved once more, that a later login has ended it."""
    with suppress(UpdateError):
        act()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "left"), [("client", 3), ("staff", 1)])
def test_of_twelve_logins_at_once_no_session_more_than_allowed_is_left(request, race, kind, left):
    user = request.getfixturevalue("advisor") if kind == "staff" else request.getfixturevalue("client_").user
    browsers = [StrictBrowser() for _ in range(12)]
    backend = f"auth_codes.login.backends.{kind.capitalize()}Backend"
    race(unless_ended, [partial(browser.force_login, user, backend=backend) for browser in browsers])
    assert sum(are_open(browsers, DESK if kind == "staff" else SPACE)) == living(user) == left


@pytest.mark.django_db(transaction=True)
def test_logins_and_changes_of_key_at_once_leave_no_session_more_than_allowed(client_, race):
    kept = [StrictBrowser.logged_in(client_.user) for _ in range(3)]
    under_way = [loaded(browser) for browser in kept]
    acts = [session.cycle_key for session in under_way]
    acts += [lambda: StrictBrowser.logged_in(client_.user) for _ in range(5)]
    race(unless_ended, acts)
    assert Session.objects.count() == living(client_.user) == 3
    assert are_open(kept) == [False] * 3  # each has lost its session or holds the key before


def test_a_session_that_is_there_is_written_after_its_owner_is_held(advisor):
    """As by a login that ends it: in another order the two could wait for each other."""
    browser = log_in_staff()
    with CaptureQueriesContext(connection) as queries:
        log_in_staff(browser=browser)
    written = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    held, stored = (next(n for n, sql in enumerate(written) if f'UPDATE "{table}"' in sql) for table in TABLES)
    assert held < stored
