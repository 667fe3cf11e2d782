"""Whoever has a moyen shows it before he changes his code secret, unless he did in the last ten minutes."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from auth_codes.factors import ending, levels
from auth_codes.models import AttemptCounter, Factor, KnownDevice, SecretCode, SecurityEvent
from tests import makers
from tests.authenticator import Authenticator
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CHANGE = "/mon-profil/code-secret/"
SHOW = "/mon-profil/code-secret/moyen/"
PROFILE = "/mon-profil/"
CHOSEN = {"old_password": makers.CODE, "new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}


@pytest.fixture
def known_browser(client_):
    """Logged in on the client's own device, which a moyen was shown on lately: a login asks for none."""
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    KnownDevice.objects.update(first_seen_at=timezone.now() - timedelta(days=90), proved_at=timezone.now())
    return browser


def said(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def show(browser, page=SHOW, **fields):
    return browser.post(page, {"challenge": browser.get(page).context["challenge"].pk, **fields})


def set_back(browser, factor):
    """As if this moyen had been shown in this session ten minutes ago."""
    session = browser.session
    session[levels.SHOWN] = {str(factor.pk): (timezone.now() - timedelta(minutes=10)).isoformat()}
    session.save()


def has_changed(client):
    return not SecretCode.objects.present().filter(owner=client.user, pk=client.user.before).exists()


@pytest.fixture
def app(client_, known_browser):
    """His app, added after he has logged in here."""
    client_.user.before = SecretCode.objects.present().get(owner=client_.user).pk
    return makers.make_app(client_)


def test_known_device_shows_it_and_then_changes_the_code(client_, app, known_browser):
    assert known_browser.get(CHANGE)["Location"] == SHOW
    assert "deux codes volés ne suffisent pas" in said(known_browser.get(SHOW))
    assert show(known_browser, code=makers.number_of(app[1]))["Location"] == CHANGE
    assert known_browser.get(CHANGE).status_code == 200
    assert known_browser.post(CHANGE, CHOSEN).status_code == 302
    assert has_changed(client_)
    assert SecurityEvent.objects.get(kind=SecurityEvent.Kind.FACTOR_SHOWN).details["factor"] == "totp"


def test_what_is_sent_without_it_changes_nothing_and_counts_nothing(client_, app, known_browser):
    answer = known_browser.post(CHANGE, CHOSEN, follow=True)
    assert answer.redirect_chain == [(SHOW, 302)]
    assert "Votre code secret n’est pas modifié" in said(answer)
    assert not has_changed(client_)
    assert not AttemptCounter.objects.filter(count__gt=0).exists()
    assert known_browser.post(f"{CHANGE}proposition/")["Location"] == SHOW


def test_who_has_shown_it_at_the_login_is_not_asked_again_for_ten_minutes(client_, app):
    stranger = StrictBrowser()
    makers.log_in(stranger, client_.client_code, makers.CODE)
    show(stranger, "/connexion/second/", code=makers.number_of(app[1]))
    assert stranger.get(CHANGE).status_code == 200
    set_back(stranger, app[0])
    assert stranger.get(CHANGE)["Location"] == SHOW
    assert stranger.post(CHANGE, CHOSEN)["Location"] == SHOW
    assert not has_changed(client_)


def test_one_that_has_ended_since_proves_nothing(client_, app, known_browser):
    makers.make_passkey(client_, generation=2)
    show(known_browser, code=makers.number_of(app[1]))
    stored = Factor.objects.select_related("owner").get(pk=app[0].pk)
    ending.end(stored, Factor.Why.REMOVED, by=makers.Actor(client_.user), now=timezone.now())
    assert known_browser.get(CHANGE)["Location"] == SHOW


def test_wrong_number_opens_nothing_and_says_so(app, known_browser):
    answer = show(known_browser, code=makers.number_of(app[1], 9))
    assert "Ce n’est pas le nombre attendu" in said(answer)
    assert known_browser.get(CHANGE)["Location"] == SHOW
    assert AttemptCounter.objects.filter(count__gt=0).exists()


def test_printed_list_serves_though_it_is_not_strong(client_, known_browser):
    _, codes = makers.make_list(client_)
    number = known_browser.get(SHOW).context["number"]
    wrong = "00000000" if codes[number] != "00000000" else "11111116"
    answer = show(known_browser, number=number, list_code=wrong)
    assert f"Ce n’est pas le code n° {number}" in said(answer) or "Un chiffre est mal recopié" in said(answer)
    assert show(known_browser, number=number, list_code=codes[number])["Location"] == CHANGE
    assert known_browser.get(CHANGE).status_code == 200


def test_number_of_the_list_that_served_meanwhile_is_asked_anew(client_, known_browser):
    _, codes = makers.make_list(client_)
    number = known_browser.get(SHOW).context["number"]
    answer = show(known_browser, number=number + 1 if number < 40 else 1, list_code=codes[number])
    assert answer["Location"].startswith(f"{SHOW}?moyen=list")
    assert not AttemptCounter.objects.filter(count__gt=0).exists()


def test_passkey_is_shown_as_anywhere(client_, known_browser):
    _, authenticator = makers.make_passkey(client_, Authenticator())
    page = known_browser.get(SHOW)
    answer = authenticator.get(page.context["options"])
    challenge = page.context["challenge"].pk
    assert known_browser.post(SHOW, {"challenge": challenge, "assertion": answer})["Location"] == CHANGE


def test_page_leads_on_where_nothing_is_owed(client_, known_browser):
    assert known_browser.get(SHOW)["Location"] == CHANGE
    assert known_browser.post(SHOW, {"code": "123456"})["Location"] == CHANGE


def test_second_click_comes_after_the_first_has_proved_it(app, known_browser):
    fields = {"challenge": known_browser.get(SHOW).context["challenge"].pk, "code": makers.number_of(app[1])}
    assert [known_browser.post(SHOW, fields)["Location"] for _ in range(2)] == [CHANGE, CHANGE]


def test_first_choice_of_a_code_asks_for_none(client_):
    """Its login has, and nothing else is open before it: a page that was read for long must not lead away and back."""
    factor, secret = makers.make_app(client_)
    letter, browser = makers.make_pending_code(client_), StrictBrowser()
    makers.log_in(browser, client_.client_code, letter.secret_code, letter=letter.letter_number)
    assert show(browser, "/connexion/second/", code=makers.number_of(secret))["Location"] == CHANGE
    set_back(browser, factor)
    page = browser.get(CHANGE)
    assert (page.status_code, page.context["first_time"]) == (200, True)
