"""Acts in bulk by one person at the desk ring an alarm: once an hour, at the auditors' first page and by e-mail."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.clients.looks import Reason
from accounts.desk import bulk_acts, roles
from accounts.kinds import Event, Mail
from accounts.models import Branch, User
from auth_codes import notices
from auth_codes.actor import Actor
from auth_codes.measures import series
from auth_codes.models import JournalMention, JournalSubject, Notice, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why, text_of, words_of
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CLIENTS = "/admin/accounts/client/"
ACCESS_CLOSED = SecurityEvent.Kind.ACCESS_CLOSED
WORDS = {"look-in_words": "True", "look-words": "Je remplace une collègue."}


def make_staff(name, group, **fields):
    user = User.objects.create_user(name, password=makers.PASSWORD, is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=group))
    return user


@made_once
def auditor(advisor):
    return make_staff("aude.controle", roles.AUDITORS, email="aude@banque.example")


def did(kind, advisor, count, *, ago=timedelta(minutes=5), subject=1_000_000):
    """Lines of this many acts, each about somebody else."""
    at = timezone.now() - ago
    lines = SecurityEvent.objects.bulk_create(SecurityEvent(kind=kind, by=advisor, at=at) for _ in range(count))
    JournalSubject.objects.bulk_create(
        JournalSubject(event=line, at=at, subject=subject + place) for place, line in enumerate(lines)
    )


def alarms():
    return SecurityEvent.objects.filter(kind__in=bulk_acts.ALARMS).order_by("id")


def first_page(user) -> str:
    return " ".join(words_of(StrictBrowser.logged_in(user).get("/admin/")).split())


def test_sheet_beyond_the_fortieth_of_an_hour_is_told_to_the_auditors(advisor_browser, advisor, auditor, client_):
    did(Event.CLIENT_CONSULTED, advisor, 40)
    say_why(advisor_browser, client_, reason=Reason.OWN_ADVISOR, **WORDS)
    advisor_browser.get(f"{CLIENTS}{client_.pk}/change/")
    line = alarms().get()
    assert (line.by, line.owner) == (advisor, None)
    assert line.details == {"acts": "client_consulted", "done": 41, "within": "hour"}
    notice = Notice.objects.get(kind=Mail.BULK_ACTS)
    assert notice.recipient == auditor.email
    assert "Claire Dubois\u00a0: 41 fiches ouvertes en une heure" in notices.message_of(notice).body
    assert "Alarme. Claire Dubois : 41 fiches ouvertes en une heure, le " in first_page(auditor)


def test_more_than_two_hundred_in_a_day_are_told_as_such(advisor_browser, advisor, auditor, client_):
    did(Event.CLIENT_CONSULTED, advisor, 200, ago=timedelta(hours=20))
    say_why(advisor_browser, client_, reason=Reason.OWN_ADVISOR, **WORDS)
    advisor_browser.get(f"{CLIENTS}{client_.pk}/change/")
    assert alarms().get().details == {"acts": "client_consulted", "done": 201, "within": "day"}
    assert "201 fiches ouvertes en un jour" in first_page(auditor)


def close_access(browser, client):
    return browser.post(f"{CLIENTS}{client.pk}/fermer/", {"why": "fraud"})


def end_sessions(browser, client):
    return browser.post(f"{CLIENTS}{client.pk}/deconnecter/", {"why": "lost"})


def close_account(browser, client):
    account = client.bank_accounts.get()
    return browser.post(f"{CLIENTS}{client.pk}/comptes/{account.pk}/cloturer/", {"agreed": client.pk})


def write_letter(browser, client):
    return browser.post(f"{CLIENTS}{client.pk}/courrier/", {"subject": "Objet", "body": "Texte", "token": uuid.uuid4()})


def search(browser, client):
    return browser.post(CLIENTS, {"said": "martin"}, follow=True)


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        (ACCESS_CLOSED, close_access),
        (SecurityEvent.Kind.SESSIONS_SHUT, end_sessions),
        (Event.ACCOUNT_CLOSED, close_account),
        (Event.LETTER_WRITTEN, write_letter),
        (Event.CLIENTS_SEARCHED, search),
    ],
)
@pytest.mark.parametrize("span", ["hour", "day"])
def test_other_act_rings_beyond_its_number_and_not_at_it(advisor_browser, advisor, client_, kind, act, span):
    most = getattr(bulk_acts.MOST[kind], span)
    did(kind, advisor, most - 1, ago=timedelta(minutes=5) if span == "hour" else timedelta(hours=20))
    act(advisor_browser, client_)
    assert not alarms().exists()
    did(kind, advisor, 1, ago=timedelta(minutes=5) if span == "hour" else timedelta(hours=20))
    bulk_acts.ring_if_many(kind, by=Actor(advisor))
    assert alarms().get().details == {"acts": kind, "done": most + 1, "within": span}


@pytest.mark.parametrize("kind", list(bulk_acts.MOST))
def test_alarm_rings_once_an_hour_for_each_person_and_act(advisor, auditor, kind):
    did(kind, advisor, bulk_acts.MOST[kind].hour + 1)
    for _ in range(3):
        bulk_acts.ring_if_many(kind, by=Actor(advisor))
    assert (alarms().count(), Notice.objects.filter(kind=Mail.BULK_ACTS).count()) == (1, 1)
    other = makers.make_advisor("marc.lefevre")
    did(kind, other, bulk_acts.MOST[kind].hour + 1)
    bulk_acts.ring_if_many(kind, by=Actor(other))
    assert alarms().count() == 2


def test_alarm_of_one_act_hides_none_of_another(advisor):
    for kind in bulk_acts.MOST:
        did(kind, advisor, bulk_acts.MOST[kind].day + 1)
        bulk_acts.ring_if_many(kind, by=Actor(advisor))
    assert {line.details["acts"] for line in alarms()} == set(bulk_acts.MOST)


def test_alarm_rings_again_after_an_hour(advisor):
    at = timezone.now() - timedelta(minutes=61)
    did(ACCESS_CLOSED, advisor, 6)
    SecurityEvent.objects.create(kind=Event.BULK_ALARM, by=advisor, at=at, details={"acts": ACCESS_CLOSED})
    bulk_acts.ring_if_many(ACCESS_CLOSED, by=Actor(advisor))
    assert alarms().count() == 2


def test_auditors_alone_read_it_and_never_of_themselves_by_mail(advisor, auditor):
    second = make_staff("bruno.controle", roles.AUDITORS, email="bruno@banque.example")
    gone = make_staff("parti", roles.AUDITORS, email="parti@banque.example", is_active=False)
    operator = make_staff("exploitant", roles.OPERATORS, email="exploitant@banque.example")
    did(ACCESS_CLOSED, auditor, 6)
    bulk_acts.ring_if_many(ACCESS_CLOSED, by=Actor(auditor))
    assert [notice.recipient for notice in Notice.objects.filter(kind=Mail.BULK_ACTS)] == [second.email]
    assert "6 accès fermés" in first_page(second)
    assert "6 accès fermés" in text_of(StrictBrowser.logged_in(second).get("/admin/connexions-par-heure/"))
    assert "6 accès" not in text_of(StrictBrowser.logged_in(operator).get("/admin/connexions-par-heure/"))
    assert "6 accès fermés" not in first_page(advisor) + first_page(operator)
    assert not gone.is_active


def test_alarm_of_sheets_has_a_kind_of_its_own_and_is_counted(advisor):
    labels = {"acts": "client_consulted"}
    before = series.REGISTRY.get_sample_value("portal_bulk_alarms_total", labels)
    did(Event.CLIENT_CONSULTED, advisor, 41)
    for _ in range(2):
        bulk_acts.ring_if_many(Event.CLIENT_CONSULTED, by=Actor(advisor))
    assert alarms().get().kind == Event.SHEETS_ALARM
    assert series.REGISTRY.get_sample_value("portal_bulk_alarms_total", labels) == before + 1


def test_manager_reads_of_the_sheets_of_his_own_branch_and_of_no_act_else(advisor):
    own, other = Branch.objects.create(name="Vannes"), Branch.objects.create(name="Lorient")
    User.objects.filter(pk=advisor.pk).update(branch=own)
    managers = {
        name: make_staff(f"{name}.directeur", roles.BRANCH_MANAGERS, branch=branch, last_name=name.title())
        for name, branch in {"own": own, "other": other, "none": None}.items()
    }
    for who in (advisor, managers["own"]):
        did(Event.CLIENT_CONSULTED, who, 41)
        did(ACCESS_CLOSED, who, 6)
        for kind in (Event.CLIENT_CONSULTED, ACCESS_CLOSED):
            bulk_acts.ring_if_many(kind, by=Actor(who))
    shown = first_page(managers["own"])
    assert shown.count("Alarme.") == 1
    assert "Alarme. Claire Dubois : 41 fiches ouvertes en une heure" in shown
    assert not any("Alarme." in first_page(managers[name]) for name in ("other", "none"))


def test_alarm_leaves_the_page_after_some_days(advisor, auditor):
    old = timezone.now() - bulk_acts.ALARMS_STAND - timedelta(minutes=1)
    details = {"acts": ACCESS_CLOSED, "done": 6, "within": "hour"}
    SecurityEvent.objects.create(kind=Event.BULK_ALARM, by=advisor, at=old, details=details)
    assert "accès fermés" not in first_page(auditor)


def test_act_without_an_alarm_costs_two_questions(advisor):
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        bulk_acts.ring_if_many(ACCESS_CLOSED, by=Actor(advisor))
    assert len([query for query in asked if query["sql"].startswith("SELECT")]) == 2


def plan_of(sql) -> str:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(f"EXPLAIN {'QUERY PLAN' if connection.vendor == 'sqlite' else ''} {sql}")
        return str(cursor.fetchall())


@pytest.mark.parametrize("kind", [ACCESS_CLOSED, Event.CLIENT_CONSULTED, Event.CLIENTS_SEARCHED])
def test_lines_are_counted_by_the_index_of_who_acted(advisor, kind):
    """Beside many lines of others and many of his own: PostgreSQL reads a small table as a whole."""
    colleague = makers.make_advisor("marc.lefevre")
    did(Event.LETTER_WRITTEN, colleague, 5000)
    did(kind, colleague, 100)
    did(Event.LETTER_WRITTEN, advisor, 100)
    did(kind, advisor, 3)
    lines = SecurityEvent.objects.all()
    JournalMention.objects.bulk_create(JournalMention(event=line, subject=7, at=line.at) for line in lines)
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        bulk_acts.ring_if_many(kind, by=Actor(advisor))
    [count] = [query["sql"] for query in asked if "COUNT" in query["sql"]]
    plan = plan_of(count)
    assert "journal_of_actor" in plan
    whole = {"postgresql": "Seq Scan on auth_codes", "sqlite": "SCAN "}[connection.vendor]
    assert whole not in plan
    assert connection.vendor == "postgresql" or "journal_of_actor (by_id=? AND kind=? AND at>?)" in plan


@pytest.mark.django_db(transaction=True)
def test_tabs_that_open_the_last_usual_sheets_at_once_open_no_one_more(race):
    advisor = makers.make_advisor()
    people = [makers.make_person(advisor) for _ in range(6)]
    did(Event.CLIENT_CONSULTED, advisor, 37)
    tabs = zip(StrictBrowser.tabs(advisor, len(people)), people, strict=True)
    answers = race(lambda tab: tab[0].get(f"{CLIENTS}{tab[1].pk}/change/"), tabs)
    assert sum("MARTIN" in text_of(answer) for answer in answers) == 3
    assert advisor.acts.filter(kind=Event.CLIENT_CONSULTED).count() == 40


@pytest.mark.django_db(transaction=True)
def test_acts_at_once_ring_once(race):
    advisor = makers.make_advisor()
    did(ACCESS_CLOSED, advisor, 6)
    race(lambda _: bulk_acts.ring_if_many(ACCESS_CLOSED, by=Actor(advisor)), range(6))
    assert alarms().count() == 1


# What a search leaves.


def searches(advisor):
    return [line.details for line in advisor.acts.filter(kind=Event.CLIENTS_SEARCHED).order_by("id")]


@pytest.mark.parametrize(
    ("typed", "ways"),
    [
        ("martin", "name"),
        ("ines martin 25/07/1988", "name birth_date"),
        ("25/07/1988", "birth_date"),
        ("06 12 34 56 78", "phone"),
        ("5724816390", "name"),
        ("…", "nothing"),
    ],
)
def test_search_is_one_line_with_its_ways_and_whom_it_has_shown(advisor_browser, advisor, client_, typed, ways):
    page = advisor_browser.post(CLIENTS, {"said": typed}, follow=True)
    shown = str(client_.pk) if "MARTIN" in text_of(page) else ""
    assert searches(advisor) == [{"ways": ways, "shown": shown}]
    assert typed not in str(searches(advisor)) or ways == typed


@pytest.mark.parametrize("which", ["client_code", "account"])
def test_search_by_a_number_keeps_no_number(advisor_browser, advisor, client_, which):
    number = client_.client_code if which == "client_code" else client_.bank_accounts.get().number
    advisor_browser.post(CLIENTS, {"said": number}, follow=True)
    assert searches(advisor) == [{"ways": which, "shown": str(client_.pk)}]


def test_page_without_a_search_leaves_no_line(advisor_browser, advisor, client_):
    for query in ("", "?q=", "?q=%20", "?o=1", "?all=1", "?q=%00", "?q=martin", "?recherche=", "?recherche=abc"):
        advisor_browser.get(CLIENTS + query, follow=True)
    for said in ("", " ", "\x00"):
        advisor_browser.post(CLIENTS, {"said": said}, follow=True)
    assert searches(advisor) == []


def test_search_of_a_common_name_is_a_line_of_those_it_shows(advisor_browser, advisor):
    people = [makers.make_person(advisor).pk for _ in range(27)]
    for _ in range(2):
        advisor_browser.post(CLIENTS, {"said": "martin", "o": "1", "all": "1"}, follow=True)
    shown = [set(map(int, line["shown"].split())) for line in searches(advisor)]
    assert [len(pks) for pks in shown] == [25, 25]
    assert set.union(*shown) <= set(people)


def test_look_alikes_named_to_whoever_registers_somebody_are_a_search(advisor_browser, advisor, client_):
    typed = makers.person_fields(birth_date="25/07/1988", mobile_phone="06 12 34 56 78", country="France")
    page = advisor_browser.post(CLIENTS + "add/", typed | {"advisor": advisor.pk, "token": uuid.uuid4()})
    assert "Est-ce la même personne" in text_of(page)
    assert searches(advisor) == [{"ways": "name birth_date", "shown": str(client_.pk)}]


def test_whom_an_act_names_is_looked_up_as_well(advisor_browser, advisor, client_):
    other = makers.make_person(advisor, given_names="Paul", family_name="Petit")
    page = f"{CLIENTS}{client_.pk}/comptes/{client_.bank_accounts.get().pk}/acces/cotitulaire/"
    advisor_browser.post(page, {"said": "personne ici", "agreement": "branch", "token": uuid.uuid4()})
    assert searches(advisor) == [{"ways": "name", "shown": ""}]
    shown = advisor_browser.post(page, {"said": "paul petit", "agreement": "branch", "token": uuid.uuid4()})
    assert "PETIT" in text_of(shown)
    line = advisor.acts.filter(kind=Event.CLIENT_CONSULTED).last()
    assert line.details == {"client": other.pk, "look": "access"}
