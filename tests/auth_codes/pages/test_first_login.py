"""The first login in steps: the code verified a moment ago is not asked for once more, and nothing else changes."""

import html
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from auth_codes.codes import checking
from auth_codes.models import AttemptCounter, SecretCode, SecurityEvent
from auth_codes.sessions import first_login
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PAGE = "/mon-profil/code-secret/"


def page_of(answer) -> str:
    return html.unescape(answer.content.decode())


def asks_for_the_old_code(answer) -> bool:
    return 'name="old_password"' in page_of(answer)


def choose(browser, code=makers.CODE, **fields):
    """As the page sends it, without the field that it leaves out."""
    return browser.post(PAGE, {"new_password1": code, "new_password2": code, **fields})


def later(browser, by):
    session = browser.session
    mark = first_login.Mark(*session[first_login.MARK])
    session[first_login.MARK] = mark._replace(verified=mark.verified - int(by.total_seconds()))
    session.save()


@pytest.fixture
def newcomer(new_client):
    """A browser that has just logged in by the provisional code."""
    browser = StrictBrowser()
    assert makers.log_in(browser, new_client.client_code, makers.default_code(new_client))["Location"] == PAGE
    return browser


def test_page_says_which_step_it_is_and_leaves_the_old_code_out(newcomer):
    answer = newcomer.get(PAGE)
    assert "étape 2 sur 3" in page_of(answer)
    assert not asks_for_the_old_code(answer)


def test_new_code_is_chosen_without_the_old_one_and_nothing_is_counted(newcomer, new_client):
    assert choose(newcomer)["Location"] == "/espace-client/"
    assert not AttemptCounter.objects.filter(count__gt=0).exists()
    assert makers.log_in(StrictBrowser(), new_client.client_code, makers.CODE)["Location"] == "/espace-client/"
    assert first_login.MARK not in newcomer.session


def test_mark_holds_no_code(newcomer, new_client):
    code = makers.default_code(new_client)
    assert code not in repr(dict(newcomer.session.items()))


def test_old_code_that_is_sent_all_the_same_is_counted_and_verified(newcomer, new_client, hashes):
    hashes.clear()
    answer = choose(newcomer, old_password=makers.WRONG_CODE)
    assert (answer.status_code, asks_for_the_old_code(answer), len(hashes)) == (200, True, 1)
    assert "Ce n’est pas le code provisoire" in page_of(answer)
    assert AttemptCounter.objects.get(count=1)
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.CODE_CHANGE_FAILED).count() == 1
    assert choose(newcomer, old_password=makers.default_code(new_client)).status_code == 302


def test_malformed_old_code_that_is_sent_is_refused_at_its_field(newcomer):
    answer = choose(newcomer, old_password="12")
    assert (answer.status_code, asks_for_the_old_code(answer)) == (200, True)


def test_five_wrong_ones_are_the_pause(newcomer):
    statuses = [choose(newcomer, old_password=makers.WRONG_CODE).status_code for _ in range(6)]
    assert statuses == [200] * 4 + [429] * 2


@pytest.mark.parametrize(("passed", "asks"), [(timedelta(minutes=9), False), (timedelta(minutes=10), True)])
def test_after_ten_minutes_the_old_code_is_asked_for_again(newcomer, passed, asks):
    later(newcomer, passed)
    assert asks_for_the_old_code(newcomer.get(PAGE)) == asks
    answer = choose(newcomer)
    assert (answer.status_code == 200) == asks
    assert ("dix minutes après la connexion" in page_of(answer)) == asks


def test_another_session_is_asked(newcomer, new_client):
    other = StrictBrowser.logged_in(new_client.user)
    assert asks_for_the_old_code(other.get(PAGE))
    assert choose(other).status_code == 200


def test_mark_of_another_row_is_none(newcomer, new_client):
    session = newcomer.session
    session[first_login.MARK] = first_login.Mark(str(uuid.uuid4()), int(timezone.now().timestamp()))
    session.save()
    assert asks_for_the_old_code(newcomer.get(PAGE))
    assert choose(newcomer).status_code == 200
    assert SecretCode.objects.present().get(owner=new_client.user).is_default


def test_code_of_ones_own_is_asked_for_whatever_the_session_says(client_):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    session = browser.session
    present = checking.present_code(client_.user)
    session[first_login.MARK] = first_login.Mark(str(present.id), int(timezone.now().timestamp()))
    session.save()
    assert asks_for_the_old_code(browser.get(PAGE))
    assert choose(browser, makers.OTHER_CODE).status_code == 200


def test_login_by_a_renewal_letter_is_a_first_login_too(client_):
    letter, browser = makers.make_pending_code(client_), StrictBrowser()
    makers.log_in(browser, client_.client_code, letter.secret_code, letter=letter.letter_number)
    assert not asks_for_the_old_code(browser.get(PAGE))
    assert choose(browser, makers.OTHER_CODE).status_code == 302


def test_second_click_changes_nothing_more(newcomer, new_client):
    row = SecretCode.objects.present().get(owner=new_client.user).id
    assert [choose(newcomer, replacing=row).status_code for _ in range(2)] == [302, 302]
    assert "Votre code secret vient déjà d’être modifié" in page_of(newcomer.get("/espace-client/"))


def test_second_tab_that_chooses_another_code_later_is_asked_for_the_first(newcomer):
    choose(newcomer)
    answer = choose(newcomer, makers.OTHER_CODE)
    assert (answer.status_code, asks_for_the_old_code(answer)) == (200, True)


def test_weak_code_is_refused_and_the_old_one_still_left_out(newcomer):
    answer = choose(newcomer, "123456")
    assert (answer.status_code, asks_for_the_old_code(answer)) == (200, False)
    assert "123456" not in page_of(answer).partition("<form")[2].partition("</form>")[0]


def test_provisional_code_itself_is_refused(newcomer, new_client):
    assert "C’est le code de votre lettre" in page_of(choose(newcomer, makers.default_code(new_client)))


def test_proposed_code_leaves_the_old_one_out_too(newcomer):
    assert not asks_for_the_old_code(newcomer.post(f"{PAGE}proposition/"))


def test_refusal_keeps_what_is_no_secret(client_browser):
    fields = {"old_password": makers.CODE, "new_password1": "123456", "new_password2": "123456"}
    page = page_of(client_browser.post(PAGE, {**fields, "forget_devices": "on"}))
    assert 'name="forget_devices"' in page
    assert " checked" in page


def test_managers_are_told_that_a_new_code_has_six_digits(client_browser):
    page = page_of(client_browser.get(PAGE))
    rule = 'passwordrules="minlength: 6; maxlength: 6; required: digit; allowed: digit;"'
    assert page.count(rule) == 2


@pytest.mark.django_db(transaction=True)
def test_two_first_codes_at_once_are_one(race, new_client):
    first = StrictBrowser()
    makers.log_in(first, new_client.client_code, makers.default_code(new_client))
    twins = [StrictBrowser() for _ in range(2)]
    for twin in twins:
        twin.cookies = first.cookies.copy()
    race(lambda pair: choose(*pair).status_code, list(zip(twins, (makers.CODE, makers.OTHER_CODE), strict=True)))
    opens = [
        makers.log_in(StrictBrowser(), new_client.client_code, code).status_code == 302
        for code in (makers.CODE, makers.OTHER_CODE)
    ]
    assert sorted(opens) == [False, True]
