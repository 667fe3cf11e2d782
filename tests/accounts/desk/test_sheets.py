"""Opening a client's sheet at the desk: why is asked, a line is written; beyond the usual number in words."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.clients.looks import Reason
from accounts.desk import reasons
from accounts.kinds import Event
from accounts.models import Client
from auth_codes.models import JournalSubject, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why, text_of, words_of
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CLIENTS = "/admin/accounts/client/"
ASKED = "Pourquoi ouvrez-vous cette fiche ?"
WORDS = "Je remplace une collègue absente."


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


@pytest.fixture
def browser(colleague):
    """Of an advisor who is not the clients' own."""
    return StrictBrowser.logged_in(colleague)


def sheet(client, page="change/"):
    return f"{CLIENTS}{client.pk}/{page}"


def answer(client, reason="phone", **fields):
    return {"look-client": client.pk, "look-reason": reason, **fields}


def looks(advisor):
    return advisor.acts.filter(kind=Event.CLIENT_CONSULTED).order_by("id")


def looked(advisor, count, *, ago=timedelta(minutes=5), first=1_000_000):
    """Lines of this many sheets that were opened."""
    at = timezone.now() - ago
    consulted = [SecurityEvent(kind=Event.CLIENT_CONSULTED, by=advisor, at=at) for _ in range(count)]
    lines = SecurityEvent.objects.bulk_create(consulted)
    JournalSubject.objects.bulk_create(
        JournalSubject(event=line, at=at, subject=first + place) for place, line in enumerate(lines)
    )


def is_asked(page) -> bool:
    return ASKED in words_of(page)


# One tap.


def test_why_is_asked_before_anything_of_the_client_is_shown(browser, colleague, client_):
    for page in ("change/", "history/", "documents/", "courrier/", "renouveler/", "fermer/", "ouvrir/compte/"):
        shown = browser.get(sheet(client_, page))
        assert is_asked(shown), page
        assert not any(text in text_of(shown) for text in ("MARTIN", "Inès", "1988", "Lilas", client_.client_code))
    assert not looks(colleague).exists()


def test_five_reasons_are_offered_each_by_a_button(browser, client_):
    page = browser.get(sheet(client_)).content.decode()
    buttons = re.findall(r'<button type="submit" class="button" name="look-reason" value="(\w+)">', page)
    assert buttons == ["phone", "branch", "message", "file", "control"]


@pytest.mark.parametrize("reason", list(reasons.TAPS))
def test_one_tap_leads_on_and_is_told_in_the_journal(browser, colleague, client_, reason):
    assert browser.post(sheet(client_), answer(client_, reason))["Location"] == sheet(client_)
    assert "MARTIN" in text_of(browser.get(sheet(client_)))
    line = looks(colleague).get()
    assert (line.owner, line.details) == (client_.user, {"client": client_.pk, "look": reason})


def hidden_fields(page) -> dict[str, str]:
    """Those of the page's form, as a browser sends them."""
    return dict(re.findall(r'<input type="hidden" name="(look-\w+)" value="([^"]*)"', page.content.decode()))


def test_form_of_the_page_as_a_browser_sends_it_leads_on(browser, client_):
    fields = hidden_fields(browser.get(sheet(client_)))
    assert fields.keys() == {"look-client", "look-is_own", "look-in_words"}
    assert browser.post(sheet(client_), fields | {"look-reason": "phone"}).status_code == 302
    assert "MARTIN" in text_of(browser.get(sheet(client_)))


@pytest.mark.parametrize(("words", "status"), [(WORDS, 302), ("", 200), ("court", 200)])
def test_form_that_asks_for_words_as_a_browser_sends_it_needs_them(browser, colleague, client_, words, status):
    looked(colleague, 40)
    say_why(browser, client_)
    typed = {"look-reason": "phone", "look-words": words}
    answered = browser.post(sheet(client_), hidden_fields(browser.get(sheet(client_))) | typed)
    assert answered.status_code == status
    assert status == 302 or (reasons.LENGTH in text_of(answered) and "en quelques mots" in text_of(answered))


def test_reason_holds_for_the_session_and_one_line_for_all_its_pages(browser, colleague, client_):
    say_why(browser, client_)
    for page in ("change/", "courrier/", "renouveler/", "change/"):
        assert not is_asked(browser.get(sheet(client_, page)))
    browser.post(sheet(client_), {"city": "Paris"})  # a form that is not valid shows the sheet as well
    assert looks(colleague).count() == 1
    assert is_asked(StrictBrowser.logged_in(colleague).get(sheet(client_)))


def test_words_may_be_added_and_need_not_be(browser, colleague, client_, client_browser):
    page = browser.get(sheet(client_)).content.decode()
    assert page.index('value="phone"') < page.index("Précision, si vous le souhaitez")
    assert "autofocus" not in page
    say_why(browser, client_, reason="file", **{"look-words": WORDS})
    browser.get(sheet(client_))
    assert looks(colleague).get().details == {"client": client_.pk, "look": "file", "words": WORDS}
    assert WORDS not in text_of(client_browser.get("/mon-profil/journal/"))


def test_another_reason_is_another_line(browser, colleague, client_):
    for reason in ("phone", "file", "phone"):
        say_why(browser, client_, reason=reason)
        browser.get(sheet(client_))
    assert [line.details["look"] for line in looks(colleague)] == ["phone", "file"]


def test_reason_given_for_one_client_opens_no_other(browser, client_, person):
    say_why(browser, client_)
    assert is_asked(browser.get(sheet(person)))


def test_own_advisor_is_not_asked_and_the_line_says_who_he_is(advisor_browser, advisor, client_):
    assert "MARTIN" in text_of(advisor_browser.get(sheet(client_)))
    assert looks(advisor).get().details["look"] == Reason.OWN_ADVISOR


def test_nobody_says_that_he_is_the_own_advisor_of_another_s_client(browser, colleague, client_):
    browser.post(sheet(client_), answer(client_, "own_advisor"))
    assert is_asked(browser.get(sheet(client_)))
    assert not looks(colleague).exists()


@pytest.mark.parametrize("reason", ["", "second_advisor", "registration", "access", "audit", "nowhere", "\x00", "٣"])
def test_reason_that_is_not_offered_is_none(browser, colleague, client_, reason):
    assert "Choisissez l’une de ces raisons." in text_of(browser.post(sheet(client_), answer(client_, reason)))
    assert is_asked(browser.get(sheet(client_)))
    assert not looks(colleague).exists()


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "9" * 30, "\x00", "1.5"])
def test_answer_for_no_client_is_asked_again(browser, client_, number):
    assert is_asked(browser.post(sheet(client_), {"look-client": number, "look-reason": "phone"}))


def test_client_reads_the_reason_in_his_own_journal(browser, client_, client_browser):
    say_why(browser, client_, reason="message")
    browser.get(sheet(client_))
    assert "Votre fiche client a été consultée Courrier ou message du client" in " ".join(
        words_of(client_browser.get("/mon-profil/journal/")).split()
    )


def test_form_sent_before_anybody_was_asked_loses_nothing(browser, colleague, client_):
    typed = {"subject": "Votre demande", "body": "Bonjour,\r\n\r\nVoilà.", "token": str(uuid.uuid4())}
    asked = browser.post(sheet(client_, "courrier/"), typed)
    assert is_asked(asked)
    assert "Ce que vous avez saisi est gardé." in text_of(asked)
    assert dict(asked.context["typed"]) == typed
    sent = browser.post(sheet(client_, "courrier/"), {**typed, **answer(client_), "look-typed": "1"})
    assert (sent.status_code, sent["Location"]) == (302, sheet(client_))
    assert client_.documents.filter(kind="letter", title="Votre demande").exists()


def test_page_comes_back_with_its_query_and_to_no_other_place(browser, client_):
    page = sheet(client_, "history/") + "?page=1"
    assert browser.post(page + "&next=//evil.example", answer(client_))["Location"] == page + "&next=//evil.example"


def test_reason_needs_the_token_of_the_form(colleague, client_):
    strict = StrictBrowser.logged_in(colleague, enforce_csrf_checks=True)
    assert strict.post(sheet(client_), answer(client_)).status_code == 403


def test_registering_somebody_for_a_colleague_opens_his_sheet_at_once(browser, colleague, advisor):
    typed = makers.person_fields(birth_date="25/07/1988", mobile_phone="06 12 34 56 78", country="France")
    browser.post(CLIENTS + "add/", typed | {"advisor": advisor.pk, "token": uuid.uuid4()})
    made = Client.objects.get()
    assert "MARTIN" in text_of(browser.get(sheet(made)))
    assert looks(colleague).get().details["look"] == Reason.REGISTRATION


# More than is usual.


def test_forty_sheets_an_hour_are_opened_by_a_tap(browser, colleague, client_):
    looked(colleague, 39)
    say_why(browser, client_)
    assert "MARTIN" in text_of(browser.get(sheet(client_)))
    assert not SecurityEvent.objects.filter(kind=Event.SHEETS_ALARM).exists()


@pytest.mark.parametrize(("count", "ago"), [(40, timedelta(minutes=59)), (200, timedelta(hours=23, minutes=59))])
def test_one_more_asks_for_words_which_the_line_keeps(browser, colleague, client_, client_browser, count, ago):
    looked(colleague, count, ago=ago)
    say_why(browser, client_)
    page = browser.get(sheet(client_))
    assert "La raison, en quelques mots" in text_of(page)
    assert "MARTIN" not in text_of(page)
    say_why(browser, client_, **{"look-in_words": "True", "look-words": WORDS})
    assert "MARTIN" in text_of(browser.get(sheet(client_)))
    assert looks(colleague).last().details == {"client": client_.pk, "look": "phone", "words": WORDS}
    assert WORDS not in text_of(client_browser.get("/mon-profil/journal/"))


def test_own_advisor_gives_words_too(advisor_browser, advisor, client_):
    looked(advisor, 40)
    page = advisor_browser.get(sheet(client_))
    assert "je suis son conseiller" in text_of(page)
    say_why(advisor_browser, client_, reason="own_advisor", **{"look-in_words": "True", "look-words": WORDS})
    assert "MARTIN" in text_of(advisor_browser.get(sheet(client_)))


@pytest.mark.parametrize(("words", "problem"), [
    ("", reasons.LENGTH), ("trop court", ""), ("court", reasons.LENGTH), (" " * 40, reasons.LENGTH),
    ("x" * 301, reasons.LENGTH), ("Motif \u202e caché", reasons.UNSEEN),
    ("Motif \u200b caché", reasons.UNSEEN),
])  # fmt: skip
def test_words_are_judged_and_stay_in_the_form(browser, client_, words, problem):
    fields = answer(client_, **{"look-in_words": "True", "look-words": words})
    page = browser.post(sheet(client_), fields)
    if not problem:
        assert page.status_code == 302
        return
    assert problem in text_of(page)
    assert words.strip() in page.content.decode()


def test_page_that_claims_to_need_no_words_is_asked_again(browser, colleague, client_):
    looked(colleague, 40)
    say_why(browser, client_)
    assert "La raison, en quelques mots" in text_of(browser.get(sheet(client_)))
    assert looks(colleague).count() == 40


def test_sheet_that_was_open_before_is_no_further_one(browser, colleague, client_):
    say_why(browser, client_)
    browser.get(sheet(client_))
    looked(colleague, 60)
    assert "MARTIN" in text_of(browser.get(sheet(client_)))


@pytest.mark.parametrize("ago", [timedelta(hours=1, minutes=1), timedelta(days=1, minutes=1)])
def test_older_sheets_do_not_count(browser, colleague, client_, ago):
    looked(colleague, 199, ago=ago)
    say_why(browser, client_)
    assert "MARTIN" in text_of(browser.get(sheet(client_)))


def test_look_of_others_and_the_same_client_again_do_not_count(browser, colleague, advisor, client_):
    looked(advisor, 300)
    for _ in range(60):
        looked(colleague, 1)  # the same one
    say_why(browser, client_)
    assert "MARTIN" in text_of(browser.get(sheet(client_)))
