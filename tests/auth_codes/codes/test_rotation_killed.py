"""Rotation on a real database: killed in the middle, beside a second run, beside customers who change codes."""

import base64
import json
import secrets
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command

from auth_codes.codes import rotation
from auth_codes.crypto import hashing
from auth_codes.models import SecretCode
from tests import makers, processes
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parent.parent.parent.parent
OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(32, 64))
ROTATED_KEYS = {"test-2": NEW_KEY, "test-1": OLD_KEY}
MANY = 4000
GOOD_CODES = ["804263", "593871", "640285", "927518", "381604"]


def make_earlier_codes(client, count):
    """Rows for a rotation to do, which nobody's login needs."""
    fields = {"salt": b"s" * hashing.SALT_BYTES, "owner": client.user, "role": "past", "kind": "personal"}
    rows = (SecretCode.sealed(secrets.token_bytes(32), cost=hashing.present_cost(), **fields) for _ in range(count))
    SecretCode.objects.bulk_create(rows, batch_size=1000)


def encoded(keys):
    return ",".join(f"{key_id}:{base64.b64encode(key).decode()}" for key_id, key in keys.items())


def start_rotation(keys=ROTATED_KEYS):
    return processes.start("rotate_secret_codes", SECRET_CODE_KEYS=encoded(keys))


def finish(process):
    printed, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return json.loads(printed)


def under_the_new_key():
    return SecretCode.objects.filter(key_id="test-2").count()


def contents():
    return {row.id: row.unseal() for row in SecretCode.objects.select_related("owner").iterator()}


def patiently(ask):
    """The status of the first answer that is not « busy, nothing was counted »: a slow machine says so for a while."""
    return next(status for _ in range(100) if (status := ask().status_code) != 503)


def log_in(client, code):
    return patiently(partial(makers.log_in, StrictBrowser(), client.client_code, code))


def test_run_killed_in_the_middle_loses_nothing_and_the_next_one_does_only_the_rest(client_, settings):
    make_earlier_codes(client_, MANY)
    before = contents()
    # In the transaction of the third batch: the two before it are done.
    processes.kill_after(
        3, "auth_codes.codes.resealing.replace", "rotate_secret_codes", SECRET_CODE_KEYS=encoded(ROTATED_KEYS)
    )
    settings.SECRET_CODE_KEYS = ROTATED_KEYS
    assert contents() == before
    assert log_in(client_, makers.CODE) == 302
    done = under_the_new_key()
    assert done == 2 * rotation.BATCH
    assert finish(start_rotation())["rotated"] == len(before) - done
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    assert contents() == before
    assert log_in(client_, makers.CODE) == 302


def test_two_runs_at_once_share_the_work_and_double_nothing(client_, settings):
    make_earlier_codes(client_, MANY)
    before = contents()
    runs = [start_rotation() for _ in range(2)]
    rotated = sum(finish(run)["rotated"] for run in runs)
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    assert rotated == len(before)
    assert contents() == before


def change_code(client, codes):
    """A customer logs in with each of `codes` and changes to the next one; gives the statuses that are not 302."""
    refused = []
    for current, chosen in pairwise(codes):
        browser = StrictBrowser()
        refused.append(patiently(partial(makers.log_in, browser, client.client_code, current)))
        fields = {"old_password": current, "new_password1": chosen, "new_password2": chosen}
        refused.append(patiently(partial(browser.post, "/mon-profil/code-secret/", fields)))
    return [status for status in refused if status != 302]


def test_customers_log_in_and_change_codes_while_two_rotations_run(race, advisor, settings):
    people = [makers.make_personalised_client(advisor, family_name=f"Petit-{letter}") for letter in "abcdef"]
    make_earlier_codes(people[0], 3000)
    settings.SECRET_CODE_KEYS = ROTATED_KEYS

    def act(client):
        return rotation.rotate(lambda count: None).unreadable if client is None else change_code(client, codes)

    codes = [makers.CODE, *GOOD_CODES]
    outcomes = race(act, [None, *people, None])
    assert [list(outcome) for outcome in outcomes] == [[]] * len(outcomes)
    call_command("rotate_secret_codes")
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    assert {log_in(client, GOOD_CODES[-1]) for client in people} == {302}
    assert {log_in(client, makers.CODE) for client in people} == {200}
    assert [client.user.secret_codes.count() for client in people[1:]] == [4] * 5


def test_login_that_upgrades_a_code_and_a_rotation_meet_at_one_row_and_both_hold(race, advisor, settings):
    people = [makers.make_personalised_client(advisor, family_name=f"Petit-{letter}") for letter in "abcdef"]
    settings.SECRET_CODE_KEYS = ROTATED_KEYS
    settings.SECRET_CODE_ARGON2 = {"memory_kib": 16, "iterations": 1, "parallelism": 1}

    def act(client):
        return log_in(client, makers.CODE) if client else len(rotation.rotate(lambda count: None).unreadable)

    assert set(race(act, [None, *people])) == {0, 302}
    call_command("rotate_secret_codes")
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    assert {log_in(client, makers.CODE) for client in people} == {302}
    assert set(SecretCode.objects.living().values_list("memory_kib", flat=True)) == {16}


def test_key_that_is_not_yet_the_first_changes_nothing(client_):
    before = list(SecretCode.objects.order_by("id").values())
    figures = finish(start_rotation({"test-1": OLD_KEY, "test-2": NEW_KEY}))
    assert (figures["rotated"], figures["under_other_keys"]) == (0, {})
    assert list(SecretCode.objects.order_by("id").values()) == before
