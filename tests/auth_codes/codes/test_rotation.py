"""`rotate_secret_codes`: every code under the first key, nobody changes code, and the old key may go."""

import json
from io import StringIO

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from accounts.models import User
from auth_codes.actor import Actor
from auth_codes.codes import bindings, changing, checking, costs, resealing, rotation
from auth_codes.crypto import sealed_hasher
from auth_codes.crypto.hashing import Cost
from auth_codes.login import passwords
from auth_codes.models import HashingCost, SecretCode, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(32, 64))
GOOD_CODES = ["804263", "593871", "640285"]


@made_once
def new_client_beside(advisor):
    return makers.make_new_client(advisor, family_name="Petit", email="petit@example.org")


@made_once
def people(client_, new_client_beside):
    """Present codes of both kinds, a pending one and earlier ones, all under the old key."""
    for code in GOOD_CODES:
        changing.personalise(client_.user, code, replacing=checking.present_code(client_.user), by=Actor(client_.user))
    makers.make_pending_row(client_, makers.OTHER_CODE)
    return client_, new_client_beside


@pytest.fixture
def new_key_first(people, settings):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY, "test-1": OLD_KEY}


def rotate() -> tuple[dict, str]:
    """The figures that the command printed, and what it says to the operator."""
    printed, said = StringIO(), StringIO()
    call_command("rotate_secret_codes", stdout=printed, stderr=said)
    assert printed.getvalue().count("\n") == 1
    return json.loads(printed.getvalue()), said.getvalue()


def refused_rotation() -> tuple[dict, str]:
    printed = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("rotate_secret_codes", stdout=printed, stderr=StringIO())
    return json.loads(printed.getvalue()), str(refusal.value)


def log_in(client, code, **fields):
    return makers.log_in(StrictBrowser(), client.client_code, code, **fields).status_code


def contents():
    return {row.id: row.unseal() for row in SecretCode.objects.select_related("owner")}


def damage_one(client):
    row = SecretCode.objects.present().get(owner=client.user)
    SecretCode.objects.filter(pk=row.pk).update(ciphertext=b"x" * 48)
    return row


def test_every_row_is_the_same_code_under_the_first_key(new_key_first):
    before = contents()
    figures, _ = rotate()
    assert contents() == before
    assert figures["rotated"] == len(before) == 6
    assert set(SecretCode.objects.values_list("key_id", flat=True)) == {"test-2"}


def test_nothing_but_the_sealing_of_a_row_changes(new_key_first):
    kept = ("id", "owner", "role", "kind", "letter", "created_at", "salt", *Cost._fields)
    before = list(SecretCode.objects.order_by("id").values(*kept))
    rotate()
    assert list(SecretCode.objects.order_by("id").values(*kept)) == before


@pytest.mark.proves("RTS 22(3)")
def test_afterwards_everybody_logs_in_without_the_old_key(new_key_first, people, settings):
    rotate()
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    personalised, new = people
    assert log_in(personalised, GOOD_CODES[-1]) == 302
    assert log_in(new, makers.default_code(new)) == 302
    letter = makers.open_letter(personalised).letter_number
    assert log_in(personalised, makers.OTHER_CODE, letter=letter) == 302
    with pytest.raises(changing.CodeInUse):
        changing.personalise(
            personalised.user,
            GOOD_CODES[0],
            replacing=checking.present_code(personalised.user),
            by=Actor(personalised.user),
        )


def test_rotation_computes_no_hash(new_key_first, hashes):
    hashes.clear()
    rotate()
    assert hashes == []


def test_second_run_finds_nothing_and_touches_nothing(new_key_first):
    rotate()
    before = list(SecretCode.objects.order_by("id").values())
    figures, _ = rotate()
    assert figures["rotated"] == 0
    assert list(SecretCode.objects.order_by("id").values()) == before


def test_second_run_says_that_there_is_nothing_to_do(new_key_first):
    rotate()
    assert rotate()[1].strip() == "Rien à faire : tous les codes sont sous « test-2 »."


def test_more_rows_than_a_batch_holds_are_all_sealed_anew(new_key_first, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    told = []
    assert rotation.rotate(told.append).rotated == 6
    assert told == [2, 2, 2]


def test_figures_name_rows_seconds_and_speed(new_key_first):
    figures, said = rotate()
    assert set(figures) == {
        "rotated", "bindings", "staff_passwords", "unreadable", "seconds", "rows_per_second", "under_other_keys",
        "costs_retired", "factors",
    }  # fmt: skip
    assert figures["under_other_keys"] == {}
    assert f"6 codes scellés sous « test-2 », {figures['rows_per_second']} lignes par seconde." in said


def test_staff_log_in_afterwards_without_the_old_key(new_key_first, advisor, advisor_browser, settings):
    assert rotate()[0]["staff_passwords"] == 1
    assert advisor_browser.get("/admin/").status_code == 302  # once more, as rotate_secret_codes says
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    fields = {"username": advisor.username, "password": makers.PASSWORD}
    assert StrictBrowser().post("/admin/login/?next=/admin/", fields).status_code == 302
    assert rotate()[0]["staff_passwords"] == 0


def test_staff_hash_that_a_stranger_wrote_is_not_made_ours(new_key_first, advisor):
    stranger = makers.make_advisor("marc.leroy")
    User.objects.filter(pk=advisor.pk).update(password=stranger.password)
    with override_settings(SECRET_CODE_KEYS={"test-1": OLD_KEY}):
        User.objects.filter(pk=stranger.pk).update(password=make_password("four words of a thief"))
    assert rotate()[0]["staff_passwords"] == 0
    assert not bindings.holds(User.objects.get(pk=advisor.pk))


def test_staff_password_changed_since_it_was_read_is_not_overwritten(new_key_first, advisor):
    read = User.objects.get(pk=advisor.pk)
    passwords.change(advisor, "four words of her own", by=Actor(advisor))
    assert bindings.replace_hash(read, sealed_hasher.anew(read.password)) == 0
    assert User.objects.get(pk=advisor.pk).check_password("four words of her own")


def test_journal_keeps_the_counts_and_the_key(new_key_first):
    rotate()
    line = SecurityEvent.objects.latest("id")
    assert (line.kind, line.by) == (SecurityEvent.Kind.CODES_ROTATED, None)
    assert line.details == {"key": "test-2", "rotated": 6, "unreadable": 0}


def test_row_that_cannot_be_opened_is_named_counted_and_left_while_the_others_are_rotated(
    new_key_first, people, caplog
):
    damaged = damage_one(people[0])
    figures, refusal = refused_rotation()
    assert (figures["rotated"], figures["unreadable"], figures["under_other_keys"]) == (5, 1, {"test-1": 1})
    assert refusal.startswith("1 code(s) illisible(s)")
    assert caplog.text.count(str(damaged.id)) == 1
    damaged.refresh_from_db()
    assert (bytes(damaged.ciphertext), damaged.key_id) == (b"x" * 48, "test-1")
    assert SecurityEvent.objects.latest("id").details["unreadable"] == 1


def test_run_without_the_lost_key_says_so_and_a_run_with_it_finishes(new_key_first, settings, caplog):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    figures, refusal = refused_rotation()
    assert (figures["rotated"], figures["unreadable"], figures["under_other_keys"]) == (0, 6, {"test-1": 6})
    assert refusal.startswith("La clé « test-1 » manque dans SECRET_CODE_KEYS : 6 code(s) sous elle")
    assert "illisible" not in refusal
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "6 secret codes stay as they are: the key 'test-1' is not among SECRET_CODE_KEYS"
    ]
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY, "test-1": OLD_KEY}
    assert rotate()[0]["rotated"] == 6


def test_missing_key_hides_no_damaged_row(new_key_first, people, caplog):
    damaged = damage_one(people[0])
    SecretCode.objects.filter(owner=people[1].user).update(key_id="lost")
    figures, refusal = refused_rotation()
    assert (figures["rotated"], figures["unreadable"]) == (4, 2)
    assert "La clé « lost » manque" in refusal
    assert "1 code(s) illisible(s)" in refusal
    assert caplog.text.count("ERROR") == 2
    assert str(damaged.id) in caplog.text


def test_rows_that_cannot_be_opened_are_passed_once_however_small_the_batch(new_key_first, monkeypatch, caplog):
    monkeypatch.setattr(rotation, "BATCH", 1)
    SecretCode.objects.update(nonce=b"")
    assert rotation.rotate(lambda count: None).rotated == 0
    assert caplog.text.count("cannot be sealed anew") == 6


def test_row_changed_since_it_was_read_is_not_overwritten(client_):
    read = checking.present_code(client_.user)
    first, second = (resealing.sealed_anew(read, read.unseal(), bytes(read.salt), read.cost) for _ in range(2))
    assert resealing.replace([read], [first]) == 1
    assert resealing.replace([read], [second]) == 0
    assert bytes(checking.present_code(client_.user).nonce) == bytes(first.nonce)


def seal_under_the_old_key(client, settings):
    """What a server does where the new key is not yet the first."""
    keys, row = settings.SECRET_CODE_KEYS, checking.present_code(client.user)
    settings.SECRET_CODE_KEYS = {"test-1": OLD_KEY, "test-2": NEW_KEY}
    resealing.replace([row], [resealing.sealed_anew(row, row.unseal(), bytes(row.salt), row.cost)])
    settings.SECRET_CODE_KEYS = keys


def test_codes_sealed_under_the_old_key_meanwhile_are_found_by_the_next_pass(new_key_first, people, settings):
    told = []

    def advance(count):
        told.append(count)
        if len(told) == 1:
            seal_under_the_old_key(people[0], settings)

    rotation.rotate(advance)
    assert told == [6, 1]
    assert rotation.rows_under_other_keys() == {}


def test_row_that_cannot_be_opened_is_logged_once_whatever_the_number_of_passes(
    new_key_first, people, settings, caplog
):
    damaged, passes = damage_one(people[1]), []

    def advance(count):
        passes.append(count)
        if len(passes) < 3:
            seal_under_the_old_key(people[0], settings)

    assert rotation.rotate(advance) == (5 + 1 + 1, {damaged.id}, {})
    assert caplog.text.count(str(damaged.id)) == 1


def test_server_that_goes_on_sealing_under_the_old_key_is_told_and_not_waited_for(new_key_first, people, settings):
    def another_server(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql == resealing.UPDATE and next(iter(settings.SECRET_CODE_KEYS)) == "test-2":
            seal_under_the_old_key(people[0], settings)
        return result

    with connection.execute_wrapper(another_server):
        figures, refusal = refused_rotation()
    assert figures["under_other_keys"] == {"test-1": 1}
    assert refusal.startswith("1 code(s) encore sous une autre clé")


def test_rotation_takes_out_the_costs_that_no_code_has_any_more(new_key_first):
    costs.register(Cost(64, 1, 1))
    figures, _ = rotate()
    assert figures["costs_retired"] == 1
    assert HashingCost.objects.count() == 1


@pytest.mark.proves("RTS 22(3)")
def test_help_says_in_which_order_keys_are_changed(capsys):
    with pytest.raises(SystemExit):
        call_command("rotate_secret_codes", "--help")
    said = capsys.readouterr().out
    assert said.index("EN DERNIER") < said.index("EN PREMIER") < said.index("check --database default")
    assert "\n  2. placez-la" in said


def test_no_row_and_no_key_to_rotate_is_no_error(db):
    assert rotate()[0]["rotated"] == 0
