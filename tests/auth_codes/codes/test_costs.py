"""Raising the cost of Argon2: codes follow at the next login, and meanwhile time tells nothing."""

import logging
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction

from auth_codes.actor import Actor
from auth_codes.codes import changing, checking, costs, resealing
from auth_codes.crypto import hashing
from auth_codes.crypto.hashing import Cost
from auth_codes.models import HashingCost, SecretCode
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

UNKNOWN = "5724816039"
OLD, NEW = Cost(8, 1, 1), Cost(16, 1, 1)
GOOD_CODES = ["804263", "593871", "640285", "927518"]
PRESENT, PAST = SecretCode.Role.PRESENT, SecretCode.Role.PAST


@pytest.fixture
def raised(client_, settings):
    """The cost was raised after that client had chosen a code."""
    settings.SECRET_CODE_ARGON2 = NEW._asdict()


def present_row(client):
    return SecretCode.objects.select_related("owner").get(owner=client.user, role=PRESENT)


def log_in(number, code, **fields):
    return makers.log_in(StrictBrowser(), number, code, **fields).status_code


def change(client, current, chosen):
    fields = {"old_password": current, "new_password1": chosen, "new_password2": chosen}
    return StrictBrowser.logged_in(client.user).post("/mon-profil/code-secret/", fields).status_code


def registered():
    return {Cost(*row) for row in HashingCost.objects.values_list(*Cost._fields)}


def test_cost_of_a_stored_code_is_registered_once(client_, advisor):
    makers.make_personalised_client(advisor, family_name="Petit")
    assert list(HashingCost.objects.values_list(*Cost._fields)) == [OLD]


def test_raised_cost_is_in_use_beside_the_old_one_before_any_code_has_it(raised):
    assert costs.in_use() == (OLD, NEW)


@pytest.mark.parametrize("code", [makers.WRONG_CODE, makers.CODE])
def test_known_and_unknown_numbers_compute_both_costs_in_one_order(client_, raised, hashes, code):
    SecretCode.objects.filter(owner=client_.user, role=PRESENT).update(ciphertext=b"x" * 48)  # so nothing is upgraded
    hashes.clear()
    assert [log_in(number, code) for number in (client_.client_code, UNKNOWN)] == [200, 200]
    assert hashes == [OLD, NEW] * 2


def test_wrong_code_computes_both_costs_whatever_the_row_has(client_, raised, advisor, hashes):
    newer = makers.make_personalised_client(advisor, makers.OTHER_CODE, family_name="Petit")
    hashes.clear()
    assert [log_in(client.client_code, makers.WRONG_CODE) for client in (client_, newer)] == [200, 200]
    assert hashes == [OLD, NEW] * 2


def test_code_of_a_letter_computes_both_costs_like_a_letter_that_nobody_got(client_, raised, hashes):
    pending = makers.make_pending_row(client_, GOOD_CODES[0])
    letter = makers.open_letter(client_).letter_number
    hashes.clear()
    log_in(client_.client_code, makers.WRONG_CODE, letter=letter)
    log_in(UNKNOWN, makers.WRONG_CODE, letter=letter)
    assert pending.cost == NEW
    assert hashes == [OLD, NEW] * 2


def test_wrong_current_code_computes_both_costs(client_, raised, hashes):
    assert change(client_, makers.WRONG_CODE, makers.OTHER_CODE) == 200
    assert hashes[-2:] == [OLD, NEW]


def test_login_brings_the_code_to_the_raised_cost_in_its_place(client_, raised, hashes):
    before = present_row(client_)
    hashes.clear()
    assert log_in(client_.client_code, makers.CODE) == 302
    after = present_row(client_)
    assert (after.id, after.cost, after.created_at, after.kind) == (before.id, NEW, before.created_at, before.kind)
    assert hashes == [OLD, NEW, NEW]
    assert registered() == {OLD, NEW}


def test_upgraded_code_still_opens_and_is_not_upgraded_again(client_, raised, hashes):
    log_in(client_.client_code, makers.CODE)
    upgraded = bytes(present_row(client_).nonce)
    hashes.clear()
    assert log_in(client_.client_code, makers.CODE) == 302
    assert log_in(client_.client_code, makers.WRONG_CODE) == 200
    assert (bytes(present_row(client_).nonce), hashes) == (upgraded, [OLD, NEW] * 2)


def test_wrong_code_upgrades_nothing(client_, raised):
    log_in(client_.client_code, makers.WRONG_CODE)
    assert present_row(client_).cost == OLD


def test_default_code_is_upgraded_like_a_personal_one(new_client, settings):
    settings.SECRET_CODE_ARGON2 = NEW._asdict()
    code = makers.default_code(new_client)
    assert [log_in(new_client.client_code, code) for _ in range(2)] == [302, 302]
    assert present_row(new_client).cost == NEW


def test_upgraded_code_takes_the_salt_that_the_owners_codes_share(client_, raised):
    pending = makers.make_pending_row(client_, GOOD_CODES[0])
    log_in(client_.client_code, makers.CODE)
    assert bytes(present_row(client_).salt) == bytes(pending.salt)


@pytest.mark.parametrize("meanwhile", ["changed", "rotated", "gone"])
def test_row_that_is_no_longer_the_one_verified_is_left_alone(client_, raised, settings, meanwhile):
    verified = present_row(client_)
    if meanwhile == "changed":
        changing.personalise(client_.user, makers.OTHER_CODE, replacing=verified, by=Actor(client_.user))
    elif meanwhile == "rotated":
        resealing.replace([verified], [resealing.sealed_anew(verified, verified.unseal(), verified.salt, OLD)])
    else:
        SecretCode.objects.filter(owner=client_.user).delete()
    before = list(SecretCode.objects.order_by("id").values())
    checking.upgrade(verified, makers.CODE)
    assert list(SecretCode.objects.order_by("id").values()) == before


def test_login_succeeds_though_there_is_no_memory_for_the_raised_cost(client_, raised, monkeypatch, caplog):
    compute = hashing.argon2id
    computed = []

    def third_fails(code, salt, cost):
        computed.append(cost)
        if len(computed) == 3:
            raise hashing.HashingFailed("no memory")
        return compute(code, salt, cost)

    monkeypatch.setattr(hashing, "argon2id", third_fails)
    assert log_in(client_.client_code, makers.CODE) == 302
    assert str(present_row(client_).id) in caplog.text
    assert present_row(client_).cost == OLD


def test_codes_of_an_earlier_cost_are_still_not_to_be_chosen_again(client_, raised, hashes):
    for chosen in GOOD_CODES[:2]:
        changing.personalise(client_.user, chosen, replacing=present_row(client_), by=Actor(client_.user))
    hashes.clear()
    with pytest.raises(changing.CodeInUse):
        changing.personalise(client_.user, makers.CODE, replacing=present_row(client_), by=Actor(client_.user))
    assert sorted(hashes) == [OLD, NEW]


def test_code_that_was_upgraded_is_still_not_to_be_chosen_again(client_, raised):
    log_in(client_.client_code, makers.CODE)
    client_.user.refresh_from_db()
    assert change(client_, makers.CODE, GOOD_CODES[0]) == 302
    client_.user.refresh_from_db()
    assert change(client_, GOOD_CODES[0], makers.CODE) == 200


def test_code_at_a_cost_that_nobody_registered_opens_is_logged_and_registered(client_, raised, hashes, caplog):
    HashingCost.objects.all().delete()
    costs.forget()
    hashes.clear()
    with caplog.at_level(logging.WARNING, "auth_codes"):
        assert log_in(client_.client_code, makers.CODE) == 302
    assert hashes[:2] == [OLD, NEW]
    assert f"Secret code {present_row(client_).id} has the cost (8, 1, 1)" in caplog.text
    assert OLD in registered()


def test_cost_in_the_table_that_would_stop_the_server_is_not_computed(client_, caplog):
    HashingCost.objects.create(memory_kib=2**31 - 1, iterations=1000, parallelism=1)
    assert costs.in_use() == (OLD,)
    assert "(2147483647, 1000, 1)" in caplog.text


def test_retiring_keeps_what_living_codes_have_and_the_present_cost(client_, raised):
    costs.register(Cost(24, 1, 1))
    costs.register(NEW)
    assert costs.retire() == 1
    assert registered() == {OLD, NEW}


def test_old_cost_is_retired_once_only_earlier_codes_have_it(client_, raised, hashes):
    changing.personalise(client_.user, makers.OTHER_CODE, replacing=present_row(client_), by=Actor(client_.user))
    assert SecretCode.objects.filter(owner=client_.user, role=PAST, memory_kib=OLD.memory_kib).exists()
    assert costs.retire() == 1
    hashes.clear()
    assert log_in(client_.client_code, makers.OTHER_CODE) == 302
    assert hashes == [NEW]


def test_migration_registers_the_costs_of_the_codes_that_may_log_in(client_, raised):
    changing.personalise(client_.user, makers.OTHER_CODE, replacing=present_row(client_), by=Actor(client_.user))
    HashingCost.objects.all().delete()
    migration = import_module("auth_codes.migrations.0003_register_hashing_costs")
    for _ in range(2):
        migration.register_costs(apps, connection.schema_editor())
    assert list(HashingCost.objects.values_list(*Cost._fields)) == [NEW]


@pytest.mark.django_db(transaction=True)
def test_table_is_read_once_a_minute(client_):
    now = 1000.0
    costs.forget()
    assert costs.in_use(now) == (OLD,)
    HashingCost.objects.create(**NEW._asdict())
    assert costs.in_use(now + 59.9) == (OLD,)
    assert costs.in_use(now + 60) == (OLD, NEW)


@pytest.mark.django_db(transaction=True)
def test_cost_registered_by_another_server_is_used_without_a_warning(client_, settings, hashes, caplog):
    costs.in_use()
    HashingCost.objects.create(**NEW._asdict())
    settings.SECRET_CODE_ARGON2 = NEW._asdict()
    checking.upgrade(checking.present_code(client_.user), makers.CODE)
    settings.SECRET_CODE_ARGON2 = OLD._asdict()
    hashes.clear()
    assert log_in(client_.client_code, makers.WRONG_CODE) == 200
    assert (hashes, caplog.text) == ([OLD, NEW], "")


@pytest.mark.django_db(transaction=True)
def test_cost_registered_in_a_transaction_that_fails_is_not_kept():
    with transaction.atomic():
        costs.register(Cost(24, 1, 1))
        assert Cost(24, 1, 1) in costs.in_use()
        transaction.set_rollback(True)
    assert costs.in_use() == (OLD,)


def test_letter_printed_before_the_rise_still_opens_after_it(advisor, settings):
    client = makers.make_new_client(advisor)
    code = makers.default_code(client)
    settings.SECRET_CODE_ARGON2 = NEW._asdict()
    assert log_in(client.client_code, code, letter=makers.open_letter(client).letter_number) == 302
