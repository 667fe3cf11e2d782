"""Argon2id at its real cost, held against the reference implementation's own encoding."""

import base64

import pytest
from argon2 import PasswordHasher, Type
from django.db import connection, connections

from auth_codes.crypto import hashing
from auth_codes.crypto.hashing import Cost
from banking_portal import settings as portal_settings
from tests import makers

REAL = Cost(**portal_settings.SECRET_CODE_ARGON2)
SALT = bytes(range(16))


def test_real_cost_is_the_one_the_policy_names():
    assert Cost(memory_kib=19456, iterations=2, parallelism=1) == REAL


@pytest.mark.parametrize("code", ["739146", "007406"])
def test_hash_is_that_of_the_reference_implementation(code):
    reference = PasswordHasher(2, 19456, 1, hash_len=32, salt_len=16, type=Type.ID).hash(code, salt=SALT)
    assert base64.b64decode(reference.rpartition("$")[2] + "=") == hashing.argon2id(code, SALT, REAL)


def test_hash_at_the_real_cost_never_changes():
    expected = "fff4d5b9ba4eb9d4e97d506a37715b1444759a7b1fcfe15648a3360f896e2a91"
    assert hashing.argon2id("739146", SALT, REAL).hex() == expected


def test_new_codes_are_hashed_at_the_cost_of_the_settings(settings):
    settings.SECRET_CODE_ARGON2 = {"memory_kib": 64, "iterations": 3, "parallelism": 2}
    assert hashing.present_cost() == Cost(64, 3, 2)


def test_stand_in_salt_is_the_same_at_each_attempt_and_another_for_each_number():
    assert hashing.stand_in_salt("5724816039") == hashing.stand_in_salt("5724816039")
    assert hashing.stand_in_salt("5724816039") != hashing.stand_in_salt("1000000000")
    assert len(hashing.stand_in_salt("5724816039")) == hashing.SALT_BYTES


@pytest.fixture
def open_transactions(monkeypatch):
    """For each hash, whether a transaction was open meanwhile."""
    compute, noted = hashing.argon2id, []

    def noting(*arguments):
        noted.append(connection.in_atomic_block)
        return compute(*arguments)

    monkeypatch.setattr(hashing, "argon2id", noting)
    return noted


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic_requests", [False, True])
def test_no_transaction_is_open_while_a_code_is_verified_or_changed(
    browser, client_, monkeypatch, open_transactions, atomic_requests
):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", atomic_requests)
    for code in makers.WRONG_CODE, makers.CODE:
        makers.log_in(browser, client_.client_code, code)
    chosen = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    browser.post("/mon-profil/code-secret/", {"old_password": makers.CODE, **chosen})
    assert open_transactions[-4:] == [False] * 4


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_first_code_is_hashed(advisor, open_transactions):
    makers.make_new_client(advisor)
    assert open_transactions == [False]


def test_failure_of_argon2_leaves_no_frame_that_holds_the_code():
    with pytest.raises(hashing.HashingFailed) as failed:
        hashing.argon2id("739146", b"short", REAL)
    assert "argon2" not in failed.traceback[-1].path.as_posix()
    assert failed.value.__suppress_context__
    assert "739146" not in str(failed.value)


@pytest.mark.parametrize("cost", [REAL, Cost(8, 1, 1), Cost(64, 3, 2), hashing.MOST])
def test_real_costs_are_possible(cost):
    assert hashing.is_possible(cost)


@pytest.mark.parametrize("cost", [Cost(0, 1, 1), Cost(8, 0, 1), Cost(8, 1, 0), Cost(8, 1, 2), Cost(2**31, 1, 1)])
def test_cost_that_argon2_refuses_or_that_would_stop_a_server_is_not_possible(cost):
    assert not hashing.is_possible(cost)
