"""What is stored of a code: its form, bit by bit, and what opens it."""

from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from auth_codes import hashing, sealing
from auth_codes.hashing import Cost
from auth_codes.models import SecretCode
from auth_codes.sealing import Sealed, SealError
from tests import makers

KEY = bytes(range(32))
BINDING = ("row", "present", "1234567890")
# The word of a row, however awkward, holds no "|": see test_parts_of_the_binding_never_hold_the_separator.
words = st.text(st.characters(exclude_characters="|", exclude_categories=["Cs"]), max_size=30)
bindings = st.tuples(words, words, words)


@given(content=st.binary(max_size=64), binding=bindings)
def test_what_is_sealed_opens_under_the_same_binding(content, binding):
    assert sealing.unseal(sealing.seal(content, binding), binding) == content


@given(content=st.binary(min_size=1, max_size=64), bit=st.integers(0, 7), data=st.data())
def test_any_flipped_bit_keeps_it_shut(content, bit, data):
    sealed = sealing.seal(content, BINDING)
    part = data.draw(st.sampled_from(["nonce", "ciphertext"]))
    altered = bytearray(getattr(sealed, part))
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= 1 << bit
    with pytest.raises(SealError):
        sealing.unseal(sealed._replace(**{part: bytes(altered)}), BINDING)


@given(binding=bindings, other=bindings)
def test_another_binding_keeps_it_shut(binding, other):
    sealed = sealing.seal(b"content", binding)
    if binding != other:
        with pytest.raises(SealError):
            sealing.unseal(sealed, other)


@pytest.mark.parametrize(
    "changed",
    [
        {"key_id": "test-2"},
        {"key_id": ""},
        {"format_version": 2},
        {"nonce": b""},
        {"nonce": b"7" * 200},
        {"ciphertext": b""},
        {"ciphertext": b"x" * 15},
    ],
)
def test_what_is_stored_wrongly_keeps_it_shut(changed):
    sealed = sealing.seal(b"content", BINDING)
    with pytest.raises(SealError):
        sealing.unseal(sealed._replace(**changed), BINDING)


def test_other_key_under_the_same_id_keeps_it_shut(settings):
    sealed = sealing.seal(b"content", BINDING)
    settings.SECRET_CODE_KEYS = {"test-1": bytes(32)}
    with pytest.raises(SealError):
        sealing.unseal(sealed, BINDING)


def test_first_key_seals_and_every_key_opens(settings):
    settings.SECRET_CODE_KEYS = {"old": KEY}
    sealed = sealing.seal(b"content", BINDING)
    settings.SECRET_CODE_KEYS = {"new": bytes(32), "old": KEY}
    assert sealing.unseal(sealed, BINDING) == b"content"
    assert sealing.seal(b"content", BINDING).key_id == "new"


def test_key_is_taken_by_its_id_and_never_tried_in_turn(settings):
    sealed = sealing.seal(b"content", BINDING)
    settings.SECRET_CODE_KEYS = {"other": KEY}
    with pytest.raises(SealError, match="'test-1' is not among SECRET_CODE_KEYS"):
        sealing.unseal(sealed, BINDING)


def test_same_content_is_never_sealed_to_the_same_bytes():
    assert len({sealing.seal(b"content", BINDING) for _ in range(20)}) == 20


def test_form_of_what_is_sealed_never_changes():
    stored = Sealed(
        1,
        "test-1",
        bytes.fromhex("000102030405060708090a0b"),
        bytes.fromhex(
            "4702d61bc5e5c21b8d41978bb1e9786d83d68734f07b5f7c3867e5851d6900b2bbe4172d16efb64f384ef14ae9df6b40"
        ),
    )
    assert sealing.unseal(stored, ("8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a001", "present", "1234567890")) == bytes(32)


@pytest.mark.django_db
def test_stored_row_opens_by_the_standard_algorithm_alone(client_):
    row = SecretCode.objects.present().get(owner=client_.user)
    associated = f"1|test-1|{UUID(str(row.id))}|present|{client_.client_code}".encode()
    hashed = AESGCM(KEY).decrypt(bytes(row.nonce), bytes(row.ciphertext), associated)
    assert hashed == hashing.argon2id(makers.CODE, bytes(row.salt), Cost(8, 1, 1))


@pytest.mark.django_db
def test_parts_of_the_binding_never_hold_the_separator(client_):
    row = SecretCode.objects.present().get(owner=client_.user)
    assert not any("|" in part for part in (row.key_id, *row._binding()))
