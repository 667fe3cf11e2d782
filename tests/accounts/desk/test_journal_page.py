"""« Journal » at the desk: auditors read it by kind, actor, client and day; each reading is a line."""

import html
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts import client_codes
from accounts.desk import bulk_acts, roles
from accounts.desk.journal_page import LINES_ON_A_PAGE
from accounts.kinds import Event
from accounts.models import User
from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

PAGE = "/admin/journal/"
Kind = SecurityEvent.Kind


def in_role(name, username):
    made = User.objects.create_user(username, password=makers.PASSWORD, is_staff=True)
    made.groups.add(Group.objects.get(name=name))
    return made


@made_once
def auditor(advisor):
    return in_role(roles.AUDITORS, "aude.controle")


@pytest.fixture
def browser(auditor):
    return StrictBrowser.logged_in(auditor)


def text(answer):
    return html.unescape(answer.content.decode())


def read(browser, **asked):
    return browser.get(PAGE, asked)


def events(answer):
    return [line["event"] for line in answer.context["lines"]]


def readings():
    return SecurityEvent.objects.filter(kind=Event.JOURNAL_READ)


def test_auditor_reads_what_everybody_did(browser, client_, advisor):
    answer = read(browser)
    assert {Event.ACCOUNT_OPENED.label, Kind.CODE_CHANGED.label} <= set(events(answer))
    by = {line["event"]: line["by"] for line in answer.context["lines"]}
    assert (by[Event.ACCOUNT_OPENED.label], by[Kind.CODE_CHANGED.label]) == (str(advisor), "un client")
    for said in (
        str(client_),
        client_.client_code,
        client_codes.display(client_.client_code),
        client_.email,
        client_.street,
    ):
        assert said not in text(answer)


def test_first_page_leads_to_it(browser, auditor):
    assert PAGE in text(browser.get("/admin/"))
    assert PAGE not in text(StrictBrowser.logged_in(makers.make_advisor("marc.lefevre")).get("/admin/"))


@pytest.mark.parametrize("role", [name for name in roles.MAY if name != roles.AUDITORS])
def test_nobody_else_reads_it(advisor, role):
    browser = StrictBrowser.logged_in(in_role(role, "autre"))
    assert browser.get(PAGE).status_code == 403
    assert not readings().exists()


def test_it_does_not_exist_to_clients_and_strangers(client_browser):
    assert client_browser.get(PAGE).status_code == 404
    assert StrictBrowser().get(PAGE)["Location"].startswith("/admin/login/")


def test_each_reading_is_a_line_that_says_what_was_asked(browser, auditor, advisor):
    read(browser)
    read(browser, kind="account_opened", actor="Claire.DUBOIS", since="01/11/2026", until="30/11/2026")
    lines = list(readings().order_by("pk"))
    assert [line.by for line in lines] == [auditor, auditor]
    wanted = {"read_kind": "account_opened", "read_actor": "claire.dubois"}
    assert lines[0].details == {}
    assert lines[1].details == wanted | {"read_since": "2026-11-01", "read_until": "2026-11-30"}
    page = text(read(browser))
    assert "Événement « Compte ouvert »" in page


def test_by_kind_and_by_actor(browser, client_, advisor):
    assert set(events(read(browser, kind="account_opened"))) == {Event.ACCOUNT_OPENED.label}
    other = makers.make_advisor("marc.lefevre")
    journal.record(Event.CLIENT_CHANGED, by=Actor(other), subject=client_.pk, details={"client": client_.pk})
    assert events(read(browser, actor="marc.lefevre")) == [Event.CLIENT_CHANGED.label]


def test_by_client_asks_why_and_he_reads_it(browser, auditor, client_, client_browser):
    asked = f"{PAGE}?client={client_.client_code}"
    assert "Pourquoi ouvrez-vous cette fiche" in text(browser.get(asked))
    assert not client_.user.security_events.filter(by=auditor).exists()
    sent = browser.post(asked, {"look-client": client_.pk, "look-reason": "audit"})
    assert sent["Location"] == asked
    answer = browser.get(asked)
    assert str(client_) in text(answer)
    assert Event.ONLINE_SPACE_CREATED.label in events(answer)
    look = client_.user.security_events.get(by=auditor)
    assert look.details == {"client": client_.pk, "page": "journal", "look": "audit"}
    assert "contrôle interne" in text(client_browser.get(reverse("own_journal"))).lower()


def test_by_day(browser, client_):
    today, day = timezone.localdate(), "%d/%m/%Y"
    yesterday = (today - timedelta(days=1)).strftime(day)
    assert events(read(browser, since=today.strftime(day)))
    assert not events(read(browser, until=yesterday))
    old = timezone.now() - timedelta(days=40)
    SecurityEvent.objects.create(kind=Event.ACCOUNT_OPENED, at=old)
    assert Event.ACCOUNT_OPENED.label not in events(read(browser, until=yesterday))
    found = read(browser, since=(today - timedelta(days=41)).strftime(day), until=yesterday)
    assert Event.ACCOUNT_OPENED.label in events(found)


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "no_such"},
        {"actor": "personne"},
        {"actor": "a\0b"},
        {"client": "12"},
        {"client": "9323454125"},
        {"since": "31/02/2026"},
        {"since": "01/01/0001"},
        {"until": "31/12/9999"},
        {"since": "10/11/2026", "until": "09/11/2026"},
        {"since": "٣٤"},
    ],
)
def test_what_cannot_be_asked_is_a_sentence_and_shows_no_line(browser, client_, asked):
    answer = read(browser, **asked)
    assert (answer.status_code, answer.context["lines"], "errorlist" in text(answer)) == (200, [], True)
    assert not readings().exists()


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 30, "999999999999"])
def test_place_that_does_not_exist_breaks_nothing(browser, client_, before):
    assert read(browser, before=before).status_code == 200


def test_client_is_no_actor_to_be_asked_for_by_his_code(browser, client_):
    assert "Personne au poste de travail" in text(read(browser, actor=client_.client_code))


def test_older_lines_page_by_page_without_one_twice(browser, client_):
    journal.record_many(Kind.LOGGED_IN, [client_.user.pk] * 2 * LINES_ON_A_PAGE)
    first = read(browser, kind="logged_in")
    second = browser.get(PAGE + first.context["older"])
    assert [len(page.context["lines"]) for page in (first, second)] == [LINES_ON_A_PAGE] * 2
    third = browser.get(PAGE + second.context["older"])
    assert third.context["older"] == ""
    assert "kind=logged_in" in third.context["newest"]
    assert "before" not in third.context["newest"]


def test_addresses_are_masked(browser, client_):
    makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE)
    journal.record(Kind.RENEWAL_REQUESTED, owner=client_.user, details={"network": "2001:db8:1:42::/64"})
    page = text(read(browser))
    assert "127.0.0.x" in page
    assert "127.0.0.1" not in page
    assert "2001:db8:1:42" not in page


def test_search_tells_the_numbers_of_whom_it_has_shown(browser, advisor, client_, person):
    details = {"ways": "name birth_date", "shown": f"{client_.pk} {person.pk}"}
    journal.record(Event.CLIENTS_SEARCHED, by=Actor(advisor), details=details)
    answer = read(browser, kind="clients_searched")
    assert answer.context["lines"][0]["clients"] == [client_.pk, person.pk]
    for one in (client_, person):
        assert reverse("admin:accounts_client_history", args=[one.pk]) in text(answer)
        assert str(one) not in text(answer)
    assert "Par nom, date de naissance, 2 personnes affichées" in text(answer)


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"letters": 2, "batch": "A"}, "plis : 2"),
        ({"counters": 9}, "numéros essayés : 9"),
        ({"ceiling": 50}, "plafond : 50 par jour"),
        ({"key": "cle-1"}, "clé « cle-1 »"),
        ({"rotated": 7}, "codes : 7"),
        ({"unreadable": 1}, "illisibles : 1"),
        ({"lines": 3}, "lignes : 3"),
        ({"position": 8}, "jusqu’à la position 8"),
        ({"first_proof": 1}, "preuves gardées depuis le n° 1"),
        ({"last_proof": 4}, "jusqu’au n° 4"),
        ({"proofs": 4}, "preuves : 4"),
        ({"acts": "client_consulted"}, "fiches ouvertes"),
        ({"within": "hour"}, "en une heure"),
        ({"done": 41}, "41"),
    ],
)
def test_what_the_bank_alone_reads_is_told_in_words(browser, details, words):
    journal.record(Kind.CODES_ROTATED, details=details)
    assert words.lower() in text(read(browser)).lower().replace("\u00a0", " ")


def test_auditor_reads_nothing_of_herself_as_a_client(browser, auditor, client_):
    User.objects.filter(pk=auditor.pk).update(own_client=client_)
    assert client_.pk not in [one for line in read(browser).context["lines"] for one in line["clients"]]
    for page in (f"{PAGE}?client={client_.client_code}", f"/admin/accounts/client/{client_.pk}/history/"):
        assert browser.get(page).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_is_written_by_it(browser, client_, method):
    before = SecurityEvent.objects.filter(kind=Event.ACCOUNT_OPENED).count()
    getattr(browser, method)(PAGE)
    assert SecurityEvent.objects.filter(kind=Event.ACCOUNT_OPENED).count() == before


def test_number_of_questions_does_not_grow_with_the_lines(browser, client_, advisor, django_assert_max_num_queries):
    for place in range(LINES_ON_A_PAGE):
        person = makers.make_person(advisor, given_names=f"Zoé {'abcdefghij'[place % 10]}")
        journal.record(Event.CLIENT_CHANGED, by=Actor(advisor), subject=person.pk, details={"client": person.pk})
    with django_assert_max_num_queries(20):
        read(browser)


def test_many_pages_read_are_told_to_the_other_auditors(browser, auditor):
    for _ in range(bulk_acts.MOST[Event.JOURNAL_READ].hour):
        journal.record(Event.JOURNAL_READ, by=Actor(auditor))
    assert not SecurityEvent.objects.filter(kind=Event.BULK_ALARM).exists()
    read(browser)
    assert SecurityEvent.objects.filter(kind=Event.BULK_ALARM).get().details["acts"] == Event.JOURNAL_READ
