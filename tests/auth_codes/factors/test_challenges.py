"""A challenge is proved once, in its own session, in its time, about what was shown and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.utils import timezone

from auth_codes.factors import challenges, passkeys, proving
from auth_codes.factors.passkey_proofs import Assertion
from auth_codes.models import Challenge
from tests import makers
from tests.authenticator import ORIGIN

pytestmark = pytest.mark.django_db

ORDER = {"amount": "125.00", "iban": "FR7630006000011234567890189", "payee": "Zoé Petit"}
Purpose = Challenge.Purpose


@pytest.fixture
def session():
    return SessionStore()


def ask(client, session, facts=ORDER, purpose=Purpose.ORDER, now=None):
    return challenges.ask(client.user, purpose, facts, session, now or timezone.now())


def test_order_that_was_shown_is_found_and_spent_once(client_, session):
    asked = ask(client_, session)
    found = challenges.find(str(asked.pk), client_.user, ORDER, session)
    challenges.spend(found, timezone.now())
    assert challenges.is_spent(asked)
    with pytest.raises(challenges.AlreadyProved):
        challenges.spend(found, timezone.now())


@pytest.mark.proves("RTS 5")
@pytest.mark.parametrize(
    "changed", [{"amount": "125.01"}, {"iban": "FR7630006000011234567890188"}, {"payee": "Zoé Petit "}]
)
def test_one_changed_sign_of_an_order_is_another_challenge(client_, session, changed):
    asked = ask(client_, session)
    with pytest.raises(challenges.AlreadyProved):
        challenges.find(str(asked.pk), client_.user, ORDER | changed, session)
    assert challenges.subject_of(ORDER | changed) != asked.subject


@pytest.mark.proves("RTS 5")
@pytest.mark.parametrize(
    "changed", [{"amount": "125.01"}, {"iban": "FR7630006000011234567890188"}, {"payee": "Zoé Petit "}]
)
def test_passkey_that_signed_one_order_confirms_no_other(client_, session, changed):
    factor, authenticator = makers.make_passkey(client_)
    shown, other = ask(client_, session), ask(client_, session, ORDER | changed)
    other.pk = shown.pk  # even under one name
    options = passkeys.request_options([passkeys.read(factor.unseal())], challenge=challenges.bytes_of(shown))
    signed = Assertion(authenticator.get(options), ORIGIN)
    with pytest.raises(passkeys.Refused, match="stale"):
        proving.prove(other, factor, signed, timezone.now())
    assert proving.prove(shown, factor, signed, timezone.now())
    with pytest.raises(challenges.AlreadyProved):
        proving.prove(shown, factor, signed, timezone.now())


def test_bytes_to_be_signed_differ_with_each_challenge_purpose_and_order(client_, session):
    asked = [ask(client_, session), ask(client_, session), ask(client_, session, ORDER | {"amount": "1"})]
    asked.append(Challenge(pk=asked[0].pk, purpose=Purpose.LOGIN, subject=asked[0].subject))
    assert len({challenges.bytes_of(each) for each in asked}) == 4


def test_facts_whose_signs_move_from_one_to_the_next_are_not_the_same():
    assert challenges.subject_of({"a": "12", "b": "3"}) != challenges.subject_of({"a": "1", "b": "23"})
    assert challenges.subject_of({"a": "1", "b": "2"}) == challenges.subject_of({"b": "2", "a": "1"})


def test_another_session_does_not_find_it(client_, session):
    asked = ask(client_, session)
    for other in (SessionStore(), _marked(client_)):
        with pytest.raises(challenges.AlreadyProved):
            challenges.find(str(asked.pk), client_.user, ORDER, other)


def test_another_client_does_not_find_it(client_, session, advisor):
    asked = ask(client_, session)
    other = makers.make_personalised_client(advisor, family_name="Petit")
    with pytest.raises(challenges.AlreadyProved):
        challenges.find(str(asked.pk), other.user, ORDER, session)


@pytest.mark.parametrize("key", ["", "x", "\0", "1", "3f0c1a52-7d3e-4b9a-9a51-0d3c6f6a2b11"])
def test_name_of_nothing_finds_nothing(client_, session, key):
    with pytest.raises(challenges.AlreadyProved):
        challenges.find(key, client_.user, ORDER, session)


def test_after_its_time_it_proves_nothing(client_, session):
    asked = ask(client_, session, now=timezone.now() - timedelta(minutes=10))
    with pytest.raises(challenges.AlreadyProved):
        challenges.spend(asked, timezone.now())


def _marked(client):
    session = SessionStore()
    ask(client, session)
    return session
