"""The reminder to change an old code: when it is due, how old a code is in words, what the client answers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from auth_codes.actor import Actor
from auth_codes.codes import changing, checking, reminders
from auth_codes.codes.reminders import Answer, CodeAge, months_between
from auth_codes.models import CodeReminder, SecretCode, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
DATES = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 5, 24), date(2026, 11, 24), 6),
        (date(2026, 5, 25), date(2026, 11, 24), 5),
        (date(2025, 8, 31), date(2026, 2, 27), 5),
        (date(2025, 8, 31), date(2026, 2, 28), 6),
        (date(2023, 8, 31), date(2024, 2, 28), 5),
        (date(2023, 8, 31), date(2024, 2, 29), 6),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2026, 11, 24), date(2026, 11, 24), 0),
    ],
)
def test_months_are_whole_calendar_months_and_months_end_where_they_end(start, end, months):
    assert months_between(start, end) == months


@given(DATES, DATES, DATES)
def test_months_never_go_back_as_days_go_by(start, one, other):
    earlier, later = sorted((one, other))
    assert months_between(start, earlier) <= months_between(start, later)


@pytest.mark.parametrize(
    ("chosen_on", "words"),
    [
        (date(2026, 11, 24), "aujourd’hui"),
        (date(2026, 11, 23), "hier"),
        (date(2026, 11, 22), "il y a 2 jours"),
        (date(2026, 10, 25), "il y a 30 jours"),
        (date(2026, 10, 24), "il y a un mois"),
        (date(2026, 3, 3), "il y a 8 mois"),
        (date(2025, 11, 24), "il y a un an"),
        (date(2025, 10, 24), "il y a 13 mois"),
        (date(2024, 11, 25), "il y a 23 mois"),
        (date(2024, 11, 24), "il y a 2 ans"),
        (date(2016, 1, 1), "il y a 10 ans"),
    ],
)
def test_age_is_said_as_people_say_it(chosen_on, words):
    assert CodeAge(chosen_on).in_words(TODAY) == words


def test_reminder_is_due_from_six_months_on_and_never_before():
    age = CodeAge(date(2026, 5, 24))
    assert not age.is_reminder_due(TODAY - DAY)
    assert age.is_reminder_due(TODAY)
    assert age.is_reminder_due(TODAY + 4000 * DAY)


def test_later_is_silent_until_its_day_and_never_for_ever():
    old = date(2025, 1, 1)
    assert not CodeAge(old, silent_until=TODAY).is_reminder_due(TODAY - DAY)
    assert CodeAge(old, silent_until=TODAY).is_reminder_due(TODAY)
    assert not CodeAge(old, never_again=True).is_reminder_due(TODAY + 4000 * DAY)


# What is kept of an answer.


@made_once
def user(client_):
    return client_.user


def aged(user, chosen_at):
    SecretCode.objects.present().filter(owner=user).update(created_at=chosen_at)
    return reminders.code_age(user)


def test_age_is_that_of_the_day_in_paris(user):
    assert aged(user, datetime(2026, 3, 2, 23, 30, tzinfo=UTC)) == CodeAge(date(2026, 3, 3))


def test_default_code_and_staff_have_no_age(new_client, advisor):
    assert reminders.code_age(new_client.user) is None
    assert reminders.code_age(advisor) is None


def test_age_costs_one_query(user, django_assert_num_queries):
    with django_assert_num_queries(1):
        reminders.code_age(user)


def test_later_is_thirty_days_of_silence(user):
    reminders.answer(user, Answer.LATER, today=TODAY, by=Actor(user))
    assert reminders.code_age(user).silent_until == TODAY + 30 * DAY


def test_last_of_several_later_counts(user):
    for today in (TODAY, TODAY + 40 * DAY):
        reminders.answer(user, Answer.LATER, today=today, by=Actor(user))
    assert CodeReminder.objects.get().silent_until == TODAY + 70 * DAY


def test_later_on_a_page_left_open_does_not_undo_never(user):
    for given_answer in (Answer.NEVER, Answer.LATER):
        reminders.answer(user, given_answer, today=TODAY, by=Actor(user))
    assert reminders.code_age(user).never_again


def test_again_takes_back_never_and_every_silence(user):
    for given_answer in (Answer.LATER, Answer.NEVER, Answer.AGAIN):
        reminders.answer(user, given_answer, today=TODAY, by=Actor(user))
    age = aged(user, timezone.now() - 300 * DAY)
    assert age.is_reminder_due(timezone.localdate())


@pytest.mark.parametrize("given_answer", Answer)
def test_each_answer_is_noted_in_the_journal(user, given_answer):
    reminders.answer(user, given_answer, today=TODAY, by=Actor(user))
    line = SecurityEvent.objects.get(kind="reminder_answered")
    assert (line.owner, line.by, line.details) == (user, user, {"answer": given_answer.value})


def test_change_of_code_begins_a_new_age_and_never_stays_never(user):
    aged(user, timezone.now() - 300 * DAY)
    reminders.answer(user, Answer.NEVER, today=TODAY, by=Actor(user))
    changing.personalise(user, makers.OTHER_CODE, replacing=checking.present_code(user), by=Actor(user))
    assert reminders.code_age(user) == CodeAge(timezone.localdate(), never_again=True)


@pytest.mark.django_db(transaction=True)
def test_answers_at_once_keep_one_row(race, client_):
    race(
        lambda given_answer: reminders.answer(client_.user, given_answer, today=TODAY, by=Actor(client_.user)),
        [Answer.LATER] * 4,
    )
    assert CodeReminder.objects.get().silent_until == TODAY + 30 * DAY


# On the pages.

OVERVIEW, PROFILE, ANSWER = "/espace-client/", "/mon-profil/", "/mon-profil/code-secret/rappel/"
REMINDED = "Et si vous changiez de code secret"


@made_once
def old_code(client_):
    """His code is 300 days old."""
    aged(client_.user, timezone.now() - 300 * DAY)


def is_reminded(browser, page=OVERVIEW) -> bool:
    return REMINDED in browser.get(page).content.decode()


@pytest.mark.proves("ASVS 6.2.10")
@pytest.mark.parametrize("page", [OVERVIEW, PROFILE])
def test_old_code_is_reminded_of_with_three_answers_and_opens_everything(client_browser, old_code, page):
    text = client_browser.get(page).content.decode()
    assert "Il reste valable et rien ne presse" in text
    for choice in ('href="/mon-profil/code-secret/">Modifier', 'value="later"', 'value="never"'):
        assert choice in text


@pytest.mark.parametrize("page", [OVERVIEW, PROFILE])
def test_young_code_is_not_reminded_of(client_browser, page):
    assert not is_reminded(client_browser, page)


def test_profile_says_since_when_and_how_long_ago(client_browser, client_):
    aged(client_.user, datetime(2016, 3, 3, tzinfo=UTC))
    text = client_browser.get(PROFILE).content.decode()
    assert f"Choisi le 3\u00a0mars\u00a02016, {CodeAge(date(2016, 3, 3)).in_words(timezone.localdate())}." in text


@pytest.mark.parametrize(("page", "back"), [("overview", OVERVIEW), ("profile", PROFILE)])
@pytest.mark.parametrize("given_answer", ["later", "never"])
def test_answer_silences_both_pages_and_leads_back(client_browser, old_code, given_answer, page, back):
    answered = client_browser.post(ANSWER, {"answer": given_answer, "page": page})
    assert (answered.status_code, answered["Location"]) == (302, back)
    assert "Entendu." in client_browser.get(back).content.decode()
    assert (is_reminded(client_browser), is_reminded(client_browser, PROFILE)) == (False, False)


def test_profile_offers_to_be_reminded_again_only_after_never(client_browser, old_code):
    assert 'value="again"' not in client_browser.get(PROFILE).content.decode()
    client_browser.post(ANSWER, {"answer": "never", "page": "overview"})
    assert 'value="again"' in client_browser.get(PROFILE).content.decode()
    client_browser.post(ANSWER, {"answer": "again", "page": "profile"})
    assert is_reminded(client_browser)


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example", "logout", "/admin/", "", None])
def test_answer_never_leads_elsewhere(client_browser, old_code, page):
    fields = {"answer": "later"} | ({} if page is None else {"page": page})
    assert client_browser.post(ANSWER + "?next=//evil.example", fields)["Location"] == PROFILE


@pytest.mark.parametrize("fields", [{}, {"answer": ""}, {"answer": "always"}, {"answer": "LATER"}])
def test_unknown_answer_is_refused_in_french_and_changes_nothing(client_browser, old_code, fields):
    answered = client_browser.post(ANSWER, fields)
    assert answered.status_code == 400
    assert '<html lang="fr"' in answered.content.decode()
    assert not CodeReminder.objects.exists()
    assert is_reminded(client_browser)


def test_reminder_is_answered_by_post_with_a_token_alone(client_browser, client_, old_code):
    assert client_browser.get(ANSWER).status_code == 405
    strict = StrictBrowser.logged_in(client_.user, enforce_csrf_checks=True)
    assert strict.post(ANSWER, {"answer": "never"}).status_code == 403
    assert is_reminded(client_browser)


def test_only_who_has_a_code_of_his_own_answers(browser, advisor_browser, new_client):
    default = StrictBrowser.logged_in(new_client.user)
    answers = [who.post(ANSWER, {"answer": "never"}) for who in (browser, advisor_browser, default)]
    assert [answer.status_code for answer in answers] == [302, 404, 302]
    assert [answer.get("Location") for answer in answers[::2]] == [
        f"/connexion/?next={ANSWER}",
        "/mon-profil/code-secret/",
    ]
    assert not CodeReminder.objects.exists()


def test_answer_concerns_its_own_client_alone(client_browser, old_code, advisor):
    other = makers.make_personalised_client(advisor, family_name="Autre")
    aged(other.user, timezone.now() - 300 * DAY)
    client_browser.post(ANSWER, {"answer": "never"})
    assert is_reminded(StrictBrowser.logged_in(other.user))


def test_reminder_costs_the_overview_one_query(client_browser, client_):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            client_browser.get(OVERVIEW)
        return [query["sql"] for query in captured if "auth_codes_codereminder" in query["sql"]]

    assert len(queries()) == 1
    aged(client_.user, timezone.now() - 300 * DAY)
    reminders.answer(client_.user, Answer.AGAIN, today=TODAY, by=Actor(client_.user))
    assert len(queries()) == 1
