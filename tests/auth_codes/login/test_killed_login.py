"""An attempt whose server is killed, or fails, between reserving and answering counts as failed."""

import pytest
from argon2.exceptions import HashingError
from django.db import connections

from auth_codes.crypto import hashing
from auth_codes.models import AttemptCounter, FailedAttempt
from tests import makers, processes
from tests.conftest import StrictBrowser

LOGIN_KILLED_WHILE_HASHING = """
import os, signal, sys
import django

django.setup()
from auth_codes.crypto import hashing
from django.db import connections
from django.test import Client

connections.settings["default"]["ATOMIC_REQUESTS"] = sys.argv[3] == "atomic"
hashing.hash_secret_raw = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)
fields = {"username": sys.argv[1], "password": sys.argv[2]}
Client().post("/connexion/", fields, secure=True, headers={"host": "localhost"})
"""


def kill(client, code, atomic):
    process = processes.start("-c", LOGIN_KILLED_WHILE_HASHING, client.client_code, code, atomic)
    _, complained = process.communicate(timeout=120)
    assert process.returncode == -9, complained


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic", ["atomic", "autocommit"])
def test_attempt_of_a_killed_server_stays_counted(client_, atomic):
    for _ in range(2):
        kill(client_, makers.CODE, atomic)
    assert AttemptCounter.objects.get().count == 2
    assert FailedAttempt.objects.filter(answered_at=None).count() == 2
    statuses = [makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE).status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic", [True, False])
def test_attempt_whose_view_raises_stays_counted(client_, monkeypatch, atomic):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", atomic)

    def no_memory(*args, **kwargs):
        raise HashingError("no memory")

    monkeypatch.setattr(hashing, "hash_secret_raw", no_memory)
    browser = StrictBrowser(raise_request_exception=False)
    statuses = [makers.log_in(browser, client_.client_code, makers.CODE).status_code for _ in range(6)]
    assert statuses == [500] * 5 + [429]
    assert AttemptCounter.objects.get().count == 5
