"""Beyond forty sheets an hour or two hundred a day: a reason in words and, of who has one, his second moyen."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.clients import confirmation
from accounts.desk import bulk_acts, sheets
from accounts.kinds import Event
from auth_codes.actor import Actor
from auth_codes.models import JournalSubject, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CLIENTS = "/admin/accounts/client/"
WORDS = "Liste de fin de journée."
Kind = SecurityEvent.Kind


@pytest.fixture
def colleague(advisor):
    """An advisor who is not the clients' own, with an app."""
    member = makers.make_advisor("marc.lefevre")
    _, member.secret = makers.make_app_of(member)
    return member


def sheet(client, page="change/"):
    return f"{CLIENTS}{client.pk}/{page}"


def said(answer):
    return html.unescape(answer.content.decode()).replace("\u00a0", " ")


def looked(advisor, count, *, ago=timedelta(minutes=5), first=1_000_000, kind=Event.CLIENT_CONSULTED):
    at = timezone.now() - ago
    lines = SecurityEvent.objects.bulk_create(SecurityEvent(kind=kind, by=advisor, at=at) for _ in range(count))
    JournalSubject.objects.bulk_create(
        JournalSubject(event=line, at=at, subject=first + place) for place, line in enumerate(lines)
    )


def answer_to(page, **typed):
    """What the page's form sends, as a browser fills it."""
    hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', page.content.decode()))
    hidden.pop("csrfmiddlewaretoken", None)
    return hidden | {"look-reason": "file", "look-words": WORDS} | typed


def asked(browser, client):
    """The page for one sheet too many."""
    first = browser.get(sheet(client))
    if first.context.get("in_words"):
        return first
    browser.post(sheet(client), answer_to(first, **{"look-words": ""}))
    page = browser.get(sheet(client))
    assert page.context["in_words"]
    return page


def shows(browser, client):
    return "MARTIN" in text_of(browser.get(sheet(client)))


def looks(advisor):
    return advisor.acts.filter(kind=Event.CLIENT_CONSULTED).count()


@pytest.mark.parametrize(("count", "ago"), [(40, timedelta(minutes=59)), (200, timedelta(hours=23, minutes=59))])
def test_words_alone_open_nothing_and_the_number_beside_them_does(colleague, client_, count, ago):
    looked(colleague, count, ago=ago)
    browser = StrictBrowser.logged_in(colleague)
    page = asked(browser, client_)
    assert "montrez votre second moyen" in said(page)
    assert "40 fiches de plus, pendant une heure" in said(page)
    again = browser.post(sheet(client_), answer_to(page, **{"step-code": ""}))
    assert "Recopiez les six chiffres" in said(again)
    assert WORDS in said(again)
    assert looks(colleague) == count
    posted = answer_to(again, **{"step-code": makers.number_of(colleague.secret)})
    assert browser.post(sheet(client_), posted)["Location"] == sheet(client_)
    assert shows(browser, client_)
    assert SecurityEvent.objects.get(kind=Event.SHEETS_ALARM).by == colleague
    assert colleague.acts.filter(kind=Event.CLIENT_CONSULTED).latest("pk").details["words"] == WORDS
    assert colleague.acts.filter(kind=Kind.STEP_UP_PASSED).count() == 1


def test_words_sent_without_the_page_open_nothing(colleague, client_):
    looked(colleague, 40)
    browser = StrictBrowser.logged_in(colleague)
    browser.post(sheet(client_), {"look-client": client_.pk, "look-reason": "file", "look-words": WORDS})
    page = browser.get(sheet(client_))
    assert page.context["in_words"]
    assert WORDS in said(page)
    assert not text_of(page).count("MARTIN")


def test_wrong_number_is_said_counted_and_nothing_typed_is_lost(colleague, client_):
    looked(colleague, 40)
    browser = StrictBrowser.logged_in(colleague)
    page = asked(browser, client_)
    right = makers.number_of(colleague.secret)
    wrong = browser.post(sheet(client_), answer_to(page, **{"step-code": "000000" if right != "000000" else "000001"}))
    assert "Ce n’est pas le nombre attendu" in said(wrong)
    assert WORDS in said(wrong)
    assert colleague.security_events.filter(kind=Kind.FACTOR_FAILED).count() == 1
    assert browser.post(sheet(client_), answer_to(wrong, **{"step-code": right})).status_code == 302
    assert shows(browser, client_)


def test_right_number_beside_too_few_words_is_not_asked_for_again(colleague, client_):
    looked(colleague, 40)
    browser = StrictBrowser.logged_in(colleague)
    typed = {"step-code": makers.number_of(colleague.secret), "look-words": "court"}
    again = browser.post(sheet(client_), answer_to(asked(browser, client_), **typed))
    assert "en quelques mots" in said(again)
    assert again.context["step"] is None
    assert browser.post(sheet(client_), answer_to(again)).status_code == 302
    assert shows(browser, client_)


def test_enter_in_the_field_of_the_number_chooses_no_reason(colleague, client_):
    looked(colleague, 40)
    browser = StrictBrowser.logged_in(colleague)
    posted = answer_to(asked(browser, client_), **{"step-code": makers.number_of(colleague.secret)})
    posted.pop("look-reason")
    again = browser.post(sheet(client_), posted)
    assert "Choisissez l’une de ces raisons" in said(again)
    assert WORDS in said(again)
    assert not shows(browser, client_)


def test_passkey_serves_and_the_app_is_one_button_away(colleague, client_):
    _, authenticator = makers.make_passkey_of(colleague, generation=2)
    looked(colleague, 40)
    browser = StrictBrowser.logged_in(colleague)
    page = asked(browser, client_)
    assert page.context["kind"] == "passkey"
    posted = answer_to(page, **{"step-other": "totp"})
    posted.pop("look-reason")
    other = browser.post(sheet(client_), posted)
    assert other.context["kind"] == "totp"
    assert WORDS in said(other)
    assert not looks(colleague) > 40
    signed = authenticator.get(page.context["options"])
    assert browser.post(sheet(client_), answer_to(page, **{"step-assertion": signed})).status_code == 302
    assert shows(browser, client_)


def test_who_has_none_says_why_and_the_alarm_rings(advisor, client_):
    member = makers.make_advisor("sonia.blanc")
    looked(member, 40)
    browser = StrictBrowser.logged_in(member)
    page = asked(browser, client_)
    assert "second moyen" not in said(page).split("En quelques mots")[0].split("Vous avez ouvert")[1]
    assert browser.post(sheet(client_), answer_to(page)).status_code == 302
    assert shows(browser, client_)
    assert SecurityEvent.objects.get(kind=Event.SHEETS_ALARM).by == member


def confirmed(member, *, ago=timedelta(0)):
    browser = StrictBrowser.logged_in(member)
    session = browser.session
    session[sheets.CONFIRMED] = (timezone.now() - ago).isoformat()
    session.save()
    return browser


def test_one_moyen_is_good_for_forty_more_each_with_its_reason(colleague, client_, advisor):
    looked(colleague, 60, ago=timedelta(minutes=20))
    browser = confirmed(colleague, ago=timedelta(minutes=10))
    looked(colleague, 39, first=2_000_000)
    page = asked(browser, client_)
    assert page.context["step"] is None
    browser.post(sheet(client_), answer_to(page))
    assert shows(browser, client_)
    other = makers.make_person(advisor)
    page = asked(browser, other)
    assert page.context["step"] is not None
    assert WORDS in said(page)  # the reason of the sheet before


@pytest.mark.parametrize("ago", [timedelta(minutes=61), timedelta(minutes=-5)])
def test_it_is_good_for_an_hour_and_not_by_a_clock_set_back(colleague, client_, ago):
    looked(colleague, 60)
    assert asked(confirmed(colleague, ago=ago), client_).context["step"] is not None


def test_sheet_that_is_open_already_stays_open(colleague, client_):
    browser = StrictBrowser.logged_in(colleague)
    browser.post(sheet(client_), {"look-client": client_.pk, "look-reason": "file"})
    assert shows(browser, client_)
    looked(colleague, 60)
    assert shows(browser, client_)


def test_form_that_was_sent_meanwhile_goes_on_with_all_its_fields(colleague, client_):
    looked(colleague, 60)
    browser, page = StrictBrowser.logged_in(colleague), sheet(client_, "courrier/")
    typed = {"subject": "Votre demande", "body": "Bonjour"}
    first = browser.post(page, typed)
    second = browser.post(page, typed | answer_to(first))
    assert second.context["step"] is not None
    assert dict(second.context["typed"]) == typed
    code = makers.number_of(colleague.secret)
    last = browser.post(page, typed | answer_to(second, **{"step-code": code}))
    assert "Votre demande" in said(last)
    assert colleague.acts.filter(kind=Kind.STEP_UP_PASSED).count() == 1


@pytest.mark.proves("ASVS 7.5.3")
def test_moyen_shown_to_open_a_sheet_confirms_no_act_that_waits_behind_it(colleague, client_, advisor):
    """The page of the reason does not show the act."""
    _, authenticator = makers.make_passkey_of(colleague, generation=2)
    makers.change_address(client_, advisor)
    looked(colleague, 60)
    browser, page = StrictBrowser.logged_in(colleague), sheet(client_, "adresse/")
    typed = {"seen": confirmation.fingerprint(confirmation.waiting(client_))}
    asked = browser.post(page, typed | answer_to(browser.post(page, typed)))
    signed = {"step-assertion": authenticator.get(asked.context["options"])}
    behind = browser.post(page, typed | answer_to(asked, **signed))
    assert "Confirmez avec votre second moyen" in said(behind)
    assert dict(behind.context["typed"]) == typed
    assert client_.address_awaits_confirmation
    posted = typed | {"step-challenge": behind.context["challenge"].pk}
    browser.post(page, posted | {"step-assertion": authenticator.get(behind.context["options"])})
    assert not client_.address_awaits_confirmation


def test_what_was_signed_to_open_a_sheet_serves_nothing_where_the_reason_is_left_out(colleague, client_, advisor):
    _, authenticator = makers.make_passkey_of(colleague, generation=2)
    makers.change_address(client_, advisor)
    looked(colleague, 60)
    browser, page = StrictBrowser.logged_in(colleague), sheet(client_, "adresse/")
    typed = {"seen": confirmation.fingerprint(confirmation.waiting(client_))}
    asked = browser.post(page, typed | answer_to(browser.post(page, typed)))
    signed = {
        "step-challenge": asked.context["challenge"].pk,
        "step-assertion": authenticator.get(asked.context["options"]),
    }
    assert "rien n’est fait" in said(browser.post(page, typed | signed))
    assert not colleague.acts.filter(kind=Kind.STEP_UP_PASSED).exists()
    assert client_.address_awaits_confirmation


def test_second_click_opens_what_the_first_has_confirmed(colleague, client_):
    """Of two requests of one session at once the later one writes it whole: the sheet stays open."""
    looked(colleague, 40)
    browser = StrictBrowser.logged_in(colleague)
    posted = answer_to(asked(browser, client_), **{"step-code": makers.number_of(colleague.secret)})
    browser.post(sheet(client_), posted)
    session = browser.session
    del session[sheets.CONFIRMED]
    session.save()
    assert browser.post(sheet(client_), posted)["Location"] == sheet(client_)
    assert shows(browser, client_)


def test_second_click_covers_no_sheet_more_than_the_first(colleague, client_):
    looked(colleague, 60)
    browser = StrictBrowser.logged_in(colleague)
    posted = answer_to(asked(browser, client_), **{"step-code": makers.number_of(colleague.secret)})
    browser.post(sheet(client_), posted)
    confirmed_at = browser.session[sheets.CONFIRMED]
    browser.post(sheet(client_), posted)
    assert browser.session[sheets.CONFIRMED] <= confirmed_at


@pytest.mark.django_db(transaction=True)
def test_tabs_that_open_the_last_covered_sheets_at_once_open_no_one_more(race):
    advisor = makers.make_advisor()
    makers.make_app_of(advisor)
    people = [makers.make_person(advisor) for _ in range(6)]
    looked(advisor, 60, ago=timedelta(minutes=20))
    looked(advisor, 37, first=2_000_000)
    tabs = StrictBrowser.tabs(advisor, len(people))
    session = tabs[0].session
    session[sheets.CONFIRMED] = (timezone.now() - timedelta(minutes=10)).isoformat()
    session[sheets.REASONS] = {str(person.pk): ["own_advisor", WORDS] for person in people}
    session.save()
    answers = race(lambda tab: tab[0].get(sheet(tab[1])), list(zip(tabs, people, strict=True)))
    assert sum("MARTIN" in text_of(answer) for answer in answers) == 3
    assert looks(advisor) == 100


def test_what_is_covered_is_counted_by_the_index_of_who_acted(colleague):
    """Beside many lines of others and many of his own: PostgreSQL reads a small table as a whole."""
    other = makers.make_advisor("sonia.blanc")
    looked(other, 5000, kind=Event.LETTER_WRITTEN)
    looked(other, 100, first=3_000_000)
    looked(colleague, 1000, first=6_000_000, kind=Event.LETTER_WRITTEN)
    looked(colleague, 3, first=9_000_000)
    now = timezone.now()
    with CaptureQueriesContext(connection) as queries:
        assert bulk_acts.is_covered(1, Actor(colleague), now - timedelta(minutes=10), now)
    [query] = queries
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(f"EXPLAIN {'QUERY PLAN' if connection.vendor == 'sqlite' else ''} {query['sql']}")
        plan = str(cursor.fetchall())
    assert "journal_of_actor" in plan
    assert {"postgresql": "Seq Scan on auth_codes", "sqlite": "SCAN auth"}[connection.vendor] not in plan
