"""Ways around the second step, and ways in which it would keep its own owner out."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.management import call_command
from django.utils import timezone

from auth_codes.actor import SYSTEM
from auth_codes.factors import ending
from auth_codes.locking import locks
from auth_codes.lockout import counters
from auth_codes.login import steps
from auth_codes.models import AccessLock, Challenge, Factor, KnownDevice, Notice
from tests import makers
from tests.auth_codes.login.test_second_step import begin, show
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SECOND = "/connexion/second/"
HOME = "/espace-client/"
CODE_PAGE = "/mon-profil/code-secret/"
ADD = "/mon-profil/moyens/application/"


@pytest.fixture
def app(client_):
    """The client's app, and its key."""
    return makers.make_app(client_)


def logged_in_device(client, secret, ahead=-1):
    """A browser that has shown the moyen and logged out again: a known device, proved."""
    browser = begin(client)
    show(browser, makers.number_of(secret, ahead))
    browser.post("/deconnexion/")
    return browser


@pytest.mark.parametrize("leads_to", ["overview", "logout", "nowhere", "a.b", "not_my_device", "/nulle-part/"])
def test_word_that_is_no_address_leads_to_no_page_of_ours(client_, app, leads_to):
    browser = StrictBrowser()
    fields = {"username": client_.client_code, "password": makers.CODE, "next": leads_to}
    browser.post("/connexion/", fields)
    answer = show(browser, makers.number_of(app[1]))
    assert (answer.status_code, answer["Location"]) == (302, leads_to if leads_to.startswith("/") else HOME)
    assert SESSION_KEY in browser.session
    assert KnownDevice.objects.filter(proved_at__isnull=False).exists()


def test_moyen_that_ends_between_the_codes_and_the_step_leads_back_to_the_login(client_, app, monkeypatch):
    asked = steps.asking.asked_of

    def ends_first(owner, now):
        ending.end(app[0], Factor.Why.ADVISORS, by=SYSTEM, now=now)
        return asked(owner, now)

    monkeypatch.setattr(steps.asking, "asked_of", ends_first)
    answer = makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)
    assert (answer.status_code, answer["Location"]) == (302, "/connexion/")


def test_letter_opens_to_its_owner_though_somebody_used_up_his_moyen_by_the_old_codes(client_, app):
    counter = counters.factor_counter(app[0].pk.hex)
    long_ago = timezone.now() - timedelta(days=3)
    for place in range(20):
        makers.fail(counter, long_ago + timedelta(hours=place // 5 * 24 - 72, minutes=place))
    assert counters.block_of(counter).until is None
    assert show(begin(client_), makers.number_of(app[1])).status_code == 429
    letter = makers.make_pending_code(client_)
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, letter.secret_code, letter=letter.letter_number)
    assert show(browser, makers.number_of(app[1]))["Location"] == CODE_PAGE
    assert counters.block_of(counter) is None


def test_known_device_stays_known_when_a_letters_code_takes_its_place(client_, app):
    browser = logged_in_device(client_, app[1])
    letter = makers.make_pending_code(client_)
    makers.log_in(browser, client_.client_code, letter.secret_code, letter=letter.letter_number)
    show(browser, makers.number_of(app[1]))
    assert "n’est pas retenu" not in browser.get(CODE_PAGE).content.decode()
    assert KnownDevice.objects.get(owner=client_.user).proved_at


def test_device_proved_by_a_moyen_before_is_asked_for_the_next_one(client_, app):
    browser = logged_in_device(client_, app[1])
    ending.end(app[0], Factor.Why.ADVISORS, by=SYSTEM, now=timezone.now())
    KnownDevice.objects.update(proved_at=timezone.now())  # a login that was under way at that very moment
    makers.make_app(client_, generation=2, created_at=timezone.now())
    begin(client_, browser)


def test_login_of_another_leaves_nothing_waiting_in_the_session(client_, app, advisor):
    other = makers.make_personalised_client(advisor, makers.OTHER_CODE, family_name="Petit")
    browser = begin(client_)
    makers.log_in(browser, other.client_code, makers.OTHER_CODE)
    assert SESSION_KEY in browser.session
    assert "pending_login" not in browser.session


def test_letters_code_given_up_on_a_known_device_is_told_to_nobody(client_, app):
    browser = logged_in_device(client_, app[1])
    letter = makers.make_pending_code(client_)
    makers.log_in(browser, client_.client_code, letter.secret_code, letter=letter.letter_number)
    Challenge.objects.update(expires_at=timezone.now())
    call_command("purge_challenges")
    assert not Notice.objects.filter(kind=Notice.Kind.CODE_KNOWN).exists()


def test_letters_own_tries_are_five_and_give_none_back(client_, app):
    letter = makers.make_pending_code(client_)
    for _ in range(2):
        browser = StrictBrowser()
        makers.log_in(browser, client_.client_code, letter.secret_code, letter=letter.letter_number)
        answers = [show(browser, "000000").status_code for _ in range(3)]
    assert answers == [200, 429, 429]
    assert show(begin(client_), makers.number_of(app[1]))["Location"] == HOME


@pytest.mark.parametrize("method", ["get", "post"])
def test_half_a_login_reaches_no_page_that_nobody_may(client_, app, method):
    browser, stranger = begin(client_), StrictBrowser()
    for page in (HOME, "/mon-profil/", CODE_PAGE, "/mon-profil/moyens/", "/mon-profil/moyens/application/confirmer/"):
        assert getattr(browser, method)(page)["Location"] == getattr(stranger, method)(page)["Location"]


def test_cookie_of_another_owner_spares_nobody(client_, app, advisor):
    other = makers.make_personalised_client(advisor, makers.OTHER_CODE, family_name="Petit")
    _, secret = makers.make_app(other)
    browser = StrictBrowser()
    makers.log_in(browser, other.client_code, makers.OTHER_CODE)
    show(browser, makers.number_of(secret))
    browser.post("/deconnexion/")
    begin(client_, browser)


def test_locked_while_the_moyen_is_looked_for_opens_nothing(client_, app):
    browser = begin(client_)
    challenge = browser.get(SECOND).context["challenge"].pk
    locks.lock(client_.user, way=AccessLock.Way.LOCK_CODE, by=SYSTEM)
    answer = browser.post(SECOND, {"code": makers.number_of(app[1]), "challenge": challenge})
    assert answer["Location"] == "/connexion/"
    assert SESSION_KEY not in browser.session


def test_numbers_that_added_an_app_log_nobody_in(client_):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    KnownDevice.objects.update(first_seen_at=timezone.now() - timedelta(days=8))
    browser.post(ADD, {"password": makers.CODE, "name": "Mon téléphone"})
    secret = Factor.objects.get().unseal()
    typed = [makers.number_of(secret, -1), makers.number_of(secret)]
    browser.post(f"{ADD}confirmer/", {"code": typed[0], "code2": typed[1]})
    stranger = begin(client_)
    assert [show(stranger, code).status_code for code in typed] == [200, 200]
    assert show(stranger, makers.number_of(secret, 1))["Location"] == HOME
