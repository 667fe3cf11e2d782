"""A login whose second step is a passkey: what it refuses, in which words, and the choice among several moyens."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.management import call_command
from django.utils import timezone

from auth_codes.actor import SYSTEM
from auth_codes.factors import ending
from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, Challenge, Factor, Notice, SecurityEvent
from tests import makers
from tests.authenticator import FLAG, Authenticator
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

SECOND = "/connexion/second/"
HOME = "/espace-client/"
Kind = SecurityEvent.Kind


@pytest.fixture
def key(client_):
    """The client's passkey, and the authenticator that holds it."""
    return makers.make_passkey(client_)


def begin(client, kind="passkey"):
    """A browser at the second step, and what its page shows."""
    browser = StrictBrowser()
    assert makers.log_in(browser, client.client_code, makers.CODE)["Location"] == SECOND
    return browser, browser.get(f"{SECOND}?moyen={kind}").context


def show(browser, page, authenticator, **changed):
    sent = {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}
    return browser.post(f"{SECOND}?moyen=passkey", sent | changed)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode())).replace("\u202f", " ")


def lines(kind):
    return SecurityEvent.objects.filter(kind=kind)


@pytest.mark.proves("RTS 7")
def test_passkey_opens_what_the_codes_alone_do_not(client_, key):
    browser, page = begin(client_)
    assert SESSION_KEY not in browser.session
    assert show(browser, page, key[1])["Location"] == HOME
    assert browser.get(HOME).status_code == 200
    assert lines(Kind.FACTOR_PASSED).get().details["factor"] == "passkey"
    assert Factor.objects.get().used_at


def test_any_of_his_passkeys_opens_and_its_own_row_keeps_the_count(client_, key):
    _, second = makers.make_passkey(client_, Authenticator(count=7), generation=2)
    browser, page = begin(client_)
    assert show(browser, page, second)["Location"] == HOME
    assert list(Factor.objects.order_by("generation").values_list("sign_count", flat=True)) == [0, 8]


REFUSED = {
    "no user verification": ({"flags": FLAG.UP}, "n’a pas vérifié que c’était bien vous"),
    "another origin": ({"origin": "https://testserver.example"}, "une autre adresse que celle de votre banque"),
    "another host": ({"host": "testserver.example"}, "une autre adresse que celle de votre banque"),
    "not his": ({"name": b"another name of 32 bytes or so..."}, "n’est pas l’une des vôtres"),
}


@pytest.mark.parametrize(("changed", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_his_passkeys_is_refused_in_words_and_counted(client_, key, changed, sentence):
    for name, value in changed.items():
        setattr(key[1], name, value)
    browser, page = begin(client_)
    answer = show(browser, page, key[1])
    assert sentence in text_of(answer)
    assert SESSION_KEY not in browser.session
    assert lines(Kind.FACTOR_FAILED).count() == 1
    assert AttemptCounter.objects.get(key=counters.factor_counter(key[0].pk.hex).key).count == 1


def test_passkey_of_another_client_is_none_of_his(client_, key, advisor):
    _, other = makers.make_passkey(makers.make_personalised_client(advisor, family_name="Petit"))
    browser, page = begin(client_)
    assert "n’est pas l’une des vôtres" in text_of(show(browser, page, other))


def test_removed_one_is_named_as_such(client_, key):
    lost, authenticator = makers.make_passkey(client_, generation=2)
    ending.end(lost, Factor.Why.REMOVED, by=SYSTEM, now=timezone.now())
    browser, page = begin(client_)
    assert "a été retirée de votre accès" in text_of(show(browser, page, authenticator))


def test_answer_to_another_logins_challenge_is_stale(client_, key):
    _, earlier = begin(client_)
    browser, page = begin(client_)
    answer = show(browser, page, key[1], assertion=key[1].get(earlier["options"]))
    assert "En voici une nouvelle" in text_of(answer)


@pytest.mark.parametrize("sent", ["", "x", "\0", "{}", "null"])
def test_what_is_no_answer_is_refused_in_words(client_, key, sent):
    browser, page = begin(client_)
    said = text_of(show(browser, page, key[1], assertion=sent))
    assert ("n’est pas la réponse d’une clé d’accès" if sent else "n’a rien montré") in said
    assert lines(Kind.FACTOR_FAILED).count() == bool(sent)


def test_form_kept_open_over_night_leads_back_to_the_codes(client_, key):
    browser, page = begin(client_)
    session = browser.session
    session["pending_login"][5] = 0
    session.save()
    answer = browser.post(
        SECOND, {"challenge": page["challenge"].pk, "assertion": key[1].get(page["options"])}, follow=True
    )
    assert "Le temps prévu pour la seconde étape est passé" in text_of(answer)
    assert not lines(Kind.FACTOR_FAILED).exists()


def test_second_click_and_back_button_count_nothing(client_, key):
    browser, page = begin(client_)
    sent = {"challenge": page["challenge"].pk, "assertion": key[1].get(page["options"])}
    twin = StrictBrowser()
    twin.cookies = browser.cookies.copy()
    browser.post(SECOND, sent)
    assert browser.post(SECOND, sent)["Location"] == HOME
    assert browser.get(SECOND)["Location"] == HOME
    assert twin.post(SECOND, sent)["Location"] == "/connexion/"
    assert not lines(Kind.FACTOR_FAILED).exists()


def test_page_of_an_earlier_login_in_another_tab_counts_nothing(client_, key):
    browser, earlier = begin(client_)
    makers.log_in(browser, client_.client_code, makers.CODE)
    answer = browser.post(
        SECOND, {"challenge": earlier["challenge"].pk, "assertion": key[1].get(earlier["options"])}, follow=True
    )
    assert "Cette page était celle d’une connexion précédente" in text_of(answer)
    assert not lines(Kind.FACTOR_FAILED).exists()


def test_count_that_does_not_rise_is_refused_and_told(client_, mailoutbox):
    factor, authenticator = makers.make_passkey(client_, Authenticator(count=7))
    copy = Authenticator(count=6, name=authenticator.name, handle=authenticator.handle)
    copy.sign = authenticator.sign
    for _ in range(2):
        browser, page = begin(client_)
        assert "une copie a peut-être servi ailleurs" in text_of(show(browser, page, copy))
        copy.count = 6
    assert SESSION_KEY not in browser.session
    assert lines(Kind.PASSKEY_COPIED).count() == 2
    assert Notice.objects.filter(kind=Notice.Kind.PASSKEY_COPIED).count() == 1
    browser, page = begin(client_)
    assert show(browser, page, authenticator)["Location"] == HOME
    factor.refresh_from_db()
    assert factor.sign_count == 8


def test_one_that_counted_and_counts_no_more_is_refused(client_):
    _, authenticator = makers.make_passkey(client_, Authenticator(count=7))
    authenticator.count = 0
    browser, page = begin(client_)
    assert "une copie a peut-être servi ailleurs" in text_of(show(browser, page, authenticator))


def test_fifth_failure_begins_a_pause_that_names_the_other_moyens(client_, key):
    _, secret = makers.make_app(client_, generation=2)
    key[1].flags = FLAG.UP
    browser, page = begin(client_)
    answers = [show(browser, page, key[1]) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert "Il vous reste un essai" in text_of(answers[3])
    assert "cette clé d’accès est en pause" in text_of(answers[4])
    assert f'href="{SECOND}?moyen=totp"' in answers[4].content.decode()
    shown = {"challenge": page["challenge"].pk, "code": makers.number_of(secret)}
    assert browser.post(f"{SECOND}?moyen=totp", shown)["Location"] == HOME


def test_whoever_has_several_moyens_chooses(client_, key):
    _, secret = makers.make_app(client_, generation=2)
    browser, page = begin(client_, "totp")
    assert "code" in page["form"].fields
    other = browser.get(SECOND)
    assert f'href="{SECOND}?moyen=passkey"' in other.content.decode()
    assert "Me servir de : clé d’accès" in text_of(other)
    assert show(browser, browser.get(f"{SECOND}?moyen=passkey").context, key[1])["Location"] == HOME
    browser, page = begin(client_, "totp")
    shown = {"challenge": page["challenge"].pk, "code": makers.number_of(secret)}
    assert browser.post(f"{SECOND}?moyen=totp", shown)["Location"] == HOME


@pytest.mark.parametrize("kind", ["", "list", "\0", "totp", "passkey&moyen=totp"])
def test_kind_that_he_has_not_is_as_none_named(client_, key, kind):
    _, page = begin(client_, kind)
    assert "assertion" in page["form"].fields


def test_resting_one_is_no_choice(client_, key):
    makers.make_app(client_, generation=2, asked_from=timezone.now() + timedelta(days=2))
    assert begin(client_, "totp")[1]["other_ways"] == []


def test_page_says_without_javascript_which_other_moyens_serve(client_, key):
    browser, _ = begin(client_)
    assert "Autorisez-le pour cette adresse" in text_of(browser.get(SECOND))
    makers.make_app(client_, generation=2)
    said = text_of(browser.get(f"{SECOND}?moyen=passkey"))
    assert "n’exécute pas ici. Prenez un autre de vos moyens, ci-dessous." in said


def test_bank_that_refuses_synced_ones_says_so(client_, settings):
    _, synced = makers.make_passkey(client_, Authenticator(flags=FLAG.UP | FLAG.UV | FLAG.BE))
    settings.SYNCED_PASSKEYS = False
    browser, page = begin(client_)
    assert "n’accepte que celles qui restent dans un seul" in text_of(show(browser, page, synced))


def test_row_that_does_not_open_is_an_ordinary_refusal_and_an_error_for_the_operator(client_, key, caplog):
    browser, page = begin(client_)
    Factor.objects.update(payments_from=timezone.now() + timedelta(days=1))
    assert "La signature de cette clé d’accès n’est pas la bonne" in text_of(show(browser, page, key[1]))
    assert "cannot be opened" in caplog.text
    assert browser.get(SECOND).status_code == 200


def test_codes_known_without_the_passkey_are_told(client_, key):
    begin(client_)
    Challenge.objects.update(expires_at=timezone.now())
    call_command("purge_challenges")
    assert Notice.objects.filter(kind=Notice.Kind.CODE_KNOWN).count() == 1
