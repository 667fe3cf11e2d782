"""Whoever copies the clientele by searching for it: what a search shows is counted in people, and stops."""

from datetime import date, timedelta
from string import ascii_lowercase
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.admin.client_search import SEARCHED_TOO_MUCH
from accounts.clients import client_journal, finding, look_up
from accounts.desk import bulk_acts, roles
from accounts.kinds import Event
from accounts.models import Client, User
from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.journal import mentions
from auth_codes.models import JournalMention, SecurityEvent
from tests import makers
from tests.auth_codes.journal.journals import findings
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CLIENTS = "/admin/accounts/client/"
MOST = bulk_acts.MOST[Event.CLIENTS_SEARCHED]
BORN = date(1988, 7, 25)


@made_once
def crowd(advisor):
    """As many people as a search shows on ten pages; each page's begin with three letters of their own."""
    people = [
        Client(advisor=advisor, **makers.person_fields(family_name=f"{name}{'abcdefghijklmnopqrstuvwxy'[place]}"))
        for name in ("Aba", "Bab", "Cac", "Dad", "Eda", "Faf", "Gag", "Hah", "Iai", "Jaj")
        for place in range(25)
    ]
    for person in people:
        person.save()
    return people


def search(browser, typed):
    return browser.post(CLIENTS, {"said": typed}, follow=True)


def names_in(answer) -> int:
    return len(answer.context["shown"])


def lines(advisor, kind=Event.CLIENTS_SEARCHED):
    return advisor.acts.filter(kind=kind).order_by("pk")


def alarms(kind):
    return SecurityEvent.objects.filter(kind=Event.BULK_ALARM, details__acts=kind)


def has_shown(advisor, count, *, ago=timedelta(minutes=5), first=1_000_000):
    """A line of a search that showed so many, nobody else among them."""
    shown = " ".join(str(first + place) for place in range(count))
    line = SecurityEvent(kind=Event.CLIENTS_SEARCHED, by=advisor, at=timezone.now() - ago, details={"shown": shown})
    line.save(force_insert=True)
    mentions.write([line])


# By one letter after the other.


def test_alphabet_letter_by_letter_shows_nobody_and_rings(advisor_browser, advisor, crowd):
    for letter in ascii_lowercase:
        answer = search(advisor_browser, letter)
        assert look_up.TOO_SHORT in text_of(answer)
        assert names_in(answer) == 0
    assert not lines(advisor).exists()
    assert lines(advisor, Event.SEARCH_REFUSED).count() == len(ascii_lowercase)
    assert alarms(Event.SEARCH_REFUSED).count() == 1


@pytest.mark.parametrize("typed", ["ab", "a b c", "M. ab", "a' b-", "à é", "１２", "mme a"])
def test_fewer_than_three_letters_are_refused_however_they_are_typed(advisor_browser, crowd, typed):
    answer = search(advisor_browser, typed)
    assert names_in(answer) == 0
    assert look_up.TOO_SHORT in text_of(answer)


def test_what_was_typed_stays_in_the_box(advisor_browser, crowd):
    assert 'value="ab"' in search(advisor_browser, "ab").content.decode()


@pytest.mark.parametrize("typed", ["Ly 25/07/1988", "ly né le 25 juillet 1988"])
def test_short_name_is_found_with_its_birth_date(advisor_browser, advisor, typed):
    makers.make_person(advisor, family_name="Ly", birth_date=BORN)
    assert names_in(search(advisor_browser, typed)) == 1


def test_short_name_beside_a_longer_one_is_found(advisor_browser, advisor):
    makers.make_person(advisor, family_name="Ly", given_names="Marguerite")
    assert names_in(search(advisor_browser, "ly marguerite")) == 1


def test_short_words_find_nobody_for_an_act_either(person):
    assert finding.find(Client.objects.all(), "in").clients == []
    assert look_up.why_nobody("in") == look_up.TOO_SHORT


# Page after page.


@pytest.mark.parametrize("page", ["2", "3", "99999999999", "0", "-1", "abc", "1\x00", "１"])
@pytest.mark.parametrize("name", ["p", "page", "all"])
def test_first_page_is_all_that_a_search_shows(advisor_browser, advisor, crowd, name, page):
    [(address, _)] = search(advisor_browser, "ines").redirect_chain
    answer = advisor_browser.get(f"{address}&{urlencode({name: page})}")
    assert answer.status_code == 400
    assert "ABA" not in answer.content.decode()
    assert len(lines(advisor)) == 1


def test_who_may_see_no_client_is_refused_and_leaves_no_line(db):
    operator = User.objects.create_user("exploitant", password=makers.PASSWORD, is_staff=True)
    operator.groups.add(Group.objects.get_or_create(name=roles.OPERATORS)[0])
    browser = StrictBrowser.logged_in(operator)
    assert browser.post(CLIENTS, {"said": "martin"}).status_code == 403
    assert browser.get(CLIENTS).status_code == 403
    assert not lines(operator).exists()
    assert not lines(operator, Event.SEARCH_REFUSED).exists()


def test_page_that_shows_some_of_many_says_to_be_more_precise_and_links_to_no_other(advisor_browser, crowd):
    answer = search(advisor_browser, "ines")
    assert "Plus de 25 clients" in text_of(answer)
    assert "Seuls les 25 premiers sont affichés. Précisez votre recherche" in text_of(answer)
    assert "p=2" not in answer.content.decode()
    assert "all=" not in answer.content.decode()
    assert names_in(answer) == 25


# Name after name.


def test_harvest_by_three_letters_rings_and_is_stopped(advisor_browser, advisor, crowd):
    names = ("aba", "bab", "cac", "dad", "eda", "faf", "gag", "hah", "iai", "jaj")
    shown = [names_in(search(advisor_browser, name)) for name in names]
    assert shown == [25] * 9 + [0]
    assert alarms(Event.CLIENTS_SEARCHED).get().details == {
        "acts": "clients_searched",
        "done": 225,
        "within": "hour",
    }
    assert lines(advisor, Event.SEARCH_REFUSED).count() == 1


def refused(browser, typed) -> bool:
    return SEARCHED_TOO_MUCH in text_of(search(browser, typed))


@pytest.mark.parametrize("ago", [timedelta(minutes=5), timedelta(hours=20)])
def test_who_has_seen_too_many_is_asked_for_what_finds_one(advisor_browser, advisor, client_, ago):
    has_shown(advisor, MOST.hour + 1 if ago < timedelta(hours=1) else MOST.day + 1, ago=ago)
    assert refused(advisor_browser, "martin")
    assert refused(advisor_browser, "25/07/1988")
    for typed in ("martin 25/07/1988", client_.client_code, "06 12 34 56 78", client_.bank_accounts.get().number):
        assert not refused(advisor_browser, typed)
        assert names_in(search(advisor_browser, typed)) == 1


def test_usual_number_of_people_is_no_harvest(advisor_browser, advisor, client_):
    has_shown(advisor, MOST.hour - 1)
    assert names_in(search(advisor_browser, "martin")) == 1
    assert names_in(search(advisor_browser, "martin")) == 1
    assert not alarms(Event.CLIENTS_SEARCHED).exists()


def test_same_people_are_counted_once(advisor_browser, advisor, client_):
    for _ in range(5):
        search(advisor_browser, "martin")
    has_shown(advisor, MOST.hour - 1)
    assert not refused(advisor_browser, "martin")
    bulk_acts.ring_if_many(Event.CLIENTS_SEARCHED, by=Actor(advisor))
    assert not alarms(Event.CLIENTS_SEARCHED).exists()


def test_search_that_finds_nobody_counts_as_one(advisor_browser, advisor, client_):
    has_shown(advisor, MOST.hour)
    search(advisor_browser, "personne ici")
    assert alarms(Event.CLIENTS_SEARCHED).get().details["done"] == MOST.hour + 1


def test_people_of_a_colleague_and_of_yesterday_are_not_counted(advisor_browser, advisor, client_):
    has_shown(makers.make_advisor("marc.lefevre"), MOST.day + 1)
    has_shown(advisor, MOST.day + 1, ago=timedelta(hours=25))
    assert not refused(advisor_browser, "martin")


@pytest.mark.django_db(transaction=True)
def test_tabs_that_search_at_once_show_no_more_than_one_page_beyond(race):
    advisor = makers.make_advisor()
    people = [makers.make_person(advisor, family_name=f"Petit{letter * 3}") for letter in ascii_lowercase[:6]]
    has_shown(advisor, MOST.hour - 1)
    tabs = zip(StrictBrowser.tabs(advisor, len(people)), people, strict=True)
    answers = race(lambda tab: search(tab[0], tab[1].family_name), tabs)
    assert sum(SEARCHED_TOO_MUCH in text_of(answer) for answer in answers) == len(people) - 2
    assert alarms(Event.CLIENTS_SEARCHED).count() == 1


# From the page of whom it has shown.


def history(client, query=""):
    return f"{CLIENTS}{client.pk}/history/{query}"


def test_searches_that_showed_a_client_are_on_a_page_of_his(advisor_browser, advisor, client_):
    other = makers.make_person(advisor, given_names="Zoé")
    search(advisor_browser, "martin")
    search(advisor_browser, client_.client_code)
    search(advisor_browser, "personne")
    page = advisor_browser.get(history(client_, "?recherches"))
    told = [(line["event"], line["by"], line["details"]) for line in page.context["lines"]]
    assert told == [
        ("Recherche de clients", "Claire Dubois", "Par code client, 1 personne affichée"),
        ("Recherche de clients", "Claire Dubois", "Par nom, 2 personnes affichées"),
    ]
    assert "Zoé" not in text_of(page)
    assert len(advisor_browser.get(history(other, "?recherches")).context["lines"]) == 1


def test_searches_and_history_lead_to_each_other(advisor_browser, client_, person):
    first = advisor_browser.get(history(client_)).content.decode()
    assert f'href="{history(client_)}?recherches"' in first
    searches = advisor_browser.get(history(client_, "?recherches"))
    assert f'href="{history(client_)}"' in searches.content.decode()
    assert "Aucune recherche ne l’a montré." in text_of(searches)
    assert "Recherche de clients" not in first


@pytest.mark.parametrize(
    "query", ["?recherches&page=2", "?recherches&page=abc", "?recherches=%00", "?recherches&page=0"]
)
def test_pages_of_searches_turn(advisor_browser, advisor, client_, query):
    for _ in range(51):
        has_shown(advisor, 1, first=client_.pk)
    page = advisor_browser.get(history(client_, query))
    assert "51 lignes" in text_of(page)
    assert "?recherches&amp;page=" in page.content.decode()


def test_client_reads_nothing_of_searches_among_whose_results_he_was(advisor_browser, client_browser, client_):
    search(advisor_browser, "martin")
    assert "Recherche" not in text_of(client_browser.get("/mon-profil/journal/"))


def test_search_costs_the_same_statements_however_many_it_shows(advisor_browser, advisor):
    for name in ("Seul", *["Nombreux"] * 20):
        makers.make_person(advisor, family_name=name)
    search(advisor_browser, "seul")
    costs = []
    for typed in ("seul", "nombreux"):
        with CaptureQueriesContext(connection) as asked:
            search(advisor_browser, typed)
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_line_without_anybody_shown_writes_no_mention(advisor):
    with CaptureQueriesContext(connection) as asked:
        journal.record(Event.CLIENTS_SEARCHED, by=Actor(advisor), details={"ways": "name", "shown": ""})
    assert not [query for query in asked if "journalmention" in query["sql"]]


@pytest.mark.parametrize("change", [{"subject": 999}, {"at": "2020-01-01T00:00Z"}])
def test_mention_that_says_something_else_than_its_line_is_found(advisor, change):
    has_shown(advisor, 2)
    JournalMention.objects.filter(subject=1_000_000).update(**change)
    assert ("SUBJECT_DIFFERS", lines(advisor).get().pk) in found()


def test_mention_that_was_slipped_in_is_found(advisor, client_):
    line = journal.record(Event.CLIENTS_SEARCHED, by=Actor(advisor), details={"shown": ""})
    JournalMention.objects.create(event=line, subject=client_.pk, at=line.at)
    assert found() == [("SUBJECT_DIFFERS", line.pk)]


def test_mention_that_was_removed_is_found_and_filled_in_again(advisor, capsys):
    line = journal.record(Event.CLIENTS_SEARCHED, by=Actor(advisor), details={"shown": "7 8"})
    JournalMention.objects.filter(event=line, subject=8).delete()
    assert found() == [("SUBJECT_MISSING", line.pk)]
    JournalMention.objects.filter(event=line).delete()
    assert found() == [("SUBJECT_MISSING", line.pk)]
    call_command("fill_journal_subjects")
    assert found() == []
    assert set(JournalMention.objects.values_list("subject", flat=True)) == {7, 8}


@pytest.mark.parametrize(
    "details", [{"shown": 7}, {"shown": "x ٣ 12345678901234567890"}, ["shown"], "shown", {"shown": None}]
)
def test_details_that_a_strangers_hand_left_show_nobody(details):
    assert mentions.said(details) == set()


def found():
    return [(finding.problem.name, finding.event_id) for finding in findings()]


def test_page_of_searches_reads_one_index(client_):
    lines_of = client_journal.searches_showing(client_)[:25]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "mentions_of_subject" in lines_of.explain()


@pytest.mark.parametrize(
    ("typed", "vague"),
    [
        ("Mme 12/05/1980", True), ("a 12/05/1980", True), ("martin 12/05/80", True), ("martin", True),
        ("12/05/1980", True), ("martin 12/05/1980", False), ("Mme Martin née le 12 mai 1980", False),
        ("06 12 34 56 78", False),
    ],
)  # fmt: skip
def test_past_the_limit_a_civility_or_two_digits_of_a_year_make_no_search_precise(typed, vague):
    assert look_up.is_vague(typed) is vague
