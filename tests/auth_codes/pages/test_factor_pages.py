"""« Mes moyens »: adding an app, its name, taking it off, and whoever would do it in the owner's place."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from auth_codes.crypto import slots
from auth_codes.factors import totp
from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, Challenge, Factor, KnownDevice, Notice, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PAGE = "/mon-profil/moyens/"
ADD, CONFIRM = f"{PAGE}application/", f"{PAGE}application/confirmer/"
GIVE_UP = f"{PAGE}application/annuler/"
CODES = {"password": makers.CODE, "name": "Mon téléphone"}


@pytest.fixture
def known_browser(client_):
    """The client's own device, known for longer than a first moyen rests."""
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    KnownDevice.objects.update(first_seen_at=timezone.now() - timedelta(days=8))
    return browser


def no_slot(**kwargs):
    raise slots.Busy


def key_on(browser):
    page = browser.get(CONFIRM)
    return Factor.objects.get(state=Factor.State.PENDING).unseal(), page.content.decode()


def numbers(secret, ahead=0):
    return {"code": makers.number_of(secret, ahead - 1), "code2": makers.number_of(secret, ahead)}


def add(browser, **fields):
    assert browser.post(ADD, CODES | fields)["Location"] == CONFIRM
    secret, _ = key_on(browser)
    answer = browser.post(CONFIRM, numbers(secret), follow=True)
    return secret, answer


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode())).replace("\u202f", " ")


def test_client_adds_an_app_and_logs_in_with_it(known_browser, client_, mailoutbox):
    secret, answer = add(known_browser)
    assert "C’est fait" in text_of(answer)
    factor = Factor.objects.get()
    assert (factor.state, factor.unseal()) == (Factor.State.ACTIVE, secret)
    stranger = StrictBrowser()
    assert makers.log_in(stranger, client_.client_code, makers.CODE)["Location"] == "/connexion/second/"
    challenge = stranger.get("/connexion/second/").context["challenge"].pk
    shown = {"code": makers.number_of(secret, 1), "challenge": challenge}
    assert stranger.post("/connexion/second/", shown)["Location"] == "/espace-client/"


def test_key_is_shown_as_square_letters_and_link_and_stands_in_no_table_in_clear(known_browser):
    known_browser.post(ADD, CODES)
    secret, page = key_on(known_browser)
    assert totp.written(secret) in page
    assert "otpauth://totp/" in page
    assert "<svg" in page
    assert "style" not in re.search(r"<svg.*?</svg>", page, re.DOTALL)[0]
    assert secret not in bytes(Factor.objects.get().ciphertext)


def test_owner_is_told_with_the_date_and_so_is_the_journal(known_browser, client_):
    add(known_browser)
    notice = Notice.objects.get(kind=Notice.Kind.FACTOR_ADDED)
    assert notice.facts["name"] == "Mon téléphone"
    assert notice.facts["asked_from"]
    line = SecurityEvent.objects.get(kind=SecurityEvent.Kind.FACTOR_ADDED)
    assert (line.owner, line.by, line.details["factor"]) == (client_.user, client_.user, "totp")


def test_this_device_is_not_asked_at_its_next_login(known_browser, client_):
    add(known_browser)
    known_browser.post("/deconnexion/")
    assert makers.log_in(known_browser, client_.client_code, makers.CODE)["Location"] == "/espace-client/"


def test_on_a_new_device_it_rests_a_week_shown_and_told(client_, settings):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert "ne sera demandé à la connexion qu’à partir du" in text_of(browser.get(ADD))
    _, answer = add(browser)
    assert "Jusque-là, vous pouvez l’annuler d’un appareil connu" in text_of(answer)
    week = timezone.now() + timedelta(days=settings.FACTOR_REST_DAYS)
    assert abs(Factor.objects.get().asked_from - week) < timedelta(minutes=5)
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)["Location"] == "/espace-client/"


def test_owner_takes_a_resting_one_back_by_his_code_on_a_known_device(known_browser, client_):
    factor, _ = makers.make_app(client_, asked_from=timezone.now() + timedelta(days=3))
    page = f"{PAGE}{factor.pk}/retirer/"
    assert "code" not in known_browser.get(page).context["form"].fields
    assert known_browser.post(page, {"password": makers.CODE})["Location"] == PAGE
    factor.refresh_from_db()
    assert (factor.state, factor.ended_why, factor.ciphertext) == ("ended", "cancelled", None)
    assert Notice.objects.filter(kind=Notice.Kind.FACTOR_REMOVED).exists()


def test_unknown_device_takes_nothing_back_by_the_code_alone(client_):
    factor, _ = makers.make_app(client_, asked_from=timezone.now() + timedelta(days=3))
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE, public="on")
    answer = browser.post(f"{PAGE}{factor.pk}/retirer/", {"password": makers.CODE})
    assert "celui-ci n’en est pas un" in text_of(answer)
    assert Factor.objects.active().exists()


@pytest.mark.parametrize("wrong", ["password", "code", "both"])
def test_removal_asks_both_and_says_not_which_was_wrong(known_browser, client_, wrong):
    factor, secret = makers.make_app(client_)
    fields = {"password": makers.CODE, "code": makers.number_of(secret)}
    fields |= {"password": makers.WRONG_CODE} if wrong in ("password", "both") else {}
    fields |= {"code": makers.number_of(secret, 9)} if wrong in ("code", "both") else {}
    answer = known_browser.post(f"{PAGE}{factor.pk}/retirer/", fields)
    assert "Code secret ou nombre incorrect" in text_of(answer)
    assert Factor.objects.active().exists()


def test_owner_removes_his_app_with_code_and_number(known_browser, client_):
    factor, secret = makers.make_app(client_)
    KnownDevice.objects.update(proved_at=timezone.now())
    fields = {"password": makers.CODE, "code": makers.number_of(secret)}
    answer = known_browser.post(f"{PAGE}{factor.pk}/retirer/", fields, follow=True)
    assert "est retiré" in text_of(answer)
    assert Factor.objects.get().ended_why == Factor.Why.REMOVED
    assert KnownDevice.objects.get().proved_at is None
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)["Location"] == "/espace-client/"


def test_after_removal_another_may_be_added(known_browser, client_):
    factor, secret = makers.make_app(client_)
    known_browser.post(f"{PAGE}{factor.pk}/retirer/", {"password": makers.CODE, "code": makers.number_of(secret)})
    add(known_browser)
    assert list(Factor.objects.values_list("generation", "state")) == [(2, "active"), (1, "ended")]


def test_one_app_at_a_time(known_browser, client_):
    makers.make_app(client_)
    assert "Vous avez déjà une application" in text_of(known_browser.get(ADD))
    assert known_browser.post(ADD, CODES)["Location"] == PAGE
    assert Factor.objects.count() == 1


def test_wrong_code_draws_no_key_and_is_counted(known_browser):
    answer = known_browser.post(ADD, CODES | {"password": makers.WRONG_CODE})
    assert "Ce n’est pas votre code secret" in text_of(answer)
    assert not Factor.objects.exists()
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_REMOVAL_FAILED).count() == 1


@pytest.mark.parametrize(
    "name", ["", "http://x.example", "a\0b", "<b>", "x" * 41, "a@b.fr", "a\u202eb", "Appelez le 01 99 00"]
)
def test_name_that_a_mail_would_make_a_link_of_is_refused(known_browser, name):
    answer = known_browser.post(ADD, CODES | {"name": name})
    assert answer.status_code == 200
    assert not Factor.objects.exists()


def test_two_numbers_that_do_not_follow_each_other_add_nothing(known_browser):
    known_browser.post(ADD, CODES)
    secret, _ = key_on(known_browser)
    same = {"code": makers.number_of(secret), "code2": makers.number_of(secret)}
    assert "Ces deux nombres ne se suivent pas" in text_of(known_browser.post(CONFIRM, same))
    assert not Factor.objects.active().exists()
    assert "C’est fait" in text_of(known_browser.post(CONFIRM, numbers(secret), follow=True))


def test_key_of_another_session_is_neither_shown_nor_confirmed(known_browser, client_):
    known_browser.post(ADD, CODES)
    secret, _ = key_on(known_browser)
    other = StrictBrowser()
    makers.log_in(other, client_.client_code, makers.CODE)
    assert other.get(CONFIRM)["Location"] == PAGE
    assert other.post(CONFIRM, numbers(secret))["Location"] == PAGE
    assert not Factor.objects.active().exists()


def test_page_left_open_over_night_begins_again_in_words(known_browser):
    known_browser.post(ADD, CODES)
    secret, _ = key_on(known_browser)
    Challenge.objects.update(expires_at=timezone.now())
    answer = known_browser.post(CONFIRM, numbers(secret), follow=True)
    assert "Cette page n’était plus valable" in text_of(answer)
    assert not Factor.objects.active().exists()


def test_second_tab_draws_another_key_and_the_first_one_is_void(known_browser):
    known_browser.post(ADD, CODES)
    first, _ = key_on(known_browser)
    known_browser.post(ADD, CODES)
    assert "Ces deux nombres" in text_of(known_browser.post(CONFIRM, numbers(first)))
    assert Factor.objects.count() == 1


def test_who_clicks_twice_or_goes_back_is_not_told_to_take_his_new_app_off(known_browser):
    secret, _ = add(known_browser)
    again = known_browser.post(CONFIRM, numbers(secret), follow=True), known_browser.get(CONFIRM, follow=True)
    for answer in again:
        assert answer.status_code == 200
        assert "supprimez" not in text_of(answer)
        assert "Mon téléphone" in text_of(answer)
    assert Factor.objects.active().count() == 1


def test_giving_up_leaves_nothing(known_browser):
    known_browser.post(ADD, CODES)
    assert "Rien n’est ajouté" in text_of(known_browser.post(GIVE_UP, follow=True))
    assert not Factor.objects.exists()
    assert known_browser.get(CONFIRM)["Location"] == PAGE


def test_owner_gives_it_another_name(known_browser, client_):
    factor, _ = makers.make_app(client_)
    known_browser.post(f"{PAGE}{factor.pk}/renommer/", {"name": "  Tablette   du salon "})
    factor.refresh_from_db()
    assert (factor.name, len(factor.unseal())) == ("Tablette du salon", 20)


@pytest.mark.parametrize("page", ["renommer", "retirer"])
def test_moyen_of_another_client_is_not_found(known_browser, advisor, page):
    other = makers.make_personalised_client(advisor, family_name="Petit")
    factor, _ = makers.make_app(other)
    assert known_browser.get(f"{PAGE}{factor.pk}/{page}/").status_code == 404
    assert known_browser.post(f"{PAGE}{factor.pk}/{page}/", {"name": "x"}).status_code == 404


@pytest.mark.parametrize("page", ["renommer", "retirer"])
def test_second_click_and_page_of_before_are_told_that_it_has_ended(known_browser, client_, page):
    factor, secret = makers.make_app(client_)
    fields = {"password": makers.CODE, "code": makers.number_of(secret)}
    known_browser.post(f"{PAGE}{factor.pk}/retirer/", fields)
    again = known_browser.post(f"{PAGE}{factor.pk}/{page}/", fields | {"name": "Neuf"}, follow=True)
    for answer in (again, known_browser.get(f"{PAGE}{factor.pk}/{page}/", follow=True)):
        assert "« Mon téléphone » n’est plus en service" in text_of(answer)
    assert AttemptCounter.objects.filter(count__gt=0).count() == 0


def test_one_that_waits_to_be_proved_is_not_found(known_browser):
    known_browser.post(ADD, CODES)
    assert known_browser.get(f"{PAGE}{Factor.objects.get().pk}/retirer/").status_code == 404


def test_it_was_not_me_ends_what_was_added_within_30_days(known_browser, client_):
    makers.make_app(client_, created_at=timezone.now() - timedelta(days=29))
    known_browser.post("/mon-profil/connexions/ce-n-etait-pas-moi/", {"opens": "conseiller"})
    assert Factor.objects.get().ended_why == Factor.Why.NOT_ME


def test_it_was_not_me_leaves_an_old_one(known_browser, client_):
    makers.make_app(client_, created_at=timezone.now() - timedelta(days=31))
    known_browser.post("/mon-profil/connexions/ce-n-etait-pas-moi/", {"opens": "conseiller"})
    assert Factor.objects.active().exists()


def test_page_says_what_each_is_since_when_and_last_used(known_browser, client_):
    assert "Aucun pour le moment" in text_of(known_browser.get(PAGE))
    makers.make_app(client_)
    shown = text_of(known_browser.get(PAGE))
    assert "Mon téléphone" in shown
    assert "Pas encore utilisé" in shown
    assert "Je n’ai plus mon téléphone" in shown
    assert "second conseiller approuve" in text_of(known_browser.get(f"{PAGE}perdu/"))


def test_removal_that_finds_no_slot_counts_no_try_of_either(known_browser, client_, monkeypatch):
    factor, secret = makers.make_app(client_)
    monkeypatch.setattr(slots, "taken", no_slot)
    fields = {"password": makers.CODE, "code": makers.number_of(secret)}
    assert known_browser.post(f"{PAGE}{factor.pk}/retirer/", fields).status_code == 503
    assert not AttemptCounter.objects.filter(count__gt=0).exists()
    assert Factor.objects.get().last_step == -1


def test_removal_whose_moyen_is_used_up_meanwhile_counts_no_try_of_the_code(known_browser, client_, monkeypatch):
    factor, secret = makers.make_app(client_)
    device = counters.factor_counter(factor.pk.hex, KnownDevice.objects.get().pk.hex)
    for _ in range(5):
        makers.fail(device)
    block_of = counters.block_of
    monkeypatch.setattr(counters, "block_of", lambda counter, now=None: None)
    fields = {"password": makers.CODE, "code": makers.number_of(secret)}
    assert known_browser.post(f"{PAGE}{factor.pk}/retirer/", fields).status_code == 429
    assert block_of(device)
    assert AttemptCounter.objects.get(count__gt=0).key == device.key


def test_number_refused_beside_the_code_is_forgiven_to_its_own_browser(client_):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE, public="on")
    factor, secret = makers.make_app(client_)
    page = f"{PAGE}{factor.pk}/retirer/"
    browser.post(page, {"password": makers.CODE, "code": makers.number_of(secret, 9)})
    assert counters.failures_of(counters.factor_counter(factor.pk.hex)) == 1
    browser.post(page, {"password": makers.CODE, "code": makers.number_of(secret)})
    assert counters.failures_of(counters.factor_counter(factor.pk.hex)) == 0


def test_key_that_nobody_proved_is_kept_no_longer_than_its_page(known_browser, client_):
    known_browser.post(ADD, CODES)
    call_command("purge_challenges")
    assert Factor.objects.count() == 1
    Factor.objects.update(created_at=timezone.now() - timedelta(minutes=15))
    call_command("purge_challenges")
    assert not Factor.objects.exists()
    makers.make_app(client_)
    call_command("purge_challenges")
    assert Factor.objects.active().exists()
