"""Whether a server may be sent customers: told within a bound, as things stand now, and why to nobody outside."""

import threading
import time

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from auth_codes import readiness
from auth_codes.readiness import Part, Readiness
from tests import makers


def asked(browser):
    answer = browser.get("/readyz")
    return answer.status_code, answer.content


@pytest.mark.django_db
def test_server_whose_database_is_migrated_and_opens_is_ready_and_its_answer_is_kept_nowhere(browser):
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready")
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


@pytest.mark.django_db(transaction=True)
def test_missing_migration_is_not_ready_and_says_so_in_the_log_alone(browser, caplog):
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("auth_codes", "0001_initial")
    try:
        assert asked(browser) == (503, b"not ready")
    finally:
        recorder.record_applied("auth_codes", "0001_initial")
    assert "Not ready, missing: migrations" in caplog.text
    assert asked(browser) == (200, b"ready")
    assert "missing: nothing any more" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_key_that_opens_no_code_is_not_ready(browser, client_, settings):
    assert asked(browser) == (200, b"ready")
    [key_id] = settings.SECRET_CODE_KEYS
    settings.SECRET_CODE_KEYS = {key_id: bytes(32)}  # another one under the same id
    assert asked(browser) == (503, b"not ready")
    settings.SECRET_CODE_KEYS = {"another": bytes(32)}
    assert asked(browser) == (503, b"not ready")


@pytest.mark.django_db
def test_one_damaged_code_takes_no_server_away(client_, advisor):
    damaged = client_.user.secret_codes.living().get()
    makers.make_personalised_client(advisor)
    type(damaged).objects.filter(pk=damaged.pk).update(ciphertext=b"x" * 48)
    assert readiness.look() == frozenset()


@pytest.mark.django_db
def test_codes_of_before_under_a_key_that_was_dropped_are_not_asked(client_):
    assert client_.user.secret_codes.filter(role="past").update(key_id="dropped") == 1
    assert readiness.look() == frozenset()


def test_database_that_hangs_is_told_within_the_bound_and_holds_one_thread():
    released, looks = threading.Event(), []

    def hang():
        looks.append(1)
        released.wait(30)
        return frozenset()

    ready = Readiness(hang)
    began = time.monotonic()
    assert [ready.missing(within=0.05) for _ in range(5)] == [{Part.DATABASE}] * 5
    assert time.monotonic() - began < 20
    assert looks == [1]
    released.set()
    assert ready.missing(within=20) == frozenset()


def test_each_look_is_a_new_one_and_a_database_that_is_back_is_ready():
    answers = [OperationalError("gone"), None]

    def look():
        error = answers.pop(0)
        if error:
            raise error
        return frozenset()

    ready = Readiness(look)
    assert ready.missing(within=20) == {Part.DATABASE}
    assert ready.missing(within=20) == frozenset()


def test_change_is_told_once_and_not_at_each_probe(caplog):
    ready = Readiness(lambda: frozenset({Part.KEYS}))
    for _ in range(3):
        ready.missing(within=20)
    assert caplog.text.count("Not ready") == 1
