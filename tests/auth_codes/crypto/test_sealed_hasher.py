"""The hash of a staff password: sealed in the database, and opened by its key alone."""

import pytest
from argon2 import PasswordHasher
from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from auth_codes.crypto import hashing, sealed_hasher
from auth_codes.crypto.hashing import StaffPasswordHasher
from auth_codes.crypto.sealed_hasher import SealedPasswordHasher
from auth_codes.crypto.sealing import SealError
from banking_portal import settings as portal_settings
from tests.hashers import QuickPasswordHasher

PASSWORD = "quatre mots de passe tirés"
OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(32, 64))


@pytest.fixture
def real_hashers(settings):
    settings.PASSWORD_HASHERS = portal_settings.PASSWORD_HASHERS


def test_new_passwords_are_sealed_at_the_cost_of_the_policy(real_hashers):
    stored = make_password(PASSWORD)
    assert stored.startswith("sealed$1$test-1$")
    assert "argon2" not in stored
    opened = sealed_hasher.unseal(stored)
    assert opened.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PasswordHasher().verify(opened, PASSWORD)


def test_tests_differ_from_production_in_the_cost_alone():
    assert issubclass(QuickPasswordHasher, SealedPasswordHasher)
    own = {name for name in vars(QuickPasswordHasher) if not name.startswith("__")}
    assert own == {"memory_cost", "time_cost"}


def test_longest_that_can_be_stored_fits_the_column(real_hashers, settings):
    from accounts.models import User

    settings.SECRET_CODE_KEYS = {"k" * 32: OLD_KEY}
    assert len(make_password(PASSWORD)) <= User._meta.get_field("password").max_length


@pytest.mark.parametrize(("typed", "right"), [(PASSWORD, True), (PASSWORD.upper(), False), ("", False)])
def test_right_one_alone_opens(typed, right):
    assert check_password(typed, make_password(PASSWORD)) is right


def test_the_same_password_is_never_stored_alike():
    assert make_password(PASSWORD) != make_password(PASSWORD)


def altered(stored):
    parts = stored.split("$")
    return {
        "one sign": stored[:-6] + ("A" if stored[-6] != "A" else "B") + stored[-5:],
        "cut": stored[:-8],
        "no base64": "$".join([*parts[:4], "é" + parts[4]]),
        "another key's name": "$".join([*parts[:2], "test-9", *parts[3:]]),
        "another version": "$".join([parts[0], "2", *parts[2:]]),
        "no number": "$".join([parts[0], "x", *parts[2:]]),
        "nothing": "sealed$",
        "one part more": f"{stored}$",
    }


@pytest.mark.parametrize("kind", altered("sealed$1$test-1$AAAA$AAAAAAAAAAAA"))
def test_altered_one_is_nobodys_costs_a_hash_and_is_told(kind, caplog, monkeypatch):
    stored, hashes = altered(make_password(PASSWORD))[kind], []
    encode = StaffPasswordHasher.encode
    monkeypatch.setattr(StaffPasswordHasher, "encode", lambda *args: (hashes.append(1), encode(*args))[1])
    assert check_password(PASSWORD, stored) is False
    assert hashes == [1]
    assert "cannot be opened" in caplog.text
    assert PASSWORD not in caplog.text


def test_one_under_another_key_opens_and_is_to_be_stored_anew(settings):
    stored = make_password(PASSWORD)
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY, "test-1": OLD_KEY}
    set_anew = []
    assert check_password(PASSWORD, stored, setter=set_anew.append)
    assert set_anew == [PASSWORD]
    anew = sealed_hasher.anew(stored)
    assert sealed_hasher.key_of(anew) == "test-2"
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    assert check_password(PASSWORD, anew)
    assert not check_password(PASSWORD, stored)
    with pytest.raises(SealError):
        sealed_hasher.anew(stored)


def test_one_of_an_earlier_cost_is_to_be_stored_anew(real_hashers, monkeypatch):
    monkeypatch.setattr(SealedPasswordHasher, "time_cost", 1)
    stored = make_password(PASSWORD)
    monkeypatch.undo()
    assert identify_hasher(stored).must_update(stored)
    assert not identify_hasher(stored).must_update(make_password(PASSWORD))


def test_one_that_an_earlier_server_stored_opens_and_is_sealed_next(real_hashers):
    stored, set_anew = hashing.StaffPasswordHasher().encode(PASSWORD, "s" * 22), []
    assert check_password(PASSWORD, stored, setter=set_anew.append)
    assert set_anew == [PASSWORD]
    assert not check_password("another", stored, setter=set_anew.append)


def test_summary_for_people_masks_hash_and_salt(real_hashers):
    stored = make_password(PASSWORD)
    opened = sealed_hasher.unseal(stored)
    shown = " ".join(map(str, identify_hasher(stored).safe_summary(stored).values()))
    assert opened.rpartition("$")[2] not in shown
