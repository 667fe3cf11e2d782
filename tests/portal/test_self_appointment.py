"""An advisor looks his own clients up without a reason: nobody makes himself the advisor of a client who is known."""

import pytest

from accounts.clients import client_journal
from accounts.kinds import Event
from accounts.models import User
from tests import makers
from tests.accounts.admin.test_desk_acts import CLIENTS, again, sheet, text_of, typed
from tests.conftest import StrictBrowser
from tests.pages import say_why
from tests.standing import made_once

pytestmark = pytest.mark.django_db

REFUSED = "Personne ne se nomme lui-même conseiller"


@made_once
def curious(advisor):
    return makers.make_advisor("marc.lefevre")


def opened_by(user, client):
    browser = StrictBrowser.logged_in(user)
    say_why(browser, client)
    return browser


@pytest.mark.parametrize("is_superuser", [False, True])
def test_self_appointment_is_refused_and_nothing_typed_is_lost(client_, advisor, curious, is_superuser):
    User.objects.filter(pk=curious.pk).update(is_superuser=is_superuser)
    browser = opened_by(curious, client_)
    answer = browser.post(sheet(client_), again(browser, client_, advisor=curious.pk, city="Brest"))
    assert (answer.status_code, REFUSED in text_of(answer), 'value="Brest"' in text_of(answer)) == (200, True, True)
    client_.refresh_from_db()
    assert (client_.advisor, client_.city) == (advisor, "Lyon")
    # Nor is it any way around the question why.
    assert "Pourquoi ouvrez-vous cette fiche" in text_of(StrictBrowser.logged_in(curious).get(sheet(client_)))


def test_another_advisor_appoints_and_the_line_names_both(client_, advisor, curious):
    browser = opened_by(advisor, client_) if client_.advisor != advisor else StrictBrowser.logged_in(advisor)
    assert browser.post(sheet(client_), again(browser, client_, advisor=curious.pk)).status_code == 302
    client_.refresh_from_db()
    assert client_.advisor == curious
    line = advisor.acts.filter(kind=Event.CLIENT_CHANGED).latest("pk")
    assert line.details == {"client": client_.pk, "fields": "advisor", "advisor": "marc.lefevre"}
    assert client_journal.in_words(line.details) == "Conseiller, « marc.lefevre » nommé"


def test_who_has_given_a_client_away_does_not_take_him_back_alone(client_, advisor, curious):
    browser = StrictBrowser.logged_in(advisor)
    browser.post(sheet(client_), again(browser, client_, advisor=curious.pk))
    say_why(browser, client_)
    assert REFUSED in text_of(browser.post(sheet(client_), again(browser, client_, advisor=advisor.pk)))


def test_own_advisor_changes_the_rest_of_the_sheet(client_, advisor):
    browser = StrictBrowser.logged_in(advisor)
    assert browser.post(sheet(client_), again(browser, client_, city="Brest")).status_code == 302


def test_whom_one_registers_is_his_own(curious):
    browser = StrictBrowser.logged_in(curious)
    assert browser.post(f"{CLIENTS}add/", typed(curious)).status_code == 302
    assert curious.advised_clients.count() == 1
