"""« Retenir mon code client »: what makes it, what it shows, what it is worth, and all that ends it."""

import html
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.devices import known_devices, remembered
from auth_codes.models import AttemptCounter, KnownDevice, RememberedNumber, SecurityEvent
from auth_codes.renewals import closing
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LOGIN, FORGET = "/connexion/", "/connexion/oublier/"
UNKNOWN = "5724816039"


def page_of(answer) -> str:
    return html.unescape(answer.content.decode())


def remembering(client, **fields):
    """A browser that has logged in as this client, asked to remember his number, and logged out."""
    browser = StrictBrowser()
    assert makers.log_in(browser, client.client_code, makers.CODE, keep="on", **fields).status_code == 302
    browser.post("/deconnexion/")
    return browser


def handle_of(browser) -> str:
    return browser.cookies[remembered.COOKIE].value.split(":")[0]


def post(browser, code=makers.CODE, **fields):
    return browser.post(LOGIN, {"remembered": handle_of(browser), "password": code, **fields})


def shows_the_empty_form(answer) -> bool:
    page = page_of(answer)
    return 'name="username"' in page and 'name="remembered"' not in page


def test_it_is_never_made_unasked(client_):
    browser = StrictBrowser()
    page = page_of(browser.get(LOGIN))
    assert 'name="keep"' in page
    assert " checked" not in page
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert remembered.COOKIE not in browser.cookies
    assert not RememberedNumber.objects.exists()


@pytest.mark.parametrize("number", [lambda client: client.client_code, lambda client: UNKNOWN])
def test_failure_makes_none_and_tells_nothing(client_, number):
    answer = makers.log_in(StrictBrowser(), number(client_), makers.WRONG_CODE, keep="on")
    assert remembered.COOKIE not in answer.cookies
    assert not RememberedNumber.objects.exists()
    assert " checked" in page_of(answer)  # what is no secret is kept


def test_form_asks_the_code_alone_and_shows_the_last_digits_alone(client_):
    browser = remembering(client_)
    answer = browser.get(LOGIN)
    page = page_of(answer)
    number = client_.client_code
    assert f"<strong>{number[-3:]}</strong>" in page
    assert number not in page
    # Of the words alone: a token or the address of a telephone may hold four of its digits by chance.
    words = re.sub(r"<style.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert re.findall(r"\d{3,}", words) == [number[-3:]]
    assert 'name="username"' not in page
    assert post(browser)["Location"] == "/espace-client/"


def test_cookie_is_out_of_reach_of_scripts_and_other_sites_for_a_year(client_):
    cookie = remembering(client_).cookies[remembered.COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Strict")
    assert int(cookie["max-age"]) == 365 * 24 * 3600
    assert client_.client_code not in cookie.value


def test_wrong_code_counts_as_under_the_number_and_shows_the_same_form(client_):
    browser = remembering(client_)
    answer = post(browser, makers.WRONG_CODE)
    assert "incorrect" in page_of(answer)
    assert 'name="remembered"' in page_of(answer)
    assert client_.client_code not in page_of(answer)
    assert AttemptCounter.objects.filter(count=1).count() == 1


def test_number_that_is_sent_wins(advisor, client_):
    browser = remembering(client_)
    other = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    assert post(browser, username=other.client_code).status_code == 302
    assert browser.get("/mon-profil/").context["user"] == other.user


def test_wrong_number_that_is_sent_is_shown_to_be_mended(client_):
    answer = post(remembering(client_), username="12345")
    assert 'value="12345"' in page_of(answer)


def test_blank_number_is_none(client_):
    assert post(remembering(client_), username=" ").status_code == 302


@pytest.mark.parametrize("handle", ["", "0" * 64, "é", "\x00", "x" * 10_000, "\u0661" * 64])
def test_made_up_handle_counts_nothing(client_, hashes, handle):
    browser = remembering(client_)
    hashes.clear()
    answer = browser.post(LOGIN, {"remembered": handle, "password": makers.CODE})
    assert (answer.status_code, shows_the_empty_form(answer), hashes) == (200, True, [])


def test_handle_of_another_browser_is_worth_nothing(client_, hashes):
    handle = handle_of(remembering(client_))
    hashes.clear()
    answer = StrictBrowser().post(LOGIN, {"remembered": handle, "password": makers.CODE})
    assert (answer.status_code, shows_the_empty_form(answer), hashes) == (200, True, [])


def by_removal(client):
    known_devices.remove(KnownDevice.objects.get(), by=Actor(client.user))


def by_renewal(client):
    letter = makers.make_pending_code(client)
    answer = makers.log_in(StrictBrowser(), client.client_code, letter.secret_code, letter=letter.letter_number)
    assert answer.status_code == 302


def by_closing(client):
    closing.close(client.user, by=Actor(client.user))


def by_five_wrong_codes_there(client):
    known_devices.exhaust(KnownDevice.objects.get())


def by_time(client):
    RememberedNumber.objects.update(since=timezone.now() - remembered.LIFETIME)


@pytest.mark.parametrize("end", [by_removal, by_renewal, by_closing, by_five_wrong_codes_there, by_time])
def test_dead_handle_shows_the_empty_form(client_, end, hashes):
    browser = remembering(client_)
    end(client_)
    assert shows_the_empty_form(browser.get(LOGIN))
    hashes.clear()
    answer = post(browser)
    assert (answer.status_code, shows_the_empty_form(answer), hashes) == (200, True, [])
    assert "Ce navigateur ne retient plus votre code client" in page_of(answer)


def test_forgetting_ends_the_row_and_the_cookie(client_):
    browser = remembering(client_)
    answer = browser.post(FORGET, follow=True)
    assert "Ce navigateur ne retient plus votre code client." in page_of(answer)
    assert shows_the_empty_form(answer)
    assert not RememberedNumber.objects.exists()
    assert browser.cookies[remembered.COOKIE].value == ""


def test_forgetting_twice_or_nothing_is_answered_alike(browser, db):
    assert [browser.post(FORGET)["Location"] for _ in range(2)] == ["/connexion/?oublie"] * 2


def test_forgetting_needs_the_form(client_):
    browser = remembering(client_)
    assert browser.get(FORGET).status_code == 405
    strict = StrictBrowser(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post(FORGET).status_code == 403
    assert RememberedNumber.objects.exists()


def test_another_number_may_be_typed_without_forgetting(client_):
    browser = remembering(client_)
    assert shows_the_empty_form(browser.get(LOGIN + "?autre&next=/mon-profil/"))
    assert RememberedNumber.objects.exists()


def test_public_computer_remembers_nothing_even_when_asked(client_):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE, keep="on", public="on")
    assert remembered.COOKIE not in browser.cookies
    assert not RememberedNumber.objects.exists()


def test_browser_said_not_to_be_ones_own_forgets(client_):
    browser = remembering(client_)
    assert post(browser, public="on").status_code == 302
    assert not RememberedNumber.objects.exists()


def test_public_login_of_another_forgets_nobody_else(advisor, client_):
    browser = remembering(client_)
    other = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    makers.log_in(browser, other.client_code, makers.CODE, public="on")
    assert RememberedNumber.objects.count() == 1


def test_one_browser_remembers_one_number(advisor, client_):
    browser = remembering(client_)
    other = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    makers.log_in(browser, other.client_code, makers.CODE, keep="on")
    browser.post("/deconnexion/")
    assert RememberedNumber.objects.get().device.owner == other.user
    for _ in range(2):
        makers.log_in(browser, client_.client_code, makers.CODE, keep="on")
        browser.post("/deconnexion/")
    assert RememberedNumber.objects.get().device.owner == client_.user


def test_browser_that_could_not_be_known_remembers_nothing(client_):
    for _ in range(known_devices.DEVICES_KEPT):
        makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE, keep="on")
    assert remembered.COOKIE not in browser.cookies


def test_device_that_ended_at_this_very_moment_remembers_nothing(client_, rf):
    remembering(client_)
    device = KnownDevice.objects.get()
    KnownDevice.objects.all().delete()
    request, response = rf.post(LOGIN), StrictBrowser().get(LOGIN)
    remembered.keep(request, response, device)
    assert remembered.COOKIE not in response.cookies
    assert not RememberedNumber.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_double_click_remembers_once_and_either_answer_serves(race, client_):
    first = StrictBrowser()
    first.get(LOGIN)
    twins = [StrictBrowser() for _ in range(2)]
    for twin in twins:
        twin.cookies = first.cookies.copy()
    answers = race(lambda twin: makers.log_in(twin, client_.client_code, makers.CODE, keep="on"), twins)
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.cookies[remembered.COOKIE].value.split(":")[0] for answer in answers}) == 1
    assert RememberedNumber.objects.count() == 1


def test_purge_deletes_what_is_older_than_a_year(client_):
    remembering(client_)
    now = timezone.now()
    assert remembered.purge(now + remembered.LIFETIME - timedelta(minutes=1)) == 0
    assert remembered.purge(now + remembered.LIFETIME) == 1
    assert KnownDevice.objects.exists()


def test_new_code_of_ones_own_leaves_it(client_):
    browser = remembering(client_)
    post(browser)
    chosen = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    browser.post("/mon-profil/code-secret/", {"old_password": makers.CODE, **chosen})
    browser.post("/deconnexion/")
    assert 'name="remembered"' in page_of(browser.get(LOGIN))


def test_without_the_cookie_of_its_device_it_stands_for_nobody(client_):
    """At a found laptop: guesses that are not the device's would not end what it remembers."""
    browser = remembering(client_)
    [device_cookie] = [name for name in browser.cookies if name.startswith(known_devices.COOKIE_PREFIX)]
    del browser.cookies[device_cookie]
    assert shows_the_empty_form(browser.get(LOGIN))
    assert post(browser).status_code == 200
    assert not AttemptCounter.objects.filter(count__gt=0).exists()


def test_cookie_of_ones_own_form_does_not_hide_that_anothers_codes_were_right(client_, advisor):
    """Its token in two browsers had them remember under one handle, which may stand in the table once."""
    victim = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    own, thief = StrictBrowser(), StrictBrowser()
    own.get(LOGIN)
    thief.cookies[settings.CSRF_COOKIE_NAME] = own.cookies[settings.CSRF_COOKIE_NAME].value
    for browser, client in ((own, client_), (thief, victim)):
        assert makers.log_in(browser, client.client_code, makers.CODE, keep="on").status_code == 302
        assert RememberedNumber.objects.filter(device__owner=client.user).count() == 1
        kinds = set(client.user.security_events.values_list("kind", flat=True))
        assert kinds >= {SecurityEvent.Kind.LOGGED_IN, SecurityEvent.Kind.DEVICE_KNOWN}
    assert handle_of(own) != handle_of(thief)
