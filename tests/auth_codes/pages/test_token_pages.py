"""« Boîtier »: put into use, shown at a login and in acts, set right, taken off, lost."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.factors import tokens, totp
from auth_codes.factors.tokens import Back
from auth_codes.models import Challenge, Factor, KnownDevice, Notice, SecurityEvent, Token
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PAGE, SECOND = "/mon-profil/moyens/", "/connexion/second/"
ADD, CONFIRM, GIVE_UP = (f"{PAGE}boitier/{rest}" for rest in ("", "confirmer/", "annuler/"))
CODES = {"password": makers.CODE, "name": "Mon boîtier"}
Kind = SecurityEvent.Kind


def one(secret, ahead=0):
    return {"token_code": makers.number_of(secret, ahead)}


def two(secret, ahead=0):
    return {"token_code": makers.number_of(secret, ahead - 1), "token_code2": makers.number_of(secret, ahead)}


def at_second_step(client):
    browser = StrictBrowser()
    makers.log_in(browser, client.client_code, makers.CODE)
    return browser, browser.get(SECOND).context["challenge"].pk


def show(client, **typed):
    browser, challenge = at_second_step(client)
    return browser, browser.post(SECOND, {"challenge": challenge, **typed})


def is_in(browser):
    return SESSION_KEY in browser.session


@pytest.fixture
def own_browser(client_):
    """On the client's own device, known for longer than a first moyen rests."""
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    KnownDevice.objects.update(first_seen_at=timezone.now() - timedelta(days=8))
    return browser


def test_client_puts_his_token_into_use_and_logs_in_with_it(own_browser, client_):
    secret = makers.lend_token(client_)
    assert "attend d’être activé" in text_of(own_browser.get(PAGE))
    assert "TK0001" in text_of(own_browser.get(ADD))
    assert own_browser.post(ADD, CODES)["Location"] == CONFIRM
    assert "TK0001" in text_of(own_browser.get(CONFIRM))
    assert "C’est fait" in text_of(own_browser.post(CONFIRM, two(secret), follow=True))
    assert Token.objects.get().state == Token.State.IN_USE
    assert SecurityEvent.objects.get(kind=Kind.FACTOR_ADDED).details["factor"] == "token"
    assert Notice.objects.filter(kind=Notice.Kind.FACTOR_ADDED).exists()
    assert not is_in(show(client_, **one(secret))[0])  # the number that proved it serves no more
    assert is_in(show(client_, **one(secret, 1))[0])


def test_token_rests_on_a_new_device_as_any_first_moyen(browser, client_):
    secret = makers.lend_token(client_)
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post(ADD, CODES)
    browser.post(CONFIRM, two(secret))
    assert Factor.objects.active().get().asked_from > timezone.now() + timedelta(days=6)
    browser.post(f"{PAGE}{Factor.objects.get().pk}/retirer/", {"password": makers.CODE})
    assert Factor.objects.get().ended_why == Factor.Why.CANCELLED
    assert "à rendre" in text_of(browser.get(PAGE))


def test_device_whose_clock_was_wrong_from_the_start_is_put_into_use(own_browser, client_):
    secret = makers.lend_token(client_)
    own_browser.post(ADD, CODES)
    own_browser.post(CONFIRM, two(secret, -40))
    assert Factor.objects.active().get().drift == -40


def test_wrong_numbers_activate_nothing_and_are_told(own_browser, client_):
    secret = makers.lend_token(client_)
    own_browser.post(ADD, CODES)
    for typed in ({"token_code": "000000", "token_code2": "111111"}, one(secret), {"token_code": "1\0"}, {}):
        assert own_browser.post(CONFIRM, typed).status_code == 200
    same = {"token_code": makers.number_of(secret), "token_code2": makers.number_of(secret)}
    assert "ne se suivent pas" in text_of(own_browser.post(CONFIRM, same))
    assert not Factor.objects.active().exists()
    own_browser.post(CONFIRM, two(secret))
    assert Factor.objects.active().exists()


@pytest.mark.parametrize("typed", ["12 34 56", "123\u00a0456"])
def test_number_is_read_with_spaces(typed, monkeypatch, client_):
    makers.make_token(client_)
    monkeypatch.setattr(totp, "code_at", lambda secret, step: "123456")
    assert is_in(show(client_, token_code=typed)[0])


@pytest.mark.parametrize("typed", ["١٢٣٤٥٦", "12345", "1234567", "12345a", "", "12\0456"])
def test_what_is_no_number_is_told_and_not_counted(typed, client_):
    makers.make_token(client_)
    _, answer = show(client_, token_code=typed)
    assert answer.status_code == 200
    assert answer.context["form"].errors["token_code"]
    assert not SecurityEvent.objects.filter(kind=Kind.FACTOR_FAILED).exists()


def test_without_a_loan_the_page_says_so_and_takes_nothing(own_browser, client_):
    assert "ne vous a pas prêté" in text_of(own_browser.get(ADD))
    assert "ne vous a pas prêté" in text_of(own_browser.post(ADD, CODES, follow=True))
    assert not Factor.objects.exists()


def test_token_that_is_taken_back_meanwhile_is_not_put_into_use(own_browser, client_):
    secret = makers.lend_token(client_)
    own_browser.post(ADD, CODES)
    tokens.take_back(client_.user, Back.LOST, by=Actor(client_.advisor), now=timezone.now())
    assert own_browser.post(CONFIRM, two(secret))["Location"] == PAGE
    assert not Factor.objects.exists()


def test_row_that_somebody_moved_to_himself_is_no_loan(own_browser, client_, advisor):
    other = makers.make_personalised_client(advisor, family_name="Durand")
    makers.lend_token(other)
    Token.objects.update(lent_to=client_.user)
    assert "ne vous a pas prêté" in text_of(own_browser.post(ADD, CODES, follow=True))
    assert not Factor.objects.exists()


def test_second_token_is_one_too_many(own_browser, client_):
    makers.make_token(client_)
    assert "déjà activé" in text_of(own_browser.get(ADD))
    assert "déjà activé" in text_of(own_browser.post(ADD, CODES, follow=True))


def test_whoever_has_an_app_shows_it_to_put_a_token_into_use(own_browser, client_):
    secret = makers.lend_token(client_)
    _, app = makers.make_app(client_)
    assert own_browser.post(ADD, CODES).status_code == 200
    assert own_browser.post(ADD, CODES | {"code": makers.number_of(app)})["Location"] == CONFIRM
    own_browser.post(CONFIRM, two(secret))
    factor = Factor.objects.active().get(kind=Factor.Kind.TOKEN)
    assert factor.asked_from <= timezone.now()


def test_give_up_leaves_the_loan(own_browser, client_):
    makers.lend_token(client_)
    own_browser.post(ADD, CODES)
    assert "Rien n’est activé" in text_of(own_browser.post(GIVE_UP, follow=True))
    assert not Factor.objects.exists()
    assert tokens.to_activate(client_.user)
    assert own_browser.get(CONFIRM)["Location"] == PAGE


def test_login_says_what_to_do_once_the_clock_has_gone_wrong(client_):
    _, secret = makers.make_token(client_)
    browser, answer = show(client_, **one(secret, 10))
    assert "Nombre suivant" in text_of(answer)
    challenge = answer.context["challenge"].pk
    browser.post(SECOND, {"challenge": challenge, **two(secret, 10)})
    assert is_in(browser)
    assert Factor.objects.get().drift == 10
    assert is_in(show(client_, **one(secret, 11))[0])


def test_login_with_a_used_number_is_refused_and_counted(client_):
    _, secret = makers.make_token(client_)
    typed = one(secret)
    assert is_in(show(client_, **typed)[0])
    assert not is_in(show(client_, **typed)[0])
    assert SecurityEvent.objects.filter(kind=Kind.FACTOR_FAILED).count() == 1


def test_five_wrong_numbers_pause_it_and_the_right_one_waits(client_):
    _, secret = makers.make_token(client_)
    browser, challenge = at_second_step(client_)
    answers = [browser.post(SECOND, {"challenge": challenge, "token_code": "000000"}) for _ in range(5)]
    assert answers[-1].status_code == 429
    assert "L’horloge du boîtier" in text_of(answers[-1])
    assert browser.post(SECOND, {"challenge": challenge, **one(secret)}).status_code == 429


def test_of_an_app_and_a_token_either_serves(client_):
    makers.make_app(client_)
    _, secret = makers.make_token(client_, generation=2)
    browser, challenge = at_second_step(client_)
    page = browser.get(f"{SECOND}?moyen=token")
    assert [value for value, _ in page.context["other_ways"]] == ["totp"]
    browser.post(f"{SECOND}?moyen=token", {"challenge": challenge, **one(secret)})
    assert is_in(browser)


def set_right(browser, factor, **fields):
    return browser.post(f"{PAGE}{factor.pk}/recaler/", {"password": makers.CODE, **fields})


def test_client_sets_his_token_right(own_browser, client_):
    factor, secret = makers.make_token(client_)
    assert "Recaler" in text_of(own_browser.get(PAGE))
    assert "horloge" in text_of(own_browser.get(f"{PAGE}{factor.pk}/recaler/"))
    assert set_right(own_browser, factor, **two(secret, 30))["Location"] == PAGE
    assert Factor.objects.get().drift == 30
    assert SecurityEvent.objects.get(kind=Kind.TOKEN_SET).details == {"serial": "TK0001"}
    assert is_in(show(client_, **one(secret, 31))[0])


def test_setting_right_is_counted_and_asks_for_both_numbers(own_browser, client_):
    factor, secret = makers.make_token(client_)
    assert set_right(own_browser, factor, **one(secret, 30)).status_code == 200
    assert not SecurityEvent.objects.filter(kind=Kind.FACTOR_REMOVAL_FAILED).exists()
    wrong = {"token_code": "000000", "token_code2": "111111"}
    statuses = [
        set_right(own_browser, factor, **wrong).status_code for _ in range(11)
    ]  # as a known device, then as any
    assert statuses[:4] == [200] * 4
    assert statuses[-1] == 429
    assert Factor.objects.get().drift == 0


def test_wrong_code_secret_sets_nothing_and_uses_nothing_up(own_browser, client_):
    factor, secret = makers.make_token(client_)
    assert set_right(own_browser, factor, password="000001", **two(secret, 30)).status_code == 200
    assert Factor.objects.get().drift == 0
    assert set_right(own_browser, factor, **two(secret, 30))["Location"] == PAGE


def test_other_moyens_and_those_of_others_are_not_set_right(own_browser, client_, advisor):
    app, _ = makers.make_app(client_)
    other = makers.make_personalised_client(advisor, family_name="Durand")
    theirs, secret = makers.make_token(other)
    for factor in (app, theirs):
        assert own_browser.get(f"{PAGE}{factor.pk}/recaler/").status_code == 404
        assert set_right(own_browser, factor, **two(secret)).status_code == 404


def test_token_is_named_and_taken_off_by_what_it_shows(own_browser, client_):
    factor, secret = makers.make_token(client_)
    own_browser.post(f"{PAGE}{factor.pk}/renommer/", {"name": "Boîtier du salon"})
    assert Factor.objects.get().name == "Boîtier du salon"
    page = f"{PAGE}{factor.pk}/retirer/"
    assert "Je n’ai plus mon boîtier" in text_of(own_browser.get(page))
    assert own_browser.post(page, {"password": makers.CODE, "token_code": "000000"}).status_code == 200
    own_browser.post(page, {"password": makers.CODE, **one(secret)})
    assert Factor.objects.get().state == Factor.State.ENDED
    assert "à rendre" in text_of(own_browser.get(PAGE))


def test_no_page_shows_the_key(own_browser, client_):
    factor, secret = makers.make_token(client_)
    pages = [PAGE, ADD, *(f"{PAGE}{factor.pk}/{act}/" for act in ("recaler", "renommer", "retirer"))]
    for page in pages:
        assert not re.search(totp.written(secret)[:9], own_browser.get(page).content.decode())


def test_double_click_activates_once(own_browser, client_):
    secret = makers.lend_token(client_)
    own_browser.post(ADD, CODES)
    typed = two(secret)
    assert [own_browser.post(CONFIRM, typed)["Location"] for _ in range(2)] == [PAGE, PAGE]
    assert SecurityEvent.objects.filter(kind=Kind.FACTOR_ADDED).count() == 1
    shown = text_of(own_browser.get(PAGE))
    assert "C’est fait" in shown
    assert "n’était plus valable" not in shown


def test_challenge_of_a_login_is_spent_with_the_number(client_):
    _, secret = makers.make_token(client_)
    show(client_, **one(secret))
    assert Challenge.objects.filter(spent_at__isnull=False).count() == 1
