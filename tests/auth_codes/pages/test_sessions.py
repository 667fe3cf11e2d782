"""How long a session lives, on the server; what its owner is told of the end, and what a public computer keeps."""

import html
import math
import re
import time
from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.management import call_command

from auth_codes.models import SecurityEvent
from auth_codes.sessions import limits
from auth_codes.sessions.store import SessionStore
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

PROLONG, EVERYWHERE, CODE_PAGE = "/session/prolonger/", "/mon-profil/deconnexion-partout/", "/mon-profil/code-secret/"
START = datetime(2026, 3, 2, 14, 27, tzinfo=ZoneInfo("Europe/Paris"))
CLEARED = '"cache", "cookies", "storage"'
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
KINDS = [(limits.CLIENT, 5, 60), (limits.PUBLIC, 2, 60), (limits.STAFF, 15, 8 * 60)]


def page(answer) -> str:
    return re.sub("[\u00a0\u202f]", " ", html.unescape(answer.content.decode()))


def opened(kind, at=START) -> SessionStore:
    """A session that somebody opened at that moment."""
    seconds = int(at.timestamp())
    session = SessionStore()
    session.update({SESSION_KEY: "1", limits.MARKS: limits.Life(kind, seconds, seconds)})
    return session


@pytest.fixture
def client_browser(client_):
    """Logged in at this very moment, from which these tests measure."""
    return StrictBrowser.logged_in(client_.user)


def age(browser, by, marks=("used", "began")):
    """As if the session had begun, or been used last, so much earlier."""
    session = browser.session
    life = limits.life(session)
    session[limits.MARKS] = life._replace(**{name: getattr(life, name) - int(by.total_seconds()) for name in marks})
    session.save()


def at_public_computer(client) -> StrictBrowser:
    browser = StrictBrowser()
    makers.log_in(browser, client.client_code, makers.CODE, public="on")
    return browser


def leads_to_login(answer) -> bool:
    """Whether a session that has ended is told so there, and what was asked for comes next."""
    return answer.status_code == 302 and re.match(r"/connexion/\?(fin&)?next=", answer["Location"]) is not None


@pytest.mark.proves("RTS 4(3)(d)", "ASVS 7.3.1", "NIST 5.2")
@pytest.mark.parametrize(("kind", "idle_minutes", "most_minutes"), KINDS)
def test_idle_session_ends_at_its_limit_and_not_before(kind, idle_minutes, most_minutes):
    session, end = opened(kind), START + idle_minutes * MINUTE
    assert not limits.has_ended(session, end - SECOND)
    assert limits.has_ended(session, end)


@pytest.mark.proves("ASVS 7.1.1", "ASVS 7.3.2", "NIST 5.2")
@pytest.mark.parametrize(("kind", "idle_minutes", "most_minutes"), KINDS)
def test_session_used_each_minute_ends_at_the_most_and_not_before(kind, idle_minutes, most_minutes):
    session = opened(kind)
    for minute in range(most_minutes):
        now = START + minute * MINUTE
        assert not limits.has_ended(session, now), minute
        limits.note_use(session, now)
    assert limits.has_ended(session, START + most_minutes * MINUTE)


def test_session_without_marks_has_ended_and_an_anonymous_one_never_does():
    session = SessionStore()
    assert not limits.has_ended(session, START)
    session[SESSION_KEY] = "1"
    assert limits.has_ended(session, START)


def test_end_is_told_in_paris_time_and_rounded_up_in_seconds():
    life = limits.life(opened(limits.CLIENT))
    told = limits.times(life, START + timedelta(seconds=10.5))
    assert (told["seconds_left"], told["seconds_at_most"]) == (290, 3590)
    assert told["sentence"] == "Sans activité, vous serez déconnecté à 14\u202fh\u202f32."


def test_when_the_hour_is_what_ends_it_the_sentence_says_so():
    session = opened(limits.CLIENT)
    limits.note_use(session, START + 57 * MINUTE)
    assert limits.sentence(limits.life(session)) == (
        "Par sécurité, vous serez déconnecté à 15\u202fh\u202f27 au plus tard."
    )


def test_hour_counts_from_the_login(client_):
    request = SimpleNamespace(session=opened(limits.CLIENT, at=START - 30 * MINUTE))
    limits.begin(request, is_public=False, now=START)
    assert limits.life(request.session).last_end == START + 60 * MINUTE


def test_row_outlives_its_session_by_ten_minutes_then_clearsessions_deletes_it(client_browser):
    life, row = limits.life(client_browser.session), Session.objects.get()
    assert abs(row.expire_date - life.end - limits.KEPT_AFTER) < 2 * SECOND
    age(client_browser, by=14 * MINUTE)
    call_command("clearsessions")
    assert Session.objects.exists()
    age(client_browser, by=1 * MINUTE)
    call_command("clearsessions")
    assert not Session.objects.exists()


def test_client_who_comes_back_in_time_goes_on_and_too_late_is_led_to_the_login(client_browser):
    age(client_browser, by=5 * MINUTE - 2 * SECOND, marks=["used"])
    assert client_browser.get("/espace-client/").status_code == 200
    age(client_browser, by=5 * MINUTE, marks=["used"])
    assert leads_to_login(client_browser.get("/espace-client/"))
    assert not Session.objects.exists()


@pytest.mark.proves("ASVS 7.2.1", "ASVS 7.3.2")
def test_stolen_cookie_used_without_pause_opens_nothing_after_the_hour(client_browser):
    for _ in range(29):
        age(client_browser, by=2 * MINUTE)
        assert client_browser.post(PROLONG).status_code == 200
    age(client_browser, by=2 * MINUTE)
    assert client_browser.post(PROLONG).status_code == 403
    assert leads_to_login(client_browser.get("/espace-client/"))


def test_staff_have_fifteen_minutes_and_eight_hours(advisor_browser):
    age(advisor_browser, by=14 * MINUTE, marks=["used"])
    assert advisor_browser.get("/admin/").status_code == 200
    age(advisor_browser, by=timedelta(hours=8), marks=["began"])
    assert advisor_browser.get("/admin/")["Location"] == "/admin/login/?fin&next=%2Fadmin%2F"


def test_session_from_before_the_marks_ends_at_once(client_browser):
    session = client_browser.session
    del session[limits.MARKS]
    session.save()
    assert leads_to_login(client_browser.get("/espace-client/"))
    assert client_browser.get("/connexion/").status_code == 200


@pytest.mark.parametrize("unread", ["/connexion/?fin", "/nulle-part/"])
def test_page_that_is_left_by_itself_or_does_not_exist_is_no_activity(client_browser, unread):
    age(client_browser, by=2 * MINUTE, marks=["used"])
    before = limits.life(client_browser.session)
    client_browser.get(unread)
    assert limits.life(client_browser.session) == before


def test_refused_form_is_no_activity(client_):
    browser = StrictBrowser.logged_in(client_.user, enforce_csrf_checks=True)
    age(browser, by=2 * MINUTE, marks=["used"])
    before = limits.life(browser.session)
    assert browser.post(PROLONG).status_code == 403
    assert limits.life(browser.session) == before


def test_change_of_code_keeps_the_hour_of_the_login_under_a_new_key(client_browser):
    age(client_browser, by=50 * MINUTE, marks=["began"])
    began, key = limits.life(client_browser.session).began, client_browser.session.session_key
    fields = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    assert client_browser.post(CODE_PAGE, {"old_password": makers.CODE, **fields}).status_code == 302
    assert limits.life(client_browser.session).began == began
    assert client_browser.session.session_key != key


def test_key_that_an_attacker_made_up_is_not_the_one_after_the_login(browser, client_, settings):
    browser.cookies[settings.SESSION_COOKIE_NAME] = "attackers0key0attackers0key00000"
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert browser.session.session_key != "attackers0key0attackers0key00000"
    assert not SessionStore().exists("attackers0key0attackers0key00000")


@pytest.mark.proves("ASVS 7.2.4")
def test_key_of_the_session_before_a_login_opens_nothing_after_it(client_browser, client_, settings):
    """An attacker logged in as himself, then had the victim log in: neither knows the other's session."""
    planted = StrictBrowser()
    planted.cookies[settings.SESSION_COOKIE_NAME] = client_browser.session.session_key
    victim = StrictBrowser()
    victim.cookies[settings.SESSION_COOKIE_NAME] = client_browser.session.session_key
    victim.post("/deconnexion/")
    makers.log_in(victim, client_.client_code, makers.CODE)
    assert leads_to_login(planted.get("/espace-client/"))


def test_prolonging_tells_what_is_left_and_in_words(client_):
    began = time.monotonic()
    browser = StrictBrowser.logged_in(client_.user)
    age(browser, by=4 * MINUTE)
    answer = browser.post(PROLONG)
    # Whole seconds are told, and a busy machine takes some of them.
    passed = 1 + math.ceil(time.monotonic() - began)
    assert 300 - passed <= answer.json()["seconds_left"] <= 300
    assert 3360 - passed <= answer.json()["seconds_at_most"] <= 3360
    assert "Sans activité" in answer.json()["sentence"]


def test_default_code_may_be_replaced_without_haste(new_client):
    assert StrictBrowser.logged_in(new_client.user).post(PROLONG).status_code == 200


@pytest.mark.proves("ASVS 7.4.4")
@pytest.mark.parametrize("path", ["/espace-client/", "/mon-profil/", CODE_PAGE, "/conseils-securite/", "/nulle-part/"])
def test_every_page_of_a_client_has_its_logout(client_browser, path):
    assert '<form class="site-header__leave" method="post" action="/deconnexion/">' in page(client_browser.get(path))


@pytest.mark.parametrize("path", ["/espace-client/", "/mon-profil/", CODE_PAGE, "/conseils-securite/", "/nulle-part/"])
def test_every_page_of_a_client_says_until_when_and_leaves_after_the_end_without_scripts(client_browser, path):
    text = page(client_browser.get(path))
    assert re.search(r"Sans activité, vous serez déconnecté à \d\d h \d\d\.", text)
    seconds, leads = re.search(r'<noscript><meta http-equiv="refresh" content="(\d+); url=([^"]+)">', text).groups()
    assert 300 < int(seconds) <= 305
    assert leads == f"/connexion/?fin&next={path.replace('/', '%2F')}"


def test_nobody_else_is_told_of_an_end(browser, advisor_browser):
    for visitor in (browser, advisor_browser):
        text = page(visitor.get("/conseils-securite/"))
        assert "vous serez déconnecté" not in text
        assert 'http-equiv="refresh"' not in text


def test_page_after_the_end_says_so_and_leads_back_there(browser, client_):
    text = page(browser.get("/connexion/?fin&next=%2Fmon-profil%2F"))
    assert "Votre session a pris fin" in text
    assert 'name="next" value="/mon-profil/"' in text


def focused(answer) -> list[str]:
    """What has the focus on arrival: the names of its fields, or of what is no field the element."""
    tags = re.findall(r"<(\w+)([^>]*) autofocus", answer.content.decode())
    return [(re.findall(r'name="(\w+)"', rest) or [tag])[0] for tag, rest in tags]


@pytest.mark.parametrize("bookmark", ["/espace-client/", "/mon-profil/", "/connexion/"])
def test_who_comes_from_a_bookmark_is_told_of_no_end_and_writes_at_once(client_, bookmark):
    answer = StrictBrowser().get(bookmark, follow=True)
    assert "pris fin" not in page(answer)
    assert focused(answer) == ["username"]


def test_who_comes_from_a_bookmark_to_a_number_remembered_writes_his_code_at_once(client_):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE, keep="on")
    browser.post("/deconnexion/")
    assert focused(browser.get("/espace-client/", follow=True)) == ["password"]


def too_late(browser, client):
    age(browser, by=6 * MINUTE, marks=["used"])


def ended_from_elsewhere(browser, client):
    StrictBrowser.logged_in(client.user).post(EVERYWHERE)


@pytest.mark.parametrize("end", [too_late, ended_from_elsewhere])
def test_whose_session_ended_is_told_so_and_led_back(client_browser, client_, end):
    end(client_browser, client_)
    answer = client_browser.get("/espace-client/documents/?nature=statement")
    assert answer["Location"] == "/connexion/?fin&next=%2Fespace-client%2Fdocuments%2F%3Fnature%3Dstatement"
    after = client_browser.get(answer["Location"])
    assert ("Votre session a pris fin" in page(after), focused(after)) == (True, ["p"])
    again = client_browser.get("/espace-client/", follow=True)
    assert "pris fin" not in page(again)


@pytest.mark.parametrize("word", ["au-revoir", "partout", "fin", "next=/mon-profil/code-secret/"])
def test_what_the_login_has_to_say_comes_before_its_fields(browser, db, word):
    assert focused(browser.get(f"/connexion/?{word}")) == ["p"]


def test_page_left_by_itself_while_another_tab_was_used_offers_to_come_back(client_browser):
    answer = client_browser.get("/connexion/?fin&next=%2Fmon-profil%2F")
    assert "Votre session est toujours ouverte" in page(answer)
    assert 'href="/mon-profil/"' in page(answer)


@pytest.mark.parametrize("nowhere", [PROLONG, EVERYWHERE])
def test_login_never_leads_to_the_address_of_a_form(browser, client_, nowhere):
    assert makers.log_in(browser, client_.client_code, makers.CODE, next=nowhere)["Location"] == "/espace-client/"


def test_public_computer_has_two_minutes(client_):
    browser = at_public_computer(client_)
    age(browser, by=2 * MINUTE - 2 * SECOND, marks=["used"])
    assert browser.get("/espace-client/").status_code == 200
    age(browser, by=2 * MINUTE, marks=["used"])
    assert browser.get("/espace-client/").status_code == 302


def test_tick_box_stays_ticked_after_a_wrong_code(browser, client_):
    answer = makers.log_in(browser, client_.client_code, makers.WRONG_CODE, public="on")
    assert re.search(r'<input type="checkbox" name="public"[^>]* checked', page(answer))


@pytest.mark.parametrize("path", ["/deconnexion/", EVERYWHERE])
def test_public_computer_is_cleared_at_the_logout(client_, path):
    answer = at_public_computer(client_).post(path)
    assert (answer.status_code, answer["Clear-Site-Data"]) == (302, CLEARED)


@pytest.mark.parametrize("path", ["/mon-profil/", "/connexion/?fin&next=%2Fmon-profil%2F", PROLONG])
def test_public_computer_is_cleared_when_the_server_notices_the_end(client_, path):
    browser = at_public_computer(client_)
    age(browser, by=3 * MINUTE, marks=["used"])
    answer = browser.get(path)
    assert answer["Clear-Site-Data"] == CLEARED
    back_to = "/mon-profil/" if path != PROLONG else PROLONG
    assert answer["Location"] == f"/connexion/?fin&next={back_to.replace('/', '%2F')}"
    after = browser.get(answer["Location"])
    assert "Clear-Site-Data" not in after  # it would take away the cookie of this page's form
    assert "Votre session a pris fin" in page(after)


def test_public_computer_is_cleared_when_the_client_ends_its_session_from_elsewhere(client_):
    browser = at_public_computer(client_)
    StrictBrowser.logged_in(client_.user).post(EVERYWHERE)
    answer = browser.get("/mon-profil/")
    assert leads_to_login(answer)
    assert answer["Clear-Site-Data"] == CLEARED


@pytest.mark.parametrize("path", ["/deconnexion/", EVERYWHERE])
def test_own_computer_keeps_what_it_knows(client_browser, path):
    assert "Clear-Site-Data" not in client_browser.post(path)


def test_next_login_at_the_same_browser_says_anew_whose_computer_it_is(client_):
    browser = at_public_computer(client_)
    browser.post("/deconnexion/")
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert limits.life(browser.session).kind == limits.CLIENT


@pytest.mark.proves("ASVS 7.5.2")
def test_logout_everywhere_ends_every_session_of_this_client_alone(client_, advisor):
    other = makers.make_personalised_client(advisor, family_name="Autre")
    here, elsewhere, stranger = (StrictBrowser.logged_in(user) for user in (client_.user, client_.user, other.user))
    answer = here.post(EVERYWHERE)
    assert answer["Location"] == "/connexion/?partout"
    assert "Vous êtes déconnecté de tous vos appareils" in page(here.get(answer["Location"]))
    assert [browser.get("/espace-client/").status_code for browser in (here, elsewhere, stranger)] == [302, 302, 200]
    assert makers.log_in(here, client_.client_code, makers.CODE)["Location"] == "/espace-client/"


def test_logout_everywhere_is_noted_in_the_journal(client_browser, client_):
    client_browser.post(EVERYWHERE)
    lines = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.SESSIONS_ENDED)
    assert list(lines.values_list("owner", "by")) == [(client_.user.pk, client_.user.pk)]


def test_logout_everywhere_is_for_clients_by_the_button(browser, client_browser, advisor_browser):
    assert "Me déconnecter partout" in page(client_browser.get("/mon-profil/"))
    assert client_browser.get(EVERYWHERE).status_code == 405
    assert advisor_browser.post(EVERYWHERE).status_code == 404
    assert leads_to_login(browser.post(EVERYWHERE))


def test_change_of_code_sent_after_the_end_changes_nothing_and_repeats_nothing(client_):
    browser = StrictBrowser.logged_in(client_.user)
    age(browser, by=5 * MINUTE, marks=["used"])
    fields = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    answer = browser.post(CODE_PAGE, {"old_password": makers.CODE, **fields}, follow=True)
    assert "l’ancien est toujours valable" in page(answer)
    assert makers.CODE not in page(answer) + str(answer.redirect_chain)
    assert makers.OTHER_CODE not in page(answer) + str(answer.redirect_chain)
    assert makers.log_in(browser, client_.client_code, makers.CODE, next=CODE_PAGE)["Location"] == CODE_PAGE


@pytest.mark.parametrize("path", [EVERYWHERE, "/mon-profil/code-secret/rappel/"])
def test_button_pressed_after_the_end_leads_to_the_login_and_on_to_the_espace_client(client_browser, client_, path):
    age(client_browser, by=5 * MINUTE, marks=["used"])
    answer = client_browser.post(path, follow=True)
    assert answer.status_code == 200
    again = makers.log_in(client_browser, client_.client_code, makers.CODE, next=path)
    assert again["Location"] == "/espace-client/"


def test_second_tab_after_a_logout_logs_out_too_and_is_answered_alike(client_):
    first = StrictBrowser.logged_in(client_.user)
    second = StrictBrowser()
    second.cookies = first.cookies.copy()
    assert first.post("/deconnexion/")["Location"] == "/connexion/?au-revoir"
    assert second.post("/deconnexion/")["Location"] == "/connexion/?au-revoir"
    assert leads_to_login(second.get("/mon-profil/"))


def test_second_tab_of_a_cleared_computer_is_answered_in_french_and_led_on(client_):
    browser = StrictBrowser(enforce_csrf_checks=True)  # the cookie of its form is gone
    answer = browser.post("/deconnexion/")
    assert answer.status_code == 403
    assert "Cette page n’était plus à jour" in page(answer)
    assert 'href="/connexion/"' in page(answer)


@pytest.mark.proves("ASVS 7.4.1")
@pytest.mark.django_db(transaction=True)
def test_session_ended_while_a_page_was_being_made_is_not_opened_again(client_, race):
    browser = StrictBrowser.logged_in(client_.user)
    tabs = [StrictBrowser() for _ in range(4)]
    for tab in tabs:
        tab.cookies = browser.cookies.copy()
    race(lambda tab: tab.post("/deconnexion/" if tab is tabs[0] else PROLONG).status_code, tabs)
    assert not Session.objects.exists()
    assert leads_to_login(browser.get("/mon-profil/"))
