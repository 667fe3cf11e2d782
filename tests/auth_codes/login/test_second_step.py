"""A login in two steps: the codes alone open nothing where a moyen is asked for, and change nothing."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.management import call_command
from django.utils import timezone

from auth_codes.actor import SYSTEM
from auth_codes.factors import ending
from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, Challenge, Factor, KnownDevice, Notice, SecretCode, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

SECOND = "/connexion/second/"
HOME = "/espace-client/"
Kind = SecurityEvent.Kind


@pytest.fixture
def app(client_):
    """The client's app, and its key."""
    return makers.make_app(client_)


def begin(client, browser=None, **fields):
    """Right codes, from an unknown device unless `browser` is one; the browser at the second step."""
    browser = browser or StrictBrowser()
    answer = makers.log_in(browser, client.client_code, makers.CODE, **fields)
    assert (answer.status_code, answer["Location"]) == (302, SECOND)
    return browser


def show(browser, code, **fields):
    challenge = browser.get(SECOND).context["challenge"].pk
    return browser.post(SECOND, {"code": code, "challenge": challenge, **fields})


def is_logged_in(browser):
    return SESSION_KEY in browser.session


def lines(client, kind):
    return SecurityEvent.objects.filter(owner=client.user, kind=kind)


def test_codes_alone_open_nothing_and_the_number_opens(client_, app):
    browser = begin(client_)
    assert not is_logged_in(browser)
    assert browser.get(HOME).status_code == 302
    assert not lines(client_, Kind.LOGGED_IN).exists()
    assert not KnownDevice.objects.exists()
    answer = show(browser, makers.number_of(app[1]))
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    assert is_logged_in(browser)
    assert browser.get(HOME).status_code == 200
    assert lines(client_, Kind.LOGGED_IN).count() == lines(client_, Kind.FACTOR_PASSED).count() == 1


def test_number_is_typed_as_the_app_shows_it(client_, app):
    code = makers.number_of(app[1])
    assert show(begin(client_), f" {code[:3]} {code[3:]} ")["Location"] == HOME


@pytest.mark.parametrize("ahead", [-1, 0, 1])
def test_clock_half_a_minute_off_is_no_fault(client_, app, ahead):
    assert show(begin(client_), makers.number_of(app[1], ahead))["Location"] == HOME


@pytest.mark.parametrize("ahead", [-3, 3, -2880])
def test_number_of_another_moment_is_refused_in_words(client_, app, ahead):
    browser = begin(client_)
    answer = show(browser, makers.number_of(app[1], ahead))
    assert answer.status_code == 200
    assert "Ce n’est pas le nombre attendu" in answer.content.decode()
    assert not is_logged_in(browser)
    assert lines(client_, Kind.FACTOR_FAILED).get().by is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "12\x003456", "½½½½½½"])
def test_what_is_no_number_is_refused_before_anything_is_counted(client_, app, typed):
    answer = show(begin(client_), typed)
    assert answer.status_code == 200
    assert not AttemptCounter.objects.filter(key=counters.factor_counter(app[0].pk.hex).key).exists()


def test_number_is_accepted_once_also_when_the_clock_is_set_back(client_, app):
    code = makers.number_of(app[1])
    assert show(begin(client_), code)["Location"] == HOME
    assert show(begin(client_), code).status_code == 200
    Factor.objects.update(last_step=Factor.objects.get().last_step + 10)
    assert show(begin(client_), makers.number_of(app[1], 1)).status_code == 200


def test_known_device_is_asked_once_in_180_days(client_, app):
    browser = begin(client_)
    show(browser, makers.number_of(app[1]))
    browser.post("/deconnexion/")
    assert makers.log_in(browser, client_.client_code, makers.CODE)["Location"] == HOME
    browser.post("/deconnexion/")
    KnownDevice.objects.update(proved_at=timezone.now() - timedelta(days=180))
    begin(client_, browser)


def test_device_proved_in_the_future_is_asked_again(client_, app):
    browser = begin(client_)
    show(browser, makers.number_of(app[1]))
    browser.post("/deconnexion/")
    KnownDevice.objects.update(proved_at=timezone.now() + timedelta(days=1))
    begin(client_, browser)


def test_public_computer_is_asked_each_time(client_, app):
    show(begin(client_, public="on"), makers.number_of(app[1]))
    assert not KnownDevice.objects.exists()
    begin(client_)


def test_login_leads_where_it_was_asked_to(client_, app):
    browser = StrictBrowser()
    browser.post(
        "/connexion/?next=/mon-profil/",
        {"username": client_.client_code, "password": makers.CODE, "next": "/mon-profil/"},
    )
    assert show(browser, makers.number_of(app[1]))["Location"] == "/mon-profil/"


def test_moyen_that_rests_is_not_asked_for(client_):
    makers.make_app(client_, asked_from=timezone.now() + timedelta(days=7))
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)["Location"] == HOME


def test_five_wrong_numbers_pause_the_moyen_and_its_owner_is_told_once(client_, app):
    browser = begin(client_)
    answers = [show(browser, makers.number_of(app[1], 9 + place)) for place in range(4)]
    assert "Il vous reste un essai" in answers[3].content.decode()
    assert show(browser, "000000").status_code == 429
    challenge = Challenge.objects.get().pk
    blocked = browser.post(SECOND, {"code": makers.number_of(app[1]), "challenge": challenge})
    assert blocked.status_code == 429
    assert not is_logged_in(browser)
    assert Notice.objects.filter(kind=Notice.Kind.FACTOR_BLOCKED).count() == 1
    assert lines(client_, Kind.FACTOR_BLOCKED).count() == 1
    assert not lines(client_, Kind.LOGIN_BLOCKED).exists()


def test_known_device_has_five_of_its_own(client_, app):
    browser = begin(client_)
    show(browser, makers.number_of(app[1], -1))
    browser.post("/deconnexion/")
    KnownDevice.objects.update(proved_at=None)
    stranger = begin(client_)
    for place in range(5):
        stranger.post(SECOND, {"code": makers.number_of(app[1], 9 + place), "challenge": _challenge(stranger)})
    assert show(begin(client_, browser), makers.number_of(app[1])).status_code == 302


def test_strangers_without_the_codes_use_up_nothing_of_the_moyen(client_, app):
    for _ in range(5):
        makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE)
    assert not AttemptCounter.objects.filter(key=counters.factor_counter(app[0].pk.hex).key).exists()


def test_time_over_leads_back_with_a_sentence_and_counts_nothing(client_, app):
    browser = begin(client_)
    challenge = _challenge(browser)
    session = browser.session
    session["pending_login"][5] = int(timezone.now().timestamp())
    session.save()
    answer = browser.post(SECOND, {"code": makers.number_of(app[1]), "challenge": challenge}, follow=True)
    assert answer.redirect_chain == [("/connexion/", 302)]
    assert "Le temps prévu pour la seconde étape est passé" in answer.content.decode()
    assert Factor.objects.get().last_step == -1


@pytest.mark.parametrize("end", ["sessions", "code", "factor"])
def test_what_ends_the_owners_sessions_ends_what_waits(client_, app, end):
    browser = begin(client_)
    challenge = _challenge(browser)
    if end == "sessions":
        client_.user.set_unusable_password()
        client_.user.save()
    elif end == "code":
        SecretCode.objects.filter(owner=client_.user).update(role=SecretCode.Role.PAST)
    else:
        ending.end(app[0], Factor.Why.ADVISORS, by=SYSTEM, now=timezone.now())
    answer = browser.post(SECOND, {"code": makers.number_of(app[1]), "challenge": challenge})
    assert answer["Location"] == "/connexion/"
    assert not is_logged_in(browser)


def test_second_click_is_no_wrong_number(client_, app):
    browser, code = begin(client_), makers.number_of(app[1])
    challenge, twin = _challenge(browser), StrictBrowser()
    twin.cookies = browser.cookies.copy()
    fields = {"code": code, "challenge": challenge}
    browser.post(SECOND, fields)
    assert browser.post(SECOND, fields)["Location"] == HOME
    assert twin.post(SECOND, fields)["Location"] == "/connexion/"
    assert not lines(client_, Kind.FACTOR_FAILED).exists()


def test_page_of_an_earlier_login_in_another_tab_counts_nothing(client_, app, advisor):
    other = makers.make_personalised_client(advisor, makers.OTHER_CODE, family_name="Petit")
    makers.make_app(other)
    browser = begin(client_)
    earlier = _challenge(browser)
    makers.log_in(browser, other.client_code, makers.OTHER_CODE)
    answer = browser.post(SECOND, {"code": makers.number_of(app[1]), "challenge": earlier}, follow=True)
    assert answer.redirect_chain == [(SECOND, 302)]
    assert "Cette page était celle d’une connexion précédente" in answer.content.decode()
    assert not SecurityEvent.objects.filter(kind=Kind.FACTOR_FAILED).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_right_codes_there_is_no_second_step(method, browser):
    assert getattr(browser, method)(SECOND)["Location"] == "/connexion/"


def test_code_of_a_letter_replaces_the_old_one_only_once_the_moyen_is_shown(client_, app):
    letter = makers.make_pending_code(client_)
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, letter.secret_code, letter=letter.letter_number)
    assert SecretCode.objects.present().get(owner=client_.user).kind == SecretCode.Kind.PERSONAL
    begin(client_)  # the old code still opens as far as here
    assert show(browser, makers.number_of(app[1]))["Location"] == "/mon-profil/code-secret/"
    assert SecretCode.objects.present().get(owner=client_.user).kind == SecretCode.Kind.DEFAULT
    assert lines(client_, Kind.CODE_RENEWED).count() == 1


def test_codes_known_without_the_moyen_are_told_once_a_day(client_, app):
    begin(client_)
    begin(client_)
    call_command("purge_challenges")
    assert not Notice.objects.filter(kind=Notice.Kind.CODE_KNOWN).exists()  # five minutes are not over
    Challenge.objects.update(expires_at=timezone.now())
    call_command("purge_challenges")
    begin(client_)
    Challenge.objects.update(expires_at=timezone.now())
    call_command("purge_challenges")
    assert Notice.objects.filter(kind=Notice.Kind.CODE_KNOWN).count() == 1
    assert lines(client_, Kind.CODE_KNOWN).count() == 1
    assert not Challenge.objects.exists()


def test_owner_who_shows_it_after_all_in_the_same_browser_is_told_nothing(client_, app):
    browser = begin(client_)
    show(begin(client_, browser), makers.number_of(app[1]))
    Challenge.objects.update(expires_at=timezone.now())
    call_command("purge_challenges")
    assert not Notice.objects.filter(kind=Notice.Kind.CODE_KNOWN).exists()


def test_known_device_that_shows_nothing_is_told_to_nobody(client_, app):
    browser = begin(client_)
    show(browser, makers.number_of(app[1]))
    browser.post("/deconnexion/")
    KnownDevice.objects.update(proved_at=None)
    Challenge.objects.all().delete()
    begin(client_, browser)
    Challenge.objects.update(expires_at=timezone.now())
    call_command("purge_challenges")
    assert not Notice.objects.filter(kind=Notice.Kind.CODE_KNOWN).exists()


def test_failures_that_the_codes_gave_back_are_shown_as_before(client_, app):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    show(begin(client_, browser), makers.number_of(app[1]))
    assert browser.session["forgiven_failures"]


def _challenge(browser):
    return browser.get(SECOND).context["challenge"].pk
