"""What a thief can do with the whole database: nothing without the key, hours of work with it."""

import hmac
import time

import pytest
from django.test import override_settings

from auth_codes.crypto import hashing, sealing
from auth_codes.crypto.hashing import Cost
from auth_codes.crypto.sealing import SealError
from auth_codes.models import SealedLetter, SecretCode
from tests import makers

CODES = 10**6
REAL_COST = {"memory_kib": 19456, "iterations": 2, "parallelism": 1}

pytestmark = pytest.mark.django_db


def test_without_the_key_the_right_code_cannot_even_be_recognised(client_):
    """The thief has every row and tries the right code: what he computes is nowhere in what he stole."""
    row = SecretCode.objects.present().get()
    hashed = hashing.argon2id(makers.CODE, bytes(row.salt), row.cost)
    stolen = b"".join(bytes(value) for value in (row.salt, row.nonce, row.ciphertext))
    assert hashed not in stolen
    wrong_keys = {row.key_id: bytes(32)}
    with override_settings(SECRET_CODE_KEYS=wrong_keys), pytest.raises(SealError):
        row.unseal()


def test_without_the_key_two_clients_with_the_same_code_look_unlike(advisor):
    makers.make_personalised_client(advisor)
    makers.make_personalised_client(advisor, family_name="Petit")
    first, second = SecretCode.objects.present()
    assert bytes(first.ciphertext) != bytes(second.ciphertext)
    assert bytes(first.salt) != bytes(second.salt)


def test_a_row_copied_to_another_owner_opens_nothing(advisor):
    """A thief who can also write puts the row of his own known code in his victim's place."""
    own = makers.make_personalised_client(advisor)
    victim = makers.make_personalised_client(advisor, makers.OTHER_CODE, family_name="Petit")
    source, target = (SecretCode.objects.present().get(owner=client.user) for client in (own, victim))
    target.salt, target.nonce, target.ciphertext = source.salt, source.nonce, source.ciphertext
    with pytest.raises(SealError):
        target.unseal()


def test_the_workshops_letters_stay_closed_to_who_has_database_and_keys(new_client, settings):
    letter = SealedLetter.objects.get()
    code = makers.default_code(new_client)
    everything = [bytes(letter.ciphertext), *settings.SECRET_CODE_KEYS.values(), settings.SECRET_KEY.encode()]
    assert all(code.encode() not in part for part in everything)
    with pytest.raises(sealing.SealError):
        sealing.unseal(sealing.Sealed(1, "test-1", bytes(12), bytes(letter.ciphertext)), ("anything",))


@pytest.mark.slow
def test_with_the_key_each_guess_still_costs_a_real_argon2(client_, settings, record_property):
    """With database and key, one core tries the million codes of ONE client in hours; the salt is his alone."""
    settings.SECRET_CODE_ARGON2 = REAL_COST
    row = SecretCode.objects.present().get()
    wanted, salt, cost = row.unseal(), bytes(row.salt), Cost(**REAL_COST)
    assert hmac.compare_digest(hashing.argon2id(makers.CODE, salt, row.cost), wanted)
    started = time.perf_counter()
    guesses = 10
    for guess in range(guesses):
        hashing.argon2id(f"{guess:06}", salt, cost)
    hours = (time.perf_counter() - started) / guesses * CODES / 3600
    record_property("core hours for one client", round(hours, 1))
    print(f"{hours:.1f} core hours to try the {CODES:,} codes of one client")
    assert hours > 0.5
