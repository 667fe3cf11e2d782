"""A lock undone by its owner: both codes, then a moyen of long before; and whoever would do it in his place."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from accounts.clients import client_journal, own_journal
from auth_codes import dual_control, notices
from auth_codes.actor import Actor
from auth_codes.factors import ending
from auth_codes.locking import locks, unlocking
from auth_codes.lockout import counters
from auth_codes.login import unlock_steps
from auth_codes.models import (
    AccessLock,
    AttemptCounter,
    Challenge,
    Factor,
    KnownDevice,
    Notice,
    SecurityEvent,
    Unlocking,
)
from tests import makers
from tests.auth_codes.locking.test_locks import lock, start
from tests.conftest import StrictBrowser
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PAGE, LOGIN, HOME = "/deverrouiller/", "/connexion/", "/espace-client/"
LONG_BEFORE = timezone.now() - timedelta(days=30)
OLD = {"created_at": LONG_BEFORE, "asked_from": LONG_BEFORE, "payments_from": LONG_BEFORE}


@pytest.fixture
def app(client_):
    """The key of an app that the client has had for a month."""
    return makers.make_app(client_, **OLD)


def with_codes(client, browser=None, code=makers.CODE):
    """A browser that has just typed both codes of a locked access."""
    browser = browser or StrictBrowser()
    assert makers.log_in(browser, client.client_code, code)["Location"] == PAGE
    return browser


def show(browser, code, page=PAGE, **changed):
    asked = browser.get(page).context
    shown = {"code": code, "challenge": asked["challenge"].pk if asked.get("challenge") else ""}
    return browser.post(page, shown | changed)


def stands(client):
    return locks.standing(client.user) is not None


def offers(browser):
    return "Déverrouiller tout de suite" in text_of(browser.get(PAGE))


# What opens.


def test_both_codes_and_an_app_of_before_undo_the_lock_and_open_no_session(client_, app):
    lock(client_)
    browser = with_codes(client_)
    assert offers(browser)
    answer = show(browser, makers.number_of(app[1]))
    assert (answer.status_code, answer["Location"]) == (302, LOGIN)
    assert "Votre accès est déverrouillé" in text_of(browser.get(LOGIN))
    assert SESSION_KEY not in browser.session
    assert not stands(client_)
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)["Location"] == "/connexion/second/"


def test_owner_is_told_and_his_journal_says_by_which_moyen(client_, app):
    made = lock(client_)
    show(with_codes(client_), makers.number_of(app[1]))
    told = Notice.objects.get(kind=Notice.Kind.ACCESS_UNLOCKED)
    assert "avec vos deux codes et votre second moyen, Mon téléphone" in notices.message_of(told).body
    line = SecurityEvent.objects.get(kind="access_unlocked")
    assert (line.by, line.details["reference"], line.details["factor"]) == (client_.user, made.reference, "totp")
    [said] = own_journal.in_words(client_journal.lines_about(client_).filter(kind="access_unlocked"), client_)
    assert said.by == "Vous"
    assert AccessLock.objects.get().undone_by == client_.user


def test_known_device_is_not_asked_a_second_time(client_, app):
    browser = StrictBrowser()
    KnownDevice.objects.all().delete()
    Factor.objects.update(state="active")
    makers.log_in(browser, client_.client_code, makers.CODE)
    challenge = browser.get("/connexion/second/").context["challenge"].pk
    browser.post("/connexion/second/", {"code": makers.number_of(app[1], -1), "challenge": challenge})
    assert KnownDevice.objects.exists()
    KnownDevice.objects.update(proved_at=None)
    lock(client_)
    show(with_codes(client_, browser), makers.number_of(app[1]))
    assert makers.log_in(browser, client_.client_code, makers.CODE)["Location"] == HOME


def test_passkey_undoes_it(client_):
    _, authenticator = makers.make_passkey(client_, **OLD)
    lock(client_)
    browser = with_codes(client_)
    shown = browser.get(PAGE).context
    sent = {"assertion": authenticator.get(shown["options"]), "challenge": shown["challenge"].pk}
    assert browser.post(f"{PAGE}?moyen=passkey", sent, secure=True)["Location"] == LOGIN
    assert not stands(client_)


def test_code_of_the_list_undoes_it_and_is_used_up(client_, app):
    factor, codes = makers.make_list(client_)
    Factor.objects.filter(pk=factor.pk).update(created_at=LONG_BEFORE)
    lock(client_)
    browser = with_codes(client_)
    assert "code" in browser.get(PAGE).context["form"].fields  # the app's, which is older and costs nothing
    page = f"{PAGE}?moyen=list"
    asked = browser.get(page).context
    sent = {"list_code": codes[asked["number"]], "number": asked["number"], "challenge": asked["challenge"].pk}
    assert browser.post(page, sent)["Location"] == LOGIN
    assert not stands(client_)
    assert factor.list_codes.filter(used_at=None).count() == 39


# What does not.


@pytest.mark.parametrize(
    "dates",
    [
        {"created_at": timedelta(days=-6), "asked_from": timedelta(days=-6)},  # by whoever was let in last week
        {"created_at": timedelta(days=-8), "asked_from": timedelta(minutes=5)},  # it rests
        {"created_at": timedelta(minutes=5), "asked_from": timedelta(minutes=5)},  # younger than the lock
    ],
    ids=["young", "rests", "younger"],
)
def test_moyen_that_a_thief_may_have_added_undoes_nothing(client_, dates):
    now = timezone.now()
    changed = {name: now + ago for name, ago in dates.items()}
    factor, secret = makers.make_app(client_, **OLD | changed)
    made = lock(client_)
    Factor.objects.filter(pk=factor.pk).update(created_at=changed["created_at"])
    browser = with_codes(client_)
    page = text_of(browser.get(PAGE))
    assert "ne peut pas déverrouiller votre accès" in page
    assert "Saisir mes deux codes" not in page
    assert not offers(browser)
    assert browser.post(PAGE, {"code": makers.number_of(secret), "challenge": ""})["Location"] == LOGIN
    with pytest.raises(locks.NotLocked):
        unlock_steps.undo(made, factor, by=Actor(client_.user), now=timezone.now())
    assert stands(client_)


def test_who_has_locked_is_led_to_his_codes_and_who_has_typed_them_in_vain_to_the_bank(client_):
    lock(client_)
    browser = StrictBrowser()
    browser.post("/verrouiller/", {"username": client_.client_code, "password": makers.CODE})
    assert "Saisir mes deux codes" in text_of(browser.get("/verrouiller/recu/"))
    assert "Saisir mes deux codes" in text_of(browser.get(PAGE))
    with_codes(client_, browser)
    for _ in range(2):
        page = text_of(browser.get(PAGE))
        assert ("Saisir mes deux codes" in page, "Votre conseiller s’en charge avec vous" in page) == (False, True)


def test_one_that_rested_when_he_locked_opens_nothing_once_its_rest_is_over(client_):
    now = timezone.now()
    makers.make_app(client_, created_at=now - timedelta(days=14), asked_from=now - timedelta(days=6))
    at = now - timedelta(days=6, minutes=1)
    locks.lock(client_.user, way=AccessLock.Way.SESSION, by=Actor(client_.user), now=at)
    assert not offers(with_codes(client_))


def test_without_right_codes_there_is_nothing_to_show(client_, app):
    lock(client_)
    stranger = StrictBrowser()
    assert not offers(stranger)
    answer = stranger.post(PAGE, {"code": makers.number_of(app[1]), "challenge": "x"}, follow=True)
    assert "Saisissez de nouveau vos deux codes" in text_of(answer)
    assert stands(client_)


def test_who_locked_by_his_letter_is_told_of_the_lock_and_not_of_his_moyens(client_, app):
    browser = StrictBrowser()
    browser.post("/verrouiller/", {"username": client_.client_code, "password": makers.CODE})
    assert not offers(browser)
    assert "Saisir mes deux codes" in text_of(browser.get(PAGE))


def test_who_has_no_moyen_reads_of_the_two_advisors_alone(client_):
    lock(client_)
    browser = with_codes(client_)
    assert not offers(browser)
    assert "ne peut pas déverrouiller" not in text_of(browser.get(PAGE))


@pytest.mark.proves("RTS 4(3)(b)")
def test_five_wrong_numbers_pause_it_and_the_lock_stands(client_, app):
    factor, secret = app
    lock(client_)
    browser = with_codes(client_)
    challenge = browser.get(PAGE).context["challenge"].pk
    answers = [browser.post(PAGE, {"code": makers.number_of(secret, 9), "challenge": challenge}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert "Il vous reste un essai avant une pause" in text_of(answers[3])
    assert browser.post(PAGE, {"code": makers.number_of(secret), "challenge": challenge}).status_code == 429
    count = AttemptCounter.objects.get(key=counters.factor_counter(factor.pk.hex).key).count
    assert (count, stands(client_)) == (5, True)
    assert Notice.objects.filter(kind=Notice.Kind.FACTOR_BLOCKED).count() == 1


def test_pause_names_the_other_moyen_on_the_same_page(client_, app):
    makers.make_passkey(client_, **OLD | {"generation": 2})
    lock(client_)
    browser = with_codes(client_)
    page = f"{PAGE}?moyen=totp"
    challenge = browser.get(page).context["challenge"].pk
    for _ in range(5):
        answer = browser.post(page, {"code": makers.number_of(app[1], 9), "challenge": challenge})
    assert f'href="{PAGE}?moyen=passkey"' in answer.content.decode()


@pytest.mark.parametrize("typed", ["", "12", "12345\0", "١٢٣٤٥٦", "9" * 5000, "abcdef"])
def test_what_is_no_number_is_said_and_not_counted(client_, app, typed):
    lock(client_)
    assert show(with_codes(client_), typed).status_code == 200
    assert not AttemptCounter.objects.filter(key=counters.factor_counter(app[0].pk.hex).key).exists()


@pytest.mark.parametrize("challenge", ["", "x", "\0", "1" * 5000])
def test_page_of_another_attempt_is_not_answered(client_, app, challenge):
    lock(client_)
    browser = with_codes(client_)
    answer = browser.post(PAGE, {"code": makers.number_of(app[1]), "challenge": challenge}, follow=True)
    assert "voici la bonne" in text_of(answer)
    assert stands(client_)


def test_moyen_of_somebody_else_undoes_nothing(client_, app, advisor):
    other = makers.make_personalised_client(advisor, family_name="Lanoë")
    _, others_secret = makers.make_app(other, **OLD)
    lock(client_)
    assert "Ce n’est pas le nombre attendu" in text_of(show(with_codes(client_), makers.number_of(others_secret)))
    assert stands(client_)


# What comes in between.


def test_second_click_and_the_back_button_lead_to_the_login(client_, app):
    lock(client_)
    browser = with_codes(client_)
    sent = {"code": makers.number_of(app[1]), "challenge": browser.get(PAGE).context["challenge"].pk}
    assert browser.post(PAGE, sent)["Location"] == LOGIN
    again = browser.post(PAGE, sent)
    assert again["Location"] == LOGIN
    assert SecurityEvent.objects.filter(kind="access_unlocked").count() == 1
    assert not AttemptCounter.objects.filter(key=counters.factor_counter(app[0].pk.hex).key, count__gt=0).exists()
    assert browser.get(PAGE).status_code == 200


def test_form_kept_open_over_night_asks_for_the_codes_again(client_, app):
    lock(client_)
    browser = with_codes(client_)
    challenge = browser.get(PAGE).context["challenge"].pk
    session = browser.session
    session["pending_unlock"] = [*session["pending_unlock"][:-1], int(timezone.now().timestamp()) - 1]
    session.save()
    answer = browser.post(PAGE, {"code": makers.number_of(app[1]), "challenge": challenge}, follow=True)
    assert "Le temps prévu est passé" in text_of(answer)
    assert not offers(browser)
    assert stands(client_)


@pytest.mark.parametrize("ended", ["moyen", "sessions"])
def test_what_ends_meanwhile_undoes_nothing(client_, app, ended):
    lock(client_)
    browser = with_codes(client_)
    sent = {"code": makers.number_of(app[1]), "challenge": browser.get(PAGE).context["challenge"].pk}
    if ended == "moyen":
        ending.end(app[0], Factor.Why.ADVISORS, by=Actor(), now=timezone.now())
    else:
        client_.user.set_unusable_password()
        client_.user.save()
    assert browser.post(PAGE, sent)["Location"] == LOGIN
    assert stands(client_)


def test_killed_after_the_number_was_taken_the_lock_stands_and_the_next_number_undoes_it(client_, app, monkeypatch):
    lock(client_)
    browser = with_codes(client_)
    challenge = browser.get(PAGE).context["challenge"].pk
    with monkeypatch.context() as patched:
        patched.setattr(unlock_steps, "undo", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            browser.post(PAGE, {"code": makers.number_of(app[1], -1), "challenge": challenge})
    assert stands(client_)
    assert browser.post(PAGE, {"code": makers.number_of(app[1]), "challenge": challenge})["Location"] == LOGIN
    assert show(with_codes(client_, browser), makers.number_of(app[1]))["Location"] == LOGIN
    assert not stands(client_)


def test_request_of_the_desk_comes_to_nothing_and_undoes_no_later_lock(client_, app, advisor):
    colleague = makers.make_advisor("marc.lefevre")
    advisor.email = "claire@example.org"
    advisor.save()
    lock(client_)
    asked = start(client_, advisor)
    show(with_codes(client_), makers.number_of(app[1]))
    assert Unlocking.objects.get().decision == dual_control.Decision.LAPSED
    told = Notice.objects.get(kind=Notice.Kind.REQUEST_LAPSED)
    assert "a déverrouillé son accès lui-même" in notices.message_of(told).body
    lock(client_)
    Unlocking.objects.update(decision="", decided_at=None)  # as if it had waited on
    with pytest.raises(locks.NotLocked):
        unlocking.approve(asked, by=Actor(colleague))
    assert stands(client_)


def test_later_lock_is_not_undone_by_the_step_of_the_earlier_one(client_, app):
    made = lock(client_)
    browser = with_codes(client_)
    sent = {"code": makers.number_of(app[1]), "challenge": browser.get(PAGE).context["challenge"].pk}
    locks.undo(client_.user, by=Actor(client_.user))
    lock(client_)
    browser.post(PAGE, sent)
    assert stands(client_)
    with pytest.raises(locks.NotLocked):
        unlock_steps.undo(made, app[0], by=Actor(client_.user), now=timezone.now())


def test_challenge_of_a_login_proves_no_unlocking(client_, app):
    """A row that somebody moved: its purpose and what it is about are in its bytes and its subject."""
    lock(client_)
    browser = with_codes(client_)
    challenge = browser.get(PAGE).context["challenge"]
    Challenge.objects.filter(pk=challenge.pk).update(subject="0" * 64)
    assert browser.post(PAGE, {"code": makers.number_of(app[1]), "challenge": challenge.pk})["Location"] == LOGIN
    assert stands(client_)
