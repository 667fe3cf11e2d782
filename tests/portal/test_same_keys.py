"""Two servers of one database, as processes: the one with another key serves nobody and blocks no customer."""

import pytest

from auth_codes.models import AttemptCounter, SecurityEvent
from tests import makers, processes
from tests.portal.starting import key

SERVER = "import banking_portal.wsgi; print('serves')"
LOGS_IN = """
from django.test import Client
import banking_portal.wsgi
answer = Client().post(
    "/connexion/", {"username": "CODE", "password": "SECRET"}, headers={"host": "localhost"}, secure=True
)
print(answer.status_code, answer.headers.get("Location", ""))
"""


def end(process):
    said, complained = process.communicate(timeout=120)
    return process.returncode, said.strip(), complained.strip()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_server_with_another_key_does_not_start_and_blocks_nobody(client_):
    code = client_.client_code
    login = LOGS_IN.replace("CODE", code).replace("SECRET", makers.CODE)
    attempts = AttemptCounter.objects.count()
    assert end(processes.start("-c", SERVER))[:2] == (0, "serves")
    returned, said, complained = end(processes.start("-c", login, SECRET_CODE_KEYS=key("test-1")))
    assert (returned, said) == (3, "")
    [line] = [line for line in complained.splitlines() if "CRITICAL" in line]
    assert "SECRET_CODE_KEYS « test-1 » y est une autre clé" in line
    assert "Traceback" not in complained
    assert AttemptCounter.objects.count() == attempts
    assert end(processes.start("-c", login))[1].startswith("302")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_command_with_another_key_ends_with_the_sentence_alone():
    assert end(processes.start("check", "--database", "default"))[0] == 0
    returned, _, complained = end(processes.start("send_notices", SECRET_CODE_KEYS=key("test-1")))
    assert (returned, len(complained.splitlines())) == (1, 1)
    assert "accept_keys" in complained
    assert end(processes.start("accept_keys", SECRET_CODE_KEYS=key("test-1")))[0] == 0
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.KEYS_ACCEPTED).exists()
    assert end(processes.start("check", "--database", "default"))[0] == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_servers_that_begin_at_once_with_unlike_keys_one_serves():
    pair = [processes.start("-c", SERVER, SECRET_CODE_KEYS=key("test-9")) for _ in range(2)]
    assert sorted(end(process)[0] for process in pair) == [0, 3]
