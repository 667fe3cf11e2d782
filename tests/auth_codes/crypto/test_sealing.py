"""What is stored of a code: its form, bit by bit, and what opens it."""

from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.auth import get_user_model
from django.test import override_settings
from hypothesis import assume, given
from hypothesis import strategies as st

from auth_codes.codes import resealing
from auth_codes.crypto import hashing, sealing
from auth_codes.crypto.hashing import Cost
from auth_codes.crypto.sealing import Sealed, SealError
from auth_codes.models import SecretCode
from tests import makers

User = get_user_model()
KEY = bytes(range(32))
BINDING = ("row", "present", "1234567890")
# The word of a row, however awkward, holds no "|": see test_parts_of_the_binding_never_hold_the_separator.
words = st.text(st.characters(exclude_characters="|", exclude_categories=["Cs"]), max_size=30)
bindings = st.tuples(words, words, words)


@given(content=st.binary(max_size=64), binding=bindings)
def test_what_is_sealed_opens_under_the_same_binding(content, binding):
    assert sealing.unseal(sealing.seal(content, binding), binding) == content


@given(content=st.binary(max_size=64), part=st.sampled_from(["nonce", "ciphertext"]), data=st.data())
def test_any_byte_changed_added_or_taken_away_keeps_it_shut(content, part, data):
    sealed = sealing.seal(content, BINDING)
    stored = getattr(sealed, part)
    start = data.draw(st.integers(0, len(stored)))
    end = data.draw(st.integers(start, len(stored)))
    altered = stored[:start] + data.draw(st.binary(max_size=4)) + stored[end:]
    assume(altered != stored)
    with pytest.raises(SealError):
        sealing.unseal(sealed._replace(**{part: altered}), BINDING)


@given(bit=st.integers(0, 8 * 60 - 1))
def test_any_flipped_bit_keeps_it_shut(bit):
    sealed = sealing.seal(bytes(32), BINDING)
    both = bytearray(sealed.nonce + sealed.ciphertext)
    both[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealError):
        sealing.unseal(sealed._replace(nonce=bytes(both[:12]), ciphertext=bytes(both[12:])), BINDING)


@given(version=st.integers(0, 32767).filter(lambda version: version != sealing.FORMAT_VERSION))
def test_any_other_format_version_keeps_it_shut(version):
    sealed = sealing.seal(b"content", BINDING)
    with pytest.raises(SealError):
        sealing.unseal(sealed._replace(format_version=version), BINDING)


@given(key_id=words, same_key=st.booleans())
def test_any_other_key_id_keeps_it_shut_even_of_the_same_key(key_id, same_key):
    assume(key_id != "test-1")
    sealed = sealing.seal(b"content", BINDING)
    keys = {"test-1": KEY} | ({key_id: KEY} if same_key else {})
    with override_settings(SECRET_CODE_KEYS=keys), pytest.raises(SealError):
        sealing.unseal(sealed._replace(key_id=key_id), BINDING)


@given(key=st.binary(min_size=32, max_size=32).filter(lambda key: key != KEY))
def test_any_other_key_under_the_same_id_keeps_it_shut(key):
    sealed = sealing.seal(b"content", BINDING)
    with override_settings(SECRET_CODE_KEYS={"test-1": key}), pytest.raises(SealError):
        sealing.unseal(sealed, BINDING)


@given(binding=bindings, part=st.integers(0, 2), other=words)
def test_any_one_part_of_the_binding_changed_keeps_it_shut(binding, part, other):
    assume(binding[part] != other)
    sealed = sealing.seal(b"content", binding)
    with pytest.raises(SealError):
        sealing.unseal(sealed, (*binding[:part], other, *binding[part + 1 :]))


@given(binding=bindings, cut=st.integers(1, 29))
def test_characters_that_pass_from_one_part_of_the_binding_to_the_next_keep_it_shut(binding, cut):
    first, second, third = binding
    assume(first[cut:])
    sealed = sealing.seal(b"content", binding)
    with pytest.raises(SealError):
        sealing.unseal(sealed, (first[:cut], first[cut:] + second, third))


@given(order=st.permutations(["test-1", "test-2", "test-3"]))
def test_whatever_their_order_the_first_key_seals_and_all_open(order):
    keys = {key_id: bytes([number]) * 32 for number, key_id in enumerate(order)}
    with override_settings(SECRET_CODE_KEYS=keys):
        sealed = sealing.seal(b"content", BINDING)
    assert sealed.key_id == order[0]
    with override_settings(SECRET_CODE_KEYS=dict(reversed(keys.items()))):
        assert sealing.unseal(sealed, BINDING) == b"content"


def test_no_nonce_is_used_twice():
    assert len({sealing.seal(b"content", BINDING).nonce for _ in range(20_000)}) == 20_000


rows = st.builds(
    SecretCode.sealed,
    st.binary(min_size=32, max_size=32),
    cost=st.just(Cost(8, 1, 1)),
    salt=st.binary(min_size=16, max_size=16),
    id=st.uuids(),
    owner=st.builds(User, username=st.from_regex(r"[0-9]{10}", fullmatch=True)),
    role=st.sampled_from(SecretCode.Role.values),
)
other_values = {
    "id": st.uuids(),
    "role": st.sampled_from(SecretCode.Role.values),
    "owner": st.builds(User, username=st.from_regex(r"[0-9]{10}", fullmatch=True)),
    "key_id": words,
    "format_version": st.integers(0, 32767),
    "nonce": st.binary(max_size=20),
    "ciphertext": st.binary(max_size=60),
    "salt": st.binary(max_size=20).filter(lambda salt: len(salt) != 16),
    "iterations": st.sampled_from([0, 17, 32767]),
    "parallelism": st.sampled_from([0, 2, 32767]),
    "memory_kib": st.sampled_from([0, 7, 2**31 - 1]),
}


def stored(row):
    return row._binding(), row.cost, row.salt, row.format_version, row.key_id, row.nonce, row.ciphertext


@given(row=rows, column=st.sampled_from(sorted(other_values)), data=st.data())
def test_row_opens_until_any_one_of_its_columns_is_altered(row, column, data):
    assert len(row.unseal()) == 32
    before = stored(row)
    setattr(row, column, data.draw(other_values[column]))
    assume(stored(row) != before)
    with pytest.raises(SealError):
        row.unseal()


@given(row=rows)
def test_row_sealed_anew_holds_the_same_in_the_same_place_under_another_nonce(row):
    anew = resealing.sealed_anew(row, row.unseal(), row.salt, row.cost)
    assert (anew.unseal(), anew._binding(), anew.salt, anew.cost) == (row.unseal(), row._binding(), row.salt, row.cost)
    assert anew.nonce != row.nonce


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
    associated = f"1|test-1|{UUID(str(row.id))}|present|{client_.client_code}|1".encode()
    hashed = AESGCM(KEY).decrypt(bytes(row.nonce), bytes(row.ciphertext), associated)
    assert hashed == hashing.argon2id(makers.CODE, bytes(row.salt), Cost(8, 1, 1))


@pytest.mark.django_db
def test_parts_of_the_binding_never_hold_the_separator(client_):
    row = SecretCode.objects.present().get(owner=client_.user)
    assert not any("|" in part for part in (row.key_id, *row._binding()))
