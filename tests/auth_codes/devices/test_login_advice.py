"""The card of advice after a login: on a new device, on a computer that is not one's own, and nowhere else."""

import html
import re

import pytest

from auth_codes.codes import checking
from auth_codes.devices import advice
from auth_codes.models import SecurityEvent
from auth_codes.sessions import limits
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OVERVIEW, PROFILE, CODE_PAGE = "/espace-client/", "/mon-profil/", "/mon-profil/code-secret/"
NOT_MINE, NOT_ME = "/mon-profil/appareils/pas-a-moi/", "/mon-profil/connexions/ce-n-etait-pas-moi/"
EVERYWHERE = "/mon-profil/deconnexion-partout/"
NEW_DEVICE, PUBLIC, AFTER_LOGOUT = 'id="new-device"', 'id="public-computer"', 'id="after-public"'
CARDS = (NEW_DEVICE, PUBLIC, AFTER_LOGOUT)
REMINDER = "Et si vous changiez de code secret"


def shown(browser, path=OVERVIEW) -> list[str]:
    """The cards on a page."""
    answer = browser.get(path)
    assert answer.status_code == 200
    return [card for card in CARDS if card in answer.content.decode()]


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html.unescape(answer.content.decode())))


def logged_in(client, browser=None, **fields):
    browser = browser or StrictBrowser()
    assert makers.log_in(browser, client.client_code, makers.CODE, **fields).status_code == 302
    return browser


@pytest.fixture
def new_device(client_):
    return logged_in(client_)


@pytest.fixture
def public_computer(client_):
    return logged_in(client_, public="on")


def test_login_from_a_new_device_shows_its_card_once(new_device):
    assert [shown(new_device), shown(new_device), shown(new_device, PROFILE)] == [[NEW_DEVICE], [], []]


def parts_of(answer) -> tuple[str, str]:
    """Of the overview what stands in the band, under the greeting, and what stands below it."""
    band, _, below = html.unescape(answer.content.decode()).partition('<div class="container page">')
    return band, below


def test_what_went_well_and_a_new_device_are_lines_under_the_greeting(new_device):
    chosen = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    new_device.post(CODE_PAGE, {"old_password": makers.CODE, **chosen})
    answer = new_device.get(OVERVIEW)
    band, below = parts_of(answer)
    said = ["Votre code secret est enregistré", NEW_DEVICE, "Première connexion"]
    assert ([each for each in said if each in band], [each for each in said if each in below]) == (said, [])
    assert answer.content.decode().count(" autofocus") == 1


def test_warning_stays_a_box_below_the_greeting(client_):
    for _ in range(3):
        logged_in(client_)
    answer = logged_in(client_).get(OVERVIEW)
    band, below = parts_of(answer)
    assert ("la plus ancienne a été fermée" in band, "notice--warning" in below) == (False, True)
    assert answer.content.decode().count(" autofocus") == 1


def test_login_from_a_known_device_shows_no_card(client_, new_device):
    new_device.post("/deconnexion/")
    logged_in(client_, new_device)
    assert [shown(new_device), shown(new_device)] == [[], []]


def test_card_that_nobody_saw_is_not_kept_for_the_next_login(client_, new_device):
    new_device.post("/deconnexion/")
    assert shown(logged_in(client_, new_device)) == []


def test_login_from_a_public_computer_shows_how_to_leave_it_once_each_time(client_, public_computer):
    assert [shown(public_computer), shown(public_computer)] == [[PUBLIC], []]
    public_computer.post("/deconnexion/")
    assert shown(logged_in(client_, public_computer, public="on")) == [PUBLIC]


def test_known_device_that_is_said_to_be_somebody_elses_shows_how_to_leave_it(client_, new_device):
    new_device.post("/deconnexion/")
    assert shown(logged_in(client_, new_device, public="on")) == [PUBLIC]


@pytest.mark.parametrize("first_page", [PROFILE, CODE_PAGE, "/mon-profil/journal/", "/conseils-securite/"])
def test_card_stands_on_whichever_page_comes_first(client_, first_page):
    browser = logged_in(client_, next=first_page)
    assert [shown(browser, first_page), shown(browser)] == [[NEW_DEVICE], []]


def test_who_is_about_to_close_his_access_is_not_distracted_and_finds_the_card_afterwards(new_device):
    assert [shown(new_device, NOT_ME), shown(new_device)] == [[], [NEW_DEVICE]]


def test_first_choice_of_a_code_stands_alone_and_the_card_comes_after_it(new_client):
    browser, default = StrictBrowser(), makers.default_code(new_client)
    makers.log_in(browser, new_client.client_code, default)
    assert shown(browser, CODE_PAGE) == []
    chosen = {"new_password1": makers.CODE, "new_password2": makers.CODE}
    assert browser.post(CODE_PAGE, {"old_password": default, **chosen})["Location"] == OVERVIEW
    assert shown(browser) == [NEW_DEVICE]


def test_wrong_code_and_visitors_and_staff_see_no_card(browser, client_, advisor_browser):
    makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    for visitor in (browser, advisor_browser):
        assert shown(visitor, "/conseils-securite/") == []


def test_page_that_shows_no_card_leaves_it_waiting(new_device):
    new_device.post("/session/prolonger/")
    assert new_device.session[advice.WAITING] == advice.Card.NEW_DEVICE


def test_device_said_not_to_be_ones_own_is_forgotten_and_its_session_is_that_of_a_public_computer(client_, new_device):
    began = limits.life(new_device.session).began
    answer = new_device.post(NOT_MINE, follow=True)
    assert PUBLIC in answer.content.decode()
    assert NEW_DEVICE not in answer.content.decode()
    assert "Après 2 minutes sans activité" in text_of(answer)
    assert "Cet appareil n’est plus connu" in text_of(answer)
    assert not client_.user.known_devices.exists()
    assert limits.life(new_device.session)[:2] == (limits.PUBLIC, began)
    assert client_.user.security_events.filter(kind=SecurityEvent.Kind.DEVICE_REMOVED, by=client_.user).count() == 1
    assert "Clear-Site-Data" in new_device.post("/deconnexion/")


def test_same_said_twice_or_without_a_known_device_changes_nothing_more(client_, client_browser):
    for _ in range(2):
        answer = client_browser.post(NOT_MINE, follow=True)
        assert PUBLIC in answer.content.decode()
        assert "n’est plus connu" not in text_of(answer)
    assert not client_.user.security_events.filter(kind=SecurityEvent.Kind.DEVICE_REMOVED).exists()


@pytest.mark.parametrize("path", ["/deconnexion/", EVERYWHERE])
def test_logout_from_a_public_computer_says_what_is_left_to_do(public_computer, path):
    answer = public_computer.get(public_computer.post(path)["Location"])
    assert AFTER_LOGOUT in answer.content.decode()
    for said in ("Vous êtes déconnecté", "Fermez toutes les fenêtres du navigateur", "changez de code secret"):
        assert said in text_of(answer)
    assert "Cliquez sur « Se déconnecter »" not in text_of(answer)


@pytest.mark.parametrize("path", ["/deconnexion/", EVERYWHERE])
def test_logout_from_ones_own_device_does_not(new_device, path):
    assert shown(new_device, new_device.post(path)["Location"]) == []


@pytest.mark.parametrize("path", ["/connexion/", "/connexion/?public", "/connexion/?fin", "/code-secret-oublie/"])
def test_page_after_no_logout_does_not(browser, client_, path):
    assert shown(browser, path) == []


def test_nobody_is_reminded_to_change_his_code_on_a_public_computer(client_):
    code = checking.present_code(client_.user)
    type(code).objects.filter(pk=code.pk).update(created_at="2020-01-01T00:00:00Z")
    for fields, count in (({"public": "on"}, 0), ({}, 1)):
        assert text_of(logged_in(client_, **fields).get(OVERVIEW)).count(REMINDER) == count
