"""Storing, checking and replacing codes."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.codes import changing, checking, stored
from auth_codes.models import SecretCode
from auth_codes.weakness import why_weak
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

GOOD_CODES = ["804263", "593871", "640285", "927518", "381604"]
PRESENT, PAST = SecretCode.Role.PRESENT, SecretCode.Role.PAST


def row_of(client, role=PRESENT):
    return SecretCode.objects.get(owner=client.user, role=role)


def personalise(client, code):
    changing.personalise(client.user, code, replacing=checking.present_code(client.user), by=Actor(client.user))


def login_status(client, code):
    return makers.log_in(StrictBrowser(), client.client_code, code).status_code


@made_once
def neighbour(advisor):
    """Another client, whose code is not the same."""
    return makers.make_personalised_client(advisor, makers.OTHER_CODE, family_name="Petit", email="p@example.org")


def test_code_stored_as_zeros_does_not_open_with_what_stands_in_for_a_hash(client_):
    altered = stored.HashedCode(checking.STAND_IN_HASH, bytes(row_of(client_).salt), row_of(client_).cost)
    SecretCode.objects.filter(owner=client_.user).delete()
    stored.insert(client_.user, altered, SecretCode.Kind.PERSONAL)
    assert login_status(client_, makers.CODE) == 200


def test_new_codes_are_sealed_under_the_first_key_and_old_ones_still_open(client_, settings):
    settings.SECRET_CODE_KEYS = {"test-2": bytes(32), **settings.SECRET_CODE_KEYS}
    assert login_status(client_, makers.CODE) == 302
    personalise(client_, GOOD_CODES[0])
    assert row_of(client_).key_id == "test-2"
    assert login_status(client_, GOOD_CODES[0]) == 302


def test_all_codes_of_an_owner_share_one_salt(client_):
    for code in GOOD_CODES[:3]:
        personalise(client_, code)
    assert len({bytes(row.salt) for row in client_.user.secret_codes.all()}) == 1


def test_owners_have_different_salts(client_, neighbour):
    assert bytes(row_of(client_).salt) != bytes(row_of(neighbour).salt)
    assert len(bytes(row_of(client_).salt)) == 16


def test_another_cost_brings_another_salt(client_, settings):
    before = bytes(row_of(client_).salt)
    settings.SECRET_CODE_ARGON2 = {"memory_kib": 16, "iterations": 1, "parallelism": 1}
    personalise(client_, GOOD_CODES[0])
    assert bytes(row_of(client_).salt) != before
    assert login_status(client_, GOOD_CODES[0]) == 302


def test_three_earlier_codes_are_kept_the_latest_ones(client_):
    kept = []
    for code in GOOD_CODES:
        kept.append(row_of(client_).created_at)
        personalise(client_, code)
    past = SecretCode.objects.filter(owner=client_.user, role=PAST).order_by("created_at")
    assert [row.created_at for row in past] == kept[-3:]


def test_earlier_codes_are_sealed_anew_as_past(client_):
    before = row_of(client_)
    hashed = before.unseal()
    personalise(client_, GOOD_CODES[0])
    past = SecretCode.objects.filter(owner=client_.user, role=PAST).latest("created_at")
    assert past.id != before.id
    assert past.unseal() == hashed


def test_changing_makes_one_computation_for_all_codes_it_is_compared_with(client_, hashes):
    for code in GOOD_CODES[:3]:
        personalise(client_, code)
    hashes.clear()
    with pytest.raises(changing.CodeInUse):
        personalise(client_, makers.CODE)
    assert len(hashes) == 1


def test_earlier_row_that_cannot_be_opened_does_not_stop_a_change(client_, caplog):
    personalise(client_, GOOD_CODES[0])
    broken = SecretCode.objects.filter(owner=client_.user, role=PAST).latest("created_at")
    SecretCode.objects.filter(pk=broken.pk).update(ciphertext=b"x" * 48)
    personalise(client_, GOOD_CODES[1])
    assert login_status(client_, GOOD_CODES[1]) == 302
    assert str(broken.id) in caplog.text


def test_row_replaced_in_the_meantime_is_not_replaced_again(client_):
    stale = checking.present_code(client_.user)
    personalise(client_, GOOD_CODES[0])
    password = client_.user.password
    with pytest.raises(changing.CodeChangedMeanwhile):
        changing.personalise(client_.user, GOOD_CODES[1], replacing=stale, by=Actor(client_.user))
    client_.user.refresh_from_db()
    assert client_.user.password == password
    assert login_status(client_, GOOD_CODES[0]) == 302


def test_double_click_learns_that_the_code_is_changed_and_not_that_it_is_in_use(client_):
    replaced = checking.present_code(client_.user)
    changing.personalise(client_.user, GOOD_CODES[0], replacing=replaced, by=Actor(client_.user))
    with pytest.raises(changing.CodeChangedMeanwhile):
        changing.personalise(client_.user, GOOD_CODES[0], replacing=replaced, by=Actor(client_.user))


def test_database_refuses_a_second_present_code(client_):
    again = row_of(client_)
    again.pk = "8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a001"
    with transaction.atomic(), pytest.raises(IntegrityError):
        again.save(force_insert=True)


def test_database_refuses_a_default_code_that_no_letter_carries(new_client):
    with transaction.atomic(), pytest.raises(IntegrityError):
        SecretCode.objects.filter(owner=new_client.user).update(letter=None)


def test_number_without_code_costs_one_hash_at_the_present_cost(hashes):
    assert not checking.is_right(None, "5724816039", makers.CODE, timezone.now())
    assert hashes == [(8, 1, 1)]


def test_code_drawn_is_six_digits_and_not_weak_for_this_person(client_):
    personal = client_.user.personal_data()
    drawn = [changing.draw(personal) for _ in range(300)]
    assert not any(why_weak(code, personal) for code in drawn)
    assert {len(code) for code in drawn} == {6}
    assert len(set(drawn)) > 290


def test_row_names_no_code_in_its_text(client_):
    row = row_of(client_)
    assert makers.CODE not in f"{row} {row!r} {vars(row)}"
