"""A half-filled form of the desk is there again after the login: for who typed it, on its page, for half a day."""

import re
import uuid
from functools import partial

import pytest
from django.utils import timezone

from accounts.desk import drafts
from accounts.models import Client, Document, Draft
from auth_codes.sessions import limits
from tests import makers
from tests.accounts.admin.test_desk_acts import again, typed
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

KEEP = "/admin/brouillon/"
ADD = "/admin/accounts/client/add/"
HALF = "Madame, votre prêt est"


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def letter_page(client):
    return f"/admin/accounts/client/{client.pk}/courrier/"


def keep(browser, page, **fields):
    return browser.post(KEEP, {"draft-page": page, **fields})


def end_session(browser):
    """As a quarter of an hour without a key pressed."""
    session = browser.session
    marks = limits.Life(*session[limits.MARKS])
    session[limits.MARKS] = marks._replace(used=marks.used - 15 * 60)
    session.save()


def test_letter_half_written_is_there_after_the_end_of_the_session_and_the_login(advisor_browser, advisor, client_):
    page = letter_page(client_)
    assert keep(advisor_browser, page, subject="Votre prêt", body=HALF).status_code == 204
    end_session(advisor_browser)
    assert advisor_browser.get(page)["Location"].startswith("/admin/login/?fin&next=")
    shown = StrictBrowser.logged_in(advisor).get(page)
    assert (shown.context["form"]["subject"].value(), shown.context["form"]["body"].value()) == ("Votre prêt", HALF)
    assert "Ce que vous aviez commencé ici a été gardé" in text_of(shown)


def test_form_sent_after_the_end_is_kept_and_not_carried_out(advisor_browser, advisor, client_):
    page = letter_page(client_)
    end_session(advisor_browser)
    answer = advisor_browser.post(page, {"subject": "Votre prêt", "body": HALF, "token": uuid.uuid4()})
    assert answer["Location"].startswith("/admin/login/?")
    assert not Document.objects.filter(title="Votre prêt").exists()
    assert StrictBrowser.logged_in(advisor).get(page).context["form"]["body"].value() == HALF


def test_letter_that_was_to_be_looked_at_after_the_end_is_kept_for_its_page(advisor_browser, advisor, client_):
    end_session(advisor_browser)
    advisor_browser.post(f"{letter_page(client_)}apercu/", {"subject": "S", "body": HALF})
    assert StrictBrowser.logged_in(advisor).get(letter_page(client_)).context["form"]["body"].value() == HALF


def test_person_half_registered_is_there_again(advisor_browser, advisor):
    end_session(advisor_browser)
    advisor_browser.post(ADD, typed(advisor, city="Nantes", birth_date="28/02/1957"))
    form = StrictBrowser.logged_in(advisor).get(ADD).context["adminform"].form
    assert (form["family_name"].value(), form["birth_date"].value()) == ("Lagaffe", "28/02/1957")
    assert not Client.objects.filter(family_name="Lagaffe").exists()


def test_sheet_half_changed_is_there_again(advisor_browser, advisor, client_):
    page = f"/admin/accounts/client/{client_.pk}/modifier/"
    keep(advisor_browser, page, **again(advisor_browser, client_, city="Nantes"))
    form = advisor_browser.get(page).context["adminform"].form
    assert form["city"].value() == "Nantes"


def test_sheet_that_a_colleague_has_changed_since_shows_his_values(advisor_browser, client_):
    page = f"/admin/accounts/client/{client_.pk}/modifier/"
    keep(advisor_browser, page, **again(advisor_browser, client_, city="Nantes"))
    Client.objects.filter(pk=client_.pk).update(street="1 rue Neuve")
    form = advisor_browser.get(page).context["adminform"].form
    assert (form["city"].value(), form["street"].value()) == (client_.city, "1 rue Neuve")


def test_nobody_else_finds_it_at_the_same_machine(advisor_browser, colleague, client_):
    keep(advisor_browser, ADD, family_name="Lagaffe")
    shown = StrictBrowser.logged_in(colleague).get(ADD)
    assert shown.context["adminform"].form["family_name"].value() is None
    assert "a été gardé" not in text_of(shown)


def test_it_is_gone_once_its_form_was_taken(advisor_browser, client_):
    page, token = letter_page(client_), str(uuid.uuid4())
    keep(advisor_browser, page, subject="S", body=HALF, token=token)
    advisor_browser.post(page, {"subject": "S", "body": f"{HALF} accordé.", "token": token})
    assert "a été gardé" not in text_of(advisor_browser.get(page))


def test_what_arrives_late_of_a_form_that_was_sent_is_not_kept(advisor_browser, client_):
    page, token = letter_page(client_), str(uuid.uuid4())
    advisor_browser.post(page, {"subject": "S", "body": HALF, "token": token})
    keep(advisor_browser, page, subject="S", body=HALF, token=token)
    assert "a été gardé" not in text_of(advisor_browser.get(page))
    keep(advisor_browser, page, subject="Autre", body=HALF, token=str(uuid.uuid4()))
    assert "a été gardé" in text_of(advisor_browser.get(page))


def test_form_that_is_refused_keeps_it(advisor_browser, client_):
    page = letter_page(client_)
    keep(advisor_browser, page, subject="S", body=HALF)
    advisor_browser.post(page, {"subject": "", "body": HALF, "token": uuid.uuid4()})
    assert "a été gardé" in text_of(advisor_browser.get(page))


def test_who_typed_it_may_have_it_forgotten(advisor_browser, client_):
    page = letter_page(client_)
    keep(advisor_browser, page, subject="S", body=HALF)
    answer = advisor_browser.post(KEEP, {"draft-page": page, "draft-drop": "1"})
    assert (answer["Location"], Draft.objects.exists()) == (page, False)


def test_token_of_before_is_not_used_again(advisor_browser, client_):
    page, token = letter_page(client_), str(uuid.uuid4())
    keep(advisor_browser, page, subject="S", body=HALF, token=token)
    assert str(advisor_browser.get(page).context["form"]["token"].value()) != token


def test_it_lasts_half_a_day(advisor_browser, client_):
    page = letter_page(client_)
    keep(advisor_browser, page, subject="S", body=HALF)
    Draft.objects.update(kept_at=timezone.now() - drafts.KEPT_FOR)
    assert "a été gardé" not in text_of(advisor_browser.get(page))
    keep(advisor_browser, ADD, family_name="Lagaffe")
    assert Draft.objects.get().page == ADD


def test_twenty_are_kept_and_the_oldest_goes(advisor_browser, client_, advisor):
    for number in range(drafts.AT_MOST + 1):
        keep(advisor_browser, f"/admin/accounts/client/{number}/courrier/", subject="S")
    assert advisor.drafts.count() == drafts.AT_MOST
    assert not advisor.drafts.filter(page="/admin/accounts/client/0/courrier/").exists()


@pytest.mark.parametrize(
    "page",
    [
        "", "/", "/admin/", "/admin/login/", "/admin/password_change/", "/admin/brouillon/", "/connexion/", "\x00",
        "//example.org/admin/accounts/client/add/", f"/admin/accounts/client/{'1' * 300}/modifier/", "é" * 5000,
        "/admin/premier-acces/abc/",
    ],
)  # fmt: skip
def test_of_no_other_page_is_anything_kept(advisor_browser, page):
    assert keep(advisor_browser, page, password=makers.PASSWORD).status_code == 404
    assert not Draft.objects.exists()


@pytest.mark.parametrize("token", ["\x00", "x" * 500, "é", ""])
def test_strange_fields_are_kept_as_they_are(advisor_browser, client_, token):
    page = letter_page(client_)
    assert keep(advisor_browser, page, subject="a\x00b ٣", body="</textarea>", token=token).status_code == 204
    assert advisor_browser.get(page).context["form"]["subject"].value() == "a\x00b ٣"


def test_database_holds_nothing_to_read_and_nothing_that_serves_another(advisor_browser, advisor, colleague, client_):
    page = letter_page(client_)
    keep(advisor_browser, page, subject="S", body=HALF)
    draft = Draft.objects.get()
    assert HALF.encode() not in bytes(draft.sealed)
    Draft.objects.update(owner=colleague)
    assert drafts.of(colleague, page) is None
    Draft.objects.update(owner=advisor, page=ADD)
    assert drafts.of(advisor, ADD) is None


def test_key_that_is_gone_loses_the_draft_and_nothing_else(advisor_browser, client_, settings):
    page = letter_page(client_)
    keep(advisor_browser, page, subject="S", body=HALF)
    settings.SECRET_CODE_KEYS = {"other": b"k" * 32}
    assert "a été gardé" not in text_of(advisor_browser.get(page))


def test_another_site_keeps_nothing_in_somebody_s_name(advisor, client_):
    browser = StrictBrowser.logged_in(advisor, enforce_csrf_checks=True)
    assert keep(browser, letter_page(client_), subject="S").status_code == 403
    end_session(browser)
    browser.post(letter_page(client_), {"subject": "S", "body": HALF})
    assert not Draft.objects.exists()


def test_clients_and_visitors_keep_nothing(client_browser, browser, client_):
    assert keep(client_browser, letter_page(client_), subject="S").status_code == 404
    assert keep(browser, letter_page(client_), subject="S").status_code == 302
    end_session(client_browser)
    client_browser.post(letter_page(client_), {"subject": "S", "body": HALF})
    assert not Draft.objects.exists()


def test_reason_for_the_look_is_asked_before_a_draft_is_shown(colleague, client_):
    browser = StrictBrowser.logged_in(colleague)
    keep(browser, letter_page(client_), subject="S", body=HALF)
    shown = text_of(browser.get(letter_page(client_)))
    assert "Pourquoi ouvrez-vous cette fiche" in shown
    assert HALF not in shown


def test_who_has_lost_his_rights_is_shown_nothing(advisor_browser, advisor, client_):
    keep(advisor_browser, letter_page(client_), subject="S", body=HALF)
    advisor.groups.clear()
    assert HALF not in text_of(StrictBrowser.logged_in(advisor).get(letter_page(client_)))


@pytest.mark.django_db(transaction=True)
def test_sent_and_kept_at_once_leaves_no_draft_of_what_was_sent(advisor, client_, race):
    page, token = letter_page(client_), str(uuid.uuid4())
    sending, *keeping = StrictBrowser.tabs(advisor, 4)
    fields = {"subject": "S", "body": HALF, "token": token}
    acts = [lambda: sending.post(page, fields), *(partial(keep, tab, page, **fields) for tab in keeping)]
    race(lambda act: act(), acts)
    assert drafts.of(advisor, page) is None
    assert Document.objects.filter(title="S").count() == 1


# The warning.


@pytest.mark.proves("RGAA 13.1")
def test_desk_warns_a_minute_before_the_end_and_says_when_it_is(advisor_browser):
    page = text_of(advisor_browser.get("/admin/"))
    assert 'src="/static/js/session.js"' in page
    assert 890 < int(re.search(r'data-seconds-left="(\d+)"', page)[1]) <= 900
    assert 'data-end-url="/admin/login/?fin&next=%2Fadmin%2F"' in page
    assert "Une session dure huit heures au plus" in page
    assert "Sans activité, vous serez déconnecté à" in page


def test_who_says_that_he_stays_has_another_quarter_of_an_hour(advisor_browser):
    told = advisor_browser.post("/session/prolonger/").json()
    assert told["seconds_left"] > 890


def test_login_says_that_the_session_has_ended(browser):
    assert "Votre session a pris fin. Reconnectez-vous" in text_of(browser.get("/admin/login/?fin&next=/admin/"))
    assert "a pris fin" not in text_of(browser.get("/admin/login/?next=/admin/"))


def test_page_of_a_customer_shows_staff_no_warning(advisor_browser):
    assert "session.js" not in text_of(advisor_browser.get("/"))


def test_browser_itself_keeps_nothing(settings):
    assert "Storage" not in (settings.BASE_DIR / "static/js/drafts.js").read_text()


def test_who_is_logged_in_is_told_of_no_end(advisor_browser):
    assert "a pris fin" not in text_of(advisor_browser.get("/admin/login/?fin&next=/admin/", follow=True))
