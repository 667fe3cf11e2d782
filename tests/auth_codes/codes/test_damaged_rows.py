"""Rows whose key is lost or wrong, that were cut short, altered or moved: an ordinary refusal, and a clear log."""

import contextlib
import logging
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from auth_codes.actor import Actor
from auth_codes.codes import changing
from auth_codes.models import SecretCode
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

UNKNOWN = "5724816039"
CHOSEN = "593871"
PRESENT, PAST = SecretCode.Role.PRESENT, SecretCode.Role.PAST


def present_row(client):
    return SecretCode.objects.get(owner=client.user, role=PRESENT)


def set_on_present(client, **values):
    SecretCode.objects.filter(pk=present_row(client).pk).update(**values)


def cut_short(name):
    def alter(client, neighbour, settings):
        set_on_present(client, **{name: bytes(getattr(present_row(client), name))[:-1]})

    return alter


def altered_to(**values):
    return lambda client, neighbour, settings: set_on_present(client, **values)


def copied_to_another_owner(client, neighbour, settings):
    SecretCode.objects.filter(owner=client.user, role=PRESENT).delete()
    SecretCode.objects.filter(owner=neighbour.user, role=PRESENT).update(owner=client.user)


def content_copied_to_another_owner(client, neighbour, settings):
    theirs = present_row(neighbour)
    set_on_present(client, **{name: getattr(theirs, name) for name in ("salt", "nonce", "ciphertext", "key_id")})


def past_put_back_as_present(client, neighbour, settings):
    earlier = present_row(client)
    changing.personalise(client.user, CHOSEN, replacing=earlier, by=Actor(client.user))
    set_aside = SecretCode.objects.get(owner=client.user, role=PAST, created_at=earlier.created_at)
    present_row(client).delete()
    SecretCode.objects.filter(pk=set_aside.pk).update(role=PRESENT, kind="personal")


def key_lost(client, neighbour, settings):
    settings.SECRET_CODE_KEYS = {"test-2": bytes(32)}


def other_key_under_the_same_id(client, neighbour, settings):
    settings.SECRET_CODE_KEYS = {"test-1": bytes(32)}


ALTERATIONS = {
    "row copied to another owner": copied_to_another_owner,
    "content copied to another owner": content_copied_to_another_owner,
    "past put back as present": past_put_back_as_present,
    "key lost": key_lost,
    "other key under the same id": other_key_under_the_same_id,
    "of a key that never was": altered_to(key_id="gone"),
    "ciphertext cut short": cut_short("ciphertext"),
    "ciphertext empty": altered_to(ciphertext=b""),
    "nonce cut short": cut_short("nonce"),
    "nonce empty": altered_to(nonce=b""),
    "nonce too long": altered_to(nonce=b"7" * 200),
    "salt cut short": cut_short("salt"),
    "salt empty": altered_to(salt=b""),
    "salt replaced": altered_to(salt=b"s" * 16),
    "format version": altered_to(format_version=2),
    "no iterations": altered_to(iterations=0),
    "no lanes": altered_to(parallelism=0),
    "no memory": altered_to(memory_kib=0),
    "too little memory for its lanes": altered_to(memory_kib=8, parallelism=2),
    "more memory than there is": altered_to(memory_kib=2**31 - 1),
    "another cost": altered_to(iterations=2),
    "days of iterations": altered_to(iterations=2**15 - 1),
}
# Nothing binds salt and cost: the row opens, and what it holds is then the hash of no code.
NOT_NAMED = {"salt replaced"}
OPEN = NOT_NAMED | {"another cost"}
# Their keys are named to the operator, once with the number of rows, instead of each row.
LOST_KEYS = {"key lost": "test-1", "of a key that never was": "gone"}


@made_once
def neighbour(advisor):
    """Another client, whose code is not the same."""
    return makers.make_personalised_client(advisor, makers.OTHER_CODE, family_name="Petit", email="p@example.org")


@pytest.fixture(params=["personal code", "default code"])
def victim(request, advisor):
    """A client in each of the two states that a living code has, and that code."""
    if request.param == "personal code":
        return makers.make_personalised_client(advisor), makers.CODE
    client = makers.make_new_client(advisor)
    return client, makers.default_code(client)


@pytest.fixture(params=ALTERATIONS)
def damage(request, victim, neighbour, settings):
    """What happened to the victim's row, which stands altered."""
    ALTERATIONS[request.param](victim[0], neighbour, settings)
    return request.param


def login_status(number, code):
    return makers.log_in(StrictBrowser(), number, code).status_code


def change(browser, code):
    fields = {"old_password": code, "new_password1": CHOSEN, "new_password2": CHOSEN}
    return browser.post("/mon-profil/code-secret/", fields)


@pytest.mark.slow
def test_damaged_row_lets_nobody_in_whose_code_is_typed_and_is_named_in_the_log(victim, damage, caplog):
    client, code = victim
    with caplog.at_level(logging.DEBUG, "auth_codes"):
        assert [login_status(client.client_code, typed) for typed in (code, makers.OTHER_CODE)] == [200, 200]
    row = present_row(client)
    assert (f"Secret code {row.id} " in caplog.text) is (damage not in NOT_NAMED)
    assert (f"Secret code {row.id} cannot be opened" in caplog.text) is (damage not in OPEN)
    content = [value for value in map(bytes, (row.salt, row.nonce, row.ciphertext)) if value]
    secret = [code, makers.OTHER_CODE, *map(repr, content), *(value.hex() for value in content)]
    assert not [text for text in secret if text in caplog.text]


@pytest.mark.slow
def test_damaged_row_costs_as_many_hashes_as_an_unknown_number(victim, damage, hashes):
    client, code = victim
    hashes.clear()
    login_status(client.client_code, code)
    known = [*hashes]
    hashes.clear()
    login_status(UNKNOWN, code)
    assert known == hashes != []


@pytest.mark.slow
def test_damaged_row_is_an_ordinary_refusal_on_the_code_page(victim, damage, caplog):
    client, code = victim
    answer = change(StrictBrowser.logged_in(client.user), code)
    assert answer.status_code == 200
    assert "old_password" in answer.context["form"].errors
    assert (str(present_row(client).id) in caplog.text) is (damage not in NOT_NAMED)


def told_to_the_operator(settings) -> str:
    """What `check` says, and what a rotation to a further key says and logs."""
    said = StringIO()
    said.write(" ".join(f"{message.msg} {message.hint}" for message in run_checks(databases=["default"])))
    settings.SECRET_CODE_KEYS = {"test-9": bytes(range(64, 96)), **settings.SECRET_CODE_KEYS}
    with contextlib.suppress(CommandError):
        call_command("rotate_secret_codes", stdout=StringIO(), stderr=said)
    return said.getvalue()


@pytest.mark.slow
def test_damaged_row_is_named_to_the_operator_by_check_or_by_rotation(victim, damage, settings, caplog):
    told = told_to_the_operator(settings)
    named = f"Secret code {present_row(victim[0]).id} cannot be sealed anew: " in caplog.text
    assert named is (damage not in {*OPEN, *LOST_KEYS})
    key = LOST_KEYS.get(damage)
    assert caplog.text.count("is not among SECRET_CODE_KEYS") == (1 if key else 0)
    assert (f"the key {key!r} is not among SECRET_CODE_KEYS" in caplog.text) is (key is not None)
    assert ("Cost(memory_kib=8, iterations=2, parallelism=1)" in told) is (damage == "another cost")


def test_salt_of_a_damaged_row_is_not_used_for_a_new_code(client_, advisor):
    changing.personalise(client_.user, CHOSEN, replacing=present_row(client_), by=Actor(client_.user))
    SecretCode.objects.filter(owner=client_.user, role=PAST).update(salt=b"")
    changing.personalise(client_.user, makers.OTHER_CODE, replacing=present_row(client_), by=Actor(client_.user))
    assert login_status(client_.client_code, makers.OTHER_CODE) == 302
    assert len(bytes(present_row(client_).salt)) == 16


def test_damaged_rows_do_not_disturb_the_others(client_, neighbour, settings):
    set_on_present(client_, salt=b"", ciphertext=b"", nonce=b"")
    assert login_status(neighbour.client_code, makers.OTHER_CODE) == 302
