"""What `check --database default` says of keys, damaged rows and costs."""

from io import StringIO
from ipaddress import ip_network

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from auth_codes.models import HashingCost, SecretCode
from tests import makers
from tests.standing import made_once

pytestmark = pytest.mark.django_db

OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(32, 64))


@pytest.fixture(autouse=True)
def bank(settings):
    """Its own numbers; of the demo's, see tests/portal/test_calling.py."""
    settings.BANK_PHONE = settings.CARD_STOP_PHONE = "01 23 45 67 89"


@made_once
def row(client_):
    """The present code of a client."""
    return SecretCode.objects.present().get(owner=client_.user)


def said(databases=("default",)) -> dict[str, str]:
    """Our messages by their ids."""
    ours = [message for message in run_checks(databases=databases) if str(message.id).startswith("auth_codes.")]
    return {message.id: f"{message.msg} {message.hint or ''}" for message in ours}


def test_one_key_and_whole_rows_are_no_message(client_, new_client):
    assert said() == {}


def test_without_a_database_nothing_is_asked(client_, settings, django_assert_num_queries):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    with django_assert_num_queries(0):
        assert said(databases=None) == {}


def test_rows_under_a_key_that_is_missing_are_an_error_with_key_and_counts(client_, settings):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    text = said()["auth_codes.E001"]
    assert "La clé « test-1 » manque dans SECRET_CODE_KEYS : 2 code(s) sous elle, 1 en service." in text
    assert "ne peuvent plus se connecter" in text


def test_earlier_codes_alone_under_a_missing_key_are_a_warning(client_):
    SecretCode.objects.filter(role=SecretCode.Role.PAST).update(key_id="gone")
    assert set(said()) == {"auth_codes.W001"}


def test_key_that_rows_still_need_says_how_many_and_what_to_run(client_, settings):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY, "test-1": OLD_KEY}
    assert said() == {
        "auth_codes.I001": "2 code(s) ont encore besoin de la clé « test-1 » : lancez rotate_secret_codes. ",
        "auth_codes.I005": "1 mot(s) de passe du personnel ont encore besoin de la clé « test-1 » : "
        "lancez rotate_secret_codes. ",
    }


def test_after_the_rotation_the_old_key_may_go(client_, settings):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY, "test-1": OLD_KEY}
    call_command("rotate_secret_codes", stdout=StringIO(), stderr=StringIO())
    assert "Aucun code n’a plus besoin de la clé « test-1 » : retirez-la" in said()["auth_codes.I002"]
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    assert said() == {}


@pytest.mark.parametrize(
    "altered",
    [
        {"salt": b""}, {"nonce": b"7" * 11}, {"ciphertext": b"x" * 47}, {"format_version": 2},
        {"iterations": 0}, {"parallelism": 0}, {"parallelism": 2}, {"memory_kib": 2**31 - 1}, {"iterations": 1000},
    ],
)  # fmt: skip
def test_damaged_row_is_named(client_, row, altered):
    SecretCode.objects.filter(pk=row.pk).update(**altered)
    assert f"1 code(s) abîmé(s), 1 en service, qui n’ouvrent plus : {row.pk}." in said()["auth_codes.W003"]


def test_codes_of_an_earlier_cost_are_counted(client_, settings):
    settings.SECRET_CODE_ARGON2 = {"memory_kib": 16, "iterations": 1, "parallelism": 1}
    assert said()["auth_codes.I003"].startswith("1 code(s) en service au coût Cost(memory_kib=8, iterations=1")


def test_cost_that_nobody_registered_is_a_warning(client_, row):
    SecretCode.objects.filter(pk=row.pk).update(iterations=2)
    assert "que rien n’a enregistré" in said()["auth_codes.W002"]


def test_impossible_cost_in_the_settings_is_an_error(settings):
    settings.SECRET_CODE_ARGON2 = {"memory_kib": 8, "iterations": 0, "parallelism": 1}
    assert "SECRET_CODE_ARGON2 demande un coût impossible" in said(databases=None)["auth_codes.E002"]


def test_messages_hold_no_key_and_no_code(client_, settings):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    text = " ".join(said().values())
    assert not [secret for secret in (makers.CODE, client_.client_code, OLD_KEY.hex(), NEW_KEY.hex()) if secret in text]


def test_database_without_the_tables_is_no_error(client_, settings):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {HashingCost._meta.db_table} RENAME TO not_yet")
        assert set(said()) == {"auth_codes.E003"}  # of the staff, whose table is there
        cursor.execute("ALTER TABLE accounts_user RENAME COLUMN code_binding TO not_yet")
    assert said() == {}


def test_staff_key_that_is_missing_is_an_error_until_it_is_back(client_, settings):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    assert said()["auth_codes.E003"].startswith(
        "La clé « test-1 » manque dans SECRET_CODE_KEYS : 1 mot(s) de passe du personnel sous elle."
    )
    settings.SECRET_CODE_KEYS = {"test-1": OLD_KEY}
    assert said() == {}


def test_key_that_the_staff_alone_need_is_not_called_spare(advisor, settings):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY, "test-1": OLD_KEY}
    assert set(said()) == {"auth_codes.I005"}


def test_binding_keys_that_are_missing_are_an_error_until_they_are_back(client_, settings):
    ours, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 9
    assert said()["auth_codes.E004"].startswith("2 accès liés par une SECRET_KEY qui manque")
    settings.SECRET_KEY_FALLBACKS = [ours]
    assert said() == {}


def test_error_ends_the_command(client_, settings):
    settings.SECRET_CODE_KEYS = {"test-2": NEW_KEY}
    with pytest.raises(SystemCheckError, match="test-1"):
        call_command("check", databases=["default"], stdout=StringIO(), stderr=StringIO())


def said_before_deploying():
    ours = [message for message in run_checks(include_deployment_checks=True) if message.id.startswith("auth_codes.W")]
    return {message.id: message.msg for message in ours}


def test_ordinary_settings_of_a_flood_are_no_message(settings):
    settings.HASHING_SLOTS, settings.TRUSTED_PROXY_COUNT = 16, 2
    settings.CARRIER_NETWORKS = ((ip_network("198.51.100.0/24"), 2000), (ip_network("2001:db8::/32"), 2000))
    assert said_before_deploying() == {}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HASHING_SLOTS", 500, "chaque processus peut prendre 9500 Mio"),
        ("TRUSTED_PROXY_COUNT", 6, "TRUSTED_PROXY_COUNT=6"),
        ("CARRIER_NETWORKS", ((ip_network("0.0.0.0/0"), 1000),), "0.0.0.0/0 est plus large"),
        ("CARRIER_NETWORKS", ((ip_network("2000::/3"), 1000),), "2000::/3 est plus large"),
    ],
)
def test_absurd_settings_are_told_before_deploying_and_only_then(settings, name, value, words):
    settings.SECRET_CODE_ARGON2 = {"memory_kib": 19456, "iterations": 2, "parallelism": 1}
    setattr(settings, name, value)
    [message] = said_before_deploying().values()
    assert words in message
    assert said(databases=None) == {}
