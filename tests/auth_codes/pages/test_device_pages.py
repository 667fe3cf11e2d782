"""« Mes appareils connus »: the list under « Mon profil », taking one off, forgetting them with a change."""

import html
import re

import pytest

from auth_codes.models import SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

PROFILE, REMOVE, CODE_PAGE = "/mon-profil/", "/mon-profil/appareils/retirer/", "/mon-profil/code-secret/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1"
Kind = SecurityEvent.Kind


def log_in(client, agent):
    browser = StrictBrowser(headers={"user-agent": agent})
    makers.log_in(browser, client.client_code, makers.CODE)
    return browser


@pytest.fixture
def home(client_):
    return log_in(client_, FIREFOX)


@pytest.fixture
def phone(client_, home):
    return log_in(client_, IPHONE)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html.unescape(answer.content.decode())))


def labels(client):
    return set(client.user.known_devices.values_list("label", flat=True))


def device(client, label):
    return client.user.known_devices.get(label__startswith=label)


def remove(browser, device, **options):
    return browser.post(REMOVE, {"device": device.pk, "password": makers.CODE}, **options)


def is_logged_in(browser):
    return browser.get("/espace-client/").status_code == 200


def change(browser, **fields):
    codes = {"old_password": makers.CODE, "new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    return browser.post(CODE_PAGE, codes | fields)


def test_profile_lists_the_devices_and_marks_the_present_one(home, phone):
    page = text_of(home.get(PROFILE))
    assert "Firefox sur Linux cet appareil" in page
    assert re.search(r"Safari sur iPhone Connu depuis le .* vu le", page)
    assert "il ne sert qu’à la sécurité" in page


def test_devices_of_another_client_are_not_listed(advisor, home):
    other = makers.make_personalised_client(advisor, given_names="Zoé")
    log_in(other, IPHONE)
    assert "iPhone" not in text_of(home.get(PROFILE))


def test_device_taken_off_is_unknown_and_logged_out(client_, home, phone):
    answer = remove(home, device(client_, "Safari"), follow=True)
    assert "« Safari sur iPhone » est retiré" in text_of(answer)
    assert "La prochaine connexion" not in text_of(answer)
    assert labels(client_) == {"Firefox sur Linux"}
    assert (is_logged_in(home), is_logged_in(phone)) == (True, False)
    assert client_.user.security_events.filter(kind=Kind.DEVICE_REMOVED, by=client_.user).count() == 1


def test_taking_off_the_present_device_keeps_its_session(client_, home, phone):
    answer = remove(home, device(client_, "Firefox"), follow=True)
    assert "La prochaine connexion d’ici comptera comme celle d’un nouvel appareil." in text_of(answer)
    assert (is_logged_in(home), is_logged_in(phone)) == (True, False)
    assert labels(client_) == {"Safari sur iPhone"}


def test_device_of_another_client_is_not_found(advisor, client_, home):
    other = makers.make_personalised_client(advisor, given_names="Zoé")
    log_in(other, IPHONE)
    assert remove(home, device(other, "Safari")).status_code == 404
    assert labels(other) == {"Safari sur iPhone"}


@pytest.mark.parametrize("named", ["", "x", "1 OR 1=1", "5f0c2a3e-7d51-4a1b-9c1e-3f6f2d0b8a11"])
def test_no_device_is_not_found(home, named):
    assert home.post(REMOVE, {"device": named}).status_code == 404


def test_link_asks_for_the_code_and_takes_nothing_off(client_, home, phone):
    link = f"{REMOVE}?device={device(client_, 'Firefox').pk}"
    assert f'href="{link}"' in home.get(PROFILE).content.decode()
    answer = home.get(link)
    assert "Retirer « Firefox sur Linux »" in text_of(answer)
    assert "Confirmez avec votre code secret" in text_of(answer)
    assert len(labels(client_)) == 2


@pytest.mark.proves("ASVS 7.5.1", "ASVS 7.5.2")
@pytest.mark.parametrize("code", ["", "12", makers.WRONG_CODE])
def test_open_session_without_the_code_takes_nothing_off_and_ends_nothing(client_, home, phone, code):
    answer = home.post(REMOVE, {"device": device(client_, "Safari").pk, "password": code})
    assert "L’appareil n’est pas retiré" in text_of(answer)
    assert len(labels(client_)) == 2
    assert (is_logged_in(home), is_logged_in(phone)) == (True, True)
    failures = client_.user.security_events.filter(kind=Kind.DEVICE_REMOVAL_FAILED)
    assert failures.count() == (code == makers.WRONG_CODE)


def test_removal_is_by_its_form_for_clients_alone(browser, advisor_browser, home):
    assert home.get(REMOVE).status_code == 404  # which device it is about, nothing says
    assert advisor_browser.post(REMOVE).status_code == 404
    assert browser.post(REMOVE)["Location"].startswith("/connexion/")


def test_change_of_code_forgets_the_other_devices_when_ticked(client_, home, phone):
    assert change(home, forget_devices="on")["Location"] == "/espace-client/"
    assert "Vos autres appareils sont oubliés." in text_of(home.get("/espace-client/"))
    assert labels(client_) == {"Firefox sur Linux"}
    line = client_.user.security_events.get(kind=Kind.DEVICES_REMOVED)
    assert (line.by, line.details) == (client_.user, {"count": 1})


def test_change_of_code_keeps_the_devices_unless_ticked(client_, home, phone):
    change(home)
    assert len(labels(client_)) == 2
    assert "sont oubliés" not in text_of(home.get("/espace-client/"))


def test_only_a_known_device_is_promised_to_stay_known(client_, home):
    assert "Celui-ci reste connu." in text_of(home.get(CODE_PAGE))
    assert "Celui-ci reste connu." not in text_of(StrictBrowser.logged_in(client_.user).get(CODE_PAGE))


def test_change_that_is_refused_forgets_nothing(client_, home, phone):
    change(home, forget_devices="on", old_password=makers.WRONG_CODE)
    change(home, forget_devices="on", new_password1=makers.CODE, new_password2=makers.CODE)
    assert len(labels(client_)) == 2


def test_first_choice_of_a_code_shows_no_such_box(new_client, home):
    browser = StrictBrowser.logged_in(new_client.user)
    assert "forget_devices" not in browser.get(CODE_PAGE).content.decode()
    assert "forget_devices" in home.get(CODE_PAGE).content.decode()
