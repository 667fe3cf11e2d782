"""Keyed hashes are those that Django makes: the rows and cookies of before stay found."""

import pytest
from django.utils.crypto import salted_hmac
from hypothesis import given
from hypothesis import strategies as st

from auth_codes import keyed_hashes

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(TEXTS, TEXTS, TEXTS.filter(bool) | st.none())
def test_hash_is_djangos(purpose, text, secret):
    djangos = salted_hmac(purpose, text, secret=secret, algorithm="sha256")
    assert keyed_hashes.of(purpose, text, secret) == djangos.digest()
    assert keyed_hashes.hex_of(purpose, text, secret) == djangos.hexdigest()


def test_another_key_gives_another_hash(settings):
    before = keyed_hashes.hex_of("purpose", "text")
    settings.SECRET_KEY = "another"
    assert keyed_hashes.hex_of("purpose", "text") == salted_hmac("purpose", "text", algorithm="sha256").hexdigest()
    assert keyed_hashes.hex_of("purpose", "text") != before


def test_more_purposes_than_are_kept_are_hashed_as_well():
    for number in range(2 * keyed_hashes.KEYS_KEPT):
        assert (
            keyed_hashes.of(f"purpose {number}", "é")
            == salted_hmac(f"purpose {number}", "é", algorithm="sha256").digest()
        )


def test_what_is_no_text_is_refused():
    with pytest.raises(AttributeError):
        keyed_hashes.of("purpose", 12)
