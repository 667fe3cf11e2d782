"""Lent tokens at the same instant: one number once, one loan once, one activation."""

import pytest
from django.utils import timezone

from auth_codes.actor import SYSTEM, Actor
from auth_codes.factors import ending, enrolling, proving, tokens, totp
from auth_codes.factors.tokens import Back
from auth_codes.models import Factor, SecurityEvent, Token
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MANY = 50
SECOND = "/connexion/second/"


def tried(act, *expected):
    """What came of it: its value, or the name of what it raised."""

    def trying(argument):
        try:
            return act(argument)
        except expected as error:
            return type(error).__name__

    return trying


@pytest.mark.parametrize("numbers", [1, 2])
def test_same_numbers_fifty_times_at_once_are_accepted_once(client_, race, numbers):
    factor, secret = makers.make_token(client_)
    code = "".join(makers.number_of(secret, ahead) for ahead in range(1 - numbers, 1))
    stored = Factor.objects.select_related("owner").get(pk=factor.pk)
    assert race(lambda _: proving.is_right(stored, code, timezone.now()), range(MANY)).count(True) == 1


def test_of_fifty_wrong_numbers_at_once_five_are_verified(client_, race, monkeypatch):
    makers.make_token(client_)
    verified, verify = [], tokens.steps_of

    def counting(factor, code, now):
        verified.append(code)
        return verify(factor, code, now)

    monkeypatch.setattr(tokens, "steps_of", counting)
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    typed = {"token_code": "000000", "challenge": browser.get(SECOND).context["challenge"].pk}
    answers = race(lambda _: browser.post(SECOND, typed).status_code, range(MANY))
    assert len(verified) == 5
    assert answers.count(429) >= MANY - 5


def test_token_is_lent_to_one_of_two_at_once(client_, advisor, race):
    other = makers.make_personalised_client(advisor, family_name="Durand")
    makers.make_stock("TK0001")

    def lend(client):
        return tokens.lend(client.user, "TK0001", by=Actor(advisor), now=timezone.now()).serial

    lent = race(tried(lend, tokens.NotInStock), [client_, other])
    assert sorted(lent) == ["NotInStock", "TK0001"]
    assert Token.objects.get().unseal()


def test_client_borrows_one_of_two_at_once(client_, advisor, race):
    makers.make_stock("TK0001", "TK0002")

    def lend(serial):
        return tokens.lend(client_.user, serial, by=Actor(advisor), now=timezone.now()).serial

    assert race(tried(lend, tokens.HasToken), ["TK0001", "TK0002"]).count("HasToken") == 1
    assert Token.objects.filter(lent_to=client_.user).count() == 1


def waiting(client):
    session, now = {}, timezone.now()
    enrolling.begin(client.user, "Mon boîtier", kind=Factor.Kind.TOKEN, device=None, session=session, now=now)
    return session


def test_token_is_put_into_use_once_or_taken_back_first(client_, race):
    secret = makers.lend_token(client_)
    session, now = waiting(client_), timezone.now()
    numbers = totp.code_at(secret, totp.step_at(now) - 1), totp.code_at(secret, totp.step_at(now))

    def act(number):
        if number == 0:
            tokens.take_back(client_.user, Back.LOST, by=SYSTEM, now=now)
            return "back"
        pending = enrolling.waiting(client_.user, session, now, Factor.Kind.TOKEN)
        return enrolling.confirm(pending, *numbers, by=SYSTEM, now=now).state

    refusals = (enrolling.NothingPending, enrolling.WrongNumbers, tokens.StillShown)
    done = race(tried(act, *refusals), range(10))
    token = Token.objects.get()
    assert (done.count("active"), done.count("back")) in ((1, 0), (0, 1))
    assert token.state == (Token.State.IN_USE if "active" in done else Token.State.WITHDRAWN)
    assert Factor.objects.active().count() == done.count("active")
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_ADDED).count() == done.count("active")


def test_token_that_ends_while_it_is_taken_back_is_in_one_state(client_, race):
    factor, _ = makers.make_token(client_)
    stored = Factor.objects.select_related("owner").get(pk=factor.pk)

    def act(number):
        if number:
            return ending.end_all(stored.owner, Factor.Why.ADVISORS, by=SYSTEM, now=timezone.now())
        return tokens.take_back(client_.user, Back.RETURNED, by=SYSTEM, now=timezone.now())

    done = race(tried(act, tokens.StillShown), range(2))
    assert done[1] == 1
    assert Token.objects.get().state == (Token.State.IN_USE if done[0] else Token.State.STOCK)
