"""Lent tokens: lent once, put into use once, a clock that goes wrong, and rows that somebody wrote."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, transaction
from django.utils import timezone

from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import factor_seals
from auth_codes.crypto.sealing import SealError
from auth_codes.factors import ending, enrolling, proving, tokens, totp
from auth_codes.factors.tokens import Back
from auth_codes.models import Factor, SecurityEvent, Token
from tests import makers

pytestmark = pytest.mark.django_db

STEP = timedelta(seconds=totp.STEP_SECONDS)
State = Token.State


def shown(secret, now, ahead=0):
    """What a device whose clock is so many half minutes ahead shows at this moment."""
    return totp.code_at(secret, totp.step_at(now) + ahead)


def two(secret, now, ahead=0):
    return shown(secret, now, ahead - 1) + shown(secret, now, ahead)


def is_right(factor, code, now):
    return proving.is_right(Factor.objects.select_related("owner").get(pk=factor.pk), code, now)


def drift_of(factor):
    return Factor.objects.get(pk=factor.pk).drift


def lend(client, serial="TK0001"):
    return tokens.lend(client.user, serial, by=Actor(client.advisor), now=timezone.now())


def take_back(client, how=Back.RETURNED):
    tokens.take_back(client.user, how, by=Actor(client.advisor), now=timezone.now())


def end(factor):
    stored = Factor.objects.select_related("owner").get(pk=factor.pk)
    with transaction.atomic():
        return ending.end(stored, Factor.Why.REMOVED, by=SYSTEM, now=timezone.now())


@pytest.fixture
def other(advisor):
    return makers.make_personalised_client(advisor, family_name="Durand")


def test_lent_token_is_its_borrowers_and_opens_for_him_alone(client_, other):
    secret = makers.lend_token(client_)
    assert tokens.to_activate(client_.user).unseal() == secret
    with pytest.raises(tokens.NothingLent):
        tokens.to_activate(other.user)
    line = SecurityEvent.objects.get(kind=SecurityEvent.Kind.TOKEN_LENT)
    assert (line.owner, line.by, line.details["serial"]) == (client_.user, client_.advisor, "TK0001")


def test_second_click_lends_once(client_):
    makers.lend_token(client_)
    lend(client_)
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.TOKEN_LENT).count() == 1


def test_token_is_lent_to_one_client_and_a_client_has_one(client_, other):
    makers.make_stock("TK0001", "TK0002")
    lend(client_)
    with pytest.raises(tokens.NotInStock):
        lend(other)
    with pytest.raises(tokens.HasToken):
        lend(client_, "TK0002")
    with pytest.raises(tokens.NoSuchToken):
        lend(other, "TK0009")


def test_token_in_service_is_not_taken_back(client_):
    factor, _ = makers.make_token(client_)
    with pytest.raises(tokens.StillShown):
        take_back(client_)
    assert end(factor)
    take_back(client_)
    with pytest.raises(tokens.NothingLent):
        take_back(client_)


def test_returned_token_is_lent_again_with_its_key(client_, other):
    factor, secret = makers.make_token(client_)
    end(factor)
    take_back(client_)
    assert lend(other).unseal() == secret


@pytest.mark.parametrize("how", [Back.LOST, Back.BROKEN])
def test_lost_or_broken_token_is_never_lent_again_and_its_key_is_gone(client_, how):
    makers.lend_token(client_)
    take_back(client_, how)
    token = Token.objects.get()
    assert (token.state, token.ciphertext, token.lent_to) == (State.WITHDRAWN, None, None)
    with pytest.raises(tokens.NotInStock):
        lend(client_)
    with pytest.raises(SealError):
        token.unseal()


def test_loan_whose_moyen_ended_is_not_put_into_use_again(client_):
    factor, _ = makers.make_token(client_)
    end(factor)
    with pytest.raises(tokens.NothingLent):
        tokens.to_activate(client_.user)


def test_half_minute_of_a_former_loan_serves_nobody_again(client_, other):
    now = timezone.now()
    factor, secret = makers.make_token(client_)
    assert is_right(factor, shown(secret, now), now)
    end(factor)
    take_back(client_)
    lend(other)
    new = Factor(owner=other.user, token=Token.objects.get(), kind=Factor.Kind.TOKEN)
    first, second = shown(secret, now, -1), shown(secret, now)
    assert tokens.steps_of_two(new, secret, first, second, now) is None
    assert tokens.steps_of_two(new, secret, second, shown(secret, now, 1), now)


@pytest.mark.parametrize("ahead", [-1, 0, 1])
def test_number_near_the_known_drift_is_right_once_and_teaches(client_, ahead):
    now = timezone.now()
    factor, secret = makers.make_token(client_, drift=7)
    assert not is_right(factor, shown(secret, now), now)
    assert is_right(factor, shown(secret, now, 7 + ahead), now)
    assert drift_of(factor) == 7 + ahead
    assert not is_right(factor, shown(secret, now, 7 + ahead), now)


def test_device_that_goes_wrong_a_little_each_time_is_followed_for_ten_minutes_and_no_farther(client_):
    now = timezone.now()
    factor, secret = makers.make_token(client_)
    right = [is_right(factor, shown(secret, now + 100 * n * STEP, n), now + 100 * n * STEP) for n in range(30)]
    assert right == [True] * (tokens.LEARNED + 2) + [False] * (28 - tokens.LEARNED)
    assert drift_of(factor) == tokens.LEARNED


@pytest.mark.parametrize("ahead", [-tokens.FAR, -30, 0, 30, tokens.FAR])
def test_two_numbers_in_a_row_set_the_drift_anew(client_, ahead):
    now = timezone.now()
    factor, secret = makers.make_token(client_)
    assert is_right(factor, two(secret, now, ahead), now)
    assert drift_of(factor) == ahead
    assert not is_right(factor, two(secret, now, ahead), now)
    assert is_right(factor, shown(secret, now, ahead + 1), now)


@pytest.mark.parametrize("ahead", [-tokens.FAR - 1, tokens.FAR + 1])
def test_two_numbers_from_farther_off_set_nothing(client_, ahead):
    now = timezone.now()
    factor, secret = makers.make_token(client_)
    assert not is_right(factor, two(secret, now, ahead), now)


def test_two_numbers_that_do_not_follow_each_other_are_wrong(client_):
    now = timezone.now()
    factor, secret = makers.make_token(client_)
    assert not is_right(factor, shown(secret, now, -1) + shown(secret, now, 1), now)
    assert not is_right(factor, shown(secret, now) * 2, now)


def test_clock_of_the_server_that_was_set_back_accepts_nothing_twice(client_):
    now = timezone.now()
    factor, secret = makers.make_token(client_)
    codes = {ahead: shown(secret, now, ahead) for ahead in (-2, -1, 0)}
    assert is_right(factor, codes[0], now)
    for ahead, code in codes.items():
        assert not is_right(factor, code, now + ahead * STEP)


def test_learned_drift_of_a_device_that_was_set_right_by_two_numbers_may_come_back_and_not_grow():
    assert [tokens._learned(40, seen) for seen in (39, 40, 41, -40)] == [39, 40, 40, -40]
    assert [tokens._learned(0, seen) for seen in (1, -1, 21)] == [1, -1, 0]


def test_app_has_no_drift(client_):
    now = timezone.now()
    factor, secret = makers.make_app(client_)
    assert is_right(factor, shown(secret, now, 1), now)
    assert drift_of(factor) == 0
    assert not is_right(factor, two(secret, now, 3), now)


@pytest.mark.parametrize("serial", [" tk-0001 ", "TK 00 01", "tk0001", "TK\u00a00001"])
def test_serial_is_read_as_people_write_it(serial):
    assert tokens.normalise(serial) == "TK0001"


@pytest.mark.parametrize("serial", ["", "T\0K", "É1", "\u0661\u0662", "A" * 33, "A/1"])
def test_serial_of_other_signs_is_none(serial):
    assert not tokens.is_serial(tokens.normalise(serial))


CHANGES = [{"serial": "TK0009"}, {"state": State.IN_USE}, {"state": State.STOCK, "lent_to": None, "lent_at": None}]


@pytest.mark.parametrize("change", CHANGES)
def test_row_that_somebody_changes_does_not_open(client_, change):
    makers.lend_token(client_)
    Token.objects.update(**change)
    with pytest.raises(SealError):
        Token.objects.get().unseal()


def test_token_that_somebody_moves_to_himself_is_not_put_into_use(client_, other):
    makers.lend_token(client_)
    Token.objects.update(lent_to=other.user)
    with pytest.raises(SealError):
        enrolling.begin(other.user, "À moi", kind=Factor.Kind.TOKEN, device=None, session={}, now=timezone.now())
    with pytest.raises(tokens.NotSealed):
        take_back(other)


def test_token_that_somebody_changed_in_stock_is_not_lent(client_):
    makers.make_stock("TK0001")
    Token.objects.update(nonce=bytes(12))
    with pytest.raises(tokens.NotSealed):
        lend(client_)


@pytest.mark.parametrize(
    "values",
    [
        {"state": State.LENT},
        {"state": State.WITHDRAWN},
        {"ciphertext": None},
        {"state": State.IN_USE, "lent_at": timezone.now()},
    ],
)
def test_database_keeps_what_a_state_means(values):
    makers.make_stock("TK0001")
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.update(**values)


def test_device_is_one_moyen_at_a_time(client_, other):
    factor, _ = makers.make_token(client_)
    another = Factor.objects.get(pk=factor.pk)
    another.pk, another.owner, another.generation = None, other.user, 5
    with pytest.raises(IntegrityError), transaction.atomic():
        another.save(force_insert=True)


def test_rotation_seals_tokens_anew(client_, settings):
    secret, stock = makers.lend_token(client_), makers.make_stock("TK0002")
    old = next(iter(settings.SECRET_CODE_KEYS))
    settings.SECRET_CODE_KEYS = {"new": b"n" * 32, **settings.SECRET_CODE_KEYS}
    assert factor_seals.rows_by_key()[old] == 2
    assert factor_seals.seal_anew(lambda done: None) == 2
    settings.SECRET_CODE_KEYS = {"new": b"n" * 32}
    assert tokens.to_activate(client_.user).unseal() == secret
    assert Token.objects.get(serial="TK0002").unseal() == stock["TK0002"]


def test_check_names_the_key_that_tokens_miss():
    makers.make_stock("TK0001")
    Token.objects.update(key_id="lost")
    with pytest.raises(SystemCheckError, match="lost"):
        call_command("check", databases=["default"])


def test_token_that_was_never_brought_back_is_withdrawn_with_its_borrower(client_):
    makers.make_token(client_)
    ending.erase(client_.user)
    assert Token.objects.get().state == State.WITHDRAWN
